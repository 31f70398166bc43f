"""The trust file: what makes one count, and what a pin refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from acredita.anchoring.types import Address, BlockHash
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.trust_file import (
    CONTRACTS,
    DOMAIN,
    LIFETIME_SECONDS,
    TrustRefused,
    ValidatorSet,
    check_pin,
    parse_trust,
    sign_trust,
)
from cryptography.hazmat.primitives.asymmetric import ec

from tests.registry.world import GENESIS_TIME, AnchoredWorld, signer

Document = dict[str, Any]


@pytest.fixture(scope="module")
def document(shared_anchored: AnchoredWorld) -> Document:
    trust = shared_anchored.world.trust()
    return sign_trust(
        number=3,
        issued=GENESIS_TIME,
        chain_id=trust.chain_id,
        genesis=trust.genesis,
        contracts=trust.contracts,
        code_hashes=trust.code_hashes,
        blocks={7: BlockHash(b"\x07" * 32), 2: BlockHash(b"\x02" * 32)},
        signer=signer("authority"),
    )


def signed_again(document: Document, **changes: object) -> Document:
    """Change some members of the file (None: left out) and sign it again."""
    body = {**document, **changes}
    unsigned = {name: value for name, value in body.items() if name != "signature" and value is not None}
    return {**unsigned, "signature": encode_multibase(signer("authority").sign(DOMAIN + jcs(unsigned)))}


def test_what_was_signed_is_read(document: Document, shared_anchored: AnchoredWorld) -> None:
    trust, expected = parse_trust(document), shared_anchored.world.trust()
    assert (trust.number, trust.issued, trust.expires) == (3, GENESIS_TIME, GENESIS_TIME + LIFETIME_SECONDS)
    assert (trust.contracts, trust.code_hashes) == (expected.contracts, expected.code_hashes)
    assert trust.credential_log == shared_anchored.world.contracts.credential_log
    assert trust.blocks == {2: b"\x02" * 32, 7: b"\x07" * 32}
    assert trust.key == signer("authority").public
    assert trust.is_demo_chain


def test_blocks_stand_in_order_and_no_path_anywhere(document: Document) -> None:
    assert [block["number"] for block in document["blocks"]] == [2, 7]
    assert set(document["contracts"]) == set(CONTRACTS)
    assert "/" not in repr({name: value for name, value in document.items() if name != "format"})


def test_validator_sets_are_read_and_are_no_demo_chain(document: Document) -> None:
    sets = [
        {"first": 0, "last": 99, "addresses": ["0x" + "11" * 20]},
        {"first": 100, "addresses": ["0x" + "22" * 20]},
    ]
    trust = parse_trust(signed_again(document, blocks=None, validators=sets))
    assert trust.validators == (
        ValidatorSet(0, 99, (Address(b"\x11" * 20),)),
        ValidatorSet(100, None, (Address(b"\x22" * 20),)),
    )
    assert not trust.is_demo_chain
    assert [trust.validators_at(height) for height in (0, 99, 100, 10**9)] == [
        trust.validators[0],
        trust.validators[0],
        trust.validators[1],
        trust.validators[1],
    ]


@pytest.mark.parametrize(
    "member", ["number", "issued", "expires", "chain_id", "genesis", "contracts", "blocks", "key", "signature"]
)
def test_any_member_changed_after_signing_is_refused(document: Document, member: str) -> None:
    other: Document = {
        "number": 4,
        "issued": "2026-01-02T00:00:00Z",
        "expires": "2026-02-01T00:00:00Z",
        "chain_id": 1,
        "genesis": "0x" + "00" * 32,
        "contracts": {**document["contracts"], "council": document["contracts"]["credential_log"]},
        "blocks": document["blocks"][:1],
        "key": signer("somebody").public.multibase,
        "signature": encode_multibase(bytes(64)),
    }
    with pytest.raises(TrustRefused) as refused:
        parse_trust({**document, member: other[member]})
    assert refused.value.code == "TRUST_SIGNATURE_INVALID"


VALIDATOR = "0x" + "11" * 20


def with_sets(document: Document, *sets: Document) -> Document:
    return signed_again(document, blocks=None, validators=list(sets))


MALFORMED: dict[str, Callable[[Document], object]] = {
    "no object": lambda document: [document],
    "another format": lambda document: signed_again(document, format="acredita-trust/2"),
    "a member missing": lambda document: signed_again(document, genesis=None),
    "a member nobody knows": lambda document: signed_again(document, path="chain"),
    "blocks and validators": lambda document: signed_again(document, validators=[]),
    "neither blocks nor validators": lambda document: signed_again(document, blocks=None),
    "a contract missing": lambda document: signed_again(document, contracts={}),
    "a hash in upper case": lambda document: signed_again(document, genesis="0x" + "AB" * 32),
    "a negative number": lambda document: signed_again(document, number=-1),
    "a number that is true": lambda document: signed_again(document, number=True),
    "more than ninety days": lambda document: signed_again(document, expires="2026-04-02T00:00:00Z"),
    "expired when issued": lambda document: signed_again(document, expires=document["issued"]),
    "no time": lambda document: signed_again(document, issued="2026-01-01"),
    "no key": lambda document: signed_again(document, key="z"),
    "a key of another curve": lambda document: signed_again(document, key=_p256()),
    "no signature": lambda document: {**document, "signature": "x"},
    "an endless signature": lambda document: {**document, "signature": "z" + "2" * 100_000 + "0"},
    "a number beyond exactness": lambda document: {**document, "number": 2**60},
    "blocks that are no list": lambda document: signed_again(document, blocks={}),
    "one block twice": lambda document: signed_again(document, blocks=[document["blocks"][0]] * 2),
    "validators and not one set": lambda document: signed_again(document, blocks=None, validators=[]),
    "a set of nobody": lambda document: with_sets(document, {"first": 0, "addresses": []}),
    "a validator twice": lambda document: with_sets(document, {"first": 0, "addresses": [VALIDATOR, VALIDATOR]}),
    "a set that ends before it begins": lambda document: with_sets(
        document, {"first": 5, "last": 4, "addresses": [VALIDATOR]}
    ),
    "sets that overlap": lambda document: with_sets(
        document,
        {"first": 0, "last": 9, "addresses": [VALIDATOR]},
        {"first": 9, "addresses": [VALIDATOR]},
    ),
    "a set after one without end": lambda document: with_sets(
        document, {"first": 0, "addresses": [VALIDATOR]}, {"first": 9, "addresses": [VALIDATOR]}
    ),
    "a block without hash": lambda document: signed_again(document, blocks=[{"number": 1}]),
}


def _p256() -> str:
    return PrivateKeySigner.of(ec.derive_private_key(7, ec.SECP256R1())).public.multibase


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused(document: Document, name: str) -> None:
    with pytest.raises(TrustRefused) as refused:
        parse_trust(MALFORMED[name](document))
    assert refused.value.code in ("TRUST_MALFORMED", "TRUST_SIGNATURE_INVALID")


def test_a_pin_keeps_the_key_and_goes_only_forward(document: Document) -> None:
    trust = parse_trust(document)
    check_pin(trust, signer("authority").public.multibase, 3)
    with pytest.raises(TrustRefused) as changed:
        check_pin(trust, signer("somebody").public.multibase, 3)
    assert changed.value.code == "TRUST_KEY_CHANGED"
    with pytest.raises(TrustRefused) as older:
        check_pin(trust, signer("authority").public.multibase, 4)
    assert older.value.code == "TRUST_ROLLED_BACK"
