"""Find where the ledger's records name a document, in the index.

Without an index at the head nobody is told that a document has no name: that is PartialLedgerUnavailable.
"""

from acredita.anchoring.ledger import PartialLedgerUnavailable
from acredita.anchoring.types import Digest, IssuerId
from acredita.contracts import bindings
from acredita.node.ledger.view import NodeObserver
from acredita.registry.ledger_facts.named_documents import DocumentNaming, naming_topics, namings
from acredita.registry.ledger_facts.whole_records import events_of

_CONTRACTS = {
    "Council": "council",
    "IssuerRegistry": "issuer_registry",
    "ProgrammeRegistry": "programme_registry",
    "CredentialLog": "credential_log",
}


def namings_of(observer: NodeObserver, digest: Digest) -> list[DocumentNaming]:
    """Return every place that names a document. Raises PartialLedgerUnavailable where records are missing here."""
    snapshot = observer.snapshot
    if snapshot is None:
        raise PartialLedgerUnavailable("the index is not at the ledger's head")
    named: list[DocumentNaming] = []
    for name, attribute in _CONTRACTS.items():
        contract = getattr(observer.contracts, attribute)
        for event in events_of(snapshot.holding(contract, naming_topics(name), digest)):
            each = namings(event, lambda version: _owner(observer, version))
            named += [naming for naming in each if naming.digest == digest]
    if not named and not all(snapshot.is_whole(getattr(observer.contracts, name)) for name in _CONTRACTS.values()):
        raise PartialLedgerUnavailable("records of the ledger are missing here")
    return named


def _owner(observer: NodeObserver, version: bytes) -> IssuerId | None:
    """Return the owner of a programme version, from its submission."""
    snapshot = observer.snapshot
    assert snapshot is not None
    first = snapshot.records(observer.contracts.programme_registry, version, limit=1)
    events = events_of(first)
    submission = events[0] if events else None
    return IssuerId(submission.owner) if isinstance(submission, bindings.ProgrammeSubmitted) else None
