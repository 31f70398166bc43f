"""Signing and verifying one credential after another, against @digitalbazaar/vc, plain pyld and the bare primitives.

Ratios within one run on one machine; an absolute figure proves nothing elsewhere. Rounds alternate between the
contestants, and the median ratio is shown with the least and the most. The credentials are the demo's, each for another
learner. @digitalbazaar/vc runs in Node where it is installed, with its contexts marked static, and does what it does for
its users: checks of the credential's form and issuer included.

    python -m bench.sign_verify [--credentials 300] [--rounds 5]
"""

import argparse
import copy
import hashlib
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import rfc8785
from acredita.anchoring.types import IssuerId
from acredita.node.demo.documents import documents_for, institutions
from acredita.registry.canonicalisation import rdfc
from acredita.registry.canonicalisation.canonical import canonical_nquads
from acredita.registry.canonicalisation.compiled_expansion import walked_quads
from acredita.registry.canonicalisation.contexts import bundled_contexts
from acredita.registry.credentials.build import Award, Issuer, build_credential
from acredita.registry.credentials.status_position import entry_at
from acredita.registry.keys.did import did_key, did_key_of_method, key_method
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof, verify_proof
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyld import jsonld

ROOT = Path(__file__).resolve().parents[1]
NPM = ROOT / ".oracles" / "npm"
PEER = ROOT / "tests" / "interop" / "credentials" / "digitalbazaar.mjs"

PEER_MISSING = "@digitalbazaar/vc is not installed in .oracles/npm: its rows are left out"

CREDENTIALS = 300
ROUNDS = 5
PLAIN_PYLD = 40
"""Credentials signed by plain pyld in a round: it takes about ten milliseconds each."""

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x31" * 32)
SIGNER = PrivateKeySigner.of(PRIVATE)
METHOD = key_method(SIGNER.public)
CREATED = datetime(2026, 3, 1, tzinfo=UTC)
NOW = "2026-03-02T00:00:00Z"

Document = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One comparison: ours and the peer's operations a second, by round."""

    work: str
    peer: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    target: float | None

    @property
    def ratios(self) -> list[float]:
        return sorted(a / b for a, b in zip(self.ours, self.theirs, strict=True))


def credentials(count: int) -> list[Document]:
    """Unsigned credentials of one demo programme, one learner each."""
    demo = documents_for({party.key: did_key(SIGNER.public) for party in institutions()})
    programme = demo.programme("analitica-ingenieria")
    return [
        build_credential(
            programme,
            Award(f"DEMO-{number}", None, date(2026, 2, 20), "91.5", f"https://evidencia.example/{number}"),
            Issuer(programme.issuer, "Universidad (DEMO)"),
            identifier=UUID(int=number),
            status=entry_at("https://ut.example", IssuerId(b"\x5a" * 32), number),
            valid_from=int(CREATED.timestamp()),
            salt=hashlib.sha256(number.to_bytes(4, "big")).digest()[:16],
        )
        for number in range(count)
    ]


def sign(document: Document, cryptosuite: str = "eddsa-rdfc-2022") -> Document:
    return add_proof(document, ProofOptions(cryptosuite, METHOD, CREATED), SIGNER)


def sign_plain_pyld(document: Document) -> Document:
    """What eddsa-rdfc-2022 asks, straight through pyld."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": NOW,
        "verificationMethod": METHOD,
        "proofPurpose": "assertionMethod",
    }
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": bundled_contexts().load}
    texts = [jsonld.normalize(value, options) for value in ({**proof, "@context": document["@context"]}, document)]
    data = b"".join(hashlib.sha256(text.encode()).digest() for text in texts)
    return {**document, "proof": {**proof, "proofValue": encode_multibase(PRIVATE.sign(data))}}


def sign_bare_jcs(document: Document) -> bytes:
    """The least that eddsa-jcs-2022 can cost: RFC 8785 and SHA-256 of the document, one Ed25519 signature."""
    return PRIVATE.sign(bytes(32) + hashlib.sha256(rfc8785.dumps(document)).digest())


def per_second(work: Callable[[Document], object], documents: list[Document]) -> float:
    started = time.perf_counter()
    for document in documents:
        work(document)
    return len(documents) / (time.perf_counter() - started)


class Digitalbazaar:
    """@digitalbazaar/vc in one Node process, timed inside it."""

    def __init__(self, folder: Path) -> None:
        contexts = folder / "contexts.json"
        contexts.write_text(json.dumps(dict(bundled_contexts().documents)), encoding="utf-8")
        self.process = subprocess.Popen(
            ["node", str(PEER), str(contexts)], cwd=NPM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def rates(self, documents: list[Document]) -> tuple[float, float]:
        assert self.process.stdin and self.process.stdout
        request = {"op": "time", "documents": documents, "created": NOW, "now": NOW}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return len(documents) / answer["sign"], len(documents) / answer["verify"]

    def close(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


def peer_is_there() -> bool:
    return shutil.which("node") is not None and (NPM / "node_modules" / "@digitalbazaar" / "vc").is_dir()


def against_digitalbazaar(documents: list[Document], rounds: int) -> list[Row]:
    if not peer_is_there():
        print(PEER_MISSING)
        return []
    signed = [sign(document) for document in documents]
    figures: list[tuple[float, float, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        peer = Digitalbazaar(Path(folder))
        peer.rates(copy.deepcopy(documents))  # a first round for the compiler
        for _ in range(rounds):
            figures.append(
                (
                    per_second(sign, documents),
                    per_second(lambda document: verify_proof(document, did_key_of_method), signed),
                    *peer.rates(copy.deepcopy(documents)),
                )
            )
        peer.close()
    ours_sign, ours_verify, theirs_sign, theirs_verify = zip(*figures, strict=True)
    return [
        Row("sign, eddsa-rdfc-2022", "@digitalbazaar/vc", ours_sign, theirs_sign, 15),
        Row("verify, proof only", "@digitalbazaar/vc", ours_verify, theirs_verify, 10),
    ]


def against_python(documents: list[Document], rounds: int) -> list[Row]:
    pairs: list[tuple[float, ...]] = [
        (
            per_second(sign, documents),
            per_second(sign_plain_pyld, documents[:PLAIN_PYLD]),
            per_second(lambda document: sign(document, "eddsa-jcs-2022"), documents),
            per_second(sign_bare_jcs, documents),
        )
        for _ in range(rounds)
    ]
    rdfc_rate, pyld_rate, jcs_rate, bare_rate = zip(*pairs, strict=True)
    return [
        Row("sign, eddsa-rdfc-2022", "plain pyld", rdfc_rate, pyld_rate, None),
        Row("sign, eddsa-jcs-2022", "rfc8785 + SHA-256 + Ed25519", jcs_rate, bare_rate, 0.8),
    ]


def stages(documents: list[Document]) -> list[tuple[str, float]]:
    """Microseconds a credential spends in each stage of signing."""
    contexts = bundled_contexts()
    graphs = [walked_quads(document, contexts) for document in documents]
    forms = [rdfc.canonicalise(graph) for graph in graphs]
    work: list[tuple[str, Callable[[int], object]]] = [
        ("walk to quads", lambda number: walked_quads(documents[number], contexts)),
        ("RDFC-1.0", lambda number: rdfc.canonicalise(graphs[number])),
        ("SHA-256", lambda number: hashlib.sha256(forms[number]).digest()),
        ("Ed25519", lambda number: PRIVATE.sign(forms[number][:64])),
        ("base58", lambda number: encode_multibase(forms[number][:64])),
        ("canonical form in all", lambda number: canonical_nquads(documents[number])),
        ("signing in all", lambda number: sign(documents[number])),
    ]
    stages = []
    for name, stage in work:
        started = time.perf_counter()
        for number in range(len(documents)):
            stage(number)
        stages.append((name, (time.perf_counter() - started) / len(documents) * 1e6))
    return stages


def show(rows: list[Row]) -> None:
    print("| work | peer | ours /s | peer /s | ratio (least – most) | target |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        ours, theirs = statistics.median(row.ours), statistics.median(row.theirs)
        ratios = row.ratios
        target = f"≥ {row.target}" if row.target is not None else "–"
        ratio = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} – {ratios[-1]:.2f})"
        print(f"| {row.work} | {row.peer} | {ours:,.0f} | {theirs:,.0f} | {ratio} | {target} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--credentials", type=int, default=CREDENTIALS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    documents = credentials(arguments.credentials)
    quads = len(canonical_nquads(documents[0]).splitlines())
    size = len(json.dumps(documents[0], ensure_ascii=False).encode())
    print(f"credential: {size} bytes, {quads} quads; {arguments.credentials} a round, {arguments.rounds} rounds\n")
    rows = against_digitalbazaar(documents, arguments.rounds)
    rows += against_python(documents, arguments.rounds)
    show(rows)
    print("\n| stage of signing | µs |\n| --- | --- |")
    for name, microseconds in stages(documents):
        print(f"| {name} | {microseconds:.0f} |")


if __name__ == "__main__":
    main()
