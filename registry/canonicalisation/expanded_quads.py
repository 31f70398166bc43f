"""Turn expanded JSON-LD into RDF quads (JSON-LD 1.1 API 8), in time linear in the document.

pyld flattens a document first and compares each value with all before it, which is quadratic. A dataset is a set, so
quads need neither. The literals are pyld's own. Blank nodes get new names; the canonical form replaces them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from acredita.registry.canonicalisation import rdfc
from acredita.registry.canonicalisation.rdfc import Quad

LiteralOf = Callable[[Mapping[str, Any]], str]
"""The N-Quads term of a value object."""

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TYPE: Final = rdfc.iri(_RDF + "type")
_FIRST: Final = rdfc.iri(_RDF + "first")
_REST: Final = rdfc.iri(_RDF + "rest")
_NIL: Final = rdfc.iri(_RDF + "nil")


def quads_of(expanded: Sequence[Any], literal_of: LiteralOf) -> list[Quad]:
    """Return the quads of an expanded document."""
    conversion = _Conversion(literal_of)
    conversion.nodes(expanded, "")
    return conversion.quads


class _Conversion:
    """One pass over one expanded document."""

    def __init__(self, literal_of: LiteralOf) -> None:
        self.quads: list[Quad] = []
        self._literal_of = literal_of
        self._blanks: dict[str, str] = {}
        self._count = 0

    def nodes(self, elements: Sequence[Any], graph: str) -> None:
        """Convert the nodes of a graph. A value that is no node says nothing there."""
        for element in elements:
            if "@value" not in element and "@list" not in element:
                self._node(element, graph)

    def _node(self, element: Mapping[str, Any], graph: str) -> str:
        subject = self._resource(element["@id"]) if "@id" in element else self._blank()
        for key, value in element.items():
            if key == "@type":
                self.quads += [(subject, _TYPE, self._resource(name), graph) for name in value]
            elif key == "@graph":
                self.nodes(value, subject)
            elif key == "@included":
                self.nodes(value, graph)
            elif key == "@reverse":
                self._reverse(subject, value, graph)
            elif key[0] != "@":
                self._property(subject, key, value, graph)
        return subject

    def _property(self, subject: str, key: str, values: Sequence[Any], graph: str) -> None:
        predicate = rdfc.iri(key)
        for value in values:
            self.quads.append((subject, predicate, self._object(value, graph), graph))

    def _reverse(self, subject: str, members: Mapping[str, Any], graph: str) -> None:
        for key, values in members.items():
            predicate = rdfc.iri(key)
            for value in values:
                self.quads.append((self._node(value, graph), predicate, subject, graph))

    def _object(self, value: Mapping[str, Any], graph: str) -> str:
        if "@value" in value:
            return self._literal_of(value)
        if "@list" in value:
            return self._list(value["@list"], graph)
        return self._node(value, graph)

    def _list(self, items: Sequence[Any], graph: str) -> str:
        following = _NIL
        for item in reversed(items):
            cell = self._blank()
            self.quads.append((cell, _FIRST, self._object(item, graph), graph))
            self.quads.append((cell, _REST, following, graph))
            following = cell
        return following

    def _resource(self, name: str) -> str:
        if not name.startswith("_:"):
            return rdfc.iri(name)
        if name not in self._blanks:
            self._blanks[name] = self._blank()
        return self._blanks[name]

    def _blank(self) -> str:
        self._count += 1
        return f"_:b{self._count}"
