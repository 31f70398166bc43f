"""Make one credential for each verdict other than "recognised". No receipt among them is altered."""

import json
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest
from acredita.node.demo.environment import BASE, DemoEnvironment
from acredita.registry.credentials.build import Award, Issuer, build_credential
from acredita.registry.credentials.days import DEFAULT_ZONE, today_in
from acredita.registry.credentials.status_position import entry_at
from acredita.registry.keys.did import did_key, issuer_id, key_method
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from cryptography.hazmat.primitives.asymmetric import ed25519

UNRESOLVED_DID: Final = "did:web:academia-ficticia.example"


@dataclass(frozen=True)
class DemoCase:
    """The bytes of a credential and its receipt, if it has one. The verdict gives the case its name."""

    credential: bytes
    receipt: Receipt | None


def anchored_case(demo: DemoEnvironment, key: str, digest: Digest) -> DemoCase:
    """Return a credential as its institution delivered it."""
    institution = demo.tenants[key].institution
    return DemoCase(institution.credential(digest), institution.receipt(digest))


def altered(case: DemoCase) -> DemoCase:
    """Remove one accent of the achievement's description; the rest stays as it was signed."""
    document = json.loads(case.credential)
    achievement = document["credentialSubject"]["achievement"]
    achievement["description"] = _without_one_accent(achievement["description"])
    return DemoCase(_file(document), case.receipt)


def reshaped(case: DemoCase) -> DemoCase:
    """Add an inline context that swaps the meaning of two words: the same signed statements, read differently."""
    document = json.loads(case.credential)
    document["@context"] = [*document["@context"], {"name": "https://schema.org/description"}]
    return DemoCase(_file(document), case.receipt)


def unresolved_issuer(demo: DemoEnvironment) -> DemoCase:
    """Sign as an issuer whose DID document is not at hand: nobody can check the signature now."""
    signer = PrivateKeySigner.of(ed25519.Ed25519PrivateKey.generate())
    return _strangers(demo, signer, UNRESOLVED_DID, f"{UNRESOLVED_DID}#clave-1")


def unknown_issuer(demo: DemoEnvironment) -> DemoCase:
    """Sign an approved programme's words with a sound signature of an issuer that the registry does not know."""
    signer = PrivateKeySigner.of(ed25519.Ed25519PrivateKey.generate())
    return _strangers(demo, signer, did_key(signer.public), key_method(signer.public))


def _strangers(demo: DemoEnvironment, signer: PrivateKeySigner, did: str, method: str) -> DemoCase:
    now = demo.clock()
    unsigned = build_credential(
        demo.texts.programme("ind40-fundamentos"),
        Award("Persona Ficticia (DEMO)", None, today_in(DEFAULT_ZONE, now), "Competente", None),
        Issuer(did, "Academia que nadie acreditó (DEMO)"),
        identifier=UUID(bytes=secrets.token_bytes(16), version=4),
        status=entry_at(BASE, issuer_id(did), 1),
        valid_from=now,
        salt=secrets.token_bytes(16),
    )
    signed = add_proof(unsigned, ProofOptions("eddsa-rdfc-2022", method, datetime.fromtimestamp(now, UTC)), signer)
    return DemoCase(_file(signed), None)


def inserted(credential: dict[str, Any], receipt: Receipt) -> DemoCase:
    """Return a case from a credential that is not one of the node's."""
    return DemoCase(_file(credential), receipt)


def _without_one_accent(text: str) -> str:
    """Return the text with its first accented letter plain. A text without accents gets one."""
    for index, letter in _composed(text):
        plain = unicodedata.normalize("NFD", letter)[0]
        if plain != letter:
            return text[:index] + plain + text[index + 1 :]
    return text.replace("a", "á", 1)


def _composed(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(unicodedata.normalize("NFC", text)) if unicodedata.is_normalized("NFC", text) else enumerate(text)


def _file(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
