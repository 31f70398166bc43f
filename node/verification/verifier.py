"""Verify a credential that was read: gather its evidence, ask the ledger, run the twelve steps.

The command line, the HTTP interface and the demonstration use it; they differ in the document source and in the ledger.
Only a ledger that does not answer, or answers in part, becomes `Missing`.

A bundle fills in what no other source has:

- documents, which are named by their digests;
- the status leaf of a log that is missing here, checked under the word of the ledger;
- all facts, as of the bundle's block, if there is no ledger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.status_bits import Status
from acredita.anchoring.types import Digest, IssuerId
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ParsedCredential
from acredita.registry.credentials.status_position import StatusEntry
from acredita.registry.evidence.bundle import Bundle
from acredita.registry.evidence.credential import (
    CheckedCredential,
    CredentialReading,
    Evidence,
    check_proof,
    read_credential,
)
from acredita.registry.evidence.foreign import ForeignCredential
from acredita.registry.evidence.proven_facts import proven_facts, proven_status
from acredita.registry.keys.did import issuer_id
from acredita.registry.ledger_facts.facts import LedgerFacts, LogAtHead, Missing
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope
from acredita.registry.verification.case import Moment
from acredita.registry.verification.foreign import RegistryFacts, verify_foreign
from acredita.registry.verification.proven_bundle import proven_registry
from acredita.registry.verification.results import VerificationReport
from acredita.registry.verification.twelve_steps import verify


class DocumentSource(Protocol):
    """A source of public evidence. Each answer is None or empty if the source lacks the document."""

    def programme(self, digest: Digest) -> Programme | None:
        """Return the programme version with this digest."""

    def scope(self, digest: Digest) -> Scope | None:
        """Return the scope with this digest."""

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        """Return an issuer's published status list of that number, as JSON."""

    def requested_status(self, issuer: IssuerId, position: int, until: int | None) -> Status:
        """Return the status after every change that was requested here, anchored or not. `until`: Unix seconds."""

    @property
    def dids(self) -> Mapping[str, object]:
        """DID documents by DID, for did:web."""


_NO_PROGRAMME: Final = Digest(bytes(32))
_NO_LEDGER: Final = frozenset({Code.LEDGER_MISSING, Code.LEDGER_UNREACHABLE})


@dataclass(frozen=True)
class BundledDocuments:
    """A document source, and a bundle's documents that it lacks. `issuer`: the DID of the bundle's credential."""

    document_source: DocumentSource
    bundled: Evidence
    issuer: str | None

    def programme(self, digest: Digest) -> Programme | None:
        return self.document_source.programme(digest) or self.bundled.programmes.get(digest)

    def scope(self, digest: Digest) -> Scope | None:
        return self.document_source.scope(digest) or self.bundled.scopes.get(digest)

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        return self.document_source.status_list(issuer, list_number)

    def requested_status(self, issuer: IssuerId, position: int, until: int | None) -> Status:
        return self.document_source.requested_status(issuer, position, until)

    @property
    def dids(self) -> Mapping[str, object]:
        """DID documents of the source; the bundle's if only the bundle has the issuer's."""
        known = self.issuer is None or self.issuer in self.document_source.dids
        return self.document_source.dids if known else self.bundled.dids


@dataclass(frozen=True)
class Verifier:
    """The trust file, document source and ledger block that many credentials are verified against.

    `bundle`: the bundle of one credential, if it came in one.
    """

    trust: Trust | Missing
    observer: Observer | Missing
    document_source: DocumentSource
    bundle: Bundle | None = None

    def with_bundle(self, bundle: Bundle, credential: CredentialReading) -> "Verifier":
        """Return a verifier that also uses the bundle `credential` was read from."""
        issuer = credential.parsed.issuer if credential.parsed else None
        return replace(
            self, document_source=BundledDocuments(self.document_source, bundle.evidence(), issuer), bundle=bundle
        )

    def read(self, credential: bytes) -> CheckedCredential:
        """Read a credential and verify its proof."""
        return self.check_proof(read_credential(credential))

    def check_proof(self, reading: CredentialReading) -> CheckedCredential:
        """Verify the proof of a credential that was read."""
        return check_proof(reading, self.document_source.dids)

    def verify(
        self, credential: CheckedCredential, receipt: Receipt | None, moment: Moment, identifier: str | None = None
    ) -> VerificationReport:
        """Verify a credential whose proof was checked, against the ledger and the document source."""
        if credential.foreign is not None:
            registry = self._registry_facts(credential.foreign, moment.at if moment.given else None)
            if self.bundle is not None and isinstance(registry, Missing) and registry.code in _NO_LEDGER:
                registry = proven_registry(self.bundle, credential, self.trust)
            dids = self.document_source.dids
            return verify_foreign(credential, credential.foreign, registry, self.trust, moment, dids, identifier)
        facts = self._facts(credential.reading, receipt)
        evidence = self._evidence(credential.reading, receipt, facts, moment.at if moment.given else None)
        return verify(credential, evidence, self.trust, facts, moment, identifier)

    def _registry_facts(self, foreign: ForeignCredential, until: int | None) -> RegistryFacts | Missing:
        """Ask the ledger about every party that a document outside our profile could be of."""
        if isinstance(self.observer, Missing):
            return self.observer
        try:
            facts = {issuer: self.observer.facts(issuer, _NO_PROGRAMME, None) for issuer in foreign.named}
        except LedgerUnavailable as error:
            return Missing.of(error)
        return RegistryFacts(facts, lambda entry: self._status_evidence(entry, until))

    def _status_evidence(self, entry: StatusEntry, until: int | None) -> Evidence:
        source = self.document_source
        return Evidence(
            dids=source.dids,
            status_list=source.status_list(entry.issuer, entry.list_number),
            requested_status=source.requested_status(entry.issuer, entry.position, until),
        )

    def _facts(self, reading: CredentialReading, receipt: Receipt | None) -> LedgerFacts | Missing:
        parsed = reading.parsed
        if parsed is None:
            return self.observer if isinstance(self.observer, Missing) else Missing(Code.STEP_DEPENDS)
        facts = self._ledger_facts(parsed, receipt)
        if self.bundle is None or isinstance(self.trust, Missing):
            return facts
        if isinstance(facts, Missing):
            if (
                facts.code not in _NO_LEDGER or receipt != self.bundle.receipt
            ):  # a bundle proves nothing about another receipt
                return facts
            proven = proven_facts(self.bundle, parsed, self.trust)
            return facts if isinstance(proven, Missing) else proven
        return replace(facts, log=self._log(self.bundle, parsed, facts.log))

    def _ledger_facts(self, parsed: ParsedCredential, receipt: Receipt | None) -> LedgerFacts | Missing:
        """Ask the ledger for the facts about a credential and its receipt."""
        if isinstance(self.observer, Missing):
            return self.observer
        try:
            return self.observer.facts(issuer_id(parsed.issuer), parsed.programme, receipt)
        except LedgerUnavailable as error:
            return Missing.of(error)

    def _log(self, bundle: Bundle, parsed: ParsedCredential, known: LogAtHead | Missing) -> LogAtHead | Missing:
        """Return the log, or the bit the bundle proves of it while the ledger's newest checkpoint is the bundle's."""
        if not isinstance(known, Missing) or known.code != Code.LOG_MISSING or isinstance(self.observer, Missing):
            return known
        try:
            newest = self.observer.newest_checkpoint(issuer_id(parsed.issuer))
        except LedgerUnavailable:
            return known
        proven = proven_status(bundle, parsed.position, newest.word())
        return known if isinstance(proven, Missing) else proven

    def _evidence(
        self, reading: CredentialReading, receipt: Receipt | None, facts: LedgerFacts | Missing, until: int | None
    ) -> Evidence:
        """Gather the evidence for the steps: only documents that this credential and its issuers name.

        `until`: status changes requested later do not count.
        """
        parsed = reading.parsed
        if parsed is None:
            return Evidence()
        programme = self.document_source.programme(parsed.programme)
        named = [] if isinstance(facts, Missing) else [s for p in facts.parties.values() for _, s in p.scopes]
        scopes = {digest: self.document_source.scope(digest) for digest in named}
        return Evidence(
            receipt,
            {} if programme is None else {parsed.programme: programme},
            {digest: scope for digest, scope in scopes.items() if scope is not None},
            self.document_source.dids,
            self.document_source.status_list(parsed.status_issuer, parsed.status.list_number),
            self.document_source.requested_status(parsed.status_issuer, parsed.position, until),
        )
