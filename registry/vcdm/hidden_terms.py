"""Find hidden terms: for example a status or date spelt as a full IRI, which a reader of plain JSON would miss.

An RDF proof covers statements, not keys. The holder of a revoked or expired credential may spell `credentialStatus` or
`validUntil` as an IRI, as a term of another context or from the other end (`@reverse`). The signature still fits. So
the statements about the credential are counted: there may be no more of them than its own keys show. A proof over the
JSON itself leaves no such choice.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from acredita.registry.canonicalisation import rdfc
from acredita.registry.canonicalisation.canonical import statements
from acredita.registry.canonicalisation.contexts import ContextSet
from acredita.registry.codes import Code
from acredita.registry.json_documents.schema_faults import SchemaFault, pointer

ENTRY: Final = "BitstringStatusListEntry"

_VOCABULARY: Final = "https://www.w3.org/2018/credentials#"
_TERMS: Final = (
    "credentialStatus",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "relatedResource",
)
"""Terms that are checked by name after the proof."""
_TYPE: Final = rdfc.iri("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_CREDENTIAL: Final = rdfc.iri(f"{_VOCABULARY}VerifiableCredential")
_ENTRY: Final = rdfc.iri(f"https://www.w3.org/ns/credentials/status#{ENTRY}")

Triple = tuple[str, str, str]


def hidden_terms(document: Mapping[str, Any], *, contexts: ContextSet | None = None) -> Iterator[SchemaFault]:
    """Yield a fault for each term that the statements have more often than the document shows it.

    Raises CanonicalFormRefused.
    """
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    triples = {(s, p, o) for s, p, o, graph in statements(unsecured, contexts=contexts) if not graph}
    roots = _roots(document, triples)
    for term in _TERMS:
        predicate = rdfc.iri(_VOCABULARY + term)
        signed = sum(1 for s, p, _ in triples if p == predicate and s in roots)
        if signed > len(_listed(document.get(term, []))):
            yield _hidden(term)
    shown = [entry for entry in _listed(document.get("credentialStatus", [])) if is_entry(entry)]
    if sum(1 for _, p, o in triples if (p, o) == (_TYPE, _ENTRY)) > len(shown):
        yield _hidden("credentialStatus", "type")


def is_entry(entry: object) -> bool:
    """Return True if a status entry has the type of a bitstring list's entry.

    The type may be given alone or in a list of types, which mean the same.
    """
    return isinstance(entry, dict) and ENTRY in _listed(entry.get("type", []))


def _roots(document: Mapping[str, Any], triples: set[Triple]) -> set[str]:
    """Return the credential's own node; some other statement names the credentials inside it."""
    if isinstance(document.get("id"), str):
        return {rdfc.iri(document["id"])}
    credentials = {s for s, p, o in triples if (p, o) == (_TYPE, _CREDENTIAL)}
    named = {o for _, _, o in triples}
    return credentials - named or credentials


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _hidden(*where: str) -> SchemaFault:
    return SchemaFault(pointer(where), Code.VCDM_TERM_HIDDEN, "what the data model defines, under its own name")
