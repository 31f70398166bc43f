"""Published figures, byte for byte: W3C's EdDSA and ECDSA cryptosuites, 1EdTech's worked Open Badges and CLR examples."""

import copy
import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from acredita.registry.canonicalisation.canonical import canonical_nquads, canonical_nquads_slow
from acredita.registry.canonicalisation.contexts import ContextSet, bundled_contexts
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.keys.did import did_key_of_method
from acredita.registry.keys.multikey import ED25519, P384, decode_multibase, encode_multibase, parse_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.cryptosuites import SUITES
from acredita.registry.proofs.data_integrity import ProofOptions, ProofRefused, add_proof, verify_proof, verify_proofs
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"
CASES = (
    "eddsa-rdfc-2022",
    "eddsa-jcs-2022",
    "ecdsa-rdfc-2019-p256",
    "ecdsa-rdfc-2019-p384",
    "ecdsa-jcs-2019-p256",
    "ecdsa-jcs-2019-p384",
)
# folder of W3C's step-by-step files → suffix of their names
FOLDERS = {
    "w3c-vc-di-eddsa/TestVectors/eddsa-rdfc-2022": "DataInt",
    "w3c-vc-di-eddsa/TestVectors/eddsa-jcs-2022": "JCS",
    "w3c-vc-di-ecdsa/TestVectors/ecdsa-rdfc-2019-p256": "ECDSAP256",
    "w3c-vc-di-ecdsa/TestVectors/ecdsa-rdfc-2019-p384": "ECDSAP384",
    "w3c-vc-di-ecdsa/TestVectors/ecdsa-jcs-2019-p256": "JCSECDSAP256",
    "w3c-vc-di-ecdsa/TestVectors/ecdsa-jcs-2019-p384": "JCSECDSAP384",
}


@pytest.fixture(scope="module")
def vectors(figures: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((figures / "data_integrity.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def contexts(vectors: dict[str, Any]) -> ContextSet:
    """Return the bundled contexts and W3C's one for examples, which production does not know."""
    return bundled_contexts().with_documents(vectors["contexts"])


def private_signer(case: dict[str, str]) -> PrivateKeySigner:
    """Return the published private key: two prefix bytes, then the seed or scalar."""
    secret = decode_multibase(case["private_key"])[2:]
    if case["name"].startswith("eddsa"):
        return PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(secret))
    curve = ec.SECP384R1() if case["name"].endswith("p384") else ec.SECP256R1()
    return PrivateKeySigner.of(ec.derive_private_key(int.from_bytes(secret, "big"), curve))


@pytest.mark.parametrize("name", CASES)
def test_signed_example(vectors: dict[str, Any], contexts: ContextSet, name: str) -> None:
    case = next(case for case in vectors["cases"] if case["name"] == name)
    signed = {**vectors["document"], "proof": case["proof"]}
    check = verify_proof(signed, did_key_of_method, contexts=contexts)
    assert check.hash_data.hex() == case["hash_data"]
    assert check.key == parse_multibase(case["public_key"])
    assert decode_multibase(case["proof"]["proofValue"]).hex() == case["signature"]
    with pytest.raises(ProofRefused):
        verify_proof({**signed, "name": "Alumni  Credential"}, did_key_of_method, contexts=contexts)


@pytest.mark.parametrize("name", CASES)
def test_our_signing_gives_the_published_proof(vectors: dict[str, Any], contexts: ContextSet, name: str) -> None:
    case = next(case for case in vectors["cases"] if case["name"] == name)
    signer = private_signer(case)
    assert signer.public == parse_multibase(case["public_key"])
    ours = add_proof(
        vectors["document"],
        ProofOptions(
            case["proof"]["cryptosuite"],
            case["proof"]["verificationMethod"],
            datetime.fromisoformat(case["proof"]["created"]),
        ),
        signer,
        contexts=contexts,
    )
    if name.startswith("eddsa"):
        assert ours["proof"] == case["proof"]
    else:  # W3C's were made with random nonces: everything but the signature is equal
        assert {**ours["proof"], "proofValue": ""} == {**case["proof"], "proofValue": ""}
        assert verify_proof(ours, did_key_of_method, contexts=contexts).hash_data.hex() == case["hash_data"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_step(published: Path, contexts: ContextSet, folder: str) -> None:
    base, suffix = published / folder, FOLDERS[folder]

    def text(name: str) -> str:
        return (base / f"{name}{suffix}.txt").read_text(encoding="utf-8")

    signed = json.loads((base / f"signed{suffix}.json").read_text(encoding="utf-8"))
    config = json.loads((base / f"proofConfig{suffix}.json").read_text(encoding="utf-8"))
    unsecured = {key: value for key, value in signed.items() if key != "proof"}
    hash_name = "sha384" if suffix.endswith("384") else "sha256"

    def form(value: dict[str, Any]) -> bytes:
        if "JCS" in suffix:
            return jcs(value)
        walked = canonical_nquads(value, contexts=contexts, hash_name=hash_name)
        assert walked == canonical_nquads_slow(value, contexts=contexts, hash_name=hash_name)
        return walked

    assert form(unsecured).decode().strip() == text("canonDoc").strip()
    assert form(config).decode().strip() == text("proofCanon").strip()
    assert hashlib.new(hash_name, form(unsecured)).hexdigest() == text("docHash").strip()
    assert hashlib.new(hash_name, form(config)).hexdigest() == text("proofHash").strip()
    algorithm = P384 if hash_name == "sha384" else SUITES[signed["proof"]["cryptosuite"]].algorithms[0]
    options = {key: value for key, value in signed["proof"].items() if key != "proofValue"}
    hash_data = SUITES[signed["proof"]["cryptosuite"]].hash_data(unsecured, options, algorithm, contexts)
    assert hash_data.hex() == text("combinedHash").strip()
    signature = decode_multibase(signed["proof"]["proofValue"])
    assert signature.hex() == text("sigHex").strip()
    assert encode_multibase(signature) == text("sigBTC58").strip()


def test_ed25519_signature_2020(published: Path, contexts: ContextSet) -> None:
    base = published / "w3c-vc-di-eddsa/TestVectors/Ed25519Signature2020"
    signed = json.loads((base / "signedEdSig.json").read_text(encoding="utf-8"))
    check = verify_proof(signed, did_key_of_method, contexts=contexts)
    assert check.options.cryptosuite == "Ed25519Signature2020"
    assert check.hash_data.hex() == (base / "combinedHashEdSig.txt").read_text().strip()
    assert check.signature.hex() == (base / "sigHexEdSig.txt").read_text().strip()
    with pytest.raises(ProofRefused):
        verify_proof({**signed, "name": "Alumna"}, did_key_of_method, contexts=contexts)


@pytest.mark.parametrize(("name", "proofs"), [("Set1", 1), ("Set2", 2), ("Chain1", 3), ("Chain2", 4)])
def test_proof_sets_and_chains(published: Path, contexts: ContextSet, name: str, proofs: int) -> None:
    path = published / "w3c-vc-di-eddsa/TestVectors/proof-set-chain" / f"signedProof{name}.json"
    signed = json.loads(path.read_text(encoding="utf-8"))
    signed["proof"] = signed["proof"] if isinstance(signed["proof"], list) else [signed["proof"]]
    checks = verify_proofs(signed, did_key_of_method, contexts=contexts)
    assert len(checks) == proofs
    for number, proof in enumerate(signed["proof"]):
        if any(proof.get("id") in check.options.previous for check in checks):
            broken = copy.deepcopy(signed)
            broken["proof"].pop(number)
            with pytest.raises(ProofRefused):
                verify_proofs(broken, did_key_of_method, contexts=contexts)


def worked_example(published: Path, name: str) -> tuple[dict[str, Any], str, str, dict[str, str]]:
    """Return 1EdTech's worked example: signed credential, canonical document, canonical proof, and its hex figures by
    title.
    """
    folder = published / "1edtech-ob30-spec/ob_v3p0/impl"
    page = (folder / f"linked-data-proof-{name}.html").read_text(encoding="utf-8")
    signed = re.search(r'title="Signed credential">(.*?)</pre', page, re.DOTALL)
    assert signed
    figures = dict(re.findall(rf'<h3 id="{name}-([a-z-]+)">[^<]*</h3>\s*<code\s*>([0-9a-zA-Z]+)</code', page))
    texts = folder / "test-vectors" / f"{name}v{'3' if name == 'ob' else '2'}p0"
    canonical = [(texts / f"{part}-canon.txt").read_text(encoding="utf-8") for part in ("document", "proof")]
    return json.loads(signed[1]), canonical[0], canonical[1], figures


@pytest.mark.parametrize("name", ["ob", "clr"])
def test_worked_example_of_1edtech(published: Path, name: str) -> None:
    signed, document, proof, figures = worked_example(published, name)
    unsecured = {key: value for key, value in signed.items() if key != "proof"}
    proofs = signed["proof"] if isinstance(signed["proof"], list) else [signed["proof"]]
    options = {key: value for key, value in proofs[0].items() if key != "proofValue"}
    assert canonical_nquads(unsecured).decode().strip() == document.strip()
    assert canonical_nquads({**options, "@context": signed["@context"]}).decode().strip() == proof.strip()
    assert SUITES["eddsa-rdfc-2022"].hash_data(unsecured, options, ED25519).hex() == figures["data"]
    check = verify_proof(signed, lambda method: parse_multibase(method.split("#")[1]))
    assert check.hash_data[:32].hex() == figures["proof-hash"]
    assert check.hash_data[32:].hex() == figures["document-hash"]
    assert check.signature.hex() == figures["signature"]
