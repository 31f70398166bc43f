"""Check an answer with proof: prove its records, make the answer from them anew, and compare the two.

1. The block is not below the highest block that the trust file names: an older state would hide what came after it.
2. The trust file vouches for the header, and the state proves the records of exactly the subjects that the question needs
   (`proven_state`). For an issuer these are the issuer and every party that was ever above it.
3. The documents are those whose digests the records name, and the nodes are those that the proof rests on. Nothing else
   is in the file.
4. The answer is the one that `registry_answer` makes.

What is proven is the registry at that block, not that the block is the newest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from acredita.anchoring.ledger import PartialLedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.state_proof import Header, StateProofRefused
from acredita.anchoring.types import Digest, IssuerId
from acredita.contracts.bindings import Event
from acredita.registry.codes import Code
from acredita.registry.evidence.proven_state import FactRefused, ProvenState, above
from acredita.registry.evidence.registry_answer import issuer_answer, programme_answer
from acredita.registry.evidence.registry_proof import AnswerKind, RegistryProof, RegistryQuestion
from acredita.registry.evidence.vouched_block import BlockRefused
from acredita.registry.json_documents.jcs import JcsRefused, jcs
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.histories import fold_party
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.programmes.programme import Programme, ProgrammeRefused, parse_programme
from acredita.registry.programmes.scope import Scope, ScopeRefused, parse_scope


@dataclass(frozen=True)
class ProvenAnswer:
    """An answer that the registry's state gave at a block. `header`: of that block."""

    question: RegistryQuestion
    answer: Mapping[str, Any]
    header: Header
    proof: RegistryProof


def proven_answer(proof: RegistryProof, trust: Trust) -> ProvenAnswer | Missing:
    """Check an answer with proof under a trust file. Returns `Missing` with the code of the check that did not hold."""
    try:
        return _proven(proof, trust)
    except (FactRefused, BlockRefused) as error:
        return Missing(error.code, str(error))
    except StateProofRefused as error:
        return Missing(Code.STATE_PROOF_INVALID, str(error))
    except PartialLedgerUnavailable as error:
        return Missing(Code.EVIDENCE_MALFORMED, str(error))


def _proven(proof: RegistryProof, trust: Trust) -> ProvenAnswer:
    state = ProvenState((proof.header,), proof.nodes, trust)
    header = state.header
    _check_height(header, trust)
    documents = DocumentsOfFile(proof.question.kind, proof.documents)
    answer = answer_of(state, proof.question, proof.records, documents)
    documents.check_all_named()
    if proof.nodes != state.used_nodes:
        raise FactRefused(
            Code.EVIDENCE_MALFORMED, "/nodes: those that the proof rests on expected, once each, in order"
        )
    if _text(proof.answer) != jcs(answer):
        raise FactRefused(Code.ANSWER_ALTERED, "the records give another answer than the one in the file")
    return ProvenAnswer(proof.question, answer, header, proof)


def _check_height(header: Header, trust: Trust) -> None:
    if header.number < trust.chain.highest:
        raise FactRefused(
            Code.LEDGER_BEHIND,
            f"the proof is of block {header.number}, the trust file names block {trust.chain.highest}",
        )


def _text(answer: Mapping[str, object]) -> bytes:
    try:
        return jcs(answer)
    except JcsRefused as error:
        raise FactRefused(Code.ANSWER_ALTERED, str(error)) from error


def answer_of(
    state: ProvenState,
    question: RegistryQuestion,
    records: Mapping[bytes, Sequence[bytes]],
    documents: "Documents",
    present: int | None = None,
) -> dict[str, Any]:
    """Make the answer to a question from records that the state proves. Raises what the state raises.

    `present`: the time of the reading `now`; None for that of the block.
    """
    header = state.header
    now = header.time if present is None else present
    if question.at is not None and question.at > header.time:
        raise FactRefused(Code.EVIDENCE_MALFORMED, "/question/at: a moment up to the time of the block expected")
    events = {subject: state.events(question.contract, subject, of_subject) for subject, of_subject in records.items()}
    _check_subjects(question, events)
    if question.kind is AnswerKind.ISSUER:
        parties = {IssuerId(subject): of_subject for subject, of_subject in events.items()}
        answer = issuer_answer(parties, IssuerId(question.subject), documents.scope, now, question.at)
    else:
        answer = _programme(question, events[question.key], documents, now)
    moment = {} if question.at is None else {"at": time_text(question.at)}
    return {**answer, **moment, "block": header.number, "as_of": time_text(header.time)}


def _programme(
    question: RegistryQuestion, events: Sequence[Event], documents: "Documents", present: int
) -> dict[str, Any]:
    if question.owner is None:
        raise FactRefused(Code.EVIDENCE_MALFORMED, "/question/owner: missing")
    digest = Digest(question.subject)
    return programme_answer(events, question.owner, digest, documents.programme(digest), present, question.at)


def _check_subjects(question: RegistryQuestion, events: Mapping[bytes, Sequence[Event]]) -> None:
    """Check that the records are of the subjects that the question needs, and of no other."""
    needed = subjects_of(question, lambda subject: events.get(subject, ()))
    if absent := needed - set(events):
        raise FactRefused(Code.EVIDENCE_INCOMPLETE, f"no records of 0x{min(absent).hex()}")
    if more := set(events) - needed:
        raise FactRefused(Code.EVIDENCE_MALFORMED, f"/records/0x{min(more).hex()}: the question needs no such records")


def subjects_of(question: RegistryQuestion, events_of: Callable[[bytes], Sequence[Event]]) -> set[bytes]:
    """Return the subjects whose records a question needs: of an issuer, also each party that was ever above it."""
    needed, waiting = {question.key}, [question.key]
    while waiting and question.kind is AnswerKind.ISSUER:
        subject = IssuerId(waiting.pop())
        new = above([fold_party(subject, events_of(subject))]) - needed
        needed |= new
        waiting += sorted(new)
    return needed


class Documents(Protocol):
    """A source of documents by their digests."""

    def scope(self, digest: Digest) -> Scope | None:
        """Return the scope document of a digest; None where it is not at hand."""

    def programme(self, digest: Digest) -> Programme | None:
        """Return the programme document of a digest; None where it is not at hand."""


class DocumentsOfFile:
    """Documents of a file by their digests, which remember the ones that were asked for."""

    def __init__(self, kind: AnswerKind, documents: Sequence[object]) -> None:
        """Parse the documents of a file. Raises FactRefused."""
        parsed = [_parsed(kind, document, f"/documents/{place}") for place, document in enumerate(documents)]
        self._known = {document.digest: document for document in parsed}
        if [document.digest for document in parsed] != sorted(self._known):
            raise FactRefused(Code.EVIDENCE_MALFORMED, "/documents: each once expected, in the order of their digests")
        self._asked: set[Digest] = set()

    def scope(self, digest: Digest) -> Scope | None:
        """Return the scope document of a digest; None where the file has none."""
        document = self._document(digest)
        return document if isinstance(document, Scope) else None

    def programme(self, digest: Digest) -> Programme | None:
        """Return the programme document of a digest; None where the file has none."""
        document = self._document(digest)
        return document if isinstance(document, Programme) else None

    def _document(self, digest: Digest) -> Scope | Programme | None:
        self._asked.add(digest)
        return self._known.get(digest)

    def check_all_named(self) -> None:
        """Check that the answer has asked for each of the documents. Raises FactRefused."""
        if not self._known.keys() <= self._asked:
            raise FactRefused(Code.EVIDENCE_MALFORMED, "/documents: a document that no record names")


def _parsed(kind: AnswerKind, document: object, where: str) -> Scope | Programme:
    try:
        return parse_scope(document) if kind is AnswerKind.ISSUER else parse_programme(document)
    except (ScopeRefused, ProgrammeRefused) as error:
        raise FactRefused(Code.EVIDENCE_MALFORMED, f"{where}: {error}") from error
