"""Collect the findings of an audit and the parts of its state hash.

A *divergence* is a difference between the ledger's events, its storage and the files: the replay does not confirm the
record. An *observation* is a fault that the ledger itself shows and no file can mend. An issued entry that is never
recognised is one. The verifier answers for observations.
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
    """One finding of an audit. `where`: subject, epoch and number, as far as they apply."""

    weight: Literal["divergence", "observation"]
    code: Code
    where: str
    detail: str


class UnknownRecordError(Exception):
    """A contract logged a record that is no event of this version."""


@dataclass
class Journal:
    """The findings and the hash parts of one audit of one ledger at one block."""

    ledger: Ledger
    contracts: Deployment
    block: Block
    findings: list[AuditFinding] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)

    def diverges(self, code: Code, where: str, detail: str) -> None:
        """Record a divergence."""
        self.findings.append(AuditFinding("divergence", code, where, detail))

    def observes(self, code: Code, where: str, detail: str) -> None:
        """Record an observation."""
        self.findings.append(AuditFinding("observation", code, where, detail))

    def records(self, contract: bytes) -> dict[bytes, list[RawLog]]:
        """Return every log of a contract up to B by its subject, in chain order."""
        by_subject: dict[bytes, list[RawLog]] = {}
        for log in self.ledger.logs(LogQuery(0, self.block.number, (Address(contract),))):
            by_subject.setdefault(log.topics[1], []).append(log)
        return by_subject


def decoded(log: RawLog) -> bindings.Event:
    """Decode a log as an event. Raises UnknownRecordError where this version has no such event."""
    event = bindings.decode_event(log)
    if event is None:
        raise UnknownRecordError(f"contract 0x{log.address.hex()} logged an event this version does not know")
    return event
