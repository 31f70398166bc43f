"""`acredita documents withhold|sign`: the list of withheld documents, from its draft to the last signature."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import typer
from acredita.anchoring.types import Digest
from acredita.cli.bodies.act_arguments import digest_of
from acredita.cli.bodies.act_files import check_absent
from acredita.cli.bodies.opened_installation import trust_of
from acredita.cli.exit_codes import OK, ActRefused, ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.node.publication.trust_folder import read_json_file, write_json
from acredita.node.verification.language import Language
from acredita.registry.keys.keystore import Keystore, KeystoreError
from acredita.registry.keys.passphrase import PassphraseRefused, from_file
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.withheld_list import (
    WithheldList,
    draft_withheld,
    parse_withheld,
    sign_withheld,
    signing_key,
)

KEY_NAME = "trust"


def withhold(
    names: Sequence[str],
    out: Path,
    last: Path | None,
    release: Sequence[str],
    trust_file: Path | None,
    lang: Language,
    as_json: bool,
) -> int:
    """Run `acredita documents withhold`."""
    check_absent(out)
    trust, _, _ = trust_of(trust_file)
    before = None if last is None else _read(last, trust)
    earlier: frozenset[Digest] = frozenset() if before is None else before.documents
    added = {Digest(digest_of(name, "HASH")) for name in names}
    released = {Digest(digest_of(name, "--release")) for name in release}
    unknown = released - earlier
    if unknown:
        raise ArgumentRefused(f"--release 0x{min(unknown).hex()}: the last list does not withhold it")
    documents = (earlier | added) - released
    if documents == earlier:
        raise ArgumentRefused("nothing changes: at least one HASH that is not withheld, or --release, expected")
    number = 1 if before is None else before.number + 1
    document = draft_withheld(trust, number, documents, int(time.time()))
    drafted = parse_withheld(document)  # a list that is too long is refused before anybody signs it
    write_json(out, document)
    _show(drafted, trust, out, lang, as_json)
    return OK


def sign(
    file: Path, keystore: Path, passphrase_file: Path, trust_file: Path | None, lang: Language, as_json: bool
) -> int:
    """Run `acredita documents sign`."""
    trust, _, _ = trust_of(trust_file)
    document = read_json_file(file)
    _show(_parsed(document, trust), trust, None, lang, as_json)
    try:
        signer = Keystore.open(keystore, from_file(passphrase_file)).signer(KEY_NAME)
    except (KeystoreError, PassphraseRefused) as error:
        raise ArgumentRefused(str(error)) from error
    key = signing_key(signer)
    if key not in trust.keys:
        raise ActRefused(f"{key} is no key of the trust file: nothing was signed")
    assert isinstance(document, dict)
    signed = sign_withheld(document, signer)
    write_json(file, signed)
    _show(parse_withheld(signed), trust, file, lang, as_json)
    return OK


def _read(path: Path, trust: Trust) -> WithheldList:
    """Read the list in force, which enough keys must have signed. Raises WithheldListRefused, FileRefused, OSError."""
    withheld = _parsed(read_json_file(path), trust)
    withheld.check(trust)
    return withheld


def _parsed(document: object, trust: Trust) -> WithheldList:
    withheld = parse_withheld(document)
    withheld.check_chain(trust)
    return withheld


def _show(withheld: WithheldList, trust: Trust, written: Path | None, lang: Language, as_json: bool) -> None:
    """Print a list: before a signature to the person, and its file as the command's answer."""
    if written is None:
        typer.echo(said(f"list {withheld.number} withholds {len(withheld.documents)} documents", lang), err=True)
        for digest in sorted(withheld.documents):
            typer.echo(f"  0x{digest.hex()}", err=True)
        return
    missing = withheld.missing(trust)
    if as_json:
        facts = {"file": str(written), "number": withheld.number, "documents": len(withheld.documents)}
        typer.echo(json.dumps({**facts, "missing": missing}, indent=2))
    else:
        typer.echo(said(f"{written}: list {withheld.number}, {missing} signatures missing", lang))
