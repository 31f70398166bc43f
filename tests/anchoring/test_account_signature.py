"""An account's consent: the bytes are those of EIP-712 as others make them, and each is good for one thing alone."""

from dataclasses import replace

import pytest
from acredita.anchoring.account_signature import ConsentRefused, check_consent, recovered, sign_consent
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address
from acredita.contracts.abi import AbiError
from acredita.contracts.account_consent import MAX_LIFE_SECONDS, ConsentDomain, consent_digest, typed_data
from acredita.contracts.bindings import AccountPurpose
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.harness import DAY, STRANGER, UT, World, apply, deploy

DID = "did:web:ut.example"
SUBJECT = keccak(DID.encode())
DOMAIN = ConsentDomain(31337, b"\x15" * 20)
HOLDER = LocalAccount(b"\x07" * 32)
PURPOSES = [purpose for purpose in AccountPurpose if purpose]
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@given(
    did=st.text(max_size=60),
    purpose=st.sampled_from(PURPOSES),
    deadline=st.integers(0, 2**64 - 1),
    chain_id=st.integers(0, 2**64 - 1),
    registry=st.binary(min_size=20, max_size=20),
    key=st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big")),
)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_the_bytes_are_those_of_eth_account(
    did: str, purpose: AccountPurpose, deadline: int, chain_id: int, registry: bytes, key: bytes
) -> None:
    domain = ConsentDomain(chain_id, registry)
    ours = sign_consent(LocalAccount(key), domain, keccak(did.encode()), purpose, deadline)
    message = encode_typed_data(full_message=typed_data(domain, did, purpose, deadline))
    theirs = Account.from_key(key).sign_message(message)
    assert ours.signature == bytes(theirs.signature)
    check_consent(LocalAccount(key).address, domain, keccak(did.encode()), purpose, ours)


def test_a_consent_is_for_one_account_party_purpose_registry_and_deadline() -> None:
    consent = sign_consent(HOLDER, DOMAIN, SUBJECT, AccountPurpose.ANCHORING, 100)
    check_consent(HOLDER.address, DOMAIN, SUBJECT, AccountPurpose.ANCHORING, consent)
    for account, domain, subject, purpose, given_consent in (
        (Address(STRANGER), DOMAIN, SUBJECT, AccountPurpose.ANCHORING, consent),
        (HOLDER.address, replace(DOMAIN, chain_id=1), SUBJECT, AccountPurpose.ANCHORING, consent),
        (HOLDER.address, replace(DOMAIN, registry=bytes(20)), SUBJECT, AccountPurpose.ANCHORING, consent),
        (HOLDER.address, DOMAIN, bytes(32), AccountPurpose.ANCHORING, consent),
        (HOLDER.address, DOMAIN, SUBJECT, AccountPurpose.CONTROL, consent),
        (HOLDER.address, DOMAIN, SUBJECT, AccountPurpose.ANCHORING, replace(consent, deadline=101)),
    ):
        with pytest.raises(ConsentRefused, match="found"):
            check_consent(account, domain, subject, purpose, given_consent)


def reshaped(signature: bytes) -> dict[str, bytes]:
    """Return other spellings of a signature, and bytes that are none."""
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    higher = (ORDER - s).to_bytes(32, "big")
    return {
        "the higher s": r + higher + bytes((55 - v,)),
        "v of 0 or 1": signature[:64] + bytes((v - 27,)),
        "v of a chain": signature[:64] + bytes((v + 10,)),
        "64 bytes": signature[:64],
        "zeros": bytes(64) + b"\x1b",
    }


@pytest.mark.parametrize("shape", ["the higher s", "v of 0 or 1", "v of a chain", "64 bytes", "zeros"])
def test_another_shape_of_a_signature_is_refused_by_us_and_by_the_contract(shape: str) -> None:
    world = deploy()
    apply(world)
    domain = ConsentDomain(world.evm.chain_id, world.issuers.address)
    consent = sign_consent(HOLDER, domain, UT.subject, AccountPurpose.ANCHORING, world.now + DAY)
    bad = replace(consent, signature=reshaped(consent.signature)[shape])
    with pytest.raises(ConsentRefused):
        recovered(consent_digest(domain, UT.subject, AccountPurpose.ANCHORING, bad.deadline), bad.signature)
    call = world.issuers.add_anchoring_account(UT.subject, HOLDER.address, bad)
    assert world.attempt(UT.control, call).reason == "consent: signature"
    world.send(UT.control, world.issuers.add_anchoring_account(UT.subject, HOLDER.address, consent))


def signed_for(world: World, purpose: AccountPurpose, deadline: int) -> bool:
    """Return whether the contract takes an anchoring account whose consent names this purpose and deadline."""
    domain = ConsentDomain(world.evm.chain_id, world.issuers.address)
    consent = sign_consent(HOLDER, domain, UT.subject, purpose, deadline)
    return world.attempt(UT.control, world.issuers.add_anchoring_account(UT.subject, HOLDER.address, consent)).accepted


def test_the_contract_takes_a_deadline_from_now_to_45_days_ahead() -> None:
    for ahead, taken in ((-1, False), (0, True), (MAX_LIFE_SECONDS, True), (MAX_LIFE_SECONDS + 1, False)):
        world = deploy()
        apply(world)
        assert signed_for(world, AccountPurpose.ANCHORING, world.now + ahead) is taken
    world = deploy()
    apply(world)
    assert not signed_for(world, AccountPurpose.CUSTODIAN, world.now + DAY)


def test_a_subject_is_32_bytes() -> None:
    with pytest.raises(AbiError, match="32 bytes"):
        consent_digest(DOMAIN, b"short", AccountPurpose.CONTROL, 1)
