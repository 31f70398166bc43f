"""One account without storage: bytes that are sent again, a nonce that lags, another chain, a call the chain reverts."""

from dataclasses import replace

import pytest
from acredita.anchoring.account_sender import LaggingNonceUnavailable, OtherChainRefused, draft, send
from acredita.anchoring.call_signer import LocalCallSigner
from acredita.anchoring.raw_transaction import RawTransactionRefused, read_transaction
from acredita.anchoring.sender import TransactionRevertedError
from acredita.anchoring.transaction import DYNAMIC_FEE_TYPE
from acredita.contracts.bindings import ContractRefused, Council
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulators.installation import ACT, MEMBER, account, install


def test_a_call_is_simulated_sent_and_found_again() -> None:
    installation = install()
    council = Council(installation.deployment.council)
    call, ledger = council.propose(installation.deployment.council, b"\x01" * 32, ACT), installation.ledger
    unsigned = draft(ledger, MEMBER.address, call)
    signed = LocalCallSigner(MEMBER).sign_call(unsigned)
    receipt = send(ledger, signed, unsigned.chain_id)
    assert receipt.succeeded
    assert send(ledger, signed, unsigned.chain_id) == receipt  # the same bytes: nothing is done twice
    with pytest.raises(ContractRefused, match="NOT_AUTHORISED"):
        draft(ledger, account("stranger").address, call)


def test_a_spent_nonce_is_unknown_and_another_chain_is_refused() -> None:
    installation = install()
    council, ledger = Council(installation.deployment.council), installation.ledger
    call = council.propose(installation.deployment.council, b"\x01" * 32, ACT)
    unsigned = draft(ledger, MEMBER.address, call)
    send(ledger, LocalCallSigner(MEMBER).sign_call(unsigned), unsigned.chain_id)
    late = replace(unsigned, call=council.propose(installation.deployment.council, b"\x02" * 32, ACT))
    before = ledger.head().number
    with pytest.raises(LaggingNonceUnavailable):
        send(ledger, LocalCallSigner(MEMBER).sign_call(late), unsigned.chain_id)
    elsewhere = replace(draft(ledger, MEMBER.address, call), chain_id=1)
    with pytest.raises(OtherChainRefused):
        send(ledger, LocalCallSigner(MEMBER).sign_call(elsewhere), 1)
    assert ledger.head().number == before


def test_a_call_whose_state_is_gone_is_told_as_reverted() -> None:
    installation = install()
    council, ledger = Council(installation.deployment.council), installation.ledger
    installation.act(MEMBER, council.propose(installation.deployment.council, b"\x01" * 32, ACT))
    number = ledger.read(council.proposal_count())
    unsigned = draft(ledger, MEMBER.address, council.retract(number))
    twice = replace(unsigned, nonce=unsigned.nonce + 1)
    send(ledger, LocalCallSigner(MEMBER).sign_call(unsigned), unsigned.chain_id)
    with pytest.raises(TransactionRevertedError):
        send(ledger, LocalCallSigner(MEMBER).sign_call(twice), twice.chain_id)


@settings(max_examples=20, deadline=None)
@given(
    key=st.binary(min_size=32, max_size=32).filter(lambda key: 0 < int.from_bytes(key, "big") < 2**255),
    data=st.binary(max_size=80),
    nonce=st.integers(0, 2**32),
)
def test_bytes_of_others_are_read_with_their_sender(key: bytes, data: bytes, nonce: int) -> None:
    fields = {
        "chainId": 31337,
        "nonce": nonce,
        "gas": 90_000,
        "to": "0x" + "35" * 20,
        "value": 0,
        "data": data,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
        "type": 2,
    }
    signed = Account.sign_transaction(fields, key)
    read = read_transaction(bytes(signed.raw_transaction))
    assert read.signed.sender == bytes.fromhex(Account.from_key(key).address[2:])
    assert read.signed.hash == bytes(signed.hash)
    assert (read.unsigned.nonce, read.unsigned.call.data) == (nonce, data)


@pytest.mark.parametrize(
    "change",
    [{"maxFeePerGas": 1}, {"value": 1}, {"to": ""}, {"accessList": [{"address": "0x" + "35" * 20, "storageKeys": []}]}],
)
def test_a_transaction_of_another_form_is_refused(change: dict[str, object]) -> None:
    fields = {
        "chainId": 31337,
        "nonce": 0,
        "gas": 90_000,
        "to": "0x" + "35" * 20,
        "value": 0,
        "data": b"",
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
        "type": 2,
    }
    signed = Account.sign_transaction(fields | change, b"\x01" * 32)
    with pytest.raises(RawTransactionRefused):
        read_transaction(bytes(signed.raw_transaction))


@pytest.mark.parametrize(
    "raw", [b"", b"\x02", DYNAMIC_FEE_TYPE + b"\xc0", DYNAMIC_FEE_TYPE + b"\xff" * 9, b"\x01" + b"\xc0"]
)
def test_what_is_no_transaction_is_refused(raw: bytes) -> None:
    with pytest.raises(RawTransactionRefused):
        read_transaction(raw)
