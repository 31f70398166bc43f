"""Ask for verdicts in tests: online through the node's verifier, offline through a bundle, always with every part
real.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import IssuerId
from acredita.node.verification.verifier import Verifier
from acredita.registry.evidence.build_bundle import build_bundle
from acredita.registry.evidence.bundle import Bundle, read_bundle, write_bundle
from acredita.registry.evidence.credential import CredentialReading, read_credential
from acredita.registry.evidence.open_document import DocumentRefused, open_document
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.ledger_facts.log_entries import EntriesAtHand
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.case import Moment
from acredita.registry.verification.proven_bundle import verify_bundle
from acredita.registry.verification.results import StepOutcome, StepResult, Verdict, VerificationReport

from tests.registry.world import AnchoredWorld, Credential, World

FAILED, NOT_CHECKED = StepOutcome.FAILED, StepOutcome.NOT_CHECKED


@dataclass(frozen=True)
class Row:
    """One line of the matrix in docs/verification.md: what a fixture named for a code must bring about.

    `moment`: the step as asked of the time of anchoring ("then") or of now. `main`: the code of the whole report.
    """

    name: str
    code: str
    step: int
    moment: str
    outcome: StepOutcome
    verdict: Verdict
    main: str | None


@dataclass(frozen=True)
class Case:
    row: Row
    arrange: Callable[[AnchoredWorld], VerificationReport]


CASES: list[Case] = []


def case(
    code: str,
    step: int,
    verdict: Verdict,
    *,
    outcome: StepOutcome = FAILED,
    main: str | None = None,
    now: bool = False,
) -> Callable[[Callable[[AnchoredWorld], VerificationReport]], Callable[[AnchoredWorld], VerificationReport]]:
    """Return a fixture named for the code it reaches: its name begins with the code in lower case."""

    def register(
        arrange: Callable[[AnchoredWorld], VerificationReport],
    ) -> Callable[[AnchoredWorld], VerificationReport]:
        name = arrange.__name__
        if name != code.lower() and not name.startswith(code.lower() + "__"):
            raise RuntimeError(f"{name} is not named for {code}")
        row = Row(name, code, step, "now" if now else "then", outcome, verdict, main or code)
        CASES.append(Case(row, arrange))
        return arrange

    return register


def steps_of(report: VerificationReport, row: Row) -> StepResult:
    """Return the steps that a row names."""
    steps = report.now if row.moment == "now" else report.steps
    return next(step for step in steps if step.number == row.step)


@dataclass(frozen=True)
class Question:
    """One verification online, to be asked of any ledger."""

    world: World
    credential: bytes
    receipt: Receipt | None
    moment: Moment
    identifier: str | None
    trust: Trust | Missing | None
    has_log: bool = True

    def entries_of(self, issuer: IssuerId) -> EntriesAtHand:
        """Return the entries at hand for an issuer."""
        return self.world.entries_of(issuer) if self.has_log else EntriesAtHand()

    def observer(self) -> Observer:
        """Observe the honest ledger."""
        return replace(self.world.observer(), entries_of=self.entries_of)

    def answer(self, observer: Observer | Missing, trust: Trust | Missing | None = None) -> VerificationReport:
        """Verify against this ledger."""
        known = trust or self.trust
        verifier = Verifier(self.world.trust() if known is None else known, observer, self.world.document_source)
        checked = verifier.check_proof(reading_of(self.credential))
        return verifier.verify(checked, self.receipt, self.moment, self.identifier)


QUESTIONS: deque[Question] = deque(maxlen=1)
"""The newest question that `ask` put to the honest ledger as it was."""


def ask(
    world: World,
    credential: Credential | bytes,
    receipt: Receipt | None = None,
    *,
    at: int | None = None,
    clock: int | None = None,
    identifier: str | None = None,
    trust: Trust | Missing | None = None,
    observer: Observer | Missing | None = None,
    stalled_after: int | None = None,
    has_log: bool = True,
) -> VerificationReport:
    """Verify online. `at`: a moment named by the verifier. `clock`: the verifier's clock, by default the chain's time.

    `has_log`: the issuers' entries are at hand.
    """
    data = credential if isinstance(credential, bytes) else credential.data
    shown = max(world.clock.now, world.now) if clock is None else clock
    moment = Moment(shown) if at is None else Moment(at, given=True)
    question = Question(world, data, receipt, moment, identifier, trust, has_log)
    if observer is None and stalled_after is None:
        QUESTIONS.append(question)
    return question.answer(replace(question.observer(), stalled_after=stalled_after) if observer is None else observer)


def reading_of(data: bytes) -> CredentialReading:
    """Read what one file holds, as the node does; what holds no credential is read all the same."""
    try:
        [reading] = open_document(data).credentials
    except DocumentRefused:
        return read_credential(data)
    return reading


def bundle_of(
    world: World,
    credential: Credential,
    receipt: Receipt,
    trust: Trust | None = None,
    observer: Observer | None = None,
) -> Bundle:
    """Build the evidence bundle of a credential, by default at the chain's head, through its bytes."""
    bundle = build_bundle(
        observer or world.observer(),
        trust or world.trust(),
        read_credential(credential.data),
        receipt,
        programme=world.document_source.programme(credential.programme.digest),
        scopes=world.document_source.scopes.values(),
        dids=world.document_source.dids,
    )
    return read_bundle(write_bundle(bundle))


def ask_offline(
    world: World,
    bundle: Bundle,
    *,
    trust: Trust | Missing | None = None,
    at: int | None = None,
    clock: int | None = None,
) -> VerificationReport:
    """Verify offline: the bundle, the trust file, and nothing else."""
    shown = max(world.clock.now, world.now) if clock is None else clock
    moment = Moment(shown) if at is None else Moment(at, given=True)
    return verify_bundle(bundle, world.trust() if trust is None else trust, moment)


def changed(credential: Credential, **members: object) -> bytes:
    """Return the credential with some top-level members replaced after signing."""
    return replace(credential, document={**credential.document, **members}).data


class Altered(Observer):
    """A real ledger whose answer one test alters in one field, where no honest ledger gives such an answer."""

    changes: Mapping[str, object]

    def facts(self, *question: object) -> LedgerFacts:
        return replace(super().facts(*question), **self.changes)  # type: ignore[arg-type]


def altered(world: World, **changes: object) -> Observer:
    plain = world.observer()
    altered = Altered(plain.ledger, plain.contracts, plain.block, plain.entries_of)
    altered.changes = changes
    return altered
