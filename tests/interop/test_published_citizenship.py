"""W3C's published examples that need the citizenship context of npm @digitalbazaar/citizenship-context.

The employment authorisation of every RDFC suite, step by step, and the canonical forms of the two documents that the vectors
of ecdsa-sd-2023 begin with: that suite is not offered, but its documents are read as everybody reads them.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from acredita.registry.canonicalisation.canonical import canonical_nquads, canonical_nquads_slow
from acredita.registry.canonicalisation.contexts import ContextSet, bundled_contexts
from acredita.registry.keys.did import did_key_of_method
from acredita.registry.keys.multikey import P384, decode_multibase, encode_multibase
from acredita.registry.proofs.cryptosuites import SUITES
from acredita.registry.proofs.data_integrity import ProofRefused, verify_proof

from tests.interop.test_credentials_accepted import NPM
from tests.left_out import Want, leave_out

pytestmark = pytest.mark.interop

if not {"ACREDITA_VECTORS", "ACREDITA_REQUIRE_VECTORS"} & set(os.environ):
    # the whole module, and not each test: `make interop` wants every oracle, but the sets are not ours to ship
    leave_out(Want.VECTORS, "W3C's citizenship examples", allow_module_level=True)

CITIZENSHIP = "https://w3id.org/citizenship/v4rc1"
EMPLOY = {
    "w3c-vc-di-eddsa/TestVectors/eddsa-rdfc-2022": "DataInt",
    "w3c-vc-di-ecdsa/TestVectors/ecdsa-rdfc-2019-p256": "ECDSAP256",
    "w3c-vc-di-ecdsa/TestVectors/ecdsa-rdfc-2019-p384": "ECDSAP384",
}
SELECTIVE = {"employ": "employmentAuth", "prc": "prCredUnsigned"}


@pytest.fixture(scope="module")
def contexts() -> ContextSet:
    """Return the bundled contexts and the one that the configuration of a node would add."""
    file = NPM / "node_modules/@digitalbazaar/citizenship-context/contexts/v4rc1.jsonld"
    if not file.is_file():
        leave_out(Want.ORACLES, "@digitalbazaar/citizenship-context")
    return bundled_contexts().with_documents({CITIZENSHIP: json.loads(file.read_text(encoding="utf-8"))})


def loaded(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", EMPLOY)
def test_every_step_of_the_employment_authorisation(published: Path, contexts: ContextSet, folder: str) -> None:
    base, suffix = published / folder / "employ", EMPLOY[folder]
    text = {path.stem.removesuffix(suffix): path.read_text(encoding="utf-8").strip() for path in base.glob("*.txt")}
    signed, config = loaded(base / f"signed{suffix}.json"), loaded(base / f"proofConfig{suffix}.json")
    unsecured = {key: value for key, value in signed.items() if key != "proof"}
    hash_name = "sha384" if suffix.endswith("384") else "sha256"
    for value, canon, digest in ((unsecured, "canonDoc", "docHash"), (config, "proofCanon", "proofHash")):
        form = canonical_nquads(value, contexts=contexts, hash_name=hash_name)  # type: ignore[arg-type]
        assert form == canonical_nquads_slow(value, contexts=contexts, hash_name=hash_name)  # type: ignore[arg-type]
        assert form.decode().strip() == text[canon]
        assert hashlib.new(hash_name, form).hexdigest() == text[digest]
    options = {key: value for key, value in signed["proof"].items() if key != "proofValue"}
    suite = SUITES[signed["proof"]["cryptosuite"]]
    algorithm = P384 if hash_name == "sha384" else suite.algorithms[0]
    assert suite.hash_data(unsecured, options, algorithm, contexts).hex() == text["combinedHash"]
    signature = decode_multibase(signed["proof"]["proofValue"])
    assert (signature.hex(), encode_multibase(signature)) == (text["sigHex"], text["sigBTC58"])
    assert verify_proof(signed, did_key_of_method, contexts=contexts).hash_data.hex() == text["combinedHash"]
    changed = {**signed, "credentialSubject": {**signed["credentialSubject"], "givenName": "JUAN"}}
    with pytest.raises(ProofRefused):
        verify_proof(changed, did_key_of_method, contexts=contexts)


def test_what_is_signed_is_the_published_document(published: Path) -> None:
    """Compare signed and unsigned: they differ in the issuer alone, which is the key of each suite."""
    for folder, suffix in EMPLOY.items():
        signed = loaded(published / folder / "employ" / f"signed{suffix}.json")
        unsigned = loaded((published / folder).parent / "employmentAuth.json")
        differing = {key for key in {*signed, *unsigned} - {"proof"} if signed.get(key) != unsigned.get(key)}
        assert differing <= {"issuer"}


@pytest.mark.parametrize("name", SELECTIVE)
def test_canonical_forms_of_the_selective_suites_documents(published: Path, contexts: ContextSet, name: str) -> None:
    base = published / "w3c-vc-di-ecdsa/TestVectors"
    signed = loaded(base / "ecdsa-sd-2023" / name / "addSignedSDBase.json")
    document = {key: value for key, value in signed.items() if key != "proof"}
    # the one differs from what was signed in its description, the other in nothing
    assert {key for key, value in loaded(base / f"{SELECTIVE[name]}.json").items() if document[key] != value} <= {
        "description"
    }
    lines = loaded(base / "ecdsa-sd-2023" / name / "addBaseDocCanon.json")
    assert canonical_nquads(document, contexts=contexts).decode() == "".join(lines)
    config = loaded(base / "ecdsa-sd-2023" / name / "addProofConfig.json")
    expected = (base / "ecdsa-sd-2023" / name / "addProofConfigCanon.txt").read_text(encoding="utf-8")
    assert canonical_nquads(config, contexts=contexts).decode().strip() == expected.strip()
    revealed = loaded(base / "ecdsa-sd-2023" / name / "derivedUnsignedReveal.json")
    assert canonical_nquads(revealed, contexts=contexts) == canonical_nquads_slow(revealed, contexts=contexts)
