"""Values that several tests of the registry start from: the demo's documents and one credential of each kind."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.demo.documents import DemoDocuments, documents_for, institutions
from acredita.registry.credentials.build import Award, Issuer, build_credential
from acredita.registry.credentials.status_position import entry_at
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.programmes.programme import Programme
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.registry.world import AnchoredWorld, build_anchored_world

DIDS = {party.key: f"did:web:{party.domain}" for party in institutions()}
ISSUED = 1_772_323_200  # 2026-03-01T00:00:00Z
CANARY = "CANARIO-Ñandú-7f3a"

Build = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def dids() -> dict[str, str]:
    return DIDS


@pytest.fixture(scope="session")
def demo() -> DemoDocuments:
    return documents_for(DIDS)


@pytest.fixture(scope="session")
def unsigned(demo: DemoDocuments) -> Build:
    """Build an unsigned credential: `programme` by short name, then the differences from a plain one."""

    def build(programme: str | Programme = "analitica-ingenieria", **changes: Any) -> dict[str, Any]:
        chosen = demo.programme(programme) if isinstance(programme, str) else programme
        passing = "91.5" if chosen.grading.rubric is None else "Destacado"
        award = Award(
            identifier=changes.pop("identifier", CANARY),
            did=changes.pop("did", None),
            awarded=changes.pop("awarded", date(2026, 2, 20)),
            result=changes.pop("result", passing),
            evidence_url=changes.pop("evidence_url", None),
        )
        arguments: dict[str, Any] = {
            "identifier": UUID("c0ffee00-0000-4000-8000-000000000001"),
            "status": entry_at("https://ut.example", IssuerId(b"\x5a" * 32), 131_075),
            "valid_from": ISSUED,
            "salt": bytes(range(16)),
        }
        return build_credential(chosen, award, Issuer(chosen.issuer, "Universidad (DEMO)"), **{**arguments, **changes})

    return build


@pytest.fixture(scope="session")
def signed(unsigned: Build) -> Build:
    """Sign such a credential by a fixed Ed25519 test key that belongs to nobody."""
    signer = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))

    def build(programme: str | Programme = "analitica-ingenieria", **changes: Any) -> dict[str, Any]:
        cryptosuite = changes.pop("cryptosuite", "eddsa-rdfc-2022")
        document = unsigned(programme, **changes)
        return add_proof(
            document,
            ProofOptions(cryptosuite, f"{document['issuer']['id']}#clave-1", datetime.fromtimestamp(ISSUED, UTC)),
            signer,
        )

    return build


@pytest.fixture(scope="session")
def shared_anchored() -> AnchoredWorld:
    return build_anchored_world()


@pytest.fixture
def anchored(shared_anchored: AnchoredWorld) -> Iterator[AnchoredWorld]:
    """Return the institution and credentials for a test to change; the changes are taken back."""
    with shared_anchored.world.branch():
        yield replace(shared_anchored)
