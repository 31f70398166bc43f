"""Results of a verification: an outcome for each step, two moments, one verdict, one main code.

These are plain values: `twelve_steps` fills them and `verdict` reads them in the order of docs/verification.md. No
verification returns a bare bool.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acredita.anchoring.types import BlockHash
from acredita.registry.codes import Code


class StepOutcome(StrEnum):
    """The outcome of one step. `not_checked` is not a failure: the answer could not be had."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"
    NOT_ASKED = "not_asked"


class Verdict(StrEnum):
    """The seven answers, worst first."""

    INVALID = "invalid"
    NOT_RECOGNISED = "not_recognised"
    OTHER_PERSON = "other_person"
    INDETERMINATE = "indeterminate"
    PENDING_ANCHOR = "pending_anchor"
    VALID_WITH_WARNINGS = "valid_with_warnings"
    RECOGNISED = "recognised"


@dataclass(frozen=True)
class StepResult:
    """The outcome of one numbered step. `code` is stable, and empty only when passed or not asked.

    `needs`: the earlier step without which this one could not be checked.
    """

    number: int
    name: str
    outcome: StepOutcome
    code: Code | None = None
    expected: str | None = None
    found: str | None = None
    needs: int | None = None

    @property
    def ok(self) -> bool:
        """True only for a step that passed."""
        return self.outcome is StepOutcome.PASSED


@dataclass(frozen=True)
class BlockReference:
    """The block that a report is as of."""

    number: int
    hash: BlockHash


@dataclass(frozen=True)
class ReportNote:
    """A remark on what was handed in; it changes no outcome and no verdict."""

    code: Code
    detail: str


@dataclass(frozen=True)
class VerificationReport:
    """A whole verification. `now` holds steps 5, 8 and 9 checked again for the verifier's moment.

    `otherwise`: of a credential of another person, the verdict without that. `signed_by`: of somebody else's credential,
    the DID or address of the key that signed it.
    """

    verdict: Verdict
    code: Code | None
    steps: tuple[StepResult, ...]
    now: tuple[StepResult, ...]
    checked_at: int
    as_of: int | None
    anchored_at: int | None
    otherwise: Verdict | None = None
    signed_by: str | None = None
    block: BlockReference | None = None
    notes: tuple[ReportNote, ...] = ()

    @property
    def fails_now(self) -> tuple[Code, ...]:
        """Of a credential whose receipt is missing, the codes of steps that fail now: nobody knows whether they did then."""
        if self.code != Code.RECEIPT_MISSING:
            return ()
        return tuple(step.code for step in self.now if step.outcome is StepOutcome.FAILED and step.code is not None)

    def step(self, number: int) -> StepResult:
        """Return the outcome of a step by its number, 1 to 12."""
        return step_of(self.steps, number)


# What step 12 found in a typed identifier, whether it matches or not.
CLEANED_IDENTIFIER: Final = "compared without the invisible characters that were typed"

STEP_NAMES: dict[int, str] = {
    1: "structure",
    2: "schema",
    3: "proof",
    4: "binding",
    5: "key",
    6: "chain",
    7: "inclusion",
    8: "issuer",
    9: "programme",
    10: "status",
    11: "dates",
    12: "subject",
}


def passed(number: int, *, expected: str | None = None, found: str | None = None) -> StepResult:
    """Return the result of a step that passed."""
    return StepResult(number, STEP_NAMES[number], StepOutcome.PASSED, None, expected, found)


def failed(number: int, code: Code, *, expected: str | None = None, found: str | None = None) -> StepResult:
    """Return the result of a step that was checked and does not hold."""
    return StepResult(number, STEP_NAMES[number], StepOutcome.FAILED, code, expected, found)


def not_checked(number: int, code: Code, *, needs: int | None = None, found: str | None = None) -> StepResult:
    """Return the result of a step whose answer could not be had."""
    return StepResult(number, STEP_NAMES[number], StepOutcome.NOT_CHECKED, code, None, found, needs)


def not_asked(number: int, *, found: str | None = None) -> StepResult:
    """Return the result of a step that was not asked: by the caller, or of somebody else's credential."""
    return StepResult(number, STEP_NAMES[number], StepOutcome.NOT_ASKED, found=found)


def waits(number: int, earlier: StepResult) -> StepResult:
    """Return the result of a step that needs an earlier one which did not pass."""
    return not_checked(number, Code.STEP_DEPENDS, needs=earlier.number)


def step_of(steps: Iterable[StepResult], number: int) -> StepResult:
    """Return the step of that number."""
    return next(step for step in steps if step.number == number)


# One main code by precedence (docs/verification.md): proof, wrong chain, inclusion, compromised key, retroactive
# revocation, replaced, revoked, suspended, expired, the rest. Within one rank the lower step comes first.
_PRECEDENCE: tuple[frozenset[Code], ...] = (
    frozenset({Code.PROOF_INVALID, Code.PROOF_MISSING, Code.PROOF_MALFORMED, Code.PROOF_KEY_REFUSED}),
    frozenset({Code.WRONG_CHAIN}),
    frozenset({Code.MERKLE_PROOF_INVALID, Code.CHECKPOINT_NOT_FIRST}),
    frozenset({Code.KEY_COMPROMISED}),
    frozenset({Code.ISSUER_REVOKED_RETROACTIVE}),
    frozenset({Code.SUPERSEDED}),
    frozenset({Code.CREDENTIAL_REVOKED}),
    frozenset({Code.CREDENTIAL_SUSPENDED}),
    frozenset({Code.CREDENTIAL_EXPIRED}),
)
# STEP_DEPENDS comes last, because such a step only waits for another.


def main_code(causes: Iterable[StepResult]) -> Code | None:
    """Choose the one code a page shows, from the steps that led to the verdict."""
    ranked = sorted((_rank(step.code), step.number, step.code) for step in causes if step.code)
    return ranked[0][2] if ranked else None


def _rank(code: Code) -> int:
    if code == Code.STEP_DEPENDS:
        return len(_PRECEDENCE) + 1
    return next((rank for rank, codes in enumerate(_PRECEDENCE) if code in codes), len(_PRECEDENCE))
