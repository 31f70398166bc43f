"""The trust file: what makes one count, and which may follow which."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from acredita.anchoring.types import Address, BlockHash
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.signer import PrivateKeySigner, Signer
from acredita.registry.ledger_facts.trust_draft import add_signature, sign_trust
from acredita.registry.ledger_facts.trust_file import (
    CONTRACTS,
    LIFETIME_SECONDS,
    Trust,
    TrustRefused,
    parse_trust,
    parse_unsigned,
)
from acredita.registry.ledger_facts.trust_succession import check_next, check_successor
from acredita.registry.ledger_facts.trusted_chain import NamedBlock, ValidatorSet, development_chain, qbft_chain
from cryptography.hazmat.primitives.asymmetric import ec

from tests.registry.world import GENESIS_TIME, AnchoredWorld, signer

Document = dict[str, Any]

BLOCKS = {7: BlockHash(b"\x07" * 32), 2: BlockHash(b"\x02" * 32)}
VALIDATOR = "0x" + "11" * 20
LAST = {"number": 99, "hash": "0x" + "0c" * 32, "time": "2026-01-01T00:00:00Z"}
AUTHORITY = signer("authority")
SECOND = signer("second signer")
THIRD = signer("third signer")


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
        chain=development_chain(BLOCKS),
        signers=[AUTHORITY],
    )


def signed_again(document: Document, by: Sequence[Signer] = (AUTHORITY,), **changes: object) -> Document:
    """Change some members of the file (None: left out) and sign it again."""
    body = {name: value for name, value in {**document, **changes}.items() if value is not None}
    signed: Document = {**body, "signatures": []}
    for one in by:
        signed = add_signature(signed, one)
    return signed


def keys_of(*signers: Signer) -> list[str]:
    return sorted(encode_multibase(one.multikey) for one in signers)


def with_chain(document: Document, **changes: object) -> Document:
    chain = {name: value for name, value in {**document["chain"], **changes}.items() if value is not None}
    return signed_again(document, (AUTHORITY, SECOND), chain=chain, keys=keys_of(AUTHORITY, SECOND), threshold=2)


def with_sets(document: Document, *sets: Document, **changes: object) -> Document:
    return with_chain(document, **{"kind": "qbft", "period": 2, "idle": 60, "validators": list(sets), **changes})


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(TrustRefused) as refused:
        act()
    return refused.value.code


def test_what_was_signed_is_read(document: Document, shared_anchored: AnchoredWorld) -> None:
    trust, expected = parse_trust(document), shared_anchored.world.trust()
    assert (trust.number, trust.issued, trust.expires) == (3, GENESIS_TIME, GENESIS_TIME + LIFETIME_SECONDS)
    assert (trust.contracts, trust.code_hashes) == (expected.contracts, expected.code_hashes)
    assert trust.credential_log == shared_anchored.world.contracts.credential_log
    assert trust.blocks == BLOCKS
    assert (trust.keys, trust.threshold) == ((AUTHORITY.public.multibase,), 1)
    assert trust.is_demo_chain
    assert trust.chain.stalled_after is None


def test_blocks_stand_in_order_and_no_path_anywhere(document: Document) -> None:
    assert [block["number"] for block in document["chain"]["blocks"]] == [2, 7]
    assert set(document["contracts"]) == set(CONTRACTS)
    assert "/" not in repr({name: value for name, value in document.items() if name not in ("format", "authority")})


def test_validator_sets_are_read_and_are_no_demo_chain(document: Document) -> None:
    first = {"first": 0, "last": LAST, "addresses": ["0x" + "11" * 20]}
    trust = parse_trust(with_sets(document, first, {"first": 100, "addresses": ["0x" + "22" * 20]}))
    last = NamedBlock(99, BlockHash(b"\x0c" * 32), GENESIS_TIME)
    assert trust.chain.validators == (
        ValidatorSet(0, last, (Address(b"\x11" * 20),)),
        ValidatorSet(100, None, (Address(b"\x22" * 20),)),
    )
    assert not trust.is_demo_chain
    assert trust.blocks == {**BLOCKS, 99: last.hash}
    open_set = (Address(b"\x22" * 20),)
    heights = [(98, None), (99, None), (100, open_set), (10**9, open_set)]
    assert [(height, trust.chain.sealers_at(height, GENESIS_TIME + 1)) for height, _ in heights] == heights
    assert trust.chain.sealers_at(100, GENESIS_TIME) is None  # not later than the interval that ended


@pytest.mark.parametrize(("idle", "stalled_after"), [(2, 60), (20, 60), (21, 63), (600, 1_800)])
def test_a_chain_has_stopped_after_three_intervals_and_a_minute_at_least(
    document: Document, idle: int, stalled_after: int
) -> None:
    trust = parse_trust(with_sets(document, {"first": 0, "addresses": [VALIDATOR]}, idle=idle))
    assert trust.chain.stalled_after == stalled_after


CHANGED: dict[str, Callable[[Document], object]] = {
    "number": lambda _: 4,
    "issued": lambda _: "2026-01-02T00:00:00Z",
    "expires": lambda _: "2026-02-01T00:00:00Z",
    "authority": lambda document: {**document["authority"], "url": "https://otra.example"},
    "chain_id": lambda _: 1,
    "genesis": lambda _: "0x" + "00" * 32,
    "contracts": lambda document: {**document["contracts"], "council": document["contracts"]["credential_log"]},
    "chain": lambda document: {**document["chain"], "blocks": document["chain"]["blocks"][:1]},
    "sources": lambda _: ["https://espejo.example"],
    "services": lambda _: [{"key": keys_of(THIRD)[0], "purpose": "faces", "until": "2026-02-01T00:00:00Z"}],
    "keys": lambda _: keys_of(AUTHORITY, THIRD),
    "threshold": lambda _: 1,
    "signatures": lambda document: [{**document["signatures"][0], "signature": encode_multibase(bytes(64))}],
}


def test_every_member_is_tried(document: Document) -> None:
    assert {*CHANGED, "format"} == set(document)


@pytest.mark.parametrize("member", CHANGED)
def test_any_member_changed_after_signing_is_refused(document: Document, member: str) -> None:
    signed = signed_again(document, (AUTHORITY, SECOND), keys=keys_of(AUTHORITY, SECOND), threshold=2)
    altered = {**signed, member: CHANGED[member](signed)}
    assert refusal(lambda: parse_trust(altered)) == "TRUST_SIGNATURE_INVALID"


MALFORMED: dict[str, Callable[[Document], object]] = {
    "no object": lambda document: [document],
    "the first format": lambda document: signed_again(document, format="acredita-trust/1"),
    "another format": lambda document: signed_again(document, format="acredita-trust/3"),
    "a member missing": lambda document: signed_again(document, genesis=None),
    "a member nobody knows": lambda document: signed_again(document, path="chain"),
    "a contract missing": lambda document: signed_again(document, contracts={}),
    "a hash in upper case": lambda document: signed_again(document, genesis="0x" + "AB" * 32),
    "number zero": lambda document: signed_again(document, number=0),
    "a negative number": lambda document: signed_again(document, number=-1),
    "a number that is true": lambda document: signed_again(document, number=True),
    "more than ninety days": lambda document: signed_again(document, expires="2026-04-02T00:00:00Z"),
    "expired when issued": lambda document: signed_again(document, expires=document["issued"]),
    "no time": lambda document: signed_again(document, issued="2026-01-01"),
    "no key": lambda document: signed_again(document, keys=[]),
    "a key that is none": lambda document: signed_again(document, keys=["z"]),
    "a key of another curve": lambda document: signed_again(document, keys=[_p256()]),
    "keys out of order": lambda document: signed_again(document, keys=keys_of(AUTHORITY, SECOND)[::-1]),
    "a key twice": lambda document: signed_again(document, keys=keys_of(AUTHORITY) * 2),
    "more than 32 keys": lambda document: signed_again(document, keys=keys_of(*(signer(f"{n}") for n in range(33)))),
    "a threshold of none": lambda document: signed_again(document, threshold=0),
    "a threshold above the keys": lambda document: signed_again(document, threshold=2),
    "one signer on a chain of validators": lambda document: signed_again(
        with_sets(document, {"first": 0, "addresses": [VALIDATOR]}), keys=keys_of(AUTHORITY), threshold=1
    ),
    "a signature that is none": lambda document: {
        **document, "signatures": [{**document["signatures"][0], "signature": "x"}]
    },
    "an endless signature": lambda document: {
        **document, "signatures": [{**document["signatures"][0], "signature": "z" + "2" * 100_000 + "0"}]
    },
    "a signature twice": lambda document: {**document, "signatures": document["signatures"] * 2},
    "a number beyond exactness": lambda document: {**document, "number": 2**60},
    "an authority without a Spanish name": lambda document: signed_again(
        document, authority={**document["authority"], "name": {"en": "Authority"}}
    ),
    "an authority with a hidden sign in its name": lambda document: signed_again(
        document, authority={**document["authority"], "name": {"es": "Autoridad\u202e"}}
    ),
    "an authority without a DID": lambda document: signed_again(
        document, authority={**document["authority"], "did": "autoridad.example"}
    ),
    "an address with a password": lambda document: signed_again(
        document, authority={**document["authority"], "url": "https://a:b@autoridad.example"}
    ),
    "a source that is no address": lambda document: signed_again(document, sources=["/v1"]),
    "a source of another scheme": lambda document: signed_again(document, sources=["file:///etc/passwd"]),
    "a source in clear text, of validators": lambda document: signed_again(
        with_sets(document, {"first": 0, "addresses": [VALIDATOR]}), (AUTHORITY, SECOND), sources=["http://a.example"]
    ),
    "a source twice": lambda document: signed_again(document, sources=["https://a.example"] * 2),
    "a service without an end": lambda document: signed_again(
        document, services=[{"key": keys_of(THIRD)[0], "purpose": "faces"}]
    ),
    "another kind of chain": lambda document: with_chain(document, kind="clique"),
    "a chain without a kind": lambda document: with_chain(document, kind=None),
    "blocks that are no list": lambda document: with_chain(document, blocks={}),
    "no blocks": lambda document: with_chain(document, blocks=None),
    "one block twice": lambda document: with_chain(document, blocks=[document["chain"]["blocks"][0]] * 2),
    "a block without hash": lambda document: with_chain(document, blocks=[{"number": 1}]),
    "validators on a development chain": lambda document: with_chain(
        document, validators=[{"first": 0, "addresses": [VALIDATOR]}]
    ),
    "a pace on a development chain": lambda document: with_chain(document, period=2, idle=60),
    "a chain of validators without one": lambda document: with_chain(document, kind="qbft", period=2, idle=60),
    "validators and not one set": lambda document: with_sets(document),
    "no pace": lambda document: with_sets(document, {"first": 0, "addresses": [VALIDATOR]}, period=None),
    "a period of nothing": lambda document: with_sets(document, {"first": 0, "addresses": [VALIDATOR]}, period=0),
    "an idle interval below the period": lambda document: with_sets(
        document, {"first": 0, "addresses": [VALIDATOR]}, period=5, idle=4
    ),
    "an endless idle interval": lambda document: with_sets(
        document, {"first": 0, "addresses": [VALIDATOR]}, idle=10**9
    ),
    "a set of nobody": lambda document: with_sets(document, {"first": 0, "addresses": []}),
    "a validator twice": lambda document: with_sets(document, {"first": 0, "addresses": [VALIDATOR, VALIDATOR]}),
    "a last block that is a height": lambda document: with_sets(
        document, {"first": 0, "last": 99, "addresses": [VALIDATOR]}
    ),
    "a last block without a time": lambda document: with_sets(
        document, {"first": 0, "last": {"number": 9, "hash": LAST["hash"]}, "addresses": [VALIDATOR]}
    ),
    "a last block that is another in blocks": lambda document: with_sets(
        document, {"first": 0, "last": {**LAST, "number": 7}, "addresses": [VALIDATOR]}
    ),
    "last blocks of one time": lambda document: with_sets(
        document,
        {"first": 0, "last": LAST, "addresses": [VALIDATOR]},
        {"first": 100, "last": {**LAST, "number": 120}, "addresses": [VALIDATOR]},
    ),
    "a set that ends before it begins": lambda document: with_sets(
        document, {"first": 100, "last": LAST, "addresses": [VALIDATOR]}
    ),
    "sets that overlap": lambda document: with_sets(
        document,
        {"first": 0, "last": LAST, "addresses": [VALIDATOR]},
        {"first": 99, "addresses": [VALIDATOR]},
    ),
    "a set after one without end": lambda document: with_sets(
        document, {"first": 0, "addresses": [VALIDATOR]}, {"first": 9, "addresses": [VALIDATOR]}
    ),
}  # fmt: skip


def _p256() -> str:
    return PrivateKeySigner.of(ec.derive_private_key(7, ec.SECP256R1())).public.multibase


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused(document: Document, name: str) -> None:
    assert refusal(lambda: parse_unsigned(MALFORMED[name](document))) == "TRUST_MALFORMED"


# --- thresholds ------------------------------------------------------------------------------------------------------


def test_a_file_counts_from_its_threshold_on(document: Document) -> None:
    keys = keys_of(AUTHORITY, SECOND, THIRD)
    one = signed_again(document, (AUTHORITY,), keys=keys, threshold=2)
    assert refusal(lambda: parse_trust(one)) == "TRUST_SIGNATURES_TOO_FEW"
    two = add_signature(one, THIRD)
    assert parse_trust(two).signers == set(keys_of(AUTHORITY, THIRD))
    assert parse_trust(two).digest == parse_unsigned(one).digest  # who signed does not change which file it is
    assert add_signature(two, THIRD) == two


def test_a_stranger_does_not_count(document: Document) -> None:
    both = signed_again(document, (AUTHORITY, THIRD), keys=keys_of(AUTHORITY, SECOND), threshold=2)
    assert refusal(lambda: parse_trust(both)) == "TRUST_SIGNATURES_TOO_FEW"


# --- succession ------------------------------------------------------------------------------------------------------


def first_of(document: Document) -> Document:
    return signed_again(document, (AUTHORITY, SECOND), keys=keys_of(AUTHORITY, SECOND), threshold=2)


def following(document: Document, by: Sequence[Signer], **changes: object) -> Trust:
    return parse_trust(signed_again(document, by, **{"number": 4, **changes}))


def test_keys_are_replaced_by_a_file_that_old_and_new_thresholds_sign(document: Document) -> None:
    first = parse_trust(first_of(document))
    keys = keys_of(SECOND, THIRD)
    check_successor(first, following(document, (AUTHORITY, SECOND, THIRD), keys=keys, threshold=2))
    only_new = following(document, (SECOND, THIRD), keys=keys, threshold=2)
    assert refusal(lambda: check_successor(first, only_new)) == "TRUST_SIGNATURES_TOO_FEW"
    only_old = signed_again(document, (AUTHORITY, SECOND), number=4, keys=keys, threshold=2)
    assert refusal(lambda: parse_trust(only_old)) == "TRUST_SIGNATURES_TOO_FEW"


def test_one_stolen_key_signs_nothing(document: Document) -> None:
    """Let a thief with one key of two name himself alone, and lower the threshold."""
    first, thief = parse_trust(first_of(document)), (SECOND,)
    own = following(document, thief, keys=keys_of(SECOND), threshold=1)
    assert refusal(lambda: check_successor(first, own)) == "TRUST_SIGNATURES_TOO_FEW"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": 2}, "TRUST_ROLLED_BACK"),
        ({"number": 5}, "TRUST_NUMBER_SKIPPED"),
        ({"number": 3, "sources": ["https://espejo.example"]}, "TRUST_EQUIVOCATION"),
        ({"chain_id": 1}, "TRUST_OTHER_LEDGER"),
        ({"genesis": "0x" + "0d" * 32}, "TRUST_OTHER_LEDGER"),
    ],
)
def test_what_may_not_follow(document: Document, changes: dict[str, object], code: str) -> None:
    both = (AUTHORITY, SECOND)
    first, keys = parse_trust(first_of(document)), {"keys": keys_of(*both), "threshold": 2}
    assert refusal(lambda: check_next(first, following(document, both, **keys, **changes))) == code


def test_other_contracts_or_other_code_are_another_ledger(document: Document) -> None:
    first, both = parse_trust(first_of(document)), (AUTHORITY, SECOND)
    for name in CONTRACTS:
        for member, value in (("address", "0x" + "0a" * 20), ("code_hash", "0x" + "0b" * 32)):
            contracts = {**document["contracts"], name: {**document["contracts"][name], member: value}}
            other = following(document, both, keys=keys_of(*both), threshold=2, contracts=contracts)
            assert refusal(lambda other=other: check_successor(first, other)) == "TRUST_OTHER_LEDGER"


def test_the_file_itself_is_no_news(document: Document) -> None:
    first = first_of(document)
    check_next(parse_trust(first), parse_trust(add_signature(first, THIRD)))


def test_seals_of_no_set_count_on_a_development_chain() -> None:
    chain = development_chain({})
    assert (chain.highest, chain.open_set, chain.sealers_at(5, 5)) == (-1, None, None)
    assert qbft_chain([ValidatorSet(0, None, (Address(bytes(20)),))], period=1, idle=1).sealers_at(0, 0) is not None
