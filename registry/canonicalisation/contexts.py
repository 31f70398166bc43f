"""JSON-LD contexts bundled with the package and pinned by SHA-256. Nothing is ever fetched.

A context decides what every key of a signed document means, so its bytes are as much trusted code as this
file: a byte that differs from context_documents/manifest.json stops the program. A node may add contexts of
its own with `with_documents`; verdicts use only the bundled ones.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
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
Loader = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class ContextRefused(Exception):
    """A context that is not at hand, or whose bytes are not the pinned ones."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


@dataclass(frozen=True, eq=False)
class ContextSet:
    """URL → document. Compared by identity, so that it can key a cache of what was compiled from it."""

    documents: Mapping[str, Document]

    def document(self, url: str) -> Document:
        """The document of a URL, or ContextRefused."""
        if url not in self.documents:
            raise ContextRefused(url, "not among the bundled contexts, and none is fetched")
        return self.documents[url]

    def load(self, url: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """A document loader in pyld's shape."""
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": self.document(url),
        }

    def with_documents(self, more: Mapping[str, Document]) -> "ContextSet":
        """These and more. A URL already known cannot be given another meaning."""
        for url in more:
            if url in self.documents:
                raise ContextRefused(url, "already bundled; its meaning is fixed")
        return ContextSet(MappingProxyType({**self.documents, **more}))


def pinned_document(url: str, data: bytes, sha256: str) -> Document:
    """Parse a context whose bytes hash to `sha256` (hex), else ContextRefused."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ContextRefused(url, f"SHA-256 expected {sha256}, found {found}")
    document = json.loads(data)
    if not isinstance(document, dict):
        raise ContextRefused(url, "not a JSON object")
    return document


@cache
def bundled_contexts() -> ContextSet:
    """Every context of context_documents/manifest.json, each checked against its SHA-256."""
    folder = resources.files("acredita.registry.canonicalisation") / "context_documents"
    manifest = json.loads((folder / "manifest.json").read_bytes())
    documents = {
        row["url"]: pinned_document(row["url"], (folder / row["file"]).read_bytes(), row["sha256"])
        for row in manifest["contexts"]
    }
    return ContextSet(MappingProxyType(documents))


def bundled(url: str) -> Document:
    """The bundled document of a URL, or ContextRefused."""
    return bundled_contexts().document(url)


def document_loader(url: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """pyld's document loader over the bundled contexts; refuses everything else."""
    return bundled_contexts().load(url, options)
