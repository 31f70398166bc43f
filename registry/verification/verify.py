"""Verification: one pure function over evidence and trusted state.

Twelve steps, numbered here, in `verify` and in every report:

 1 structure   one reading: limits, strict JSON, our profile (docs/credentials.md)
 2 schema      the JSON Schema of that profile
 3 proof       the cryptosuite's own verification
 4 binding     the key's DID is the issuer, the receipt's log is that issuer's, the key is one of its assertion keys
 5 key         valid at the block time of the first checkpoint that contains the credential
 6 chain       pinned chain id, genesis and contract code; the checkpoint's word stands there; it is not void
 7 inclusion   the entry is in the tree of that same checkpoint
 8 issuer      active and in scope then, with every accreditor above it; the checkpoint was open (kind 1)
 9 programme   that version approved then, owned by the issuer, and the achievement is the one its document builds
10 status      not revoked, suspended or replaced at block B, and how fresh that is
11 dates       validFrom and validUntil against the verifier's clock
12 subject     when the verifier gives an identifier to match

Steps 5, 8 and 9 are then asked again for now. A step gives passed, failed, not checked or not asked, with a stable code;
one that needs an earlier step which did not pass is not checked and names it. Ledger time decides, not claimed time: `then`
is the checkpoint's block time, never `validFrom`. Nothing here reads a clock, a file or a socket; whatever could not be had
arrives as `Missing` or None and is never turned into an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import Receipt, time_text
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.registry.codes import Code
from acredita.registry.credentials.build import match_subject
from acredita.registry.credentials.parse import ParsedCredential, schema_errors
from acredita.registry.evidence.credential import CheckedCredential, Evidence, Reading
from acredita.registry.keys.did import issuer_id, split_method
from acredita.registry.keys.multikey import key_id
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.proofs.data_integrity import ProofCheck, ProofCheckUnavailable, ProofRefused
from acredita.registry.verification import accreditation
from acredita.registry.verification.results import Outcome, Report, StepResult, failed, not_asked, not_checked, passed
from acredita.registry.verification.status import status_finding
from acredita.registry.verification.verdict import report


@dataclass(frozen=True)
class Moment:
    """The verifier's clock (`at`, Unix seconds), whether it was given (`--at`), and how old a bundle may be."""

    at: int
    given: bool = False
    stale_after: int = 24 * 3600


@dataclass(frozen=True)
class _Case:
    """Everything one verification looks at, with what its first steps have read."""

    evidence: Evidence
    trust: Trust | Missing
    facts: LedgerFacts | Missing
    moment: Moment
    now: int
    parsed: ParsedCredential
    issuer: IssuerId
    proof: ProofCheck | None
    agrees: bool

    @property
    def receipt(self) -> Receipt | None:
        return self.evidence.receipt

    @property
    def digest(self) -> Digest | None:
        return self.proof.digest if self.proof else None


def verify(
    credential: CheckedCredential,
    evidence: Evidence,
    trust: Trust | Missing,
    facts: LedgerFacts | Missing,
    moment: Moment,
    identifier: str | None = None,
) -> Report:
    """The verdict on one credential, with the outcome of each step, then and now."""
    now = moment.at if moment.given or isinstance(facts, Missing) else max(moment.at, facts.block_time)
    parsed = credential.reading.parsed
    one = _structure(credential.reading)  # 1
    if parsed is None:
        twelve = not_asked(12) if identifier is None else _waits(12, one)
        return report([one, *(_waits(n, one) for n in range(2, 12)), twelve], (), now, None, facts)
    two = _schema(credential.reading.document)  # 2
    three, proof = _proof(credential)  # 3
    agrees = accreditation.achievement_agrees(parsed, evidence)  # asked in 9, then and now
    case = _Case(evidence, trust, facts, moment, now, parsed, issuer_id(parsed.issuer), proof, agrees)
    four = _binding(case) if three.ok else _waits(4, three)  # 4
    six = _chain(case, four)  # 6, before 5: it tells when "then" was
    seven = _inclusion(case, three, six)  # 7
    open_question = next((step for step in (four, six, seven) if not step.ok), None)
    if open_question:
        five, eight, nine = (_waits(n, open_question) for n in (5, 8, 9))
    else:
        five, eight, nine = _then(case)  # 5, 8, 9
    ten = _status(case) if three.ok else _waits(10, three)  # 10
    eleven = _dates(case)  # 11
    twelve = _subject(case, identifier)  # 12
    steps = [one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve]
    return report(steps, _now(case, four) if three.ok else (), now, case.parsed.created, facts, evidence.receipt)


# --- 1 structure, 2 schema ---


def _structure(reading: Reading) -> StepResult:
    if reading.fault is not None:
        fault = reading.fault
        return failed(1, fault.code, expected="one document, one reading", found=str(fault))
    return passed(1)


def _schema(document: Mapping[str, Any]) -> StepResult:
    errors = schema_errors(document)
    if errors:
        return failed(2, Code.SCHEMA_INVALID, expected="the JSON Schema of the profile", found="; ".join(errors))
    return passed(2)


# --- 3 proof, 4 binding ---


def _proof(credential: CheckedCredential) -> tuple[StepResult, ProofCheck | None]:
    match credential.proof:
        case ProofCheck() as check:
            return passed(3, found=check.options.cryptosuite), check
        case ProofRefused() as fault:
            return failed(3, fault.code, expected="a proof by the key it names", found=str(fault)), None
        case ProofCheckUnavailable() as fault:
            return not_checked(3, fault.code, found=str(fault)), None
        case None:
            raise RuntimeError("step 3 asked for a credential that step 1 has refused")


def _binding(case: _Case) -> StepResult:
    """The key belongs to the issuer, by DID, by receipt and by registry."""
    assert case.proof is not None
    signer, _ = split_method(case.proof.verification_method)
    if signer != case.parsed.issuer:
        return failed(4, Code.KEY_NOT_OF_ISSUER, expected=case.parsed.issuer, found=signer)
    if case.receipt and case.receipt.issuer != case.issuer:
        return failed(4, Code.LOG_NOT_OF_ISSUER, expected=to_hex(case.issuer), found=to_hex(case.receipt.issuer))
    facts = _trusted_facts(case)
    if isinstance(facts, Missing):
        return not_checked(4, facts.code, found=facts.detail)
    party = facts.parties.get(case.issuer)
    if party is None:
        if case.parsed.issuer.startswith("did:key:"):
            return passed(4, found="did:key speaks for itself; the issuer is not in the registry")
        return not_checked(4, Code.KEY_UNCONFIRMED, found="did:web has no history and the registry no key")
    if party.assertion_key(key_id(case.proof.multikey)) is None:
        return failed(4, Code.KEY_NOT_REGISTERED, expected="an assertion key of the issuer")
    return passed(4)


# --- 6 chain, 7 inclusion ---


def _trusted_facts(case: _Case) -> LedgerFacts | Missing:
    """The ledger's answer, provided that it is the pinned ledger and the pins have not run out."""
    trust, facts = case.trust, case.facts
    if isinstance(trust, Missing):
        return trust
    if case.now >= trust.expires:
        return Missing(Code.TRUST_EXPIRED, f"trust file {trust.number} expired")
    if isinstance(facts, Missing):
        return facts
    if (facts.chain_id, facts.genesis) != (trust.chain_id, trust.genesis):
        return Missing(Code.GENESIS_CHANGED, "the ledger at hand is not the chain the trust file pins")
    if any(trust.code_hashes.get(name) != code for name, code in facts.code_hashes.items()):
        return Missing(Code.CODE_CHANGED, "a contract's code is not the one the trust file pins")
    return facts


def _chain(case: _Case, four: StepResult) -> StepResult:
    """The receipt names the pinned chain, and that chain holds the checkpoint's word and has not voided it."""
    receipt, facts = case.receipt, _trusted_facts(case)
    if receipt is None:
        return _no_receipt(case, facts)
    if not isinstance(case.trust, Missing):
        pinned = (case.trust.chain_id, case.trust.genesis, case.trust.credential_log)
        claimed = (receipt.chain_id, receipt.genesis, receipt.contract)
        if pinned != claimed:
            return failed(6, Code.WRONG_CHAIN, expected=_chain_name(*pinned), found=_chain_name(*claimed))
    if receipt.issuer != case.issuer:  # the ledger was asked about the issuer's own log
        return _waits(6, four)
    if isinstance(facts, Missing):
        return not_checked(6, facts.code, found=facts.detail)
    if _is_beyond(case, facts, receipt.checkpoint.time):
        return not_checked(6, Code.ANCHORED_LATER, found="the checkpoint is younger than what was asked about")
    word = receipt.checkpoint.word()
    if facts.stored_word != word:
        found = to_hex(facts.stored_word) if facts.stored_word else "no checkpoint of that number"
        return failed(6, Code.ANCHOR_NOT_FOUND, expected=to_hex(word), found=found)
    if facts.last_good is not None and receipt.checkpoint.number > facts.last_good:
        return failed(
            6,
            Code.CHECKPOINT_VOID,
            expected=f"number at most {facts.last_good} in epoch {receipt.epoch}",
            found=str(receipt.checkpoint.number),
        )
    return passed(6)


def _is_beyond(case: _Case, facts: LedgerFacts, time: int) -> bool:
    """Younger than the moment named, or than the block somebody's bundle stops at: not there yet is not missing."""
    return (case.moment.given and time > case.now) or (facts.offline and time > facts.block_time)


def _no_receipt(case: _Case, facts: LedgerFacts | Missing) -> StepResult:
    """Without a receipt only the issuer's whole log can tell "not anchored yet" from "receipt not shown"."""
    if isinstance(facts, Missing) or case.digest is None or isinstance(facts.log, Missing):
        return not_checked(6, Code.RECEIPT_MISSING)
    if facts.log.holds(case.digest) is not False:
        return not_checked(6, Code.RECEIPT_MISSING, found="the log may hold the digest; its receipt is not at hand")
    return not_checked(6, Code.PENDING_ANCHOR, found="the issuer's log up to the chain's head has no such entry")


def _chain_name(chain_id: int, genesis: bytes, contract: bytes) -> str:
    return f"chain {chain_id}, genesis {to_hex(genesis)}, contract {to_hex(contract)}"


def _inclusion(case: _Case, three: StepResult, six: StepResult) -> StepResult:
    """The entry holds this digest and is in the tree of the first checkpoint that covers it."""
    receipt = case.receipt
    if not three.ok or case.digest is None:
        return _waits(7, three)
    if receipt is None or six.outcome is Outcome.FAILED:
        return _waits(7, six)
    if receipt.entry.kind is not EntryKind.ISSUED or receipt.entry.digest != case.digest:
        return failed(7, Code.LEAF_MISMATCH, expected=to_hex(case.digest), found=to_hex(receipt.entry.digest))
    code = receipt.inclusion_fault()
    if code:
        return failed(7, code, expected=f"entry {receipt.index} first covered by this checkpoint")
    return passed(7)


# --- 5 key, 8 issuer, 9 programme ---


def _then(case: _Case) -> tuple[StepResult, StepResult, StepResult]:
    """Steps 5, 8 and 9 at the block time of the first checkpoint that contains the credential."""
    facts = _trusted_facts(case)
    assert case.receipt and case.proof and not isinstance(facts, Missing)
    at = case.receipt.checkpoint.time
    question = accreditation.Question(case.issuer, case.parsed, facts, case.evidence, at, case.agrees)
    return (
        accreditation.key_then(question, key_id(case.proof.multikey)),
        accreditation.issuer_then(question, case.receipt.checkpoint.kind),
        accreditation.programme_then(question, case.receipt.entry.programme),
    )


def _now(case: _Case, four: StepResult) -> tuple[StepResult, ...]:
    """The same three for the newest state at hand; without a receipt they are asked in full."""
    facts = _trusted_facts(case)
    if isinstance(facts, Missing):
        return tuple(not_checked(n, facts.code, found=facts.detail) for n in (5, 8, 9))
    assert case.proof is not None
    question = accreditation.Question(case.issuer, case.parsed, facts, case.evidence, case.now, case.agrees)
    anchored, forged = case.receipt is not None, four.outcome is Outcome.FAILED
    five = _waits(5, four) if forged else accreditation.key_now(question, key_id(case.proof.multikey), anchored)
    return five, accreditation.issuer_now(question, anchored), accreditation.programme_now(question, anchored)


# --- 10 status, 11 dates, 12 subject ---


def _status(case: _Case) -> StepResult:
    return status_finding(
        case.parsed, case.issuer, _trusted_facts(case), case.evidence, case.now, case.moment.stale_after
    )


def _dates(case: _Case) -> StepResult:
    start, end = case.parsed.valid_from, case.parsed.valid_until
    if case.now < start:
        return failed(11, Code.CREDENTIAL_NOT_YET_VALID, expected=f"from {time_text(start)}", found=time_text(case.now))
    if end is not None and case.now > end:
        return failed(11, Code.CREDENTIAL_EXPIRED, expected=f"until {time_text(end)}", found=time_text(case.now))
    return passed(11)


def _subject(case: _Case, identifier: str | None) -> StepResult:
    """A salted hash or a DID is compared; what was given or found is never repeated in the report."""
    if identifier is None:
        return not_asked(12)
    if not match_subject(case.parsed, identifier):
        return failed(12, Code.SUBJECT_MISMATCH, expected="the identifier given")
    return passed(12)


def _waits(number: int, earlier: StepResult) -> StepResult:
    return not_checked(number, Code.STEP_DEPENDS, needs=earlier.number)
