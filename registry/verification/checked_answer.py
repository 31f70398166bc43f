"""Decide what an answer with proof is worth to whoever checks it: proven, refused, or could not tell.

- `PROVEN`: the trust file is in force, the proof holds under it, and the block answers for the moment that is asked about.
- `REFUSED`: the file contradicts itself or its own proof. Somebody altered it, or the node that gave it is false.
- `UNKNOWN`: no block is vouched for, a later one is known, or the block is too old for the present.

The present is asked about unless a moment is given. A block answers for the present for 24 hours, unless by the clock a
state has ended since. It answers for every moment up to its own time for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from acredita.anchoring.ledger import Block, LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId, to_hex
from acredita.registry.codes import CODES, Code
from acredita.registry.evidence.proven_answer import DocumentsOfFile, ProvenAnswer, answer_of, proven_answer
from acredita.registry.evidence.proven_state import ProvenState
from acredita.registry.evidence.registry_proof import RegistryProof
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observed_block import SeenBlocks, check_not_behind
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.case import Moment, head_age_fault, trust_fault


class ProofOutcome(StrEnum):
    """The outcome of a check of an answer with proof."""

    PROVEN = "proven"
    REFUSED = "refused"
    UNKNOWN = "unknown"


_COULD_NOT_TELL: Final = frozenset(
    {
        Code.TRUST_MISSING,
        Code.TRUST_EXPIRED,
        Code.TRUST_NOT_YET_ISSUED,
        Code.BLOCK_NOT_TRUSTED,
        Code.VALIDATORS_UNKNOWN,
        Code.LEDGER_BEHIND,
        Code.LEDGER_FORKED,
        Code.LEDGER_AHEAD_OF_CLOCK,
        Code.PROOF_OUTDATED,
    }
)


@dataclass(frozen=True)
class CheckedAnswer:
    """The outcome of one check. `answer`: what the state at the block gives, also where it is too old; None if not proven.

    `is_demo_chain`: only the operator of the chain vouches for the order of its blocks.
    """

    outcome: ProofOutcome
    code: Code | None
    detail: str
    answer: Mapping[str, Any] | None = None
    is_demo_chain: bool = False


def check_answer(
    proof: RegistryProof,
    trust: Trust | Missing,
    moment: Moment,
    seen: SeenBlocks | None = None,
    subject: bytes | None = None,
    owner: bytes | None = None,
) -> CheckedAnswer:
    """Check an answer with proof at a moment, which takes the place of the file's own where it is given.

    `seen`: the highest block seen; None where nothing is remembered. `subject`, `owner`: those asked about, if known.
    """
    if subject is not None and subject != proof.question.subject:
        return _refused(Missing(Code.PROOF_OF_ANOTHER, f"the answer is about {to_hex(proof.question.subject)}"))
    if owner is not None and owner != proof.question.owner:
        return _refused(Missing(Code.PROOF_OF_ANOTHER, _submitted(proof.question.owner)))
    if isinstance(trust, Missing):
        return _refused(trust)
    proven = proven_answer(proof, trust)
    if isinstance(proven, Missing):
        return _refused(proven)
    header = proven.header
    now = moment.at if moment.given else max(moment.at, header.time)
    fault = trust_fault(trust, now, moment) or _seen_fault(proven, trust, seen) or _age_fault(proven, trust, moment)
    checked = CheckedAnswer(ProofOutcome.PROVEN, None, "") if fault is None else _refused(fault)
    return replace(checked, answer=_answer_at(proven, trust, moment), is_demo_chain=trust.is_demo_chain)


def _submitted(owner: IssuerId | None) -> str:
    """Say whose version an answer is about."""
    if owner is None:
        return "the answer is about an issuer"
    return f"the answer is about a version that {to_hex(owner)} submitted"


def _refused(fault: Missing) -> CheckedAnswer:
    outcome = ProofOutcome.UNKNOWN if fault.code in _COULD_NOT_TELL else ProofOutcome.REFUSED
    return CheckedAnswer(outcome, fault.code, fault.detail)


def _seen_fault(proven: ProvenAnswer, trust: Trust, seen: SeenBlocks | None) -> Missing | None:
    """Return why the block is not one to rest on after those seen before; a proven one is remembered."""
    if seen is None:
        return None
    header = proven.header
    block = Block(header.number, header.hash, header.parent, header.time, proven.proof.header)
    try:
        check_not_behind(seen, trust, block)
    except LedgerUnavailable as error:
        return Missing(CODES[error.code], str(error))
    seen.note(trust.genesis, block)
    return None


def _age_fault(proven: ProvenAnswer, trust: Trust, moment: Moment) -> Missing | None:
    """Return why the block does not answer for the moment: later than the block, or a present that is long past it."""
    time = proven.header.time
    if moment.given:
        is_later = moment.at > time
        return (
            Missing(Code.PROOF_OUTDATED, f"the block is of {time_text(time)}, before the moment") if is_later else None
        )
    if head_age_fault(time, moment.at, trust.chain.stalled_after) is Code.LEDGER_AHEAD_OF_CLOCK:
        return Missing(Code.LEDGER_AHEAD_OF_CLOCK, f"the block is of {time_text(time)}")
    age = moment.at - time
    if age > moment.stale_after:
        return Missing(Code.PROOF_OUTDATED, f"as of {age} seconds ago, at most {moment.stale_after} allowed")
    if age > 0 and _made_anew(proven, trust, present=moment.at)["now"] != proven.answer["now"]:
        return Missing(Code.PROOF_OUTDATED, "by the clock a state has ended since the block")
    return None


def _answer_at(proven: ProvenAnswer, trust: Trust, moment: Moment) -> Mapping[str, Any]:
    """Return the proven answer, made anew from the proven records for a given moment up to the block."""
    if not moment.given or moment.at > proven.header.time:
        return proven.answer
    return _made_anew(proven, trust, at=moment.at)


def _made_anew(
    proven: ProvenAnswer, trust: Trust, *, at: int | None = None, present: int | None = None
) -> Mapping[str, Any]:
    """Make a proven answer anew from its records, for another moment of the past or another present."""
    proof = proven.proof
    question = proven.question if at is None else replace(proven.question, at=at)
    state = ProvenState((proof.header,), proof.nodes, trust)
    return answer_of(state, question, proof.records, DocumentsOfFile(question.kind, proof.documents), present)
