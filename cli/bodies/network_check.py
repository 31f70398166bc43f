"""`acredita network check`: ask endpoints for all that matters before a network is relied on, and report it."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import typer
from acredita.anchoring.call_signer import CallSigner
from acredita.anchoring.types import FormatRefused
from acredita.cli.bodies.account_access import call_signer
from acredita.cli.bodies.act_files import check_absent, write_new
from acredita.cli.bodies.act_options import SignerOptions
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ArgumentRefused, worst
from acredita.cli.spanish.sentences import said
from acredita.node.config import ConfigurationError, EndpointSettings
from acredita.node.ledger.endpoints import access_of
from acredita.node.ledger.read_only import endpoint_settings
from acredita.node.network_check.asking import AskedEndpoint, endpoint_provider
from acredita.node.network_check.check import EndpointLines, check_endpoint, report_document
from acredita.node.network_check.expected import MAX_GENESIS_BYTES, ExpectedChain, parse_genesis_file
from acredita.node.network_check.lines import OUTCOME_WORDS, CheckLine, LineOutcome, worst_outcome
from acredita.node.network_check.subject import CheckContext
from acredita.node.publication.trust_folder import FileRefused, read_trust
from acredita.node.verification.language import Language
from acredita.registry.acts.shapes import Text
from acredita.registry.codes import sentence
from acredita.registry.json_documents.strict import JsonRefused, read_json

_EXITS: Final = {LineOutcome.FAULT: NEGATIVE, LineOutcome.UNKNOWN: UNKNOWN}
_ENDPOINT: Final = Text("Endpoint", "Servidor")
_EXPECTED: Final = Text("expected", "se espera")


@dataclass(frozen=True)
class CheckFiles:
    """The files of a check: what is expected, and where the report goes."""

    trust: Path | None
    expect: Path | None
    record: Path | None


def check(
    rpc: str,
    files: CheckFiles,
    as_json: bool,
    lang: Language,
    options: SignerOptions,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run `acredita network check`. `clock`: Unix seconds; `sleep`: how waiting for blocks is done."""
    if files.record is not None:
        check_absent(files.record)
    expected = _expected(files)
    endpoints = _endpoints(rpc)
    signer = None if options.account is None and options.sender is None else call_signer(options, lang)
    reports: list[EndpointLines] = []
    for place, settings in enumerate(endpoints, 1):
        context = _context(settings, expected, signer)
        context.clock, context.sleep = clock, sleep
        if len(endpoints) > 1 and not as_json:
            typer.echo(f"{_ENDPOINT.said(lang)} {place}")
        reports.append(_checked(context, None if as_json else lang))
    document = report_document(reports, expected, int(clock()), version("acredita"))
    if files.record is not None:
        write_new(files.record, document)
    if as_json:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    return worst(_EXITS.get(worst_outcome(lines.values()), OK) for lines in reports)


def _expected(files: CheckFiles) -> ExpectedChain:
    trust = None if files.trust is None else read_trust(files.trust)
    if files.expect is None:
        return ExpectedChain(trust)
    with files.expect.open("rb") as file:
        data = file.read(MAX_GENESIS_BYTES + 1)
    if len(data) > MAX_GENESIS_BYTES:
        raise FileRefused(f"{files.expect}: at most {MAX_GENESIS_BYTES} bytes expected")
    try:
        expected = ExpectedChain(trust, parse_genesis_file(read_json(data), data))
        expected.check()
    except (JsonRefused, FormatRefused) as error:
        raise FileRefused(f"{files.expect}: {error}") from error
    return expected


def _endpoints(rpc: str) -> Sequence[EndpointSettings]:
    try:
        return endpoint_settings(rpc).rpc
    except ConfigurationError as error:
        raise ArgumentRefused(f"--rpc: {error}") from error


def _context(settings: EndpointSettings, expected: ExpectedChain, signer: CallSigner | None) -> CheckContext:
    try:
        access = access_of(settings)
    except ConfigurationError as error:
        raise ArgumentRefused(f"--rpc: {error}") from error
    open_access = {name: value for name, value in access.items() if name == "verify"}
    anonymous = None if access == open_access else AskedEndpoint(endpoint_provider(settings.url, open_access))
    endpoint = AskedEndpoint(endpoint_provider(settings.url, access))
    return CheckContext(endpoint, expected, settings, anonymous, signer)


def _checked(context: CheckContext, language: Language | None) -> EndpointLines:
    """Check an endpoint; show each line as soon as it is known, in this language if any."""
    lines: dict[str, CheckLine] = {}
    for subject, line in check_endpoint(context):
        lines[subject.name] = line
        if language is not None:
            words = OUTCOME_WORDS[line.outcome].said(language)
            typer.echo(f"{words}  {subject.label.said(language)}{_rest(line, language)}")
    if language is not None:
        counts = Counter(line.outcome for line in lines.values())
        typer.echo(", ".join(f"{words.said(language)} {counts[outcome]}" for outcome, words in OUTCOME_WORDS.items()))
    return lines


def _rest(line: CheckLine, language: Language) -> str:
    """Return what was seen and expected, and the code with its sentence."""
    seen, expected = said(line.seen.said(language), language), line.expected.said(language)
    if expected:
        seen = f"{seen} ({_EXPECTED.said(language)} {expected})".lstrip()
    code = "" if line.code is None else f"{line.code}: {sentence(line.code, language)}"
    return "".join(f": {part}" for part in (seen, code) if part)
