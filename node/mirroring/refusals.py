"""Say why something that a source serves is not kept: source, place, code and detail."""

from dataclasses import dataclass, field

from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code


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
    extended.
    """

    findings: list[MirrorFinding] = field(default_factory=list)
    logs: int = 0
    lists: int = 0
    documents: int = 0
    is_whole: bool = True

    @property
    def added(self) -> int:
        """The number of copies that are new or longer."""
        return self.logs + self.lists + self.documents

    def refuse(self, source: str, place: str, error: CodedError[Code]) -> None:
        """Record a refusal."""
        self.findings.append(MirrorFinding(source, place, error.code, error.message))
