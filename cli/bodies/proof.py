"""`acredita proof check FILE`: is this what the registry held, and does it hold at the block?"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typer
from acredita.cli.bodies.moments import read_moment
from acredita.cli.bodies.proof_report import answer_lines, outcome_lines
from acredita.cli.exit_codes import NEGATIVE, OK, UNKNOWN, ArgumentRefused
from acredita.node.publication.trust_folder import FileRefused, read_trust
from acredita.node.verification.language import Language
from acredita.node.verification.pinned_trust import configuration_folder, read_pinned_trust
from acredita.node.verification.seen_blocks import FILE_NAME, SeenFile
from acredita.registry.codes import Code
from acredita.registry.evidence.registry_proof import (
    MAX_PROOF_BYTES,
    RegistryProof,
    RegistryProofRefused,
    RegistryQuestion,
    question_document,
    read_registry_proof,
)
from acredita.registry.keys.did import DidRefused, issuer_id
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observed_block import SeenBlocks
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.checked_answer import CheckedAnswer, ProofOutcome, check_answer

FORMAT: Final = "acredita-checked-answer/1"
OF_OUTCOME: Final[Mapping[ProofOutcome, int]] = {
    ProofOutcome.PROVEN: OK,
    ProofOutcome.REFUSED: NEGATIVE,
    ProofOutcome.UNKNOWN: UNKNOWN,
}
"""Exit code of each outcome."""
_ID: Final = re.compile(r"(?:0x)?([0-9a-f]{64})")


def check(
    file: Path,
    trust: Path | None,
    subject: str | None,
    owner: str | None,
    at: str | None,
    lang: Language,
    as_json: bool,
) -> int:
    """Run `acredita proof check`."""
    moment, wanted, submitter = read_moment(at), _named("subject", subject), _named("owner", owner)
    proof = _read(file)
    trusted, seen = _trust(trust)
    checked = check_answer(proof, trusted, moment, seen, wanted, submitter)
    if as_json:
        typer.echo(json.dumps(_document(file, proof.question, checked), ensure_ascii=False, indent=2))
    else:
        for line in (*outcome_lines(checked, lang), *answer_lines(proof.question, checked, lang)):
            typer.echo(line)
    return OF_OUTCOME[checked.outcome]


def _read(file: Path) -> RegistryProof:
    with file.open("rb") as opened:
        content = opened.read(MAX_PROOF_BYTES + 1)
    try:
        return read_registry_proof(content)
    except RegistryProofRefused as error:
        raise FileRefused(f"{file}: {error.code}: {error}") from error


def _trust(path: Path | None) -> tuple[Trust | Missing, SeenBlocks | None]:
    """Return the trust file to check with, and the blocks seen; a file that is named remembers nothing."""
    if path is not None:
        return read_trust(path), None
    pinned = read_pinned_trust(configuration_folder())
    if pinned is None:
        return Missing(Code.TRUST_MISSING, "no --trust and nothing pinned"), None
    return pinned.trust, SeenFile(configuration_folder() / FILE_NAME)


def _named(option: str, text: str | None) -> bytes | None:
    if text is None:
        return None
    named = _ID.fullmatch(text)
    if named is not None:
        return bytes.fromhex(named[1])
    try:
        return bytes(issuer_id(text))
    except DidRefused as error:
        raise ArgumentRefused(f"--{option} {text}: a DID or 64 lower-case hex digits expected") from error


def _document(file: Path, question: RegistryQuestion, checked: CheckedAnswer) -> dict[str, Any]:
    document: dict[str, Any] = {
        "format": FORMAT,
        "file": str(file),
        "outcome": checked.outcome.value,
        "code": checked.code,
        "detail": checked.detail or None,
        "demo_chain": checked.is_demo_chain,
        "question": question_document(question),
    }
    return document | {"answer": None if checked.answer is None else dict(checked.answer)}
