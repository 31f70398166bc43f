"""Keys and accounts that a control account adds by the files that a node handed over."""

from pathlib import Path

import pytest
from acredita.contracts.bindings import KeyPurpose
from acredita.registry.keys.did import issuer_id
from acredita.registry.keys.key_statement import make_statement
from acredita.registry.keys.multikey import key_id
from acredita.registry.keys.signer import PrivateKeySigner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.cli.test_council import consent, refused
from tests.simulators.several_hands import ISSUER_DID, SeveralHands, found

SIGNER = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x31" * 32))
ADD = ["institution", "keys", "add", "--did", ISSUER_DID]


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    hands = found(tmp_path_factory.mktemp("offers") / "world")
    words = ["institution", "apply", "--did", ISSUER_DID, "--act", hands.act_file("ut", "solicitud")]
    assert hands.run(*words, *hands.by("ut"))[0] == 0
    return hands


def statement(hands: SeveralHands, purpose: KeyPurpose = KeyPurpose.NOTE, chain_id: int = 31337) -> Path:
    """Write the statement of a key for this institution."""
    made = make_statement(chain_id, hands.contracts.issuer_registry, issuer_id(ISSUER_DID), int(purpose), SIGNER)
    path = hands.base / "ut" / f"{made.digest.hex()}.statement"
    path.write_bytes(made.data)
    return path


def test_a_statement_of_another_chain_key_or_purpose_adds_nothing(hands: SeveralHands) -> None:
    before, by = hands.head(), hands.by("ut")
    elsewhere = statement(hands, chain_id=1)
    assert "KEY_STATEMENT_INVALID" in refused(hands, *ADD, "--statement", elsewhere, *by)
    assert "otra cadena" in refused(hands, *ADD, "--statement", elsewhere, *by, lang="es")
    broken = statement(hands)
    words = [*ADD, "--statement", broken, *by]
    assert "of another purpose" in refused(hands, *words, "--purpose", "assertion")
    assert "of another key" in refused(hands, *words, "--key", "11" * 32)
    broken.write_bytes(broken.read_bytes()[:-1] + bytes([broken.read_bytes()[-1] ^ 1]))
    assert "KEY_STATEMENT_INVALID" in refused(hands, *words)
    assert hands.run(*ADD, "--statement", "22" * 32, *by)[0] == 2
    assert hands.run("institution", "accounts", "add", "--did", ISSUER_DID, *by)[0] == 2
    assert hands.head() == before


def test_a_statement_and_a_consent_name_what_is_added(hands: SeveralHands) -> None:
    file = statement(hands)
    code, text = hands.run(*ADD, "--statement", file, *hands.by("ut"))
    assert code == 0, text
    assert key_id(SIGNER.multikey).hex() in text and file.stem in text
    bound = consent(hands, "nadie", ISSUER_DID, "anchoring")
    words = ["institution", "accounts", "add", "--did", ISSUER_DID, "--consent", bound, *hands.by("ut")]
    code, text = hands.run(*words)
    assert code == 0, text
    assert hands.address("nadie") in text
