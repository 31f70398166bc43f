"""Evidence bundles on the verification page: held against the ledger at hand, else answered by their own proofs."""

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from acredita.anchoring.types import Digest
from acredita.node.demo import export
from acredita.node.demo.export import DemoFolder
from acredita.node.http.app import node_of
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.storage.database import Database
from acredita.registry.evidence.build_bundle import build_bundle, bundle_block
from acredita.registry.evidence.bundle import Bundle, read_bundle, write_bundle
from acredita.registry.evidence.credential import read_credential
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.programmes.scope import parse_scope
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.node.http.test_verify_page import Page
from tests.node.http.two_institution_node import Client, TwoInstitutionNode

FALSE_NAME = "Universidad de la Falsa Memoria"


@pytest.fixture(scope="module")
def trust(node: TwoInstitutionNode, tmp_path_factory: pytest.TempPathFactory) -> Trust:
    """Make a trust file that names the newest block, after a credential of its own was anchored."""
    folder = tmp_path_factory.mktemp("trust")
    node.anchor()
    signer = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x09" * 32))
    export.write_trust(node.demo, DemoFolder(folder), signer)
    return read_trust(folder / "trust.json")


@pytest.fixture(scope="module")
def digest(node: TwoInstitutionNode) -> Digest:
    [digest] = node.issue(next(node.learners))
    return digest


@pytest.fixture(scope="module")
def bundle(node: TwoInstitutionNode, client: Client, digest: Digest, trust: Trust) -> Bundle:
    served_node = node_of(client.app)
    observer, receipt = served_node.observer(), node.tenant.institution.receipt(digest)
    assert not isinstance(observer, Missing)
    assert receipt is not None
    programme = served_node.document_source.programme(receipt.entry.programme)
    scopes = [
        served_node.document_source.scope(d) for p in observer.parties(receipt.issuer).values() for _, d in p.scopes
    ]
    return build_bundle(
        replace(observer, block=bundle_block(observer.ledger, trust)),
        trust,
        read_credential(node.credential(digest)),
        receipt,
        programme=programme,
        scopes=[scope for scope in scopes if scope is not None],
        dids={},
    )


@pytest.fixture
def empty(node: TwoInstitutionNode, tmp_path: Path, trust: Trust) -> Iterator[Client]:
    """Open a node on the same chain that has no log, no document and no list of any institution."""
    database = Database.create(f"sqlite:///{tmp_path}/node.db")
    with node.client(database=database, folder=TrustFolder(tmp_path), tenants={}, trust=trust) as opened:
        yield opened
    database.close()


def dropped(client: Client, content: bytes, status: int = 200) -> Page:
    form = {"archivo": base64.b64encode(content).decode()}
    answer = client.post("/verificar", content=urlencode(form).encode())
    assert answer.status_code == status
    return Page(answer.text)


def test_the_page_says_that_it_takes_one(client: Client) -> None:
    assert ".acredita" in Page(client.get("/verificar").text).words


def test_a_bundle_is_verified_with_the_ledger_at_hand(node: TwoInstitutionNode, client: Client, bundle: Bundle) -> None:
    page = dropped(client, write_bundle(bundle))
    assert "RECONOCIDA" in page.words
    assert "recognised" in page.classes
    assert node.tenant.institution.name in page.words


def test_a_node_that_has_nothing_of_that_issuer_takes_it_from_the_bundle(empty: Client, bundle: Bundle) -> None:
    """Take documents from the bundle by their digests, and the status leaf under the ledger's own word."""
    alone = urlencode({"credencial": credential_text(bundle), "comprobante": receipt_text(bundle)}).encode()
    assert "NO VERIFICABLE AHORA" in Page(empty.post("/verificar", content=alone).text).words
    assert "recognised" in dropped(empty, write_bundle(bundle)).classes


def test_without_a_ledger_the_bundle_answers(node: TwoInstitutionNode, bundle: Bundle, trust: Trust) -> None:
    with node.client(ledger=None, trust=trust) as cut_off:
        page = dropped(cut_off, write_bundle(bundle))
        assert "recognised" in page.classes
        assert node.tenant.institution.name in page.words


def test_a_name_slipped_into_a_bundle_is_not_shown(node: TwoInstitutionNode, bundle: Bundle, trust: Trust) -> None:
    """Find the scope document by the digest in the registry: the author of the bundle may have added others."""
    scope = bundle.scopes[0]
    assert isinstance(scope, dict)
    forged = {**scope, "name": {**scope["name"], "es": FALSE_NAME}}
    parse_scope(forged)
    with node.client(ledger=None, trust=trust) as cut_off:
        page = dropped(cut_off, write_bundle(replace(bundle, scopes=(forged, *bundle.scopes))))
    assert "recognised" in page.classes
    assert FALSE_NAME not in page.words
    assert node.tenant.institution.name in page.words


def test_what_happened_since_counts_and_the_bundles_leaf_does_not(
    node: TwoInstitutionNode, client: Client, empty: Client, bundle: Bundle, digest: Digest
) -> None:
    """Revoke the credential after its bundle was made. This test is the last of its module."""
    before = write_bundle(bundle)
    node.tenant.institution.revoke(digest)
    node.anchor()
    assert "REVOCADA" in dropped(client, before).words
    page = dropped(empty, before)
    assert "recognised" not in page.classes
    assert "NO VERIFICABLE AHORA" in page.words


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"{}", mtime=0), gzip.compress(b"\0" * (2 << 20), mtime=0), b"\x1f\x8b\x08"],
    ids=["nothing in it", "a bomb", "an end too early"],
)
def test_what_only_looks_like_a_bundle(client: Client, content: bytes) -> None:
    assert "no es una microcredencial" in dropped(client, content, 400).words


def credential_text(bundle: Bundle) -> str:
    return json.dumps(bundle.credential, ensure_ascii=False)


def receipt_text(bundle: Bundle) -> str:
    return json.dumps(bundle.receipt.to_document())


def test_reading_a_bundle_back_changes_nothing(bundle: Bundle) -> None:
    assert read_bundle(write_bundle(bundle)) == bundle
