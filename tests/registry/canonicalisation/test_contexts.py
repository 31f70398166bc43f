"""Contexts are the pinned bytes, nothing is fetched, and no URL can be given another meaning."""

import json
from importlib import resources

import pytest
from acredita.registry.canonicalisation import contexts
from acredita.registry.canonicalisation.canonical import canonical_nquads
from acredita.registry.canonicalisation.contexts import (
    ContextRefused,
    bundled,
    bundled_contexts,
    pinned_document,
)
from acredita.registry.json_documents.jcs import jcs_digest

# First 16 hex digits of the RFC 8785 digest, as published copies from independent sources have it.
CONTENT = {
    "https://www.w3.org/ns/credentials/v2": "b463c8d6a0662141",
    "https://www.w3.org/2018/credentials/v1": "b01e671e873981f1",
    "https://www.w3.org/ns/credentials/undefined-terms/v2": "3b11e1df8c618447",
    "https://www.w3.org/ns/credentials/status/v1": "b2fcebfbaf4e6bea",
    "https://w3id.org/security/data-integrity/v2": "7ba3c50acf2689d5",
    "https://w3id.org/security/data-integrity/v1": "9505bf85338a4c21",
    "https://w3id.org/security/multikey/v1": "be20c3ee6af6e9c4",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "c5e555a91a5cf48e",
}
# Printed in the W3C Recommendation itself (VCDM 2.0 B.1).
CREDENTIALS_V2_SHA256 = "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"


@pytest.mark.parametrize("url", CONTENT)
def test_content_is_the_published_one(url: str) -> None:
    assert jcs_digest(bundled(url)).hex()[:16] == CONTENT[url]


def test_manifest_names_every_file_once() -> None:
    folder = resources.files("acredita.registry.canonicalisation") / "context_documents"
    rows = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["contexts"]
    files = {entry.name for entry in folder.iterdir()} - {"manifest.json", "NOTICE.md"}
    assert {row["file"] for row in rows} == files
    assert len({row["url"] for row in rows}) == len(rows) == len(bundled_contexts().documents)
    v2 = next(row for row in rows if row["url"] == contexts.CREDENTIALS_V2)
    assert v2["sha256"] == CREDENTIALS_V2_SHA256


def test_changed_byte_is_refused() -> None:
    data = json.dumps(bundled(contexts.CREDENTIALS_V2)).encode()
    with pytest.raises(ContextRefused, match="SHA-256 expected"):
        pinned_document(contexts.CREDENTIALS_V2, data, CREDENTIALS_V2_SHA256)


@pytest.mark.parametrize("url", ["https://schema.org", "http://www.w3.org/ns/credentials/v2", "file:///etc/passwd", ""])
def test_loader_refuses_what_is_not_bundled(url: str) -> None:
    with pytest.raises(ContextRefused):
        bundled_contexts().load(url, {})


def test_added_contexts_cannot_redefine_bundled_ones() -> None:
    with pytest.raises(ContextRefused, match="already bundled"):
        bundled_contexts().with_documents({contexts.CREDENTIALS_V2: {"@context": {}}})


def test_added_contexts_stay_in_their_own_set() -> None:
    url, document = "https://contexts.example/a", {"type": ["VerifiableCredential"], "colour": "verde"}
    first = bundled_contexts().with_documents({url: {"@context": {"colour": "https://a.example/colour"}}})
    second = bundled_contexts().with_documents({url: {"@context": {"colour": "https://b.example/colour"}}})
    for _ in range(2):  # in turn, so that a shared cache would answer for the wrong set
        for known, wanted in ((first, b"<https://a.example/colour>"), (second, b"<https://b.example/colour>")):
            assert wanted in canonical_nquads({"@context": [contexts.CREDENTIALS_V2, url], **document}, contexts=known)


def test_every_term_of_ours_is_protected_and_ours() -> None:
    ours = bundled(contexts.ACREDITA_V1)["@context"]
    assert ours["@protected"] is True
    terms = [term for term in ours if not term.startswith("@") and term not in ("id", "type")]
    assert terms == ["MicrocredentialAchievement"]
    for name, definition in ours["MicrocredentialAchievement"]["@context"].items():
        if not name.startswith("@") and name not in ("id", "type"):
            iri = definition if isinstance(definition, str) else definition["@id"]
            assert iri.startswith("https://w3id.org/acredita/microcredential#")
