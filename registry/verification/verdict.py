"""The verdict: the first line of the table that applies, and one main code.

The lines are those of docs/verification.md; read them from top to bottom. This module adds only their order to the
results of the steps.
"""

from collections.abc import Sequence

from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.verification.receipt_choice import NO_RECEIPT, ReceiptChoice
from acredita.registry.verification.results import (
    BlockReference,
    ReportNote,
    StepOutcome,
    StepResult,
    Verdict,
    VerificationReport,
    failed,
    main_code,
    step_of,
)

ANCHOR_WITHIN_SECONDS = 72 * 3600  # a signature that waits longer for its anchor is not relied on

_FATAL_STEPS = frozenset({1, 2, 3, 4, 6, 7, 10, 11})
_NAMING_STEPS = frozenset({3, 4, 5, 10})  # of ours in another shape: what fails there names the verdict
_NEGATIVE = frozenset({Verdict.INVALID, Verdict.NOT_RECOGNISED})
_FATAL_CODES = frozenset({Code.KEY_COMPROMISED, Code.ISSUER_REVOKED_RETROACTIVE})


def conclude(
    steps: Sequence[StepResult],
    now: Sequence[StepResult],
    at: int,
    created: int | None,
    facts: LedgerFacts | Missing,
    choice: ReceiptChoice = NO_RECEIPT,
    never: Sequence[StepResult] = (),
    differs: ReportNote | None = None,
) -> VerificationReport:
    """Build the report on one credential. `created`: the proof's own time, Unix seconds, which the issuer claims.

    `never`: without a receipt, why no anchor could make it recognised. `differs`: how the issuer's DID document differs.
    """
    receipt = choice.receipt
    otherwise, causes = _verdict(steps, now, at, created, receipt is not None, never)
    subject = step_of(steps, 12)
    mismatch = subject.outcome is StepOutcome.FAILED and otherwise not in _NEGATIVE
    verdict, causes = (Verdict.OTHER_PERSON, [subject]) if mismatch else (otherwise, causes)
    anchored = receipt is not None and step_of(steps, 6).ok and step_of(steps, 7).ok
    return VerificationReport(
        verdict=verdict,
        code=main_code(causes),
        steps=tuple(steps),
        now=tuple(now),
        checked_at=at,
        as_of=None if isinstance(facts, Missing) else facts.block_time,
        anchored_at=receipt.checkpoint.time if receipt is not None and anchored else None,
        otherwise=otherwise if mismatch else None,
        block=None if isinstance(facts, Missing) else BlockReference(facts.block_number, facts.block_hash),
        notes=tuple(note for note in (_ignored(choice), differs) if note is not None),
    )


def _ignored(choice: ReceiptChoice) -> ReportNote | None:
    return None if choice.ignored is None else ReportNote(Code.RECEIPT_IGNORED, choice.ignored)


def conclude_foreign(
    steps: Sequence[StepResult], at: int, as_of: int | None, *, signed_by: str | None = None
) -> VerificationReport:
    """Build the report on a credential outside our profile (line 0). What fails in its proof, key or status is named.

    Step 8 alone fails for somebody else's credential (`NOT_OF_THIS_REGISTRY`), step 1 for ours in another shape.
    """
    wrong = [step for step in steps if step.outcome is StepOutcome.FAILED]
    if any(step.number != 8 for step in wrong):
        named = [step for step in wrong if step.number in _NAMING_STEPS]
        verdict, causes = Verdict.INVALID, named or wrong
    elif wrong:
        verdict, causes = Verdict.NOT_RECOGNISED, wrong
    else:
        verdict, causes = Verdict.INDETERMINATE, [step for step in steps if step.outcome is StepOutcome.NOT_CHECKED]
    sound = step_of(steps, 3).ok
    return VerificationReport(
        verdict=verdict,
        code=main_code(causes),
        steps=tuple(steps),
        now=(),
        checked_at=at,
        as_of=as_of,
        anchored_at=None,
        signed_by=signed_by if sound else None,
    )


def _verdict(
    steps: Sequence[StepResult],
    now: Sequence[StepResult],
    at: int,
    created: int | None,
    has_receipt: bool,
    never: Sequence[StepResult],
) -> tuple[Verdict, Sequence[StepResult]]:
    fatal = [step for step in steps if step.outcome is StepOutcome.FAILED and _is_fatal(step)]
    if fatal:  # line 1
        return Verdict.INVALID, fatal
    refused = [step for step in steps if step.outcome is StepOutcome.FAILED and step.number != 12]
    gone = [step for step in now if step.outcome is StepOutcome.FAILED]
    chain = step_of(steps, 6)
    pending = not has_receipt and chain.code == Code.PENDING_ANCHOR
    if refused or never or (pending and gone):  # line 2
        return Verdict.NOT_RECOGNISED, refused or (gone if pending and gone else never)
    open_questions = [step for step in [*steps, *now] if step.outcome is StepOutcome.NOT_CHECKED]
    if pending:  # steps that wait only for the anchor belong to line 4
        open_questions = [step for step in open_questions if step not in steps or not _waits_for_anchor(step)]
    if open_questions:  # line 3
        return Verdict.INDETERMINATE, open_questions
    if pending and created is not None and at - created > ANCHOR_WITHIN_SECONDS:  # line 4
        return Verdict.NOT_RECOGNISED, [failed(6, Code.ANCHOR_OVERDUE)]
    if pending:
        return Verdict.PENDING_ANCHOR, [chain]
    if gone:  # line 5
        return Verdict.VALID_WITH_WARNINGS, gone
    return Verdict.RECOGNISED, ()  # line 6


def _is_fatal(step: StepResult) -> bool:
    return step.number in _FATAL_STEPS or (step.number in (5, 8) and step.code in _FATAL_CODES)


def _waits_for_anchor(step: StepResult) -> bool:
    return step.number == 6 or (step.number in (5, 7, 8, 9) and step.needs == 6)
