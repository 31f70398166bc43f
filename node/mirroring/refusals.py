"""Say why something that a source serves is not kept: source, place, code and detail."""

from dataclasses import dataclass, field
from typing import Final

from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code

MAX_FINDINGS: Final = 1_000  # of one round


class CopyRefused(CodedError[Code]):
    """Bytes of a source that are not what the ledger, a signature or a hash demands. Nothing of them is kept."""


@dataclass(frozen=True, slots=True)
class MirrorFinding:
    """One refusal. `source`: its address, or the ledger; `place`: the path that was asked for."""

    source: str
    place: str
    code: Code
    detail: str


@dataclass
class MirrorReport:
    """The copies that one round has kept, and the refusals.

    `is_whole`: nothing that the ledger names is missing any more. `logs`, `lists`, `documents`: how many were added or
    extended. `has_more`: a source was cut short inside a checkpoint, and the next round goes on there.
    """

    findings: list[MirrorFinding] = field(default_factory=list)
    logs: int = 0
    lists: int = 0
    documents: int = 0
    is_whole: bool = True
    has_more: bool = False

    @property
    def added(self) -> int:
        """The number of copies that are new or longer."""
        return self.logs + self.lists + self.documents

    def refuse(self, source: str, place: str, error: CodedError[Code]) -> None:
        """Record a refusal."""
        self.add(MirrorFinding(source, place, error.code, error.message))

    def add(self, finding: MirrorFinding) -> None:
        """Record a finding. That a source is not asked again is recorded once."""
        is_over = finding.code is Code.MIRROR_BUDGET_SPENT
        is_known = is_over and any((f.source, f.code) == (finding.source, finding.code) for f in self.findings)
        if not is_known and len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
