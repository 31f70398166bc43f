"""The four Data Integrity cryptosuites: from a document and proof options to the bytes that are signed.

The suite and the key decide the algorithm, never the proof, and a key of another kind is refused. The hash of the proof
options is kept for the batch that shares them; its key is the contexts and all options but proofValue.

Clauses: VC-DI-EDDSA and VC-DI-ECDSA are the W3C Recommendations of 15 May 2025.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from acredita.registry.canonicalisation.budget import JCS_BYTES, OperationBudget, current_budget
from acredita.registry.canonicalisation.canonical import canonical_nquads
from acredita.registry.canonicalisation.contexts import ContextSet, bundled_contexts
from acredita.registry.canonicalisation.rdfc import HashName
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.keys.multikey import ED25519, P256, P384, Algorithm
from cachetools import LRUCache

CACHED_OPTIONS = 1_024
"""Hashes of proof options kept: one per second of signing and issuer."""
SIGNATURE_BYTES: dict[Algorithm, int] = {ED25519: 64, P256: 64, P384: 96}


@dataclass(frozen=True)
class Suite:
    """One cryptosuite: its way from a document to bytes, and the keys that may sign them."""

    name: str
    form: Literal["rdfc", "jcs"]
    algorithms: tuple[Algorithm, ...]

    def hash_data(
        self,
        document: Mapping[str, Any],
        options: Mapping[str, Any],
        algorithm: Algorithm,
        contexts: ContextSet | None = None,
    ) -> bytes:
        """Compute H: hash of the proof options ‖ hash of the document (VC-DI-EDDSA 3.2.4, VC-DI-ECDSA 3.2.4).

        `document` is without its proof, `options` the proof without proofValue. Raises CanonicalFormRefused or
        JcsRefused if either has no canonical form.
        """
        chosen = contexts or bundled_contexts()
        # VC-DI-EDDSA 3.2.5: with RDFC the options are read under the document's contexts; JCS takes them as they stand.
        config = {**options, "@context": document.get("@context", [])} if self.form == "rdfc" else options
        return self._options_hash(config, algorithm, chosen) + self._hash(document, algorithm, chosen, current_budget())

    def _options_hash(self, config: Mapping[str, Any], algorithm: Algorithm, contexts: ContextSet) -> bytes:
        text = json.dumps(config, sort_keys=True)
        # a digest, because the contexts in it may be long
        key = (contexts, self.form, algorithm, hashlib.sha256(text.encode()).digest())
        budget = current_budget()
        with _cache_lock:
            known = _option_hashes.get(key)
        if known is not None:
            budget.spend(known[1])  # the count of a request must not depend on what was asked before
            return known[0]
        before = budget.spent
        option_hash = self._hash(config, algorithm, contexts, budget)
        with _cache_lock:
            _option_hashes[key] = option_hash, budget.spent - before
        return option_hash

    def _hash(
        self, document: Mapping[str, Any], algorithm: Algorithm, contexts: ContextSet, budget: OperationBudget
    ) -> bytes:
        if self.form == "jcs":
            form = jcs(document)
            budget.spend(len(form) // JCS_BYTES)
            return self._digest(form, algorithm)
        # VC-DI-ECDSA 3.2: with P-384, RDFC-1.0 itself runs on SHA-384.
        name: HashName = "sha384" if algorithm == P384 else "sha256"
        return self._digest(canonical_nquads(document, contexts=contexts, hash_name=name, budget=budget), algorithm)

    def _digest(self, data: bytes, algorithm: Algorithm) -> bytes:
        return hashlib.sha384(data).digest() if algorithm == P384 else hashlib.sha256(data).digest()


_cache_lock = threading.Lock()
_option_hashes: LRUCache[tuple[ContextSet, str, Algorithm, bytes], tuple[bytes, int]] = LRUCache(maxsize=CACHED_OPTIONS)

ED25519_2020 = Suite("Ed25519Signature2020", "rdfc", (ED25519,))
"""A proof type of its own, from before cryptosuites (VC-DI-EDDSA A): verified, never made."""

SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite("eddsa-rdfc-2022", "rdfc", (ED25519,)),
        Suite("eddsa-jcs-2022", "jcs", (ED25519,)),
        Suite("ecdsa-rdfc-2019", "rdfc", (P256, P384)),
        Suite("ecdsa-jcs-2019", "jcs", (P256, P384)),
    )
}


def signs_json(suite: str) -> bool:
    """Return whether a suite's proofs cover the JSON itself, and not only the statements it makes."""
    return suite in SUITES and SUITES[suite].form == "jcs"
