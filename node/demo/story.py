"""The record of one demonstration: cohorts, cases, verdicts, and the result of the audit."""

from dataclasses import dataclass, field

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import Entry
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.demo import cases
from acredita.node.demo.cases import Case
from acredita.node.demo.incidents import Corrected
from acredita.node.demo.issuing import Issued
from acredita.node.demo.stage import Stage, Told
from acredita.registry.audit.replay import Audit
from acredita.registry.verification.results import Verdict, VerificationReport


@dataclass
class Story:
    """What the demonstration has come to: cohorts, cases, verdicts, and the answer of the audit."""

    learners: int
    told: list[Told] = field(default_factory=list)
    cohorts: list[Issued] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    put_aside: set[Digest] = field(default_factory=set)
    strangers: dict[IssuerId, Entry] = field(default_factory=dict)
    files: dict[str, VerificationReport] = field(default_factory=dict)
    void: list[Checkpoint] = field(default_factory=list)
    corrected: Corrected | None = None
    verified: dict[Verdict, int] = field(default_factory=dict)
    audit: Audit | None = None

    def digests(self, programme: str) -> tuple[Digest, ...]:
        return next(issued.digests for issued in self.cohorts if issued.plan.programme == programme)

    def case(self, stage: Stage, key: str, digest: Digest) -> Case:
        """A credential that will not be recognised, as delivered; it is left out of the recognised ones."""
        self.put_aside.add(digest)
        found = cases.anchored_case(stage, key, digest)
        self.cases.append(found)
        return found

    def count(self, verdict: Verdict) -> int:
        return sum(report.verdict is verdict for report in self.files.values())
