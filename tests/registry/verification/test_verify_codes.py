"""Every code that verification can give is reached, by a fixture named for it, with the step and verdict of the matrix."""

import re
from pathlib import Path

import pytest
from acredita.registry.codes import CODES
from acredita.registry.keys.did import did_key
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.verification.results import Verdict
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.registry.verification.asking import Case, ask, steps_of
from tests.registry.verification.cases import MATRIX
from tests.registry.verification.matrix import PAGE, with_matrix
from tests.registry.world import AnchoredWorld, Party

ROOT = Path(__file__).resolve().parents[3]
RESHAPED = sorted((ROOT / "tests/registry/fixtures/reshaped").glob("*.json"))

# Where the codes of a report come from: the steps, what they call, and what hands them evidence and facts.
SOURCES = (
    "registry/verification/twelve_steps.py",
    "registry/verification/case.py",
    "registry/verification/anchor.py",
    "registry/verification/anchorable.py",
    "registry/verification/receipt_choice.py",
    "registry/verification/accreditation.py",
    "registry/verification/signing_key.py",
    "registry/verification/status.py",
    "registry/verification/verdict.py",
    "registry/verification/results.py",
    "registry/verification/foreign.py",
    "registry/evidence/credential.py",
    "registry/evidence/foreign.py",
    "registry/evidence/open_document.py",
    "registry/proofs/resolve_key.py",
    "registry/proofs/verification_methods.py",
    "registry/json_documents/strict.py",
    "registry/credentials/parse.py",
    "registry/credentials/shapes.py",
    "registry/proofs/data_integrity.py",
    "registry/proofs/proof_options.py",
    "registry/programmes/scope.py",
    "registry/credentials/status_list.py",
    "registry/ledger_facts/issuer_log.py",
    "registry/ledger_facts/observer.py",
    "registry/ledger_facts/observed_block.py",
    "registry/ledger_facts/whole_records.py",
    "registry/ledger_facts/log_chain.py",
    "registry/ledger_facts/trust_succession.py",
    "registry/evidence/proven_facts.py",
    "registry/evidence/proven_state.py",
    "registry/evidence/vouched_block.py",
    "registry/evidence/proven_ledger.py",
    "registry/ledger_facts/facts.py",
    "anchoring/receipts.py",
    "node/verification/verifier.py",
    "node/verification/files.py",
)
A_CODE = re.compile(r'(?:"|\bCode\.)([A-Z]{2,}(?:_[A-Z0-9]+)+|SUPERSEDED)\b')

# Codes in those sources that no report of a verification gives as the code of a step, and why.
ELSEWHERE = {
    "FILE_TOO_LARGE": "refuses a container before there is anything to verify (test_open_document)",
    "WORK_LIMIT": "ends a request of many or hostile documents; no single credential of the profile (test_budget)",
    "PROOF_PURPOSE_MISMATCH": "the profile takes one purpose only; presentations and proof-only answers give it",
    "PROOF_DOMAIN_MISMATCH": "presentations give it",
    "PROOF_CHALLENGE_MISMATCH": "presentations give it",
    "PROOF_EXPIRED": "the profile knows no expiring proof; proof-only answers give it",
    "SCHEMA_MISSING": "stands in what SCHEMA_INVALID found",
    "SCHEMA_UNKNOWN_KEY": "stands in what SCHEMA_INVALID found",
    "SCHEMA_VALUE": "stands in what SCHEMA_INVALID found",
    "RESULT_NOT_PASSED": "stands in what SCHEMA_INVALID found, and refuses a row of a cohort",
    "SCOPE_MISSING_ELEMENT": "refuses a scope document; verification then has none (DOCUMENT_MISSING)",
    "SCOPE_UNKNOWN_KEY": "refuses a scope document; verification then has none (DOCUMENT_MISSING)",
    "SCOPE_MALFORMED": "refuses a scope document; verification then has none (DOCUMENT_MISSING)",
    "EVIDENCE_MALFORMED": "refuses a bundle before there is anything to verify (test_evidence)",
    "TRUST_ROLLED_BACK": "refuses a trust file before there is anything to verify (test_trust_file)",
    "TRUST_NUMBER_SKIPPED": "refuses a trust file before there is anything to verify (test_trust_file)",
    "TRUST_SIGNATURES_TOO_FEW": "refuses a trust file before there is anything to verify (test_trust_file)",
    "TRUST_OTHER_LEDGER": "refuses a trust file before there is anything to verify (test_trust_file)",
    "RECEIPT_IGNORED": "a note beside the steps (test_receipt_choice)",
    "DID_DIFFERS": "a note beside the steps (test_did_documents)",
    "CANNOT_BE_ANCHORED": "the verdict's own, of a step 6 that says RECEIPT_MISSING",
    "ANCHOR_OVERDUE": "the verdict's own, of a step 6 that says PENDING_ANCHOR",
}


def codes_in_sources() -> set[str]:
    found = {code for path in SOURCES for code in A_CODE.findall((ROOT / path).read_text(encoding="utf-8"))}
    return {code for code in found if code in CODES or code in ELSEWHERE}


@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.row.name)
def test_code(case: Case, anchored: AnchoredWorld) -> None:
    row, report = case.row, case.arrange(anchored)
    step = steps_of(report, row)
    assert (step.code, step.outcome) == (row.code, row.outcome)
    assert (report.verdict, report.code) == (row.verdict, row.main)


def test_every_code_of_the_sources_has_a_fixture() -> None:
    reached = {case.row.code for case in MATRIX}
    assert codes_in_sources() - reached == set(ELSEWHERE)
    assert reached <= codes_in_sources()


def test_every_code_of_the_sources_has_its_sentences() -> None:
    written = {code for path in SOURCES for code in A_CODE.findall((ROOT / path).read_text(encoding="utf-8"))}
    assert written <= set(CODES)


def test_fixtures_have_names_of_their_own() -> None:
    names = [case.row.name for case in MATRIX]
    assert len(names) == len(set(names))


def test_the_page_shows_the_matrix_the_fixtures_bring_about() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_matrix(page) == page, "python -m tests.registry.verification.matrix"


def test_a_reshaped_credential_of_a_party_is_invalid(anchored: AnchoredWorld) -> None:
    key = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
    issuer = Party("issuer of the fixtures", did_key(key.public), key)
    anchored.world.accredit(issuer, anchored.world.scope(issuer))
    for path in RESHAPED:
        report = ask(anchored.world, path.read_bytes(), anchored.receipt)
        code = path.stem.split("--")[0].upper()
        expected = Verdict.INDETERMINATE if code == "NOT_A_CREDENTIAL" else Verdict.INVALID
        hidden = path.stem == "context_not_allowed--alias_of_id"  # no reader of JSON finds the issuer
        named = "KEY_NOT_OF_ISSUER" if hidden else code
        assert (report.verdict, report.step(1).code, report.code) == (expected, code, named), path.stem


def test_a_reshaped_credential_of_a_stranger_is_never_recognised(anchored: AnchoredWorld) -> None:
    verdicts = {ask(anchored.world, path.read_bytes(), anchored.receipt).verdict for path in RESHAPED}
    assert verdicts == {Verdict.INDETERMINATE, Verdict.NOT_RECOGNISED}


def test_there_are_twelve_reshapings_at_least() -> None:
    assert len(RESHAPED) >= 12
