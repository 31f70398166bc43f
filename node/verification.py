"""One verification from bytes: read the credential, gather what is at hand, ask the ledger, verify.

The same few lines serve the command line, the HTTP API and the demonstration; they differ in where evidence lies
(`Shelf`) and which ledger is asked. A ledger that does not answer becomes `Missing("LEDGER_UNREACHABLE")`, and only
that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from acredita.anchoring.ledger import LedgerUnreachable
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest, IssuerId
from acredita.registry.did import issuer_id
from acredita.registry.facts import Evidence, LedgerFacts, Missing, Reading, read_credential
from acredita.registry.gather import Observer
from acredita.registry.programmes import Programme
from acredita.registry.results import Report
from acredita.registry.scopes import Scope
from acredita.registry.trust import Trust
from acredita.registry.verify import Moment, verify


class Shelf(Protocol):
    """Where public evidence lies; each answer is None or empty where there is nothing at hand."""

    def programme(self, digest: Digest) -> Programme | None: ...

    def scope(self, digest: Digest) -> Scope | None: ...

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None: ...

    @property
    def dids(self) -> Mapping[str, object]: ...


@dataclass(frozen=True)
class Verifier:
    """Verifies many credentials against one trust file, one shelf and one ledger at one block."""

    trust: Trust | Missing
    observer: Observer | Missing
    shelf: Shelf

    def verify(
        self, credential: bytes, receipt: Receipt | None, moment: Moment, identifier: str | None = None
    ) -> Report:
        reading = read_credential(credential)
        facts = self._facts(reading, receipt)
        return verify(self._evidence(reading, receipt, facts), self.trust, facts, moment, identifier)

    def _facts(self, reading: Reading, receipt: Receipt | None) -> LedgerFacts | Missing:
        if reading.parsed is None or isinstance(self.observer, Missing):
            return self.observer if isinstance(self.observer, Missing) else Missing("STEP_DEPENDS")
        try:
            return self.observer.facts(issuer_id(reading.parsed.issuer), reading.parsed.programme, receipt)
        except LedgerUnreachable as error:
            return Missing("LEDGER_UNREACHABLE", str(error))

    def _evidence(self, reading: Reading, receipt: Receipt | None, facts: LedgerFacts | Missing) -> Evidence:
        """Everything at hand that the steps may ask for: only what this credential and its issuers name."""
        parsed = reading.parsed
        if parsed is None:
            return Evidence(reading)
        programme = self.shelf.programme(parsed.programme)
        named = [] if isinstance(facts, Missing) else [s for p in facts.parties.values() for _, s in p.scopes]
        scopes = {digest: self.shelf.scope(digest) for digest in named}
        return Evidence(
            reading,
            receipt,
            {} if programme is None else {parsed.programme: programme},
            {digest: scope for digest, scope in scopes.items() if scope is not None},
            self.shelf.dids,
            self.shelf.status_list(parsed.status_issuer, parsed.status.list_number),
        )
