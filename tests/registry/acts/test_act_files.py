"""Files about acts: what is written is read again, a foreign or spoiled one is refused with its place or its code."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from acredita.anchoring.account_signature import sign_consent
from acredita.anchoring.transaction import LocalAccount, UnsignedTransaction, sign
from acredita.anchoring.types import BlockHash, FormatRefused
from acredita.contracts.abi import Call, Deployment
from acredita.contracts.account_consent import ConsentDomain
from acredita.contracts.answers import AccountPurpose, StoredProposal
from acredita.contracts.bindings import Council, IssuerRegistry
from acredita.registry.acts.act_file import MAX_ACT_BYTES, act_digest, check_act_file
from acredita.registry.acts.calldata import call_of, calldata_hash, decoded_act
from acredita.registry.acts.consent import ConsentFile, parse_consent
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.proposal import check_installation, check_on_chain, new_proposal, parse_proposal
from acredita.registry.acts.recovery import RecoveryFile, parse_recovery
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.acts.transaction import parse_transaction, prepared
from acredita.registry.keys.did import issuer_id

HERE = InstallationName(
    31337, BlockHash(b"\x01" * 32), Deployment(b"\x0c" * 20, b"\x0d" * 20, b"\x0e" * 20, b"\x0f" * 20)
)
DID, ACT = "did:web:ut.example", b"\xac" * 32
ACCOUNT = LocalAccount(b"\x11" * 32)
SUSPEND = IssuerRegistry(HERE.contracts.issuer_registry).suspend(issuer_id(DID), ACT)
STORED = StoredProposal(SUSPEND.to, calldata_hash(SUSPEND), ACT, b"\x02" * 20, 1, 1, False, False)


def test_a_proposal_is_read_as_it_was_written() -> None:
    proposal = new_proposal(HERE, SUSPEND, ACT, "Suspensión", [DID, DID])
    assert parse_proposal(proposal.document()) == proposal
    assert parse_proposal(proposal.numbered(7).document()).number == 7
    assert proposal.dids == (DID,)
    check_installation(proposal, HERE)
    check_on_chain(proposal, 7, STORED)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"format": "acredita-proposal/2"}, "/format"),
        ({"council": "0x12"}, "/council"),
        ({"calldata": "0xZZ"}, "/calldata"),
        ({"act": {"sha256": "0x" + "ac" * 32}}, "/act/title"),
        ({"act": {"sha256": "0x" + "ac" * 32, "title": "a\nb"}}, "/act/title"),
        ({"dids": ["no DID"]}, "/dids/0"),
        ({"more": 1}, "/more"),
    ],
)
def test_a_spoiled_proposal_names_the_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(FormatRefused) as refused:
        parse_proposal(new_proposal(HERE, SUSPEND, ACT, "Suspensión").document() | change)
    assert str(refused.value).startswith(where)


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        (replace(STORED, proposed=0), "PROPOSAL_UNKNOWN"),
        (replace(STORED, calldata_hash=b"\0" * 32), "CALLDATA_MISMATCH"),
        (replace(STORED, target=b"\0" * 20), "PROPOSAL_MISMATCH"),
        (replace(STORED, act=b"\0" * 32), "PROPOSAL_MISMATCH"),
    ],
)
def test_a_proposal_that_is_not_the_chain_s_is_refused(stored: StoredProposal, code: str) -> None:
    with pytest.raises(RegistryActRefused) as refused:
        check_on_chain(new_proposal(HERE, SUSPEND, ACT, "Suspensión"), 7, stored)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, chain_id=1),
        replace(HERE, genesis=BlockHash(b"\x02" * 32)),
        replace(HERE, contracts=replace(HERE.contracts, council=b"\x99" * 20)),
    ],
)
def test_a_proposal_of_another_ledger_is_refused(elsewhere: InstallationName) -> None:
    with pytest.raises(RegistryActRefused) as refused:
        check_installation(new_proposal(HERE, SUSPEND, ACT, "Suspensión"), elsewhere)
    assert refused.value.code == "ACT_OTHER_LEDGER"


def test_an_act_is_hashed_as_json_in_its_canonical_form_or_by_its_bytes() -> None:
    assert (
        act_digest(b'{"b": 1, "a": 2}') == act_digest(b'{ "a":2,"b":1 }\n') == hashlib.sha256(b'{"a":2,"b":1}').digest()
    )
    assert act_digest(b"%PDF-1.7") == hashlib.sha256(b"%PDF-1.7").digest()
    check_act_file(b"%PDF-1.7", hashlib.sha256(b"%PDF-1.7").digest())
    for content in (b"%PDF-1.8", b"", b"x" * (MAX_ACT_BYTES + 1)):
        with pytest.raises(RegistryActRefused) as refused:
            check_act_file(content, hashlib.sha256(b"%PDF-1.7").digest())
        assert refused.value.code == "ACT_FILE_MISMATCH"


def test_a_transaction_counts_with_exactly_its_signature() -> None:
    unsigned = UnsignedTransaction(31337, 4, 100_000, SUSPEND)
    file = prepared(HERE, ACCOUNT.address, unsigned, [DID])
    assert parse_transaction(file.document()) == file
    with pytest.raises(RegistryActRefused, match="no signature yet"):
        file.transaction()
    signed = _signed(unsigned, ACCOUNT)
    whole = parse_transaction(file.signed(signed).document())
    assert whole.transaction() == signed
    for other, account, code in (
        (replace(unsigned, chain_id=1), ACCOUNT, "TRANSACTION_OTHER_CHAIN"),
        (replace(unsigned, nonce=5), ACCOUNT, "TRANSACTION_MISMATCH"),
        (replace(unsigned, call=Call(SUSPEND.to, SUSPEND.data[:-1] + b"\0")), ACCOUNT, "TRANSACTION_MISMATCH"),
        (unsigned, LocalAccount(b"\x12" * 32), "SIGNATURE_FOREIGN"),
    ):
        with pytest.raises(RegistryActRefused) as refused:
            file.signed(_signed(other, account)).transaction()
        assert refused.value.code == code


def _signed(unsigned: UnsignedTransaction, account: LocalAccount) -> Any:
    return sign(unsigned.call, signer=account, chain_id=unsigned.chain_id, nonce=unsigned.nonce, gas=unsigned.gas)


def test_a_consent_counts_for_its_account_party_purpose_and_registry() -> None:
    domain = ConsentDomain(HERE.chain_id, HERE.contracts.issuer_registry)
    consent = sign_consent(ACCOUNT, domain, issuer_id(DID), AccountPurpose.ANCHORING, 99)
    file = ConsentFile(ACCOUNT.address, DID, AccountPurpose.ANCHORING, domain, consent)
    assert parse_consent(file.document()) == file
    file.check(HERE, AccountPurpose.ANCHORING, ACCOUNT.address, issuer_id(DID))
    wrong: list[tuple[Any, ...]] = [
        (replace(HERE, chain_id=1), AccountPurpose.ANCHORING, ACCOUNT.address, issuer_id(DID)),
        (HERE, AccountPurpose.CONTROL, ACCOUNT.address, issuer_id(DID)),
        (HERE, AccountPurpose.ANCHORING, b"\x01" * 20, issuer_id(DID)),
        (HERE, AccountPurpose.ANCHORING, ACCOUNT.address, issuer_id("did:web:other.example")),
    ]
    for arguments in wrong:
        with pytest.raises(RegistryActRefused):
            file.check(*arguments)
    forged = replace(file, did="did:web:other.example")
    with pytest.raises(RegistryActRefused, match="the consent's signature"):
        forged.check(HERE, AccountPurpose.ANCHORING, ACCOUNT.address, issuer_id("did:web:other.example"))


def test_a_recovery_is_read_as_it_was_written() -> None:
    file = RecoveryFile(HERE.contracts.council, 31337, HERE.genesis, (b"\x01" * 20, b"\x02" * 20), 1)
    assert parse_recovery(file.numbered(2).document()) == file.numbered(2)


def test_calldata_have_one_reading() -> None:
    act = decoded_act(SUSPEND, HERE.contracts)
    assert act.shape.name == "suspend"
    assert call_of(act, HERE.contracts) == SUSPEND
    approving = Council(HERE.contracts.council).approve(1, SUSPEND.to, calldata_hash(SUSPEND), ACT)
    assert call_of(decoded_act(approving, HERE.contracts), HERE.contracts) == approving
    for call in (
        Call(SUSPEND.to, SUSPEND.data + b"\0"),
        Call(SUSPEND.to, SUSPEND.data[:-1]),
        Call(SUSPEND.to, b"\x01\x02\x03\x04"),
        Call(b"\x77" * 20, SUSPEND.data),
        Call(HERE.contracts.council, SUSPEND.data),
    ):
        with pytest.raises(RegistryActRefused) as refused:
            decoded_act(call, HERE.contracts)
        assert refused.value.code == "ACT_UNREADABLE"
