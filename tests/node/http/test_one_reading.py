"""Over HTTP a credential is read once and its proof verified once, with a receipt or without, on the page too."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from acredita.node.demo import export
from acredita.node.demo.export import DemoFolder
from acredita.node.http.app import node_of
from acredita.node.http.dependencies import MAX_BODY_BYTES
from acredita.node.http.verify import LONGEST_RESPELLING
from acredita.node.publication.trust_folder import read_trust
from acredita.registry.evidence.build_bundle import build_bundle, bundle_block
from acredita.registry.evidence.bundle import write_bundle
from acredita.registry.evidence.credential import read_credential
from acredita.registry.json_documents.strict import MAX_BYTES
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.facts import Missing
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.node.http.two_institution_node import TwoInstitutionNode, body
from tests.recorded_calls import ONCE, Work, recorded_work


def work_of(node: TwoInstitutionNode, credential: bytes, content: bytes, route: str = "/v1/verify") -> tuple[str, Work]:
    """Return the answer of a new application, whose threads start inside the block, and its work on the credential."""
    with recorded_work() as work_on, node.client() as client:
        answer = client.post(route, content=content)
        assert answer.status_code == 200
        return answer.text, work_on(json.loads(credential)["id"])


def test_with_a_receipt(node: TwoInstitutionNode) -> None:
    digest = node.digests[0]
    credential = node.credential(digest)
    answer, work = work_of(node, credential, body(credential, receipt=node.receipt(digest)))
    assert (json.loads(answer)["verdict"], work) == ("recognised", ONCE)


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "as a key"])
def test_without_a_receipt(node: TwoInstitutionNode, alone: bool) -> None:
    credential = node.credential(node.digests[0])
    answer, work = work_of(node, credential, credential if alone else body(credential))
    assert (json.loads(answer)["verdict"], work) == ("recognised", ONCE)


def test_on_the_page(node: TwoInstitutionNode) -> None:
    credential = node.credential(node.digests[0])
    answer, work = work_of(node, credential, urlencode({"credencial": credential}).encode(), "/verificar")
    assert "RECONOCIDA" in answer
    assert work == ONCE


def test_a_bundle_on_the_page(node: TwoInstitutionNode, tmp_path: Path) -> None:
    export.write_trust(
        node.demo, DemoFolder(tmp_path), PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x09" * 32))
    )
    digest, trust = node.digests[0], read_trust(tmp_path / "trust.json")
    credential, receipt = node.credential(digest), node.tenant.institution.receipt(digest)
    with node.client(trust=trust) as client:
        served_node = node_of(client.app)
        observer = served_node.observer()
        assert not isinstance(observer, Missing)
        assert receipt is not None
        bundle = build_bundle(
            replace(observer, block=bundle_block(observer.ledger, trust)),
            trust,
            read_credential(credential),
            receipt,
            programme=served_node.document_source.programme(receipt.entry.programme),
            scopes=[],
            dids={},
        )
    form = {"archivo": base64.b64encode(write_bundle(bundle)).decode()}
    answer, work = work_of(node, credential, urlencode(form).encode(), "/verificar")
    assert "RECONOCIDA" in answer
    assert work == ONCE


@pytest.mark.parametrize(("size", "code"), [(MAX_BYTES - 20, "NOT_A_CREDENTIAL"), (MAX_BYTES + 20, "JSON_TOO_LARGE")])
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "as a key"])
def test_a_credential_has_its_limit_alone_and_within_a_body(
    node: TwoInstitutionNode, size: int, code: str, alone: bool
) -> None:
    value = json.dumps({"x": "x" * (size - len('{"x": ""}'))})
    content = value if alone else f'{{"credential":{value}}}'
    assert MAX_BYTES // LONGEST_RESPELLING < len(content) <= MAX_BODY_BYTES
    with node.client() as client:
        assert client.post("/v1/verify", content=content.encode()).json()["code"] == code
