"""Turn a JSON-LD document into RDF quads by look-up in tables compiled from pinned contexts: the fast path.

It knows a list of shapes and raises `CompiledWalkUnavailable` at the first value outside it: inline contexts, keywords
and aliases other than `id` and `type`, value objects, graph, index and language containers, JSON literals, reverse and
nested properties, xsd:double coercion, absolute IRIs as keys or types, compact IRIs, unsafe values. An accepted
document gives exactly the quads of the slow path. A document that is not accepted may still be valid.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from acredita.registry.canonicalisation.budget import OperationBudget
from acredita.registry.canonicalisation.context_tables import (
    XSD,
    CompiledWalkUnavailable,
    Kind,
    NodePlace,
    Plan,
    Tables,
    Term,
    tables_of,
)
from acredita.registry.canonicalisation.contexts import ContextSet
from acredita.registry.canonicalisation.rdfc import Quad, iri, literal
from acredita.registry.canonicalisation.safe_values import (
    IRI,
    MAX_DEPTH,
    MAX_VALUES,
    CanonicalFormRefused,
    check_number,
    check_text,
)

__all__ = ["CompiledWalkUnavailable", "walked_quads"]

MAX_TYPES = 8
"""Types of one node: each set of types has a plan of its own."""

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDF_TYPE: Final = iri(_RDF + "type")
_FIRST: Final = iri(_RDF + "first")
_REST: Final = iri(_RDF + "rest")
_NIL: Final = iri(_RDF + "nil")
# Any of these in a text needs more than quotation marks around it.
_ODD = re.compile('[\x00-\x1f"\\\\\x7f\ud800-\udfff]')


def walked_quads(
    document: Mapping[str, Any], contexts: ContextSet, budget: OperationBudget | None = None
) -> list[Quad]:
    """Return the quads of a document. Raises CompiledWalkUnavailable, and CanonicalFormRefused for the budget."""
    tables = tables_of(contexts)
    if type(document) is not dict or "@context" not in document:
        raise CompiledWalkUnavailable
    walk = _Walk(tables)
    walk.node(document, tables.root(document["@context"]), 0)
    if not walk.quads or walk.values > MAX_VALUES:
        raise CompiledWalkUnavailable
    if budget is not None:
        budget.spend_document(walk.values, walk.types)
    return walk.quads


class _Walk:
    """One pass over one document."""

    __slots__ = ("blanks", "quads", "tables", "types", "values")

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        # Both are counted as `refuse_unsafe` counts them: the document itself is a value, its @context is none.
        self.values = 0
        self.types = 0
        self.quads: list[Quad] = []
        self.blanks = 0

    def node(self, element: dict[str, Any], place: NodePlace, depth: int) -> str:
        """Emit a node and everything below it, and return its subject term.

        `depth` is counted as `refuse_unsafe` counts it.
        """
        self.values += len(element)
        if depth + 2 > MAX_DEPTH or self.values > MAX_VALUES:
            raise CompiledWalkUnavailable
        plan = self._plan(element, place)
        subject = self._subject(element, plan)
        quads, terms = self.quads, plan.terms
        for type_ in plan.types:
            quads.append((subject, _RDF_TYPE, type_, ""))
        for key, value in element.items():
            term = terms.get(key)
            if term is None:
                if key == "@context" and depth == 0:
                    continue
                term = self.tables.term(plan, key)
            if term.kind is Kind.KEYWORD:
                continue
            if term.is_list:
                quads.append((subject, term.predicate, self._list(value, term, depth + 1), ""))
            elif type(value) is list:
                self.values += len(value)
                for item in value:
                    quads.append((subject, term.predicate, self._object(item, term, depth + 2), ""))
            else:
                quads.append((subject, term.predicate, self._object(value, term, depth + 1), ""))
        return subject

    def _plan(self, element: dict[str, Any], place: NodePlace) -> Plan:
        if "type" not in element:
            if len(element) == 1 and "id" in element and place.property is not None:
                return place.reference or self.tables.plan(place, (), reference=True)
            return place.plans.get(()) or self.tables.plan(place, (), reference=False)
        types = element["type"]
        names = (types,) if type(types) is str else _sorted_types(types)
        self.values += len(types) if type(types) is list else 0
        self.types += len(types) if type(types) is list else 1
        return place.plans.get(names) or self.tables.plan(place, names, reference=False)

    def _subject(self, element: dict[str, Any], plan: Plan) -> str:
        if "id" not in element:
            return self._blank()
        return _absolute(element["id"], plan.prefixes)

    def _blank(self) -> str:
        self.blanks += 1
        return f"_:b{self.blanks}"

    def _object(self, value: object, term: Term, depth: int) -> str:
        if type(value) is str:
            return _text(value, term)
        if type(value) is dict and term.child is not None:
            return self.node(value, term.child, depth)
        if term.kind is Kind.LITERAL and type(value) in (int, float, bool):
            return _scalar(value, term.suffix)  # type: ignore[arg-type]
        raise CompiledWalkUnavailable

    def _list(self, value: object, term: Term, depth: int) -> str:
        # JSON-LD 1.1 API 8.4
        items = value if type(value) is list else [value]
        self.values += len(items) if items is value else 0
        following = _NIL
        for item in reversed(items):
            cell = self._blank()
            self.quads.append((cell, _FIRST, self._object(item, term, depth + 1), ""))
            self.quads.append((cell, _REST, following, ""))
            following = cell
        return following


def _sorted_types(types: object) -> tuple[str, ...]:
    if type(types) is not list or len(types) > MAX_TYPES or not all(type(name) is str for name in types):
        raise CompiledWalkUnavailable
    return tuple(sorted(set(types)))


def _text(value: str, term: Term) -> str:
    if term.kind is Kind.LITERAL:
        return f'"{value}"{term.suffix}' if not _ODD.search(value) else _odd_text(value, term.suffix)
    if term.kind is Kind.IRI:
        return _absolute(value, term.child.prefixes if term.child else frozenset())
    term_iri = term.vocabulary.get(value)
    if term_iri is None:
        raise CompiledWalkUnavailable
    return term_iri


def _odd_text(value: str, suffix: str) -> str:
    try:
        check_text(value, ())
    except CanonicalFormRefused as error:
        raise CompiledWalkUnavailable from error
    return literal(value) + suffix


def _scalar(value: float, suffix: str) -> str:
    # JSON-LD 1.1 API 8.6
    if type(value) is bool:
        return f'"{"true" if value else "false"}"{suffix or f"^^<{XSD}boolean>"}'
    try:
        check_number(value, ())
    except CanonicalFormRefused as error:
        raise CompiledWalkUnavailable from error
    if float(value).is_integer():
        return f'"{int(value)}"{suffix or f"^^<{XSD}integer>"}'
    mantissa, exponent = f"{value:.15E}".split("E")
    whole, fraction = mantissa.split(".")
    return f'"{whole}.{fraction.rstrip("0") or "0"}E{int(exponent)}"{suffix or f"^^<{XSD}double>"}'


def _absolute(value: object, prefixes: frozenset[str]) -> str:
    if type(value) is not str or not IRI.fullmatch(value):
        raise CompiledWalkUnavailable
    if prefixes and value.split(":", 1)[0] in prefixes:
        raise CompiledWalkUnavailable
    return f"<{value}>"
