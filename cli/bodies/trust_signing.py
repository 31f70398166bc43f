"""`acredita trust key|draft|sign|publish`: the work of the people who sign trust files."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import typer
from acredita.anchoring.receipts import read_time
from acredita.anchoring.types import Address, from_hex
from acredita.cli.bodies.signing_keystore import make_signing_keystore, open_signing_key
from acredita.cli.bodies.trust import confirm, print_facts
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.cli.spanish.sentences import facts_line, said
from acredita.node.administration.trust_changes import ChangeRefused, DraftOptions, changes, next_draft
from acredita.node.publication.trust_folder import TRUST_FILE, publish_trust, read_json_file, read_trust, write_json
from acredita.node.verification.files import open_ledger
from acredita.node.verification.language import Language
from acredita.node.verification.pinned_trust import configuration_folder, fingerprint, read_pinned_trust
from acredita.registry.keys.keystore import KeystorePurpose
from acredita.registry.keys.multikey import KeyRefused, encode_multibase, parse_multibase
from acredita.registry.ledger_facts.trust_draft import add_signature
from acredita.registry.ledger_facts.trust_file import ServiceKey, Trust, TrustRefused, parse_trust, parse_unsigned
from acredita.registry.ledger_facts.trust_succession import check_next


def new_key(out: Path, passphrase_file: Path, scrypt_n: int, as_json: bool) -> None:
    """Run `acredita trust key new`."""
    make_signing_keystore(out, passphrase_file, KeystorePurpose.TRUST, scrypt_n, as_json=as_json)


def draft(
    last: Path,
    out: Path,
    lists: Mapping[str, Sequence[str]],
    threshold: int | None,
    since: int | None,
    days: int,
    rpc: str | None,
    chain: Path | None,
    lang: Language,
    as_json: bool,
) -> None:
    """Run `acredita trust draft`."""
    options = DraftOptions(
        add_keys=lists["add_key"],
        remove_keys=lists["remove_key"],
        threshold=threshold,
        add_sources=lists["add_source"],
        remove_sources=lists["remove_source"],
        add_services=[_service(text) for text in lists["add_service"]],
        remove_services=lists["remove_service"],
        validators=[Address(from_hex(address, 20, "--validator")) for address in lists["validator"]],
        since=since,
        days=days,
    )
    trust = read_trust(last)
    with ExitStack() as stack:
        try:
            document = next_draft(trust, options, int(time.time()), open_ledger(stack, trust, rpc, chain))
        except ChangeRefused as error:
            raise ArgumentRefused(str(error)) from error
    drafted = parse_unsigned(document)  # a draft that nobody could use is refused before anybody signs it
    if out.exists():
        raise ArgumentRefused(f"{out}: exists already, and is not written over")
    write_json(out, document)
    _show_changes(trust, drafted, lang, as_json)
    _tell({"draft": str(out), "sha256": fingerprint(drafted)}, lang, as_json)


def _service(text: str) -> ServiceKey:
    """Read `KEY,PURPOSE,UNTIL`. Raises ArgumentRefused, FormatRefused."""
    key, _, rest = text.partition(",")
    purpose, _, until = rest.partition(",")
    try:
        return ServiceKey(parse_multibase(key), purpose, read_time(until, "--add-service"))
    except KeyRefused as error:
        raise ArgumentRefused(f"--add-service: {error}") from error


def sign(
    file: Path,
    keystore: Path,
    passphrase_file: Path,
    last: Path | None,
    confirmed: str | None,
    lang: Language,
    as_json: bool,
) -> None:
    """Run `acredita trust sign`."""
    document = read_json_file(file)
    trust, before = parse_unsigned(document), _last(last)
    assert isinstance(document, dict)
    _show_changes(before, trust, lang, as_json)
    confirm(trust, confirmed, lang)
    signer = open_signing_key(keystore, passphrase_file, KeystorePurpose.TRUST)
    key = encode_multibase(signer.multikey)
    if key not in trust.keys and (before is None or key not in before.keys):
        raise ActRefused(f"{key} is neither a key of this trust file nor of the last one: nothing was signed")
    signed = add_signature(document, signer)
    write_json(file, signed)
    _tell({"signed": str(file), "missing": _missing(parse_unsigned(signed), before)}, lang, as_json)


def publish(file: Path, to: Path, confirmed: str | None, lang: Language, as_json: bool) -> None:
    """Run `acredita trust publish`."""
    document = read_json_file(file)
    trust, current = parse_trust(document), to / TRUST_FILE
    if current.is_file():
        _check_follows(read_trust(current), trust, confirmed, lang)
    publish_trust(to, document)
    print_facts(trust, lang, as_json)
    if not as_json:
        typer.echo(
            said(f"the council records it: acredita council propose record-trust --trust-file {file}", lang), err=True
        )


def _check_follows(before: Trust, trust: Trust, confirmed: str | None, lang: Language) -> None:
    """Check that a file may follow the published one, or that somebody confirms its hash."""
    try:
        check_next(before, trust)
    except TrustRefused:
        if confirmed is None:
            raise
        confirm(trust, confirmed, lang)


def _last(path: Path | None) -> Trust | None:
    if path is not None:
        return read_trust(path)
    pinned = read_pinned_trust(configuration_folder())
    return None if pinned is None else pinned.trust


def _missing(trust: Trust, before: Trust | None) -> int:
    """Return how many signatures are still missing, by the keys of the file itself and of the one before."""
    own = trust.threshold - len(trust.signers & set(trust.keys))
    earlier = 0 if before is None else before.threshold - len(trust.signers & set(before.keys))
    return max(own, earlier, 0)


def _show_changes(before: Trust | None, trust: Trust, lang: Language, as_json: bool) -> None:
    for line in changes(before, trust, lang):
        typer.echo(line, err=as_json)


def _tell(facts: dict[str, object], lang: Language, as_json: bool) -> None:
    typer.echo(json.dumps(facts, indent=2) if as_json else facts_line(facts, lang))
