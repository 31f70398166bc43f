"""A ledger whose state is proven and not told: for whoever believes no endpoint (`--proofs`).

Every word of the contracts is read by `eth_getProof` against the state root of one header, by the code that reads bundles.
The trust file vouches for that header: a quorum of its validators sealed it, or it names the block. A false answer of the
endpoint can only make the ledger unavailable. A view is never asked instead: a question that no slot answers is
ProofsUnavailable. Proven is the state at that block, not that the block is the newest.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

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
from acredita.anchoring.types import Address, IssuerId, TxHash
from acredita.contracts import bindings, slots
from acredita.contracts.abi import SELECTOR_BYTES, Call, RawLog, View
from acredita.contracts.words import WORD_BYTES
from acredita.registry.evidence.build_bundle import EvidenceUnavailable, bundle_block
from acredita.registry.ledger_facts.trust_file import Trust
from eth_hash.auto import keccak

T = TypeVar("T")

SlotOf = Callable[..., bytes]

_NO_SUBJECT: Final = bytes(WORD_BYTES)


class ProofsUnavailable(LedgerUnavailable):
    """State that could not be proven: no header to trust, no proof, or a question that no slot answers."""

    code = "PROOFS_UNAVAILABLE"


class ProvenLedger:
    """One ledger, read at the newest block that the trust file vouches for."""

    def __init__(self, ledger: Ledger, trust: Trust) -> None:
        self._ledger, self._trust = ledger, trust
        self._head: Block | None = None
        self._slots = _slots_by_question(trust)

    @property
    def endpoints(self) -> tuple[Ledger, ...]:
        """The single endpoints behind it, for logs alone: the reader folds them to what is proven."""
        return endpoints_of(self._ledger)

    def chain_id(self) -> int:
        return self._ledger.chain_id()

    def head(self) -> Block:
        """Return the newest block that the trust file vouches for."""
        if self._head is None:
            try:
                self._head = bundle_block(self._ledger, self._trust)
            except EvidenceUnavailable as error:
                raise ProofsUnavailable(f"{error.code}: {error}") from error
        return self._head

    def block(self, number: int) -> Block | None:
        """Return a block. One below the head is not proven, so only the blocks that the trust file names are returned."""
        if number == self.head().number:
            return self.head()
        if number and number not in self._trust.blocks:
            raise ProofsUnavailable(f"block {number} is not proven; with proofs the newest block alone can be asked")
        return self._ledger.block(number)

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        """Return the code at an address if it is the code that the state root binds."""
        code = self._ledger.code(address, block)
        if bytes(keccak(code)) != self._account(address, ())[0].code_hash:
            raise PartialLedgerUnavailable("the endpoint's code is not the one in the proven state")
        return code

    def nonce(self, account: Address, block: int) -> int:
        raise ProofsUnavailable("a nonce is not read by proof")

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        """Return the proven word that answers a view. Raises ProofsUnavailable where no slot does."""
        head = self.head()
        if block not in (None, head.number, head.hash):
            raise ProofsUnavailable("with proofs the newest block alone can be asked")
        arguments = _words(view.data[SELECTOR_BYTES:])
        slot_of = self._slots.get((view.to, view.data[:SELECTOR_BYTES]))
        if slot_of is None:
            raise ProofsUnavailable("no slot of the contracts answers this question")
        if _is_first_opening(view, self._trust, arguments):  # computed by the contract, never stored
            contract = self._trust.credential_log
            first = opening(log_id(self._trust.chain_id, contract, IssuerId(arguments[0]), FIRST_HEAD.epoch))
            return view.decode(first.word())
        return view.decode(self._slot(Address(view.to), slot_of(*arguments)))

    def _slot(self, contract: Address, slot: bytes) -> bytes:
        account, nodes = self._account(contract, (slot,))
        try:
            return nodes.slot(account.storage_root, int.from_bytes(slot, "big")).to_bytes(WORD_BYTES, "big")
        except StateProofRefused as error:
            raise PartialLedgerUnavailable(f"a slot is not proven: {error}") from error

    def _account(self, address: Address, wanted: Sequence[bytes]) -> tuple[Account, ProofNodes]:
        """Prove an account under the header's state root. Its storage nodes are among the nodes returned."""
        head = self.head()
        proof = self._ledger.proof(address, wanted, head.hash)
        try:
            nodes = ProofNodes([*proof.nodes, *(node for storage in proof.storage for node in storage.nodes)])
            account = nodes.account(read_header(head.header).state_root, address)
        except StateProofRefused as error:
            raise PartialLedgerUnavailable(f"an account is not proven: {error}") from error
        if account is None:
            raise PartialLedgerUnavailable("the proven state has no contract at an address the trust file names")
        return account, nodes

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
    rows: list[tuple[View[bytes] | View[int], SlotOf]] = [
        (issuers.history(_NO_SUBJECT), slots.issuer_history),
        (issuers.total(), lambda: slots.total("IssuerRegistry")),
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
