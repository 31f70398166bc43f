"""Test hostile input: changed bytes, bombs of each kind, and requests that the OpenAPI document allows. No answer is a
5xx.
"""

import base64
import gzip
import io
import json
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from acredita.node.http.dependencies import MAX_BODY_BYTES
from acredita.node.runtime.signing_profiles import of_key
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2
from acredita.registry.credentials.cohort_columns import CohortRefused
from acredita.registry.credentials.cohort_file import Importer
from acredita.registry.credentials.cohort_rows import csv_rows
from acredita.registry.credentials.status_list import StatusListRefused, decode_list
from acredita.registry.keys.signer import PrivateKeySigner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.node.http.two_institution_node import HEADER, PROGRAMME, Client, TwoInstitutionNode

CHANGES = 120  # of each kind of document: about two seconds in all
PROFILE = of_key(
    "uses",
    PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x41" * 32)),
    cryptosuite="eddsa-rdfc-2022",
    status=("revocation",),
    open_to_all=True,
)
PATHS = ("/v1/verify", "/credentials/verify", "/presentations/verify", "/issuers/uses/credentials/issue")
_BYTES = b'{}[]",:\\0-9eE.nulltruef@$\xff\xc3\xed\xa0\x00\x7f\xe2\x80\xa8'


@pytest.fixture(scope="module")
def open_client(node: TwoInstitutionNode) -> Iterator[Client]:
    with node.client(profiles=(PROFILE,)) as opened:
        yield opened


def changed(data: bytes, chance: random.Random) -> bytes:
    """Replace, insert, cut out or double a few bytes."""
    altered = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(altered))
        end = min(len(altered), at + chance.choice((1, 1, 2, 40)))
        piece = bytes(chance.choice(_BYTES) for _ in range(chance.randint(0, 3)))
        altered[at:end] = chance.choice((piece, piece, bytes(altered[at:end]) * 2))
    return bytes(altered)


def bodies(node: TwoInstitutionNode) -> list[bytes]:
    credential = json.loads(node.credential(node.digests[0]))
    plain = {"@context": [CREDENTIALS_V2], "type": ["VerifiableCredential"], "issuer": PROFILE.did}
    plain |= {"credentialSubject": {"id": "did:example:1"}, "name": {"@value": "á", "@language": "es"}}
    presentation = {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "proof": credential["proof"]}
    presentation |= {"verifiableCredential": [credential]}
    kinds = (
        {"credential": credential},
        {"verifiableCredential": credential, "options": {"checks": ["proof"]}},
        {"verifiablePresentation": presentation, "options": {}},
        {"credential": plain, "options": {}},
    )
    return [json.dumps(kind, ensure_ascii=False).encode() for kind in kinds]


def test_changed_bytes_get_an_answer(node: TwoInstitutionNode, open_client: Client) -> None:
    chance = random.Random(20_261_115)
    statuses = set()
    for path, body in zip(PATHS, bodies(node), strict=True):
        for _ in range(CHANGES):
            answer = open_client.post(path, content=changed(body, chance))
            statuses.add((path, answer.status_code))
    assert {status for _, status in statuses} <= {200, 201, 400, 413, 422}
    malformed = {path: 422 if path == "/v1/verify" else 400 for path in PATHS}  # 422: it holds no credential
    assert set(malformed.items()) <= statuses


def test_changed_cohort_files_are_read_or_refused(node: TwoInstitutionNode) -> None:
    chance = random.Random(20_261_116)
    whole = f"{HEADER}\n".encode() + b"".join(b"M-%d,,2026-04-20,Competente,\n" % number for number in range(20))
    importer = Importer(node.demo.texts.programme(PROGRAMME), lambda message: message[:32], date(2026, 11, 15), "UTC")
    outcomes = set()
    for _ in range(CHANGES):
        try:
            outcomes |= {type(row).__name__ for row in importer.judge(csv_rows(io.BytesIO(changed(whole, chance))))}
        except CohortRefused as error:
            outcomes.add(error.code)
    assert {"RowAccepted", "RowRefused"} < outcomes


# --- bombs ---


def poison() -> dict[str, Any]:
    """Return blank nodes that all look alike: every labelling has to be tried."""
    term = {"knows": {"@id": "https://example.org/knows", "@type": "@id"}}
    nodes = [{"id": f"_:n{row}", "knows": [f"_:n{other}" for other in range(10) if other != row]} for row in range(10)]
    return {
        "@context": [CREDENTIALS_V2, term],
        "type": ["VerifiableCredential"],
        "issuer": PROFILE.did,
        "credentialSubject": {"id": "did:example:1", "knows": nodes},
    }


def test_a_poison_graph_is_stopped_by_the_work_budget(open_client: Client) -> None:
    answer = open_client.post("/issuers/uses/credentials/issue", json={"credential": poison()})
    assert (answer.status_code, answer.json()["code"]) == (400, "GRAPH_TOO_COMPLEX")


@pytest.mark.parametrize("path", PATHS)
def test_deep_json_is_stopped_by_the_depth_limit(open_client: Client, path: str) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    for body in (deep, b'{"credential":' + deep + b"}", b'{"verifiableCredential":' + deep + b"}"):
        answer = open_client.post(path, content=body)
        code = answer.json()["code"]
        assert (code, answer.status_code) in (
            ("JSON_TOO_DEEP", 400),
            ("NOT_A_CREDENTIAL", 422),
            ("JSON_TOO_DEEP", 200),  # a presentation by its key: its fault is a failed step 1
        )


@pytest.mark.parametrize("path", PATHS)
def test_a_large_body_is_stopped_by_the_size_limit(open_client: Client, path: str) -> None:
    answer = open_client.post(path, content=b'"' + b"a" * MAX_BODY_BYTES + b'"')
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_a_list_that_unpacks_without_end_is_stopped_at_the_lists_size() -> None:
    packed = gzip.compress(bytes(4_000_000), mtime=0)
    encoded = "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    with pytest.raises(StatusListRefused) as caught:
        decode_list(encoded)
    assert caught.value.code == "STATUS_LIST_LENGTH_ERROR"


def test_a_presentation_of_too_many_is_stopped_before_any_is_checked(open_client: Client) -> None:
    presentation = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [{}] * 5_000,
    }
    answer = open_client.post("/presentations/verify", json={"verifiablePresentation": presentation})
    assert [row["code"] for row in answer.json()["errors"]] == ["VCDM_PRESENTED"]


def test_a_token_that_is_no_end_of_text_is_stopped(open_client: Client) -> None:
    envelope = {"@context": CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential"}
    envelope |= {"id": "data:application/vc+jwt," + "e" * 900_000 + ".e.e"}
    answer = open_client.post("/credentials/verify", json={"verifiableCredential": envelope})
    assert [row["code"] for row in answer.json()["errors"]] == ["PROOF_MALFORMED"]
