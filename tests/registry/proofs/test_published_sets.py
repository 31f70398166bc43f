"""The rest of the published sets: key pairs, every step of proofs in sets and chains, did:key, VCDM's and 1EdTech's examples.

What `test_published_vectors.py` reads is not read again. ecdsa-sd-2023 is not offered; its canonical forms are read with the
other examples that need a context of elsewhere (`tests/interop/test_published_citizenship.py`).
"""

import copy
import hashlib
import html
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from acredita.registry.canonicalisation.canonical import canonical_nquads, canonical_nquads_slow
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V1, CREDENTIALS_V2, ContextSet, bundled_contexts
from acredita.registry.keys.did import DidRefused, did_key, did_key_document, did_key_of_method, parse_did
from acredita.registry.keys.multikey import ED25519, P256, decode_multibase, encode_multibase, parse_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofOptions, ProofRefused, add_proof, verify_proof
from acredita.registry.vcdm.related_resources import bundled_bytes
from acredita.registry.vcdm.structure import credential_faults, presentation_faults
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"
UNDEFINED_TERMS_V2 = "https://www.w3.org/ns/credentials/undefined-terms/v2"
EDDSA, ECDSA = "w3c-vc-di-eddsa/TestVectors", "w3c-vc-di-ecdsa/TestVectors"
VCDM = "w3c-vcdm2-json-schema"
OPEN_BADGES = "1edtech-ob30-spec/ob_v3p0"


def loaded(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def contexts(published: Path) -> ContextSet:
    """Return the bundled contexts and W3C's one for examples, read from the set itself."""
    folder = published / VCDM / "contexts/credentials"
    return bundled_contexts().with_documents({EXAMPLES_V2: loaded(folder / "examples/v2")})


def signer_of(public: str, secret: str) -> PrivateKeySigner:
    """Return the signer of a published pair; two prefix bytes precede the seed or scalar."""
    scalar, algorithm = decode_multibase(secret)[2:], parse_multibase(public).algorithm
    if algorithm == ED25519:
        return PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(scalar))
    curve = ec.SECP256R1() if algorithm == P256 else ec.SECP384R1()
    return PrivateKeySigner.of(ec.derive_private_key(int.from_bytes(scalar, "big"), curve))


# --- keys ---


@pytest.mark.parametrize("name", [f"{EDDSA}/keyPair", f"{ECDSA}/p256KeyPair", f"{ECDSA}/p384KeyPair"])
def test_key_pairs(published: Path, name: str) -> None:
    pair = loaded(published / f"{name}.json")
    public, secret = pair["publicKeyMultibase"], pair.get("privateKeyMultibase") or pair["secretKeyMultibase"]
    assert signer_of(public, secret).public == parse_multibase(public)
    assert parse_multibase(public).multibase == public


def test_key_pairs_of_the_chain(published: Path) -> None:
    pairs = loaded(published / EDDSA / "proof-set-chain/multiKeyPairs.json")
    assert len(pairs) >= 4
    for pair in pairs.values():
        assert (
            signer_of(pair["publicKeyMultibase"], pair["privateKeyMultibase"]).public.multibase
            == (pair["publicKeyMultibase"])
        )


@pytest.mark.parametrize("name", ["ed25519-x25519", "nist-curves", "secp256k1"])
def test_every_did_key(published: Path, name: str) -> None:
    rows = loaded(published / "did-key/test-vectors" / f"{name}.json")
    read = []
    for did, row in rows.items():
        published_document = row["didDocument"]
        assert published_document["id"] == did
        if did.startswith(("did:key:z6Mk", "did:key:zDn", "did:key:z82")):
            key = parse_did(did).key
            assert key is not None and did_key(key) == did
            ours = did_key_document(key)
            assert set(ours["assertionMethod"]) <= {_named(value) for value in published_document["assertionMethod"]}
            read.append(did)
        else:  # P-521, secp256k1: not keys of ours
            with pytest.raises(DidRefused):
                parse_did(did)
    assert len(read) == {"ed25519-x25519": 5, "nist-curves": 5, "secp256k1": 0}[name]


def _named(method: Any) -> Any:
    return method["id"] if isinstance(method, dict) else method


# --- steps of proofs ---


def test_every_step_of_ed25519_signature_2020(published: Path, contexts: ContextSet) -> None:
    base = published / EDDSA / "Ed25519Signature2020"
    text = {path.stem: path.read_text(encoding="utf-8").strip() for path in base.glob("*.txt")}
    signed, config = loaded(base / "signedEdSig.json"), loaded(base / "proofConfigEdSig.json")
    unsecured = {key: value for key, value in signed.items() if key != "proof"}
    for value, canon, digest in ((unsecured, "canonDoc", "docHash"), (config, "proofCanon", "proofHash")):
        form = canonical_nquads(value, contexts=contexts)
        assert form == canonical_nquads_slow(value, contexts=contexts)
        assert form.decode().strip() == text[f"{canon}EdSig"]
        assert hashlib.sha256(form).hexdigest() == text[f"{digest}EdSig"]
    assert {key: value for key, value in config.items() if key != "@context"} == {
        key: value for key, value in signed["proof"].items() if key != "proofValue"
    }
    assert encode_multibase(decode_multibase(signed["proof"]["proofValue"])) == text["sigBTC58EdSig"]


@pytest.mark.parametrize(
    ("config", "signed", "document", "key"),
    [
        ("proofSetConfig1", "proofSetConfigSigned1", "unsigned", "keyPair1"),
        ("proofSetConfig2", "proofSetConfigSigned2", "unsigned", "keyPair2"),
        ("proofChainConfig1", "proofChainConfigSigned1", "proofChainTempDoc1", "keyPair3"),
        ("proofChainConfig2", "proofChainConfigSigned2", "proofChainTempDoc2", "keyPair4"),
    ],
)
def test_every_proof_of_the_chain_is_made_again(
    published: Path, contexts: ContextSet, config: str, signed: str, document: str, key: str
) -> None:
    base = published / EDDSA / "proof-set-chain"
    options, pair = loaded(base / f"{config}.json"), loaded(base / "multiKeyPairs.json")[key]
    earlier = loaded(base / f"{document}.json")
    previous = options.get("previousProof", [])
    secured = add_proof(
        earlier,
        ProofOptions(
            options["cryptosuite"],
            options["verificationMethod"],
            datetime.fromisoformat(options["created"]),
            id=options.get("id"),
            previous=tuple(previous if isinstance(previous, list) else [previous]),
        ),
        signer_of(pair["publicKeyMultibase"], pair["privateKeyMultibase"]),
        contexts=contexts,
    )
    ours = secured["proof"][-1] if isinstance(secured["proof"], list) else secured["proof"]
    assert ours == loaded(base / f"{signed}.json")
    assert {name: value for name, value in ours.items() if name != "proofValue"} == options


def test_unsigned_documents_are_those_that_were_signed(published: Path) -> None:
    """Compare each suite's `unsigned.json` with its signed examples, except the contexts: two of them add one."""
    for folder, name in ((EDDSA, "eddsa-rdfc-2022/signedDataInt"), (ECDSA, "ecdsa-rdfc-2019-p256/signedECDSAP256")):
        unsigned, signed = loaded(published / folder / "unsigned.json"), loaded(published / folder / f"{name}.json")
        assert {key: value for key, value in signed.items() if key != "proof"} == unsigned
        assert credential_faults(unsigned) == []


# --- contexts ---


def test_bundled_contexts_are_the_published_ones(published: Path) -> None:
    folder = published / VCDM / "contexts/credentials"
    assert bundled_bytes(CREDENTIALS_V2) == (folder / "v2").read_bytes()
    assert bundled_bytes(UNDEFINED_TERMS_V2) == (folder / "undefined-terms/v2").read_bytes()
    # of the first version another spelling of the same context is in use
    assert json.loads(bundled_bytes(CREDENTIALS_V1) or b"") == loaded(folder / "v1")
    for number in ("3.0.2", "3.0.3"):
        url = f"https://purl.imsglobal.org/spec/ob/v3p0/context-{number}.json"
        assert bundled_bytes(url) == (published / OPEN_BADGES / f"context-{number}.json").read_bytes()


# --- examples ---

# Of the working group's own examples, what is wrong in them by the text of the Recommendation.
KNOWN_FAULTS: dict[str, set[str]] = {}


def test_examples_of_the_data_model(published: Path) -> None:
    found = {}
    for kind, faults_of in (
        ("verifiable-credential", credential_faults),
        ("verifiable-presentation", presentation_faults),
    ):
        folder = published / VCDM / "schema" / kind
        examples = sorted(folder.glob("example-*.json"))
        assert examples
        required = set(loaded(folder / f"{kind}-schema.json")["required"])
        for path in examples:
            document = loaded(path)
            found[path.name] = {f"{fault.pointer} {fault.code}" for fault in faults_of(document)}
            for member in required & set(document):  # what their schema requires, ours misses too
                less = {key: value for key, value in document.items() if key != member}
                assert {fault.pointer for fault in faults_of(less)} - {fault.pointer for fault in faults_of(document)}
    assert {name: faults for name, faults in found.items() if faults} == KNOWN_FAULTS


_EXAMPLE = re.compile(r'class="json example vc"(?P<attributes>[^>]*)>(?P<json>.*?)</pre', re.DOTALL)


def test_examples_of_open_badges(published: Path) -> None:
    """Check every credential on 1EdTech's pages: well formed, with one canonical form by both ways."""
    read = 0
    for page in sorted((published / OPEN_BADGES / "examples").glob("*.html")):
        for match in _EXAMPLE.finditer(page.read_text(encoding="utf-8")):
            document = json.loads(html.unescape(re.sub(r"<[^>]+>", "", match["json"])))
            if "VerifiableCredential" not in document.get("type", []):
                continue
            assert credential_faults(document) == [], page.name
            unsecured = {key: value for key, value in document.items() if key != "proof"}
            assert canonical_nquads(unsecured) == canonical_nquads_slow(unsecured)
            read += 1
    assert read >= 5


def test_a_published_proof_covers_its_document(published: Path, contexts: ContextSet) -> None:
    """Change one value of each top-level member at a time: the published signature fits none of them."""
    signed = loaded(published / EDDSA / "eddsa-rdfc-2022/signedDataInt.json")
    assert verify_proof(signed, did_key_of_method, contexts=contexts)
    for key in ("id", "name", "description", "issuer", "validFrom"):
        changed = copy.deepcopy(signed)
        changed[key] = "urn:uuid:0" if key in ("id", "issuer") else f"{changed[key]}."
        with pytest.raises(ProofRefused, match="PROOF_INVALID"):
            verify_proof(changed, did_key_of_method, contexts=contexts)
