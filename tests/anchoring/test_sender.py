"""One transaction: the same bytes always, stored before sent, settled by the chain alone."""

import pytest
from acredita.anchoring.ledger import LedgerUnavailable, NonceForeignError, SubmissionUnavailable, TxReceipt
from acredita.anchoring.sender import MemoryTransactionStore, Sender, TransactionRevertedError
from acredita.anchoring.transaction import (
    LocalAccount,
    Patience,
    Settled,
    SignedTransaction,
    confirmed_head,
    sign,
    transaction_outcome,
)
from acredita.anchoring.types import TxHash
from acredita.contracts import bindings
from acredita.contracts.abi import Call
from acredita.contracts.bindings import ContractRefused
from eth_account import Account
from eth_account.typed_transactions import TypedTransaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulators.installation import MEMBER, Installation, account, install
from tests.simulators.ledger import Lagging, Meddled, Swallowing, WrappedLedger

NO_WAITING = Patience(seconds=0.0, sleep=lambda _: None)
ALICE = account("alice")


@pytest.fixture(scope="module")
def installation() -> Installation:
    return install()


def harmless(installation: Installation) -> Call:
    """Return a call that changes nothing and succeeds."""
    view = bindings.Council(installation.deployment.council).threshold()
    return Call(view.to, view.data)


def refused(installation: Installation) -> Call:
    return bindings.Council(installation.deployment.council).approve(99, bytes(20), bytes(32), bytes(32))


@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    key=st.binary(min_size=32, max_size=32).filter(lambda key: 0 < int.from_bytes(key, "big") < 2**255),
    to=st.binary(min_size=20, max_size=20),
    data=st.binary(max_size=200),
    nonce=st.integers(0, 2**32),
    chain_id=st.integers(1, 2**40),
)
def test_bytes_are_those_of_eth_account(key: bytes, to: bytes, data: bytes, nonce: int, chain_id: int) -> None:
    ours = sign(Call(to, data), signer=LocalAccount(key), chain_id=chain_id, nonce=nonce, gas=21_000)
    fields = {
        "type": 2, "chainId": chain_id, "nonce": nonce, "gas": 21_000, "to": to, "value": 0, "data": data,
        "maxFeePerGas": 0, "maxPriorityFeePerGas": 0,
    }  # fmt: skip
    theirs = Account.from_key(key).sign_transaction(fields)
    assert ours.raw == bytes(theirs.raw_transaction)
    assert ours.hash == bytes(theirs.hash)
    assert ours.sender == bytes.fromhex(Account.from_key(key).address[2:])
    assert TypedTransaction.from_bytes(theirs.raw_transaction).as_dict()["maxFeePerGas"] == 0


def test_a_call_is_sent_once_and_settled(installation: Installation) -> None:
    store = MemoryTransactionStore()
    sender = Sender(installation.ledger, ALICE, depth=0, store=store, patience=NO_WAITING)
    before = installation.ledger.head().number
    first, second = sender.transact(harmless(installation)), sender.transact(harmless(installation))
    assert (first.block_number, second.block_number) == (before + 1, before + 2)
    assert store.pending(ALICE.address) is None


def test_what_the_contract_refuses_is_never_sent(installation: Installation) -> None:
    sender = Sender(installation.ledger, ALICE, depth=0, patience=NO_WAITING)
    before = installation.ledger.head()
    with pytest.raises(ContractRefused):
        sender.transact(refused(installation))
    assert installation.ledger.head() == before


def test_unsent_bytes_go_out_again_unchanged_in_the_next_run(installation: Installation) -> None:
    bob, store = account("bob"), MemoryTransactionStore()
    swallowing = Swallowing(installation.ledger)
    with pytest.raises(LedgerUnavailable, match="in no block yet"):
        Sender(swallowing, bob, depth=0, store=store, patience=NO_WAITING).transact(harmless(installation))
    pending = store.pending(bob.address)
    assert pending is not None
    assert set(swallowing.sent) == {pending.raw}
    receipt = Sender(installation.ledger, bob, depth=0, store=store).transact(harmless(installation))
    head = installation.ledger.head().number
    assert installation.ledger.nonce(bob.address, head) == 2, "the old one and the new one"
    assert receipt.block_number == head


def test_a_nonce_that_is_not_ours_stops(installation: Installation) -> None:
    carol, store = account("carol"), MemoryTransactionStore()
    sender = Sender(installation.ledger, carol, depth=0, store=store, patience=NO_WAITING)
    sender.transact(harmless(installation))
    Sender(installation.ledger, carol, depth=0).transact(harmless(installation))
    with pytest.raises(NonceForeignError) as stopped:
        sender.transact(harmless(installation))
    assert (stopped.value.expected, stopped.value.found) == ("1", "2")


def test_a_count_that_lags_is_no_foreign_nonce(installation: Installation) -> None:
    frank, store = account("frank"), MemoryTransactionStore()
    Sender(installation.ledger, frank, depth=0, store=store).transact(harmless(installation))
    behind = Sender(Lagging(installation.ledger, 1), frank, depth=0, store=store, patience=NO_WAITING)
    before = installation.ledger.head()
    with pytest.raises(LedgerUnavailable, match="counts 0 transactions of our account, 1 are confirmed"):
        behind.transact(harmless(installation))
    assert installation.ledger.head() == before, "nothing was sent"
    Sender(installation.ledger, frank, depth=0, store=store).transact(harmless(installation))


def test_a_receipt_that_comes_later_than_the_count_is_waited_for(installation: Installation) -> None:
    class Late(WrappedLedger):
        """Counts a transaction before it has its receipt."""

        asked = 0

        def receipt(self, transaction: TxHash) -> TxReceipt | None:
            self.asked += 1
            return super().receipt(transaction) if self.asked > 3 else None

    grace = account("grace")
    receipt = Sender(Late(installation.ledger), grace, depth=0, patience=NO_WAITING).transact(harmless(installation))
    assert receipt.succeeded


def test_a_nonce_taken_under_way_stops(installation: Installation) -> None:
    dave = account("dave")

    def steal() -> None:
        Sender(installation.ledger, dave, depth=0).transact(
            Call(installation.deployment.council, harmless(installation).data + b"\x00")
        )

    store = MemoryTransactionStore()
    Sender(installation.ledger, dave, depth=0, store=store).transact(harmless(installation))
    with pytest.raises(NonceForeignError):
        Sender(Meddled(installation.ledger, steal), dave, depth=0, store=store, patience=NO_WAITING).transact(
            harmless(installation)
        )


def test_the_first_count_may_lag_behind_the_accounts_own_transactions(installation: Installation) -> None:
    class Catching(Lagging):
        """Lags until it was sent something."""

        def send_raw(self, raw: bytes) -> TxHash:
            self.blocks = 0
            raise SubmissionUnavailable("Nonce too low")

    heidi = account("heidi")
    Sender(installation.ledger, heidi, depth=0).transact(harmless(installation))
    behind = Catching(installation.ledger, 1)
    with pytest.raises(LedgerUnavailable, match="counted 0 transactions of the account before and 1 now"):
        # Other bytes: the same would be the account's own earlier transaction, which is on the chain.
        Sender(behind, heidi, depth=0, patience=NO_WAITING).transact(harmless(installation), gas=200_000)


def test_what_changed_under_way_is_told_as_reverted(installation: Installation) -> None:
    council = bindings.Council(installation.deployment.council)
    installation.act(MEMBER, council.propose(ALICE.address, bytes(32), b"\x01" * 32))
    number = installation.ledger.read(council.proposal_count())
    members = [MEMBER.address, account("member 2").address]

    def end_the_proposal() -> None:
        installation.decide(council.set_members(members, 1))

    second = account("member 2")
    sender = Sender(Meddled(installation.ledger, end_the_proposal), second, depth=0, patience=NO_WAITING)
    with pytest.raises(TransactionRevertedError) as reverted:
        sender.transact(council.approve(number, ALICE.address, bytes(32), b"\x01" * 32))
    assert not reverted.value.receipt.succeeded


def test_depth_counts_blocks_on_top(installation: Installation) -> None:
    ledger, erin = installation.ledger, account("erin")
    sent = sign(harmless(installation), signer=erin, chain_id=ledger.chain_id(), nonce=0, gas=100_000)
    ledger.send_raw(sent.raw)
    assert transaction_outcome(ledger, sent.hash, 1) is None
    installation.chain.mine()
    settled = transaction_outcome(ledger, sent.hash, 1)
    assert settled is not None
    assert settled.settled is Settled.CONFIRMED
    assert settled.block == confirmed_head(ledger, 1)


def test_a_chain_shorter_than_the_depth_tells_nothing(installation: Installation) -> None:
    with pytest.raises(LedgerUnavailable, match="lie on top"):
        confirmed_head(installation.ledger, 10_000)


def test_patience_asks_at_least_once_and_ends() -> None:
    ticks = iter(range(100))
    polls: list[int] = []
    slept: list[float] = []
    patience = Patience(seconds=3, poll_seconds=1, sleep=slept.append, clock=lambda: float(next(ticks)))
    assert patience.wait_for(lambda: polls.append(1)) is None
    assert len(polls) == len(slept) + 1
    assert Patience(seconds=0, sleep=slept.append).wait_for(lambda: None) is None


def test_a_settled_transaction_has_used_its_nonce_up() -> None:
    store = MemoryTransactionStore()
    transaction = SignedTransaction(b"raw", bytes(32), ALICE.address, 0)  # type: ignore[arg-type]
    store.persist(transaction)
    store.settle(transaction, Settled.REVERTED)
    assert store.next_nonce(ALICE.address) == 1
    assert store.pending(ALICE.address) is None
