"""Quads of an expanded document, against pyld's own way to RDF: the same dataset, blank nodes renamed."""

from typing import Any

import pytest
from acredita.registry.canonicalisation import rdfc
from acredita.registry.canonicalisation.canonical import canonical_nquads_slow
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2, bundled_contexts
from acredita.registry.canonicalisation.pyld_expansion import pyld_lock, pyld_options
from pyld import jsonld  # type: ignore[import-untyped]

Document = dict[str, Any]
TERMS = {
    "p": "urn:x:p",
    "q": {"@id": "urn:x:q", "@type": "@id"},
    "list": {"@id": "urn:x:list", "@container": "@list"},
    "graph": {"@id": "urn:x:graph", "@container": "@graph"},
    "json": {"@id": "urn:x:json", "@type": "@json"},
    "text": {"@id": "urn:x:text", "@language": "es", "@direction": "ltr"},
    "texts": {"@id": "urn:x:texts", "@container": "@language"},
    "back": {"@reverse": "urn:x:back"},
    "double": {"@id": "urn:x:double", "@type": "http://www.w3.org/2001/XMLSchema#double"},
}


def document(**members: Any) -> Document:
    return {"@context": [CREDENTIALS_V2, TERMS], "type": "VerifiableCredential", **members}


DOCUMENTS: dict[str, Document] = {
    "nodes": document(p=[{"p": 1}, {"p": 1}, {"id": "urn:x:1", "p": [True, "true", 1.5]}], q=["urn:x:1", "urn:x:1"]),
    "a node described twice": document(
        p=[{"id": "urn:x:1", "p": "a"}, {"id": "urn:x:1", "p": ["a", "b"], "q": "urn:x:2"}]
    ),
    "named blank nodes": document(p=[{"id": "_:one", "q": "_:two"}, {"id": "_:two", "q": "_:one"}], id="_:b1"),
    "lists": document(list=["a", {"p": "b"}, "a", {"id": "urn:x:1"}], p={"list": []}),
    "lists in lists": document(p={"@list": [{"@list": ["a", "b"]}, {"@list": []}]}),
    "graphs": document(graph=[{"p": "a"}, {"id": "urn:x:1", "p": {"list": ["b"]}}]),
    "a named graph": document(id="urn:x:g", **{"@graph": [{"id": "urn:x:1", "p": "a"}, {"p": {"graph": {"p": 1}}}]}),
    "included": document(**{"@included": [{"id": "urn:x:1", "p": "a"}, {"p": "b"}]}),
    "reverse": document(back=[{"id": "urn:x:1", "p": "a"}, {"p": {"p": "b"}}]),
    "a reverse map": document(**{"@reverse": {"p": [{"id": "urn:x:1"}, {"p": "a"}]}}),
    "literals": document(
        json={"b": [1, {"a": "x"}]}, text="uno", texts={"es": ["uno", "dos"], "en": "one"}, double=[1, 2.5]
    ),
    "types of a blank node": document(p=[{"type": ["VerifiableCredential", "urn:x:T"]}, {"type": "urn:x:T"}]),
}


def by_pyld(source: Document) -> list[rdfc.Quad]:
    """Return the quads of a document as pyld makes them."""
    with pyld_lock:
        dataset = jsonld.JsonLdProcessor().to_rdf(dict(source), pyld_options(bundled_contexts()))
    quads = []
    for graph, triples in dataset.items():
        for triple in triples:
            term = triple["object"]
            literal = term["type"] == "literal"
            object_ = (
                rdfc.literal(term["value"], term["datatype"], term.get("language", "")) if literal else resource(term)
            )
            name = "" if graph == "@default" else resource({"value": graph})
            quads.append((resource(triple["subject"]), resource(triple["predicate"]), object_, name))
    return quads


def resource(term: dict[str, str]) -> str:
    return term["value"] if term["value"].startswith("_:") else rdfc.iri(term["value"])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_dataset_is_pylds(name: str) -> None:
    quads = by_pyld(DOCUMENTS[name])
    assert len(quads) > 1
    assert canonical_nquads_slow(DOCUMENTS[name]) == rdfc.canonicalise(quads)
