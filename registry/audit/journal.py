"""What an audit writes down while it replays: findings, and the parts of the state hash.

A *divergence* is a difference between what the ledger tells, what its storage holds and what the files say: the replay
does not confirm the record. An *observation* is something the ledger itself shows to have gone wrong, which no file can
mend and which the verifier answers for: an issued entry that is never recognised, say.
"""

from dataclasses import dataclass, field
from typing import Literal

from acredita.anchoring.ledger import Block, Ledger, LogQuery
from acredita.anchoring.types import Address
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment, RawLog
from acredita.registry.codes import Code


@dataclass(frozen=True)
class AuditFinding:
    """One thing the auditor reports. `where`: subject, epoch and number, as far as they apply."""

    weight: Literal["divergence", "observation"]
    code: Code
    where: str
    detail: str


class UnknownRecordError(Exception):
    """A contract logged something that no event of this version reads."""


@dataclass
class Journal:
    """One audit of one ledger at one block."""

    ledger: Ledger
    contracts: Deployment
    block: Block
    findings: list[AuditFinding] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)

    def diverges(self, code: Code, where: str, detail: str) -> None:
        self.findings.append(AuditFinding("divergence", code, where, detail))

    def observes(self, code: Code, where: str, detail: str) -> None:
        self.findings.append(AuditFinding("observation", code, where, detail))

    def records(self, contract: bytes) -> dict[bytes, list[RawLog]]:
        """Every log of a contract up to B by its subject, in chain order."""
        found: dict[bytes, list[RawLog]] = {}
        for log in self.ledger.logs(LogQuery(0, self.block.number, (Address(contract),))):
            found.setdefault(log.topics[1], []).append(log)
        return found


def decoded(log: RawLog) -> bindings.Event:
    event = bindings.decode_event(log)
    if event is None:
        raise UnknownRecordError(f"contract 0x{log.address.hex()} logged an event this version does not know")
    return event
