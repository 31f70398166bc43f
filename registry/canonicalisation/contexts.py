"""Provide the JSON-LD contexts bundled with the package and pinned by SHA-256. Nothing is ever fetched.

A context decides the meaning of every key of a signed document, so its bytes are trusted like this code. A byte that
differs from context_documents/manifest.json stops the program. A node may add contexts of its own with
`with_documents`; verdicts use only the bundled ones.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
OPEN_BADGES_V3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
ACREDITA_V1 = "https://w3id.org/acredita/microcredential/v1"
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"

Document = dict[str, Any]


class ContextRefused(Exception):
    """A context that is not available, or whose bytes are not the pinned ones."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


@dataclass(frozen=True, eq=False)
class ContextSet:
    """URL → document. Compared by identity, so that it can be the key of a cache of compiled tables."""

    documents: Mapping[str, Document]

    def document(self, url: str) -> Document:
        """Return the document of a URL. Raises ContextRefused."""
        if url not in self.documents:
            raise ContextRefused(url, "not among the bundled contexts, and none is fetched")
        return self.documents[url]

    def load(self, url: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Load a document as pyld's document loaders do. Raises ContextRefused."""
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": self.document(url),
        }

    def defines(self, contexts: object, term: str) -> bool:
        """Return True if one of the contexts of a document, by URL or inline, defines the term. Unknown ones define none."""
        for entry in contexts if isinstance(contexts, list) else [contexts]:
            if isinstance(entry, str):
                document = self.documents.get(entry, {})
                if self.defines(document.get("@context"), term):
                    return True
            elif isinstance(entry, dict) and entry.get(term) is not None:
                return True
        return False

    def with_documents(self, more: Mapping[str, Document]) -> "ContextSet":
        """Add documents in a new ContextSet. Raises ContextRefused for a URL that already has a meaning."""
        for url in more:
            if url in self.documents:
                raise ContextRefused(url, "already bundled; its meaning is fixed")
        return ContextSet(MappingProxyType({**self.documents, **more}))


def pinned_document(url: str, data: bytes, sha256: str) -> Document:
    """Parse a context whose bytes hash to `sha256` (hex). Raises ContextRefused."""
    actual = hashlib.sha256(data).hexdigest()
    if actual != sha256:
        raise ContextRefused(url, f"SHA-256 expected {sha256}, found {actual}")
    document = json.loads(data)
    if not isinstance(document, dict):
        raise ContextRefused(url, "not a JSON object")
    return document


@cache
def bundled_contexts() -> ContextSet:
    """Load every context of context_documents/manifest.json and check each against its SHA-256."""
    folder = resources.files("acredita.registry.canonicalisation") / "context_documents"
    manifest = json.loads((folder / "manifest.json").read_bytes())
    documents = {
        row["url"]: pinned_document(row["url"], (folder / row["file"]).read_bytes(), row["sha256"])
        for row in manifest["contexts"]
    }
    return ContextSet(MappingProxyType(documents))


def bundled(url: str) -> Document:
    """Return the bundled document of a URL. Raises ContextRefused."""
    return bundled_contexts().document(url)
