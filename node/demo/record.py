"""Record one demonstration: cohorts, cases, verdicts, and the result of the audit."""

from dataclasses import dataclass, field

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import Entry
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.demo import cases
from acredita.node.demo.cases import DemoCase
from acredita.node.demo.environment import DemoEnvironment, DemoEvent
from acredita.node.demo.incidents import Correction
from acredita.node.demo.issuing import IssuedCohort
from acredita.registry.audit.replay import Audit
from acredita.registry.verification.results import Verdict, VerificationReport


@dataclass
class DemoRecord:
    """The results of a demonstration so far. `excluded`: credentials that are cases, so not among the recognised ones."""

    learners: int
    events: list[DemoEvent] = field(default_factory=list)
    cohorts: list[IssuedCohort] = field(default_factory=list)
    cases: list[DemoCase] = field(default_factory=list)
    excluded: set[Digest] = field(default_factory=set)
    foreign_entries: dict[IssuerId, Entry] = field(default_factory=dict)
    files: dict[str, VerificationReport] = field(default_factory=dict)
    void: list[Checkpoint] = field(default_factory=list)
    corrected: Correction | None = None
    verified: dict[Verdict, int] = field(default_factory=dict)
    audit: Audit | None = None

    def digests(self, programme: str) -> tuple[Digest, ...]:
        """Return the digests of the cohort of a programme."""
        return next(issued.digests for issued in self.cohorts if issued.plan.programme == programme)

    def case(self, demo: DemoEnvironment, key: str, digest: Digest) -> DemoCase:
        """Add a credential that will not be recognised, as it was delivered."""
        self.excluded.add(digest)
        case = cases.anchored_case(demo, key, digest)
        self.cases.append(case)
        return case
