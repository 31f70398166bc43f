"""`acredita trust update`: from the trust file at hand to the newest, number by number."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import typer
from acredita.cli.bodies.trust import print_facts
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.contracts import bindings
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.trust_folder import publish_trust, read_json_file, read_trust
from acredita.node.verification.files import open_ledger
from acredita.node.verification.language import Language
from acredita.node.verification.pinned_trust import (
    configuration_folder,
    keep_pin,
    keep_refused,
    read_pinned_trust,
)
from acredita.node.verification.trust_update import (
    EquivocationRefused,
    LedgerRecord,
    TrustSource,
    WalkedFile,
    source_at,
    sources_of,
    walk,
)
from acredita.registry.json_documents.strict import read_json
from acredita.registry.ledger_facts.trust_file import Trust


def update(
    source: str | None, file: Path | None, rpc: str | None, chain: Path | None, lang: Language, as_json: bool
) -> None:
    """Run `acredita trust update`."""
    if file is not None:
        _update_file(file, source, rpc, chain, lang, as_json)
        return
    configuration = configuration_folder()
    pinned = read_pinned_trust(configuration)
    if pinned is None:
        raise ActRefused("no trust file is pinned: acredita trust pin FILE")
    mirrors = [pinned.folder.trust_file, *sources_of(pinned.trust)]  # used from a pinned file only
    sources = mirrors if source is None else [source_at(source)]
    walked = _walked(pinned.trust, pinned.document, sources, rpc, chain)
    for one in walked:
        keep_pin(configuration, read_json(one.content), pinned.folder.base)
    _tell(pinned.trust, walked, lang, as_json)


def _update_file(
    file: Path, source: str | None, rpc: str | None, chain: Path | None, lang: Language, as_json: bool
) -> None:
    if source is None:
        raise ArgumentRefused("--file needs --from: the mirrors of a file that is not pinned are not asked")
    trust = read_trust(file)
    walked = _walked(trust, read_json_file(file), [source_at(source)], rpc, chain)
    for one in walked:
        publish_trust(file.parent, read_json(one.content), file.name)
    _tell(trust, walked, lang, as_json)


def _walked(
    trust: Trust, document: object, sources: Sequence[TrustSource], rpc: str | None, chain: Path | None
) -> list[WalkedFile]:
    with ExitStack() as stack:
        ledger = open_ledger(stack, trust, rpc, chain)
        record = None if ledger is None else LedgerRecord(ledger, bindings.Council(trust.contracts.council))
        try:
            return walk(trust, sources, record)
        except EquivocationRefused as error:
            keep_refused(configuration_folder(), error.contents, document)
            raise
        except SourceUnavailable as error:
            raise ArgumentRefused(str(error)) from error


def _tell(trust: Trust, walked: list[WalkedFile], lang: Language, as_json: bool) -> None:
    if not walked:
        typer.echo(said(f"trust file {trust.number} is the newest", lang), err=True)
    print_facts(walked[-1].trust if walked else trust, lang, as_json)
