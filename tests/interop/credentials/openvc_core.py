"""Issues and verifies with openvc-core, one JSON line in, one out; run by the oracle environment's Python.

The only argument is a file of the bundled contexts (URL → document); openvc-core fetches nothing.
"""

import datetime
import inspect
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from openvc.errors import OpenvcError
from openvc.keys import Ed25519SigningKey, P256SigningKey, P384SigningKey
from openvc.multibase import encode_multibase
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_ecdsa_rdfc import EcdsaRdfcProofSuite
from openvc.proof.di_jcs import EcdsaJcsProofSuite, EddsaJcsProofSuite
from openvc.proof.vc_jwt import VcJwtProofSuite

SUITES: dict[str, Any] = {
    "eddsa-rdfc-2022": DataIntegrityProofSuite(),
    "eddsa-jcs-2022": EddsaJcsProofSuite(),
    "ecdsa-rdfc-2019": EcdsaRdfcProofSuite(),
    "ecdsa-jcs-2019": EcdsaJcsProofSuite(),
}
KEYS: dict[str, tuple[Any, bytes]] = {
    "Ed25519": (Ed25519SigningKey, b"\xed\x01"),
    "P-256": (P256SigningKey, b"\x80\x24"),
    "P-384": (P384SigningKey, b"\x81\x24"),
}


def with_contexts(method: Any, contexts: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword of a suite that reads contexts; the JCS suites have none."""
    return {"extra_contexts": contexts} if "extra_contexts" in inspect.signature(method).parameters else {}


def verify(request: dict[str, Any], contexts: dict[str, Any]) -> dict[str, Any]:
    suite = SUITES[request["document"]["proof"]["cryptosuite"]]
    now = datetime.datetime.fromisoformat(request["now"])
    try:
        verified = suite.verify(request["document"], now=now, **with_contexts(suite.verify, contexts))
    except OpenvcError as error:
        return {"verified": False, "error": f"{type(error).__name__}: {error}"}
    return {"verified": True, "error": None, "issuer": verified.issuer}


def issue(request: dict[str, Any], contexts: dict[str, Any]) -> dict[str, Any]:
    suite = SUITES[request["cryptosuite"]]
    kind, prefix = KEYS[request["algorithm"]]
    key = kind.generate("k")
    multibase = encode_multibase(prefix + bytes(key.public_key_raw()))
    document = request["document"]
    document["issuer"]["id"] = f"did:key:{multibase}"
    secured = suite.add_proof(
        document,
        signing_key=key,
        verification_method=f"did:key:{multibase}#{multibase}",
        created=datetime.datetime.fromisoformat(request["now"]),
        **with_contexts(suite.add_proof, contexts),
    )
    return {"document": secured}


def issue_jwt(request: dict[str, Any], contexts: dict[str, Any]) -> dict[str, Any]:
    ed = request["algorithm"] == "Ed25519"
    private: Any = ed25519.Ed25519PrivateKey.generate() if ed else ec.generate_private_key(ec.SECP256R1())
    kind, prefix = KEYS[request["algorithm"]]
    multibase = encode_multibase(prefix + bytes(kind(private, "").public_key_raw()))
    document = request["document"]
    document["issuer"]["id"] = f"did:key:{multibase}"
    key = kind(private, f"did:key:{multibase}#{multibase}")
    return {"token": VcJwtProofSuite().sign(document, signing_key=key), "document": document}


def main() -> None:
    contexts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"verify": verify, "issue": issue, "issueJwt": issue_jwt}[request["op"]](request, contexts)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
