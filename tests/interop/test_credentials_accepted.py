"""Verifiers that do not know us accept what we sign and refuse what was changed; we accept what they sign.

The peers are npm @digitalbazaar/vc in safe mode, with the issuer bound to the key, and PyPI openvc-core. Both run in their
own process on the bundled contexts, and neither fetches anything.
"""

import copy
import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.demo.documents import documents_for, institutions
from acredita.registry.canonicalisation.contexts import bundled_contexts
from acredita.registry.credentials.build import Award, Issuer, build_credential
from acredita.registry.credentials.status_position import entry_at
from acredita.registry.keys.did import did_key, did_key_of_method, key_method
from acredita.registry.keys.multikey import decode_multibase, encode_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofOptions, ProofRefused, add_proof, verify_proof
from acredita.registry.proofs.jose import verify_jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.left_out import Want, leave_out
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.interop

Document = dict[str, Any]
Ask = Callable[..., Document]

ROOT = Path(__file__).resolve().parents[2]
NPM = ROOT / ".oracles" / "npm"
PYTHON = ROOT / ".oracles" / "venv" / "bin" / "python"
SCRIPTS = Path(__file__).parent / "credentials"

ISSUED = 1_772_323_200  # 2026-03-01T00:00:00Z
NOW = "2026-03-02T00:00:00Z"
CREATED = datetime.fromtimestamp(ISSUED, UTC)
ED = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x21" * 32))
EC256 = PrivateKeySigner.of(ec.derive_private_key(0x5151, ec.SECP256R1()))
EC384 = PrivateKeySigner.of(ec.derive_private_key(0x5151, ec.SECP384R1()))
# Every plane of Unicode that has characters, both directions, both normal forms, and what JSON and N-Quads escape.
ALPHABET = (
    "aZ0 ñéß\u0301\u200f\u202eابج中文\u2028\u0085\U0001f600\U0001d11e\U00020000\U00030000\U000e0041\U000f0000"
    '\U00100000"\\\n\t\r/<>{}|^`&'
)


class Peer:
    """Another implementation in a process of its own, asked by JSON lines."""

    def __init__(self, command: list[str], folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def ask(self, op: str, **request: Any) -> Document:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"op": op, "now": NOW, **request}) + "\n")
        self.process.stdin.flush()
        answer: Document = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE_SECONDS)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def contexts_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("contexts") / "contexts.json"
    path.write_text(json.dumps(dict(bundled_contexts().documents)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def digitalbazaar(contexts_file: Path) -> Iterator[Ask]:
    if not (NPM / "node_modules" / "@digitalbazaar" / "vc").is_dir() or shutil.which("node") is None:
        leave_out(Want.ORACLES, "@digitalbazaar/vc")
    peer = Peer(["node", str(SCRIPTS / "digitalbazaar.mjs"), str(contexts_file)], NPM)
    yield peer.ask
    peer.close()


@pytest.fixture(scope="module")
def openvc(contexts_file: Path) -> Iterator[Ask]:
    if not PYTHON.exists():
        leave_out(Want.ORACLES, "openvc-core")
    peer = Peer([str(PYTHON), str(SCRIPTS / "openvc_core.py"), str(contexts_file)], ROOT)
    yield peer.ask
    peer.close()


def unsigned(signer: PrivateKeySigner, number: int, generator: random.Random) -> Document:
    """Build one credential of a demo programme for a fictitious learner."""
    demo = documents_for({party.key: did_key(signer.public) for party in institutions()})
    programme = demo.programme(
        generator.choice(["analitica-ingenieria", "diseno-microcredenciales", "comercio-digital"])
    )
    return build_credential(
        programme,
        Award(
            identifier=f"DEMO-{number}",
            did=f"did:web:persona{number}.example" if number % 4 == 0 else None,
            awarded=date(2026, 2, 20),
            result="91.5" if programme.grading.rubric is None else "Destacado",
            evidence_url=f"https://evidencia.example/{number}" if number % 3 else None,
        ),
        Issuer(programme.issuer, "Universidad (DEMO)"),
        identifier=UUID(int=number),
        status=entry_at("https://ut.example", IssuerId(b"\x5a" * 32), number),
        valid_from=ISSUED,
        salt=generator.randbytes(16),
    )


def hostile(document: Document, generator: random.Random) -> Document:
    """Replace every free text by characters that libraries treat wrongly, and nest evidence."""
    changed = copy.deepcopy(document)

    def text(length: int = 24) -> str:
        return "x" + "".join(generator.choices(ALPHABET, k=generator.randrange(length)))

    achievement = changed["credentialSubject"]["achievement"]
    achievement["name"] = changed["name"] = text()
    achievement["description"] = text(2_000)
    achievement["criteria"] = {"narrative": text(400)}
    achievement["tag"] = [text() for _ in range(4)]
    changed["evidence"] = [
        {
            "id": f"urn:uuid:{UUID(int=generator.getrandbits(128))}",
            "type": ["Evidence"],
            "name": text(),
            "narrative": text(),
        }
        for _ in range(generator.randrange(1, 4))
    ]
    return changed


def sign(document: Document, signer: PrivateKeySigner = ED, cryptosuite: str = "eddsa-rdfc-2022") -> Document:
    method = key_method(signer.public)
    return add_proof(document, ProofOptions(cryptosuite, method, CREATED), signer)


def tampered(document: Document) -> Iterator[Document]:
    """Yield one change each: an accent, an issuer, a status index, a date, one bit of the signature."""
    for path, value in (
        (("name",), "Analitica de datos"),
        (("issuer", "id"), did_key(EC256.public)),
        (("credentialStatus", "statusListIndex"), "99999"),
        (("validFrom",), "2026-03-01T00:00:01Z"),
        (("credentialSubject", "achievement", "name"), "Otra"),
    ):
        changed = copy.deepcopy(document)
        target = changed
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value
        yield changed
    changed = copy.deepcopy(document)
    signature = bytearray(decode_multibase(changed["proof"]["proofValue"]))
    signature[5] ^= 1
    changed["proof"]["proofValue"] = encode_multibase(bytes(signature))
    yield changed


def test_a_thousand_of_ours_are_accepted(digitalbazaar: Ask, openvc: Ask) -> None:
    generator = random.Random(1_000)
    for number in range(1_000):
        document = unsigned(ED, number, generator)
        signed = sign(document if number % 2 else hostile(document, generator))
        for ask in (digitalbazaar, openvc):
            assert ask("verify", document=signed)["verified"], (number, ask("verify", document=signed), signed)


@pytest.mark.parametrize("cryptosuite", ["ecdsa-rdfc-2019", "ecdsa-jcs-2019"])
@pytest.mark.parametrize("signer", [EC256, EC384], ids=["P-256", "P-384"])
def test_our_ecdsa_proofs_are_accepted(
    digitalbazaar: Ask, openvc: Ask, signer: PrivateKeySigner, cryptosuite: str
) -> None:
    generator = random.Random(256)
    for number in range(20):
        document = hostile(unsigned(signer, number, generator), generator)
        signed = sign(document, signer, cryptosuite)
        if cryptosuite == "ecdsa-rdfc-2019":
            assert digitalbazaar("verify", document=signed)["verified"], digitalbazaar("verify", document=signed)
        if cryptosuite == "ecdsa-rdfc-2019" and signer is EC384:
            signed = sign(without_blank_nodes(document), signer, cryptosuite)
        assert openvc("verify", document=signed)["verified"], openvc("verify", document=signed)


def without_blank_nodes(document: Document) -> Document:
    """Name every node of the credential: openvc-core runs RDFC-1.0 on SHA-256 with P-384 and labels blank nodes otherwise.

    W3C's own vectors for ecdsa-rdfc-2019 with P-384 need SHA-384; so do @digitalbazaar's suite and ours.
    """
    achievement = document["credentialSubject"]["achievement"]
    return {
        **{key: value for key, value in document.items() if key not in ("credentialSubject", "issuer")},
        "issuer": {"id": document["issuer"]["id"], "type": ["Profile"], "name": document["issuer"]["name"]},
        "credentialSubject": {
            "id": "did:web:persona.example",
            "type": ["AchievementSubject"],
            "achievement": {key: achievement[key] for key in ("id", "type", "name", "description", "tag")},
        },
    }


def test_our_eddsa_jcs_proofs_are_accepted(openvc: Ask) -> None:
    generator = random.Random(8785)
    for number in range(50):
        signed = sign(hostile(unsigned(ED, number, generator), generator), cryptosuite="eddsa-jcs-2022")
        assert openvc("verify", document=signed)["verified"], openvc("verify", document=signed)


def test_what_was_changed_is_refused_by_all(digitalbazaar: Ask, openvc: Ask) -> None:
    generator = random.Random(13)
    for number in range(8):
        for changed in tampered(sign(unsigned(ED, number, generator))):
            assert not digitalbazaar("verify", document=changed)["verified"]
            assert not openvc("verify", document=changed)["verified"]
            with pytest.raises(ProofRefused):
                verify_proof(changed, did_key_of_method)


def test_a_change_that_keeps_the_canonical_form_is_accepted_by_all(digitalbazaar: Ask, openvc: Ask) -> None:
    signed = sign(unsigned(ED, 1, random.Random(1)))
    turned = json.loads(json.dumps(dict(reversed(list(signed.items()))), indent=3, ensure_ascii=True))
    turned["credentialSubject"]["achievement"]["alignment"].reverse()
    assert digitalbazaar("verify", document=turned)["verified"]
    assert openvc("verify", document=turned)["verified"]
    assert verify_proof(turned, did_key_of_method).digest == verify_proof(signed, did_key_of_method).digest


def test_another_issuers_key_is_refused(digitalbazaar: Ask) -> None:
    document = unsigned(ED, 1, random.Random(1))
    document["issuer"]["id"] = did_key(EC256.public)
    answer = digitalbazaar("verify", document=sign(document))
    assert not answer["verified"] and answer["error"]


@pytest.mark.parametrize(
    ("cryptosuite", "curve"),
    [("eddsa-rdfc-2022", None), ("ecdsa-rdfc-2019", "P-256"), ("ecdsa-rdfc-2019", "P-384")],
)
def test_theirs_are_accepted_digitalbazaar(digitalbazaar: Ask, cryptosuite: str, curve: str | None) -> None:
    generator = random.Random(77)
    for number in range(30):
        document = hostile(unsigned(ED, number, generator), generator)
        answer = digitalbazaar("issue", document=document, cryptosuite=cryptosuite, curve=curve, created=NOW)
        signed = answer["document"]
        assert verify_proof(signed, did_key_of_method).options.cryptosuite == cryptosuite
        assert without_proof(signed) == document | {"issuer": signed["issuer"]}
        for changed in tampered(signed):
            with pytest.raises(ProofRefused):
                verify_proof(changed, did_key_of_method)


def without_proof(signed: Document) -> Document:
    """Return a signed document without its proof."""
    return {key: value for key, value in signed.items() if key != "proof"}


@pytest.mark.parametrize(
    ("cryptosuite", "algorithm"),
    [
        ("eddsa-rdfc-2022", "Ed25519"),
        ("eddsa-jcs-2022", "Ed25519"),
        ("ecdsa-rdfc-2019", "P-256"),
        ("ecdsa-rdfc-2019", "P-384"),
        ("ecdsa-jcs-2019", "P-256"),
        ("ecdsa-jcs-2019", "P-384"),
    ],
)
def test_theirs_are_accepted_openvc(openvc: Ask, cryptosuite: str, algorithm: str) -> None:
    generator = random.Random(78)
    for number in range(30):
        document = hostile(unsigned(ED, number, generator), generator)
        if (cryptosuite, algorithm) == ("ecdsa-rdfc-2019", "P-384"):
            document = without_blank_nodes(document)
        signed = openvc("issue", document=document, cryptosuite=cryptosuite, algorithm=algorithm)["document"]
        assert verify_proof(signed, did_key_of_method).key.algorithm == algorithm
        for changed in tampered(signed):
            with pytest.raises(ProofRefused):
                verify_proof(changed, did_key_of_method)


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-256"])
def test_theirs_are_accepted_as_jwt(openvc: Ask, algorithm: str) -> None:
    generator = random.Random(79)
    for number in range(20):
        document = hostile(unsigned(ED, number, generator), generator)
        answer = openvc("issueJwt", document=document, algorithm=algorithm)
        check = verify_jwt(answer["token"], did_key_of_method)
        assert check.document == answer["document"] and check.key.algorithm == algorithm
        head, _, signature = answer["token"].rpartition(".")
        with pytest.raises(ProofRefused):
            verify_jwt(f"{head[:-1]}{'A' if head[-1] != 'A' else 'B'}.{signature}", did_key_of_method)


def test_presentation_is_accepted_with_its_challenge_only(digitalbazaar: Ask) -> None:
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": did_key(EC256.public),
        "verifiableCredential": [sign(unsigned(ED, 5, random.Random(5)))],
    }
    signed = add_proof(
        presentation,
        ProofOptions(
            "ecdsa-rdfc-2019",
            key_method(EC256.public),
            CREATED,
            purpose="authentication",
            challenge="reto-1",
            domains=("https://empleo.example",),
        ),
        EC256,
    )
    presented = {"document": signed, "challenge": "reto-1", "domain": "https://empleo.example"}
    answer = digitalbazaar("verifyPresentation", **presented)
    assert answer["verified"], answer
    assert not digitalbazaar("verifyPresentation", **{**presented, "challenge": "reto-2"})["verified"]
    assert not digitalbazaar("verifyPresentation", **{**presented, "domain": "https://otro.example"})["verified"]
