"""Test hostile texts in credentials of every suite: all accept them as signed, all refuse them with one bit flipped.

Hypothesis makes them from every plane of Unicode, assigned or not, both directions, both normal forms, long texts, evidence
and nested profiles. The peers are those of test_credentials_accepted.py.
"""

import copy
import json
import random
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from acredita.registry.keys.did import DidRefused, did_key_of_method
from acredita.registry.keys.multikey import decode_multibase, encode_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofRefused, verify_proof
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.interop.test_credentials_accepted import (
    EC256,
    EC384,
    ED,
    Ask,
    Document,
    contexts_file,
    digitalbazaar,
    hostile,
    openvc,
    sign,
    unsigned,
    without_blank_nodes,
)

__all__ = ["contexts_file", "digitalbazaar", "openvc"]  # fixtures

pytestmark = pytest.mark.interop

EXAMPLES = 60
FLIPS = 12  # of each suite: six of a signed value, three of the proof's options, three of its value
LONG = 60_000  # characters

SUITES = [
    ("eddsa-rdfc-2022", ED),
    ("eddsa-jcs-2022", ED),
    ("ecdsa-rdfc-2019", EC256),
    ("ecdsa-rdfc-2019", EC384),
    ("ecdsa-jcs-2019", EC256),
    ("ecdsa-jcs-2019", EC384),
]
NAMES = [f"{suite}-{signer.public.algorithm}" for suite, signer in SUITES]
DIRECTIONS = "\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2069"
PAIRS = ["ñ", "é", "Å", "한", "ḍ̇", "क़"]


def plane(number: int) -> st.SearchStrategy[str]:
    """Draw characters of one plane of Unicode, without surrogates, and without controls, which libraries sign
    differently.
    """
    low, high = number << 16, (number << 16) + 0xFFFF
    return st.characters(min_codepoint=max(low, 0x20), max_codepoint=high, exclude_categories=("Cs", "Cc"))


TEXTS = st.builds(
    "".join,
    st.lists(
        st.one_of(
            *[plane(number) for number in range(17)],
            st.sampled_from(DIRECTIONS),
            st.sampled_from(PAIRS),
            st.sampled_from([unicodedata.normalize("NFD", pair) for pair in PAIRS]),
            st.sampled_from('"\\<>{}|^`&/%'),
        ),
        min_size=1,
        max_size=30,
    ),
)


@st.composite
def evidences(draw: st.DrawFn) -> Document:
    """Draw evidence of Open Badges, named or a blank node."""
    evidence: Document = {"type": ["Evidence"], "name": draw(TEXTS), "narrative": draw(TEXTS), "genre": draw(TEXTS)}
    return {"id": f"urn:uuid:{draw(st.uuids())}", **evidence} if draw(st.booleans()) else evidence


@st.composite
def profiles(draw: st.DrawFn, depth: int = 3) -> Document:
    """Draw the profile of an achievement's creator, and the organisations above it."""
    profile: Document = {"id": f"urn:uuid:{draw(st.uuids())}", "type": ["Profile"], "name": draw(TEXTS)}
    return {**profile, "parentOrg": draw(profiles(depth - 1))} if depth else profile


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw a credential of a demo programme with unlikely texts and evidence."""
    document = unsigned(ED, draw(st.integers(0, 10_000)), random.Random(draw(st.integers(0, 1 << 32))))
    achievement = document["credentialSubject"]["achievement"]
    achievement["name"] = document["name"] = draw(TEXTS)
    achievement["description"] = draw(TEXTS)
    achievement["criteria"] = {"narrative": draw(TEXTS)}
    achievement["creator"] = draw(profiles())
    achievement["tag"] = draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    document["issuer"]["name"] = draw(TEXTS)
    document["evidence"] = draw(st.lists(evidences(), min_size=1, max_size=3))
    return document


def accepted(ask: Ask, document: Document) -> bool:
    answer = ask("verify", document=document)
    return bool(answer["verified"])


def who_can(suite: str, digitalbazaar: Ask, openvc: Ask) -> list[Ask]:
    """Return the peers that know the suite: @digitalbazaar/vc has no JCS suite."""
    return [openvc] if "jcs" in suite else [digitalbazaar, openvc]


def for_suite(document: Document, suite: str, signer: PrivateKeySigner) -> Document:
    """Return the document as every peer reads it: openvc-core labels blank nodes with SHA-256 where P-384 demands
    SHA-384.
    """
    document["issuer"]["id"] = f"did:key:{signer.public.multibase}"
    return without_blank_nodes(document) if (suite, signer) == ("ecdsa-rdfc-2019", EC384) else document


def ours_accepts(document: Document) -> bool:
    try:
        verify_proof(document, did_key_of_method)
    except (ProofRefused, DidRefused):
        return False
    return True


@pytest.mark.parametrize(("suite", "signer"), [SUITES[0], SUITES[1], SUITES[2]], ids=[NAMES[0], NAMES[1], NAMES[2]])
def test_hypothesis_finds_none_that_a_peer_refuses(
    digitalbazaar: Ask, openvc: Ask, suite: str, signer: PrivateKeySigner
) -> None:
    @settings(
        max_examples=EXAMPLES if suite == "eddsa-rdfc-2022" else EXAMPLES // 3,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents())
    def every(document: Document) -> None:
        signed = sign(for_suite(document, suite, signer), signer, suite)
        assert ours_accepts(signed)
        for ask in who_can(suite, digitalbazaar, openvc):
            assert accepted(ask, signed), (ask("verify", document=signed), signed)

    every()


def test_two_normal_forms_are_two_texts_to_all(digitalbazaar: Ask, openvc: Ask) -> None:
    """Show that no peer normalises: a text signed composed does not verify decomposed, though it looks the same."""
    for pair in PAIRS:
        composed, apart = (unicodedata.normalize(form, pair) for form in ("NFC", "NFD"))
        if composed == apart:  # excluded from composition: there is one form only
            continue
        document = unsigned(ED, 1, random.Random(1))
        signed = sign({**document, "name": composed})
        for ask in (digitalbazaar, openvc):
            assert accepted(ask, signed)
            assert not accepted(ask, {**signed, "name": apart})
        assert not ours_accepts({**signed, "name": apart})


def test_long_texts(digitalbazaar: Ask, openvc: Ask) -> None:
    document = unsigned(ED, 1, random.Random(1))
    document["credentialSubject"]["achievement"]["description"] = "ñ\U0001f600\u202e" * (LONG // 3)
    signed = sign(document)
    assert accepted(digitalbazaar, signed) and accepted(openvc, signed) and ours_accepts(signed)


# --- one bit ---


def texts_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every text that is signed as a value: no key, no context, no type, no number."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("@context", "type", "proof"):
                yield from texts_of(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from texts_of(inner, (*path, place))
    elif isinstance(value, str):
        yield path


def flipped(text: str, generator: random.Random) -> str:
    """Turn the lowest bit of one letter; the letter remains valid at its place."""
    places = [place for place, letter in enumerate(text) if letter.isascii() and letter.isalnum()]
    place = generator.choice(places)
    return text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]


def with_flips(signed: Document, generator: random.Random) -> Iterator[tuple[str, Document]]:
    """Yield the credential with one bit turned: of a signed value, of the proof's options, or of its value."""
    paths = [
        path
        for path in texts_of(signed)
        if any(c.isascii() and c.isalnum() for c in at(signed, path)) and path[-1] != "id"
    ]
    for path in generator.sample(paths, 6):
        changed = copy.deepcopy(signed)
        at(changed, path[:-1])[path[-1]] = flipped(at(signed, path), generator)
        yield "/".join(map(str, path)), changed
    for key in ("created", "verificationMethod", "proofPurpose"):
        changed = copy.deepcopy(signed)
        changed["proof"][key] = flipped(signed["proof"][key], generator)
        yield f"proof/{key}", changed
    for _ in range(3):
        changed = copy.deepcopy(signed)
        signature = bytearray(decode_multibase(signed["proof"]["proofValue"]))
        signature[generator.randrange(len(signature))] ^= 1 << generator.randrange(8)
        changed["proof"]["proofValue"] = encode_multibase(bytes(signature))
        yield "proof/proofValue", changed


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize(("suite", "signer"), SUITES, ids=NAMES)
def test_one_flipped_bit_is_refused_by_all(
    digitalbazaar: Ask, openvc: Ask, suite: str, signer: PrivateKeySigner
) -> None:
    generator, count = random.Random(f"{suite} {signer.public.algorithm}"), 0
    for number in range(3):
        document = unsigned(signer, number, generator)
        signed = sign(for_suite(hostile(document, generator), suite, signer), signer, suite)
        assert ours_accepts(signed)
        for what, changed in with_flips(signed, generator):
            count += 1
            assert not ours_accepts(changed), what
            for ask in who_can(suite, digitalbazaar, openvc):
                assert not accepted(ask, changed), what
    assert count == 3 * FLIPS


@pytest.mark.parametrize(("suite", "signer"), SUITES, ids=NAMES)
def test_another_spelling_of_the_same_is_accepted_by_all(
    digitalbazaar: Ask, openvc: Ask, suite: str, signer: PrivateKeySigner
) -> None:
    """Change key order, white space and escapes for every suite, and the order of sets where it is not signed."""
    generator = random.Random(f"spelling {suite}")
    for number in range(4):
        document = for_suite(hostile(unsigned(signer, number, generator), generator), suite, signer)
        signed = sign(document, signer, suite)
        turned = json.loads(json.dumps(backwards(signed, sets="rdfc" in suite), indent=3, ensure_ascii=True))
        assert json.dumps(turned) != json.dumps(signed)
        assert verify_proof(turned, did_key_of_method).digest == verify_proof(signed, did_key_of_method).digest
        for ask in who_can(suite, digitalbazaar, openvc):
            assert accepted(ask, turned), ask("verify", document=turned)


def backwards(value: Any, *, sets: bool, key: str = "") -> Any:
    """Reverse every object's keys and every set's members; contexts are a list."""
    if isinstance(value, dict):
        return {name: backwards(inner, sets=sets, key=name) for name, inner in reversed(value.items())}
    if isinstance(value, list) and key != "@context":
        members = [backwards(inner, sets=sets) for inner in value]
        return members[::-1] if sets else members
    return value
