"""Verification: one pure function over a credential, its evidence and trusted state.

Twelve steps, numbered here, in `verify` and in every report:

 1 structure   one reading: limits, strict JSON, our profile (docs/credentials.md)
 2 schema      the JSON Schema of that profile
 3 proof       the cryptosuite's own verification
 4 binding     the key's DID is the issuer, and the key is one of its assertion keys
 5 key         valid at the block time of the first checkpoint that contains the credential
 6 chain       pinned chain id, genesis and contract code; the checkpoint's word is stored there; it is not void
 7 inclusion   the entry is in the tree of that same checkpoint
 8 issuer      active and in scope then, with every accreditor above it; the checkpoint was open (kind 1)
 9 programme   that version approved then, owned by the issuer, and the achievement is the one its document builds
10 status      not revoked, suspended or replaced at block B, and how fresh that is
11 dates       validFrom and validUntil against the verifier's clock
12 subject     when the verifier gives an identifier to match

Steps 5, 8 and 9 are then repeated for now. A step gives passed, failed, not checked or not asked, with a stable code. One
that needs an earlier step which did not pass is not checked and names it. Ledger time decides, not claimed time: `then`
is the checkpoint's block time, never `validFrom`. Nothing here reads a clock, a file or a socket; a value that could not
be had arrives as `Missing` or None and is never turned into an answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from acredita.anchoring.receipts import time_text
from acredita.registry.codes import Code
from acredita.registry.credentials.build import match_subject
from acredita.registry.credentials.identifier import typed_identifier
from acredita.registry.credentials.parse import schema_errors
from acredita.registry.evidence.credential import CheckedCredential, CredentialReading, Evidence, ProofResult
from acredita.registry.keys.did import issuer_id, split_method
from acredita.registry.keys.multikey import key_id
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.proofs.data_integrity import ProofCheck, ProofRefused
from acredita.registry.verification import accreditation
from acredita.registry.verification.anchor import chain_step, inclusion_step
from acredita.registry.verification.anchorable import never_anchorable
from acredita.registry.verification.case import EARLY_SECONDS, Case, Moment, pinned_ledger, present
from acredita.registry.verification.foreign import somebody_elses
from acredita.registry.verification.receipt_choice import choose_receipt
from acredita.registry.verification.results import (
    CLEANED_IDENTIFIER,
    StepOutcome,
    StepResult,
    VerificationReport,
    failed,
    not_asked,
    not_checked,
    passed,
    waits,
)
from acredita.registry.verification.signing_key import deciding_proof, document_note
from acredita.registry.verification.status import status_step
from acredita.registry.verification.verdict import conclude, conclude_foreign


def verify(
    credential: CheckedCredential,
    evidence: Evidence,
    trust: Trust | Missing,
    facts: LedgerFacts | Missing,
    moment: Moment,
    identifier: str | None = None,
) -> VerificationReport:
    """Verify one credential: the outcome of each step, then and now, and the verdict they lead to."""
    now = present(moment, facts)
    parsed = credential.reading.parsed

    # The credential alone: one document with one reading, of the profile's form, signed by the key it names.
    structure = _structure(credential.reading)  # 1
    if parsed is None or credential.proof is None:  # a credential that was not read has no verified proof either
        return conclude(_unread(structure, identifier), (), now, None, facts)
    schema = _schema(credential.reading.document)  # 2
    ledger, own = pinned_ledger(trust, facts, now, moment), issuer_id(parsed.issuer)
    verified = deciding_proof(credential.proof, credential.proof_by_method, own, ledger)
    proof = _proof(verified)  # 3
    check = verified if isinstance(verified, ProofCheck) else None

    choice = choose_receipt(evidence.receipt, None if check is None else check.digest, own, trust, ledger)
    case = Case(parsed, own, evidence, trust, ledger, moment, now, choice)

    # A proof says that a key signed. The key must be the issuer's, by DID and by registry.
    binding = waits(4, proof) if check is None else _binding(case, check)  # 4

    # Since the anchor nothing has ended the credential: no revocation, suspension or correction.
    status = waits(10, proof) if check is None else status_step(case)  # 10

    # The anchor says when. Step 6 comes before step 5, because "then" is the time of the checkpoint it finds.
    chain = chain_step(case, check, status)  # 6
    if check is not None and _is_of_another_registry(case, check):
        others = somebody_elses("anchored on another chain", proof, parsed.issuer, None, identifier)
        as_of = None if isinstance(facts, Missing) else facts.block_time
        return conclude_foreign(others, now, as_of, signed_by=parsed.issuer)
    inclusion = waits(7, proof) if check is None else inclusion_step(choice, chain)  # 7

    # At that time the key was in force, the issuer accredited and the programme approved.
    agrees = accreditation.achievement_agrees(parsed, evidence)  # one comparison for both moments of step 9
    key, issuer, programme = _then(case, check, agrees, (binding, chain, inclusion))  # 5, 8, 9

    # No date has ended it, and it is this person's.
    dates = _dates(case)  # 11
    subject = _subject(case, identifier)  # 12

    steps = (structure, schema, proof, binding, key, chain, inclusion, issuer, programme, status, dates, subject)
    repeated = () if check is None else _now(case, check, agrees, binding)  # 5, 8, 9 for now
    never = _never_anchorable(case, check, agrees, repeated)
    differs = None if check is None else document_note(check, parsed.issuer, own, ledger, evidence.dids, now)
    return conclude(steps, repeated, now, parsed.created, facts, choice, never, differs)


# --- 1 structure, 2 schema, 3 proof ---


def _structure(reading: CredentialReading) -> StepResult:
    if reading.fault is not None:
        fault = reading.fault
        if fault.code == Code.NOT_A_CREDENTIAL:  # a member of a container: no verdict is about it
            return not_checked(1, fault.code, found=str(fault))
        return failed(1, fault.code, expected="one document, one reading", found=str(fault))
    return passed(1)


def _unread(structure: StepResult, identifier: str | None) -> tuple[StepResult, ...]:
    """Return the steps of a credential that could not be read: all wait for step 1."""
    subject = not_asked(12) if identifier is None else waits(12, structure)
    return (structure, *(waits(number, structure) for number in range(2, 12)), subject)


def _schema(document: Mapping[str, Any]) -> StepResult:
    errors = schema_errors(document)
    if errors:
        return failed(2, Code.SCHEMA_INVALID, expected="the JSON Schema of the profile", found="; ".join(errors))
    return passed(2)


def _proof(result: ProofResult) -> StepResult:
    if isinstance(result, ProofCheck):
        return passed(3, found=result.options.cryptosuite)
    if isinstance(result, ProofRefused):
        return failed(3, result.code, expected="a proof by the key it names", found=str(result))
    return not_checked(3, result.code, found=str(result))


# --- 4 binding ---


def _binding(case: Case, check: ProofCheck) -> StepResult:
    """Check that the key belongs to the issuer: by DID and by registry."""
    signer, _ = split_method(check.verification_method)
    if signer != case.parsed.issuer:
        return failed(4, Code.KEY_NOT_OF_ISSUER, expected=case.parsed.issuer, found=signer)
    if isinstance(case.ledger, Missing):
        return not_checked(4, case.ledger.code, found=case.ledger.detail)
    party = case.ledger.parties.get(case.issuer)
    if party is None:
        if case.parsed.issuer.startswith("did:key:"):
            return passed(4, found="did:key speaks for itself; the issuer is not in the registry")
        return not_checked(4, Code.KEY_UNCONFIRMED, found="did:web has no history and the registry no key")
    if party.assertion_key(key_id(check.multikey)) is None:
        return failed(4, Code.KEY_NOT_REGISTERED, expected="an assertion key of the issuer")
    return passed(4)


def _is_of_another_registry(case: Case, check: ProofCheck) -> bool:
    """Return whether a receipt of another chain belongs to an issuer that is no party here, with its own key and list."""
    signer, _ = split_method(check.verification_method)
    of_one_party = signer == case.parsed.issuer and case.parsed.status_issuer == case.issuer
    known = isinstance(case.ledger, Missing) or case.issuer in case.ledger.parties
    return case.choice.other_chain and of_one_party and not known


# --- 5 key, 8 issuer, 9 programme ---


def _then(
    case: Case, check: ProofCheck | None, agrees: bool, earlier: Sequence[StepResult]
) -> tuple[StepResult, StepResult, StepResult]:
    """Check steps 5, 8 and 9 at the block time of the first checkpoint that contains the credential.

    `earlier`: steps 4, 6 and 7, which show that there is one. They pass only with a proof, a receipt and a ledger.
    """
    unmet = next((step for step in earlier if not step.ok), None)
    receipt, ledger = case.receipt, case.ledger
    if unmet is not None or check is None or receipt is None or isinstance(ledger, Missing):
        cause = unmet or earlier[0]
        return waits(5, cause), waits(8, cause), waits(9, cause)
    case_then = accreditation.CaseAtTime(
        case.issuer, case.parsed, ledger, case.evidence, receipt.checkpoint.time, agrees
    )
    return (
        accreditation.key_then(case_then, key_id(check.multikey)),
        accreditation.issuer_then(case_then, receipt.checkpoint.kind),
        accreditation.programme_then(case_then, receipt.entry.programme),
    )


def _now(case: Case, check: ProofCheck, agrees: bool, binding: StepResult) -> tuple[StepResult, ...]:
    """Check the same three for the newest state at hand. Without a receipt they are checked in full."""
    ledger = case.ledger
    if isinstance(ledger, Missing):
        return tuple(not_checked(number, ledger.code, found=ledger.detail) for number in (5, 8, 9))
    case_now = accreditation.CaseAtTime(case.issuer, case.parsed, ledger, case.evidence, case.now, agrees)
    anchored, forged = case.receipt is not None, binding.outcome is StepOutcome.FAILED
    key = waits(5, binding) if forged else accreditation.key_now(case_now, key_id(check.multikey), anchored)
    return key, accreditation.issuer_now(case_now, anchored), accreditation.programme_now(case_now, anchored)


def _never_anchorable(
    case: Case, check: ProofCheck | None, agrees: bool, repeated: Sequence[StepResult]
) -> Sequence[StepResult]:
    """Return why no anchor up to B could make the credential recognised; asked only where no receipt was found."""
    ledger = case.ledger
    if check is None or case.receipt is not None or isinstance(ledger, Missing):
        return ()
    case_now = accreditation.CaseAtTime(case.issuer, case.parsed, ledger, case.evidence, case.now, agrees)
    return never_anchorable(case_now, key_id(check.multikey), case.parsed.created, repeated)


# --- 11 dates, 12 subject ---


def _dates(case: Case) -> StepResult:
    """Compare the dates with now. A beginning and a signature may lie a minute ahead, because two clocks differ.

    An end is never stretched. For a moment that was given there is no second clock.
    """
    start, end, created = case.parsed.valid_from, case.parsed.valid_until, case.parsed.created
    latest = case.now + (0 if case.moment.given else EARLY_SECONDS)
    if created is not None and latest < created:
        return failed(
            11, Code.CREDENTIAL_NOT_YET_VALID, expected=f"signed by {time_text(latest)}", found=time_text(created)
        )
    if latest < start:
        return failed(11, Code.CREDENTIAL_NOT_YET_VALID, expected=f"from {time_text(start)}", found=time_text(case.now))
    if end is not None and case.now > end:
        return failed(11, Code.CREDENTIAL_EXPIRED, expected=f"until {time_text(end)}", found=time_text(case.now))
    return passed(11)


def _subject(case: Case, identifier: str | None) -> StepResult:
    """Compare a salted hash or a DID. The report repeats neither the identifier given nor the one found.

    Invisible characters of a typed identifier are no part of the question; the step says that there were any.
    """
    if identifier is None:
        return not_asked(12)
    typed, had_invisible = typed_identifier(identifier)
    note = CLEANED_IDENTIFIER if had_invisible else None
    if not match_subject(case.parsed, typed):
        return failed(12, Code.SUBJECT_MISMATCH, expected="the identifier given", found=note)
    return passed(12, found=note)
