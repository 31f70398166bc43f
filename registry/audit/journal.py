"""Collect the findings of an audit and the parts of its state hash.

A finding has one of three weights (`finding`). Where the ledger's own answers contradict each other (`contradicts`), or a
file is not at hand (`lacks`), the audit could not tell, and nobody is accused.
"""

from dataclasses import dataclass, field
from typing import Final, TypeVar

from acredita.anchoring.ledger import Block, Ledger
from acredita.anchoring.types import Address
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment, RawLog, View
from acredita.registry.audit.finding import AuditFinding
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.whole_records import whole_contract

T = TypeVar("T")

AuditedContract = bindings.Council | bindings.IssuerRegistry | bindings.ProgrammeRegistry | bindings.CredentialLog

Evidence = tuple[tuple[str, str], ...]

_SUBJECT: Final = slice(32, 64)  # of a record: topic 0, subject, data


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

    def diverges(
        self, code: Code, where: str, detail: str, evidence: Evidence = (), looked_in: tuple[str, ...] = ()
    ) -> None:
        """Record a divergence."""
        self.findings.append(AuditFinding("divergence", code, where, detail, evidence, looked_in))

    def contradicts(self, code: Code, where: str, detail: str) -> None:
        """Record two answers of the ledger that cannot both be true. `code` says which rule they break.

        The contracts' code is pinned and keeps its own rules, so the endpoint is at fault and not the registry.
        """
        self.findings.append(AuditFinding("unknown", Code.LEDGER_INCOMPLETE, where, f"{code}: {detail}"))

    @property
    def is_contradicted(self) -> bool:
        """True where the ledger's answers contradict each other, so that nobody may be judged by them."""
        return any(finding.code is Code.LEDGER_INCOMPLETE for finding in self.findings)

    def lacks(
        self, code: Code, where: str, detail: str, evidence: Evidence = (), looked_in: tuple[str, ...] = ()
    ) -> None:
        """Record a file that is not at hand."""
        self.findings.append(AuditFinding("unknown", code, where, detail, evidence, looked_in))

    def observes(
        self, code: Code, where: str, detail: str, evidence: Evidence = (), looked_in: tuple[str, ...] = ()
    ) -> None:
        """Record an observation."""
        self.findings.append(AuditFinding("observation", code, where, detail, evidence, looked_in))

    def records(self, contract: AuditedContract) -> dict[bytes, list[RawLog]]:
        """Return every log of a contract up to B by its subject, in chain order.

        Raises PartialLedgerUnavailable where they do not fold to the contract's total.
        """
        by_subject: dict[bytes, list[RawLog]] = {}
        for log in whole_contract(self.ledger, Address(contract.address), self.block, contract.total()):
            by_subject.setdefault(bindings.record_of(log)[_SUBJECT], []).append(log)
        return by_subject

    def read(self, view: View[T]) -> T:
        """Ask a contract at B."""
        return self.ledger.read(view, self.block.hash)


def decoded(log: RawLog) -> bindings.Event:
    """Decode a log as an event. Raises UnknownRecordError where this version has no such event."""
    event = bindings.decode_event(log)
    if event is None:
        raise UnknownRecordError(f"contract 0x{log.address.hex()} logged an event this version does not know")
    return event
