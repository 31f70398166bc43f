"""What a verification says: an outcome for each step, two moments side by side, one verdict, one main code.

Pure values. Nothing here decides anything about a credential; `twelve_steps` fills these in and `verdict` reads
them in the order of docs/verification.md. No bare bool leaves a verification.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from acredita.registry.codes import Code


class StepOutcome(StrEnum):
    """What became of one question. `not_checked` is not a failure: the answer could not be had."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"
    NOT_ASKED = "not_asked"


class Verdict(StrEnum):
    """The six answers, worst first."""

    INVALID = "invalid"
    NOT_RECOGNISED = "not_recognised"
    INDETERMINATE = "indeterminate"
    PENDING_ANCHOR = "pending_anchor"
    VALID_WITH_WARNINGS = "valid_with_warnings"
    RECOGNISED = "recognised"


@dataclass(frozen=True)
class StepResult:
    """The outcome of one numbered step: `code` is stable and empty only when passed or not asked.

    `needs` names the earlier step without which this one could not be asked.
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
        return self.outcome is StepOutcome.PASSED


@dataclass(frozen=True)
class VerificationReport:
    """A whole verification. `now` holds steps 5, 8 and 9 asked again for the verifier's moment."""

    verdict: Verdict
    code: Code | None
    steps: tuple[StepResult, ...]
    now: tuple[StepResult, ...]
    checked_at: int
    as_of: int | None
    anchored_at: int | None

    def step(self, number: int) -> StepResult:
        """Return the outcome of a step by its number, 1 to 12."""
        return step_of(self.steps, number)


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
    return StepResult(number, STEP_NAMES[number], StepOutcome.PASSED, None, expected, found)


def failed(number: int, code: Code, *, expected: str | None = None, found: str | None = None) -> StepResult:
    return StepResult(number, STEP_NAMES[number], StepOutcome.FAILED, code, expected, found)


def not_checked(number: int, code: Code, *, needs: int | None = None, found: str | None = None) -> StepResult:
    return StepResult(number, STEP_NAMES[number], StepOutcome.NOT_CHECKED, code, None, found, needs)


def not_asked(number: int) -> StepResult:
    return StepResult(number, STEP_NAMES[number], StepOutcome.NOT_ASKED)


def waits(number: int, earlier: StepResult) -> StepResult:
    """The result of a step that needs an earlier one which did not pass."""
    return not_checked(number, Code.STEP_DEPENDS, needs=earlier.number)


def step_of(steps: Iterable[StepResult], number: int) -> StepResult:
    """Return the step of that number."""
    return next(step for step in steps if step.number == number)


# One main code by precedence (docs/verification.md): proof, wrong chain, inclusion, compromised key, retroactive
# revocation, replaced, revoked, suspended, expired, the rest. Within one rank the lower step comes first.
_PRECEDENCE: tuple[frozenset[Code], ...] = (
    frozenset({Code.PROOF_INVALID, Code.PROOF_MISSING, Code.PROOF_MALFORMED, Code.PROOF_KEY_REFUSED}),
    frozenset({Code.WRONG_CHAIN}),
    frozenset({Code.LEAF_MISMATCH, Code.MERKLE_PROOF_INVALID, Code.CHECKPOINT_NOT_FIRST}),
    frozenset({Code.KEY_COMPROMISED}),
    frozenset({Code.ISSUER_REVOKED_RETROACTIVE}),
    frozenset({Code.SUPERSEDED}),
    frozenset({Code.CREDENTIAL_REVOKED}),
    frozenset({Code.CREDENTIAL_SUSPENDED}),
    frozenset({Code.CREDENTIAL_EXPIRED}),
)
# A step that only waits for another says nothing of its own; its code gives way to every other.


def main_code(causes: Iterable[StepResult]) -> Code | None:
    """The one code a page shows, from the steps that brought about the verdict."""
    ranked = sorted((_rank(step.code), step.number, step.code) for step in causes if step.code)
    return ranked[0][2] if ranked else None


def _rank(code: Code) -> int:
    if code == Code.STEP_DEPENDS:
        return len(_PRECEDENCE) + 1
    return next((rank for rank, codes in enumerate(_PRECEDENCE) if code in codes), len(_PRECEDENCE))


def with_outcome(steps: Sequence[StepResult], outcome: StepOutcome) -> tuple[StepResult, ...]:
    return tuple(step for step in steps if step.outcome is outcome)
