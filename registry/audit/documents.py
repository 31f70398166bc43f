"""Audit the documents that the ledger names: each is at hand, names its own issuer, and looks like no other.

- A programme or scope that is not at hand, or that was altered, is could-not-tell: nobody is accused of a missing file. An
  altered file has another SHA-256 and is not the document. A document that a signed list withholds is not missing.
- A programme whose document names another issuer than its owner is an observation. The verifier never recognises it.
- Documents of two parties whose DIDs look alike are an observation (`spellings`).
"""

from collections.abc import Iterable, Iterator

from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.registry.audit.issuance import DocumentsAtHand
from acredita.registry.audit.journal import Journal
from acredita.registry.audit.spellings import alike
from acredita.registry.codes import Code
from acredita.registry.keys.did import issuer_id
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory


def check_documents(
    journal: Journal,
    documents: DocumentsAtHand,
    parties: Iterable[PartyHistory],
    programmes: Iterable[ProgrammeHistory],
    withheld: frozenset[Digest],
) -> None:
    """Check every programme and scope document that the records name."""
    dids = set()
    for history in sorted(programmes, key=lambda each: (each.owner, each.document)):
        where = f"{to_hex(history.owner)} programme version {to_hex(history.document)}"
        programme = documents.programme(history.document)
        if programme is None:
            _report_missing(journal, where, history.document, withheld)
            continue
        dids.add(programme.issuer)
        if issuer_id(programme.issuer) != history.owner:
            journal.observes(Code.PROGRAMME_NOT_OF_ISSUER, where, f"the document names {programme.issuer}")
    for subject, digest in _scopes(parties):
        scope = documents.scope(digest)
        if scope is None:
            _report_missing(journal, f"{to_hex(subject)} scope {to_hex(digest)}", digest, withheld)
        else:
            dids.add(scope.did)
    for group in alike(dids):
        journal.observes(Code.DID_LOOKS_ALIKE, "documents", ", ".join(group))


def _scopes(parties: Iterable[PartyHistory]) -> Iterator[tuple[IssuerId, Digest]]:
    for party in sorted(parties, key=lambda each: each.subject):
        for digest in sorted({digest for _, digest in party.scopes}):
            yield party.subject, digest


def _report_missing(journal: Journal, where: str, digest: Digest, withheld: frozenset[Digest]) -> None:
    detail, evidence = f"no document {to_hex(digest)}", (("document", to_hex(digest)),)
    if digest in withheld:
        journal.observes(Code.DOCUMENT_WITHHELD, where, detail, evidence)
    else:
        journal.lacks(Code.DOCUMENT_MISSING, where, detail, evidence)
