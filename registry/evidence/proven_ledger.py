"""A ledger whose state is proven and not told: for whoever believes no endpoint (`--proofs`, `ledger.proofs`).

- Every word of the contracts is read by `eth_getProof` against the state root of one header, by the code that reads
  bundles. The trust file vouches for that header: a quorum of its validators sealed it, or it names the block.
- The identity of the chain is that of the vouched header, so chain id and genesis are the trust file's.
- A moment in the past is answered by a proof of now: records and checkpoints state their own times, and are cut there.
- A view is never asked instead: a question that no slot answers is ProofsUnavailable. A false answer of the endpoint can
  only make the ledger unavailable.

Proven is the state at that block under a quorum of the named set, not that the block is the newest.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from acredita.anchoring import qbft
from acredita.anchoring.checkpoint import FIRST_HEAD, opening
from acredita.anchoring.entries import log_id
from acredita.anchoring.ledger import (
    AccountProof,
    Block,
    BlockName,
    Ledger,
    LedgerUnavailable,
    LogQuery,
    PartialLedgerUnavailable,
    TxReceipt,
)
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch, one_by_one
from acredita.anchoring.quorum import endpoints_of
from acredita.anchoring.state_proof import Account, ProofNodes, StateProofRefused, read_header
from acredita.anchoring.types import Address, BlockHash, IssuerId, TxHash
from acredita.contracts import bindings, slots
from acredita.contracts.abi import SELECTOR_BYTES, Call, RawLog, View
from acredita.contracts.answers import StoredProposal
from acredita.contracts.words import WORD_BYTES
from acredita.registry.evidence.build_bundle import EvidenceUnavailable, bundle_block
from acredita.registry.evidence.bundle import MAX_HEADERS
from acredita.registry.evidence.vouched_block import BlockRefused, vouched_header
from acredita.registry.ledger_facts.observed_block import check_header
from acredita.registry.ledger_facts.trust_file import Trust
from eth_hash.auto import keccak

T = TypeVar("T")

SlotOf = Callable[..., bytes | tuple[bytes, ...]]
"""Arguments of a view, each a word → the slot that answers it, or the slots of a structure in order."""

KEPT_BLOCKS: Final = 8  # vouched blocks that observers may still ask about

_NO_SUBJECT: Final = bytes(WORD_BYTES)


class ProofsUnavailable(LedgerUnavailable):
    """State that could not be proven: no header to trust, no proof, or a question that no slot answers."""

    code = "PROOFS_UNAVAILABLE"


class ProvenLedger:
    """One ledger, read at the newest block that the trust file vouches for."""

    def __init__(self, ledger: Ledger, trust: Trust) -> None:
        self._ledger, self._trust = ledger, trust
        self._vouched: OrderedDict[BlockHash, Block] = OrderedDict()
        self._lock = threading.Lock()
        self._slots = _slots_by_question(trust)

    @property
    def endpoints(self) -> tuple[Ledger, ...]:
        """The single endpoints behind it, for what is compared with what is proven: logs, code and proofs."""
        return endpoints_of(self._ledger)

    def chain_id(self) -> int:
        """Return the chain id of the trust file: whoever vouches for a block vouches for its chain."""
        return self._trust.chain_id

    # ---- blocks -----------------------------------------------------------------------------------------------

    def head(self) -> Block:
        """Return the newest block that the trust file vouches for, among the newest that the endpoint has."""
        try:
            block = bundle_block(self._ledger, self._trust)
        except EvidenceUnavailable as error:
            raise ProofsUnavailable(f"{error.code}: {error}") from error
        self._check_hash(block)
        with self._lock:
            self._vouched[block.hash] = block
            self._vouched.move_to_end(block.hash)
            if len(self._vouched) > KEPT_BLOCKS:
                self._vouched.popitem(last=False)
        return block

    def block(self, number: int) -> Block | None:
        """Return a block that is named, sealed, or linked to such a one by its parents. Raises ProofsUnavailable.

        The caller compares the hash of a named block with the name.
        """
        known = self._known(number)
        if known is not None:
            return known
        block = self._ledger.block(number)
        if block is None:
            return None
        self._check_hash(block)
        if block.number == 0 and block.hash != self._trust.genesis:
            raise PartialLedgerUnavailable("the endpoint's block 0 is not the one that the trust file names")
        if block.number == 0 or block.number in self._trust.blocks or self._is_vouched([block.header]):
            return block
        self._check_linked(block)
        return block

    def as_of(self, head: Block, time: int) -> Block | None:
        """Return the head as a block of an earlier moment (Unix seconds), at which all that is read is cut.

        None if the chain began later.
        """
        genesis = self.block(0)
        return None if genesis is None or time < genesis.time else replace(head, time=time)

    def _known(self, name: BlockName) -> Block | None:
        with self._lock:
            return next((block for block in self._vouched.values() if name in (block.number, block.hash)), None)

    def _check_hash(self, block: Block) -> None:
        """Check that a block is what its header says, with the hash of its kind of chain. Raises PartialLedgerUnavailable."""
        check_header(block)
        if block.number and not self._trust.is_demo_chain and block.hash != qbft.block_hash(block.header):
            raise PartialLedgerUnavailable(f"block {block.number}: its hash is not the one that QBFT gives")

    def _is_vouched(self, headers: Sequence[bytes]) -> bool:
        """Return True if the trust file vouches for the first header, itself or through those after it."""
        try:
            vouched_header(headers, self._trust)
        except (BlockRefused, StateProofRefused):
            return False
        return True

    def _check_linked(self, block: Block) -> None:
        """Check that a block is the ancestor of a vouched one within reach. Raises ProofsUnavailable."""
        headers = [block.header]
        for number in range(block.number + 1, block.number + 1 + MAX_HEADERS):
            later = self._known(number) or self._ledger.block(number)
            if later is None:
                break
            headers.append(later.header)
            if self._is_vouched(headers[-1:]) and self._is_vouched(headers):
                return
        raise ProofsUnavailable(f"block {block.number} is not proven: no block that the trust file vouches for is near")

    # ---- state ------------------------------------------------------------------------------------------------

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        """Return the code at an address if it is the code that the state root binds."""
        vouched = self._state_block(block)
        proven = self._account(vouched, address, ())[0].code_hash

        def ask(source: Ledger) -> bytes:
            code = source.code(address, vouched.hash)
            if bytes(keccak(code)) != proven:
                raise PartialLedgerUnavailable("the endpoint's code is not the one in the proven state")
            return code

        return self._first(ask)

    def nonce(self, account: Address, block: int) -> int:
        raise ProofsUnavailable("a nonce is not read by proof")

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        """Return the proven words that answer a view. Raises ProofsUnavailable where no slot does."""
        vouched = self._state_block(block)
        arguments = _words(view.data[SELECTOR_BYTES:])
        slot_of = self._slots.get((view.to, view.data[:SELECTOR_BYTES]))
        if slot_of is None:
            raise ProofsUnavailable("no slot of the contracts answers this question")
        if _is_first_opening(view, self._trust, arguments):  # computed by the contract, never stored
            contract = self._trust.credential_log
            first = opening(log_id(self._trust.chain_id, contract, IssuerId(arguments[0]), FIRST_HEAD.epoch))
            return view.decode(first.word())
        answer = slot_of(*arguments)
        wanted = (answer,) if isinstance(answer, bytes) else answer
        return view.decode(self._storage(vouched, Address(view.to), wanted))

    def _state_block(self, name: BlockName | None) -> Block:
        """Return the vouched block of a question about state: the newest, or one that was the newest lately."""
        if name is None:
            return self.head()
        known = self._known(name)
        if known is None:
            raise ProofsUnavailable("with proofs the newest block alone can be asked")
        return known

    def _storage(self, block: Block, contract: Address, wanted: Sequence[bytes]) -> bytes:
        """Return the words of some slots in order, all from one proof."""

        def ask(source: Ledger) -> bytes:
            account, nodes = self._proven(source, block, contract, wanted)
            try:
                words = [nodes.slot(account.storage_root, int.from_bytes(slot, "big")) for slot in wanted]
                return b"".join(word.to_bytes(WORD_BYTES, "big") for word in words)
            except StateProofRefused as error:
                raise PartialLedgerUnavailable(f"a slot is not proven: {error}") from error

        return self._first(ask)

    def _account(self, block: Block, address: Address, wanted: Sequence[bytes]) -> tuple[Account, ProofNodes]:
        return self._first(lambda source: self._proven(source, block, address, wanted))

    def _first(self, ask: Callable[[Ledger], T]) -> T:
        """Return what the first source proves: the ledger, then each endpoint alone. Raises the first failure."""
        failure: LedgerUnavailable | None = None
        for source in (self._ledger, *self.endpoints):
            try:
                return ask(source)
            except LedgerUnavailable as error:
                failure = failure or error
        raise failure or LedgerUnavailable("there is no endpoint")

    def _proven(
        self, source: Ledger, block: Block, address: Address, wanted: Sequence[bytes]
    ) -> tuple[Account, ProofNodes]:
        """Prove an account under the block's state root. Its storage nodes are among the nodes returned."""
        proof = source.proof(address, wanted, block.hash)
        try:
            nodes = ProofNodes([*proof.nodes, *(node for storage in proof.storage for node in storage.nodes)])
            account = nodes.account(read_header(block.header).state_root, address)
        except StateProofRefused as error:
            raise PartialLedgerUnavailable(f"an account is not proven: {error}") from error
        if account is None:
            raise PartialLedgerUnavailable("the proven state has no contract at an address the trust file names")
        return account, nodes

    # ---- what no proof shows ----------------------------------------------------------------------------------

    def simulate(self, call: Call, sender: Address) -> bytes:
        raise ProofsUnavailable("a call is not simulated by proof")

    def send_raw(self, raw: bytes) -> TxHash:
        raise ProofsUnavailable("nothing is sent through a ledger that is read by proof")

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        raise ProofsUnavailable("a transaction is not read by proof")

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        """Return logs as the endpoint has them; the reader folds them to what is proven."""
        return self._ledger.logs(query)

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        return self._ledger.proof(address, slots, block)

    def batch(self, questions: QuestionBatch) -> AnswerBatch:
        return one_by_one(self, questions)


def _slots_by_question(trust: Trust) -> dict[tuple[bytes, bytes], SlotOf]:
    """Map contract and selector of each view that a slot answers to the slot of its arguments."""
    contracts = trust.contracts
    issuers = bindings.IssuerRegistry(contracts.issuer_registry)
    programmes = bindings.ProgrammeRegistry(contracts.programme_registry)
    log = bindings.CredentialLog(contracts.credential_log)
    council = bindings.Council(contracts.council)
    rows: list[tuple[View[bytes] | View[int] | View[StoredProposal], SlotOf]] = [
        (council.proposal(0), slots.proposal),
        (council.trust_number(), slots.trust_number),
        (council.trust_file(0), slots.trust_file),
        (issuers.history(_NO_SUBJECT), slots.issuer_history),
        (issuers.total(), lambda: slots.total("IssuerRegistry")),
        (issuers.party_count(), slots.party_count),
        (issuers.subject_of(1), lambda number: slots.subject_of(int.from_bytes(number, "big"))),
        (council.total(), lambda: slots.total("Council")),
        (programmes.history(_NO_SUBJECT), slots.programme_history),
        (programmes.total(), lambda: slots.total("ProgrammeRegistry")),
        (log.head(_NO_SUBJECT), slots.head),
        (log.total(), lambda: slots.total("CredentialLog")),
        (log.checkpoint_word(_NO_SUBJECT, 1, 0), _checkpoint_slot),
        (log.last_good(_NO_SUBJECT, 1), lambda issuer, epoch: slots.last_good(issuer, int.from_bytes(epoch, "big"))),
    ]
    return {(view.to, view.data[:SELECTOR_BYTES]): slot_of for view, slot_of in rows}


def _checkpoint_slot(issuer: bytes, epoch: bytes, number: bytes) -> bytes:
    return slots.checkpoint_word(issuer, int.from_bytes(epoch, "big"), int.from_bytes(number, "big"))


def _is_first_opening(view: View[T], trust: Trust, arguments: Sequence[bytes]) -> bool:
    question = bindings.CredentialLog(trust.contracts.credential_log).checkpoint_word(_NO_SUBJECT, 1, 0)
    asked_for = [int.from_bytes(word, "big") for word in arguments[1:]]
    same = (view.to, view.data[:SELECTOR_BYTES]) == (question.to, question.data[:SELECTOR_BYTES])
    return same and asked_for == [FIRST_HEAD.epoch, FIRST_HEAD.number]


def _words(data: bytes) -> list[bytes]:
    return [data[at : at + WORD_BYTES] for at in range(0, len(data), WORD_BYTES)]
