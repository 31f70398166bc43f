"""Make an answer with proof from a ledger and its records, for the newest block that a trust file vouches for.

The records may be of a later block than the one that is proven: on a development chain the newest block that the trust
file names is older than the head. Their beginning that folds to the history hash at the block is taken. Every proof is
checked as a reader checks it before it is given away; a ledger that proves something else raises EvidenceUnavailable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from acredita.anchoring.ledger import Block, PartialLedgerUnavailable
from acredita.anchoring.state_proof import StateProofRefused
from acredita.anchoring.types import Address, Digest, to_hex
from acredita.contracts import bindings, slots
from acredita.contracts.bindings import Event
from acredita.registry.codes import Code
from acredita.registry.evidence.build_bundle import EvidenceUnavailable, newest_vouched
from acredita.registry.evidence.bundle import MAX_PARTIES
from acredita.registry.evidence.proven_answer import Documents, answer_of, proven_answer, subjects_of
from acredita.registry.evidence.proven_state import FactRefused, ProvenState
from acredita.registry.evidence.registry_proof import AnswerKind, RegistryProof, RegistryQuestion
from acredita.registry.evidence.vouched_block import BlockRefused
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.whole_records import events_of
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope

Named = TypeVar("Named", Scope, Programme)


@dataclass(frozen=True)
class ProvenRecords:
    """The records of a question's subjects up to a block, with their proof. The same for every moment that is asked about."""

    block: Block
    records: Mapping[bytes, tuple[bytes, ...]]
    nodes: tuple[bytes, ...]

    def state(self, trust: Trust) -> ProvenState:
        """Return the state that the nodes prove."""
        return ProvenState((self.block.header,), self.nodes, trust)


def provable_block(observer: Observer, trust: Trust) -> Block:
    """Return the newest block up to the observer's that an answer can be proven at.

    Raises EvidenceUnavailable (`PROOF_NOT_PINNED`) where the trust file vouches for none, LedgerUnavailable.
    """
    try:
        block = newest_vouched(observer.ledger, observer.state_block, trust)
    except EvidenceUnavailable as error:
        raise EvidenceUnavailable(Code.PROOF_NOT_PINNED, f"{error.code}: {error}") from error
    if block.number < trust.chain.highest:
        raise EvidenceUnavailable(
            Code.PROOF_NOT_PINNED, f"the ledger holds block {block.number}, the trust file names {trust.chain.highest}"
        )
    return block


def prove_records(observer: Observer, trust: Trust, question: RegistryQuestion, block: Block) -> ProvenRecords:
    """Prove the records of a question's subjects at a block. Raises EvidenceUnavailable, LedgerUnavailable."""
    records = _records_told(observer, question)
    unproven = ProvenRecords(block, records, _nodes(observer, question, sorted(records), block))
    try:
        proven = _up_to_block(unproven, trust, question)
        final = unproven.state(trust)
        for subject in proven:  # what the reader will ask; other nodes are left out
            final.history(question.contract, subject)
    except (FactRefused, BlockRefused, StateProofRefused) as error:
        raise _proves_nothing(str(error)) from error
    return ProvenRecords(block, proven, final.used_nodes)


def answer_with_proof(
    proven: ProvenRecords, trust: Trust, question: RegistryQuestion, documents: Documents
) -> RegistryProof:
    """Make the answer from proven records, with the documents that it takes names from. Raises EvidenceUnavailable."""
    if question.at is not None and question.at > proven.block.time:
        raise EvidenceUnavailable(Code.PROOF_NOT_PINNED, f"no block after {proven.block.number} can be proven now")
    named = _NamedDocuments(documents)
    try:
        answer = answer_of(proven.state(trust), question, proven.records, named)
    except (FactRefused, BlockRefused, StateProofRefused) as error:
        raise _proves_nothing(str(error)) from error
    proof = RegistryProof(question, answer, proven.records, named.in_order(), proven.block.header, proven.nodes)
    checked = proven_answer(proof, trust)
    if isinstance(checked, Missing):
        raise _proves_nothing(f"{checked.code}: {checked.detail}")
    return proof


def _proves_nothing(detail: str) -> EvidenceUnavailable:
    return EvidenceUnavailable(Code.LEDGER_INCOMPLETE, f"its answers prove nothing: {detail}")


def _records_told(observer: Observer, question: RegistryQuestion) -> dict[bytes, tuple[bytes, ...]]:
    """Read the records of every subject that the question needs at the head. Raises LedgerUnavailable."""
    contract = getattr(observer.contracts, question.contract)
    records: dict[bytes, tuple[bytes, ...]] = {}

    def events(subject: bytes) -> list[Event]:
        if len(records) >= MAX_PARTIES:
            raise PartialLedgerUnavailable(f"more than {MAX_PARTIES} parties above one issuer")
        logs = observer.records(contract, subject)
        records[subject] = tuple(bindings.record_of(log) for log in logs)
        return events_of(logs)

    subjects_of(question, events)
    if question.key not in records:
        events(question.key)
    return records


def _nodes(
    observer: Observer, question: RegistryQuestion, subjects: Sequence[bytes], block: Block
) -> tuple[bytes, ...]:
    """Return the trie nodes of the history hashes of subjects, once each."""
    slot_of = slots.issuer_history if question.kind is AnswerKind.ISSUER else slots.programme_history
    contract = Address(getattr(observer.contracts, question.contract))
    proof = observer.ledger.proof(contract, [slot_of(subject) for subject in subjects], block.hash)
    return tuple(sorted({*proof.nodes, *(node for storage in proof.storage for node in storage.nodes)}))


def _up_to_block(unproven: ProvenRecords, trust: Trust, question: RegistryQuestion) -> dict[bytes, tuple[bytes, ...]]:
    """Cut the records at the block, and leave out the subjects that no record up to it names."""
    state = unproven.state(trust)
    cut = {
        subject: _beginning(records, state.history(question.contract, subject), subject)
        for subject, records in unproven.records.items()
    }
    events = {subject: state.events(question.contract, subject, records) for subject, records in cut.items()}
    return {subject: cut[subject] for subject in sorted(subjects_of(question, events.__getitem__))}


def _beginning(records: tuple[bytes, ...], history: bytes, subject: bytes) -> tuple[bytes, ...]:
    """Return the first records that fold to a history hash. Raises FactRefused where none do."""
    folded = bindings.EMPTY_HISTORY
    for count, record in enumerate(records):
        if folded == history:
            return records[:count]
        folded = bindings.fold_history(folded, record)
    if folded != history:
        raise FactRefused(Code.HISTORY_MISMATCH, f"{to_hex(subject)}: the records do not fold to {to_hex(history)}")
    return records


@dataclass(frozen=True)
class _NamedDocuments:
    """The documents that an answer has unproven for and found."""

    source: Documents
    _known: dict[Digest, Scope | Programme] = field(default_factory=dict)

    def scope(self, digest: Digest) -> Scope | None:
        return self._noted(digest, self.source.scope(digest))

    def programme(self, digest: Digest) -> Programme | None:
        return self._noted(digest, self.source.programme(digest))

    def _noted(self, digest: Digest, document: Named | None) -> Named | None:
        if document is not None:
            self._known[digest] = document
        return document

    def in_order(self) -> tuple[object, ...]:
        """Return the documents in the order of their digests."""
        return tuple(self._known[digest].document for digest in sorted(self._known))
