"""From a JSON-LD document to RDF quads by tables compiled from pinned contexts: the fast path.

JSON-LD expansion decides for every key of every credential what the contexts say of it; for contexts that
never change the answer never changes. Here each (active context, types) becomes a `_Plan`: key → `_Term`,
compiled once with pyld's own context processing, which therefore decides every meaning. A walk over the
document then only looks up.

It knows a list of shapes and raises `Unsupported` at the first thing outside it: inline contexts, keywords
and aliases other than `id` and `type`, value objects, graph, index and language containers, JSON literals,
reverse and nested properties, xsd:double coercion, absolute IRIs as keys or types, compact IRIs, unsafe
values. What it accepts gives exactly the quads of the slow path; what it does not accept says nothing about
the document.

Plans are keyed by what a stranger may send, so their number is bounded.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary, ref

from acredita.registry.contexts import ContextSet
from acredita.registry.expansion import pyld_lock, pyld_options
from acredita.registry.rdfc import Quad, iri, literal
from acredita.registry.safe_values import IRI, MAX_DEPTH, MAX_VALUES, CanonicalError, check_number, check_text
from pyld import jsonld  # type: ignore[import-untyped]

MAX_PLANS = 2_000
"""Plans kept for one ContextSet; a credential of ours needs about twenty. Past it the tables start afresh."""
MAX_CONTEXTS = 8
"""Entries of a document's @context."""
MAX_TYPES = 8
"""Types of one node."""

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_RDF_TYPE: Final = iri(_RDF + "type")
_FIRST: Final = iri(_RDF + "first")
_REST: Final = iri(_RDF + "rest")
_NIL: Final = iri(_RDF + "nil")
# Any of these in a text needs more than quotation marks around it.
_ODD = re.compile('[\x00-\x1f"\\\\\x7f\ud800-\udfff]')

_KEYWORD, _IRI, _VOCAB, _LITERAL = range(4)


class Unsupported(Exception):
    """The document has a shape that the compiled walk does not know."""


class _Term:
    """What one key means under one active context."""

    __slots__ = ("child", "is_list", "kind", "predicate", "suffix", "vocabulary")

    def __init__(self, kind: int, predicate: str, suffix: str, is_list: bool, child: "_Entry | None") -> None:
        self.kind = kind
        self.predicate = predicate
        self.suffix = suffix  # of a typed literal: ^^<datatype>, or nothing
        self.is_list = is_list
        self.child = child
        self.vocabulary: dict[str, str] = {}


class _Plan:
    """The meaning of a node's keys, once its types are known."""

    __slots__ = ("context", "prefixes", "terms", "types")

    def __init__(self, context: Mapping[str, Any], types: tuple[str, ...]) -> None:
        self.context = context
        self.types = types
        self.terms: dict[str, _Term] = {}
        self.prefixes = _prefixes(context)


class _Entry:
    """A place where a node may stand: the root, or the value of a property. `plans` by the node's sorted types."""

    __slots__ = ("context", "plans", "prefixes", "property", "reference")

    def __init__(self, context: Mapping[str, Any], property_: str | None) -> None:
        self.context = context
        self.property = property_
        self.plans: dict[tuple[str, ...], _Plan] = {}
        self.reference: _Plan | None = None
        self.prefixes = _prefixes(context)


class _Tables:
    """All plans compiled from one ContextSet. Compiling holds `pyld_lock`; looking up needs no lock."""

    def __init__(self, contexts: ContextSet) -> None:
        self._contexts = ref(contexts)  # the tables must not keep alive what keeps them
        self.roots: dict[tuple[str, ...], _Entry] = {}
        self.count = 0
        self.processor = jsonld.JsonLdProcessor()

    @property
    def contexts(self) -> ContextSet:
        contexts = self._contexts()
        if contexts is None:
            raise RuntimeError("the tables outlived their contexts")
        return contexts

    def root(self, urls: object) -> _Entry:
        names = tuple(urls) if isinstance(urls, list) else (urls,)
        if not 0 < len(names) <= MAX_CONTEXTS or not all(type(name) is str for name in names):
            raise Unsupported
        found = self.roots.get(names)
        return found if found is not None else self._compile_root(names)

    def _compile_root(self, names: tuple[str, ...]) -> _Entry:
        if any(name not in self.contexts.documents for name in names):
            raise Unsupported
        with pyld_lock:
            options = pyld_options(self.contexts)
            initial = self.processor._get_initial_context(options)
            entry = _Entry(self._process(initial, list(names), options), None)
            self._counted()
            self.roots[names] = entry
        return entry

    def plan(self, entry: _Entry, types: tuple[str, ...], *, reference: bool) -> _Plan:
        """Compile the plan of a node of these sorted types; `reference` for one that holds nothing but an id."""
        with pyld_lock:
            options = pyld_options(self.contexts)
            before = self._entered(entry, options, reference=reference)
            plan = _Plan(self._typed(before, types, options), tuple(_type_iri(before, name) for name in types))
            _check_aliases(before)
            _check_aliases(plan.context)
            self._counted()
            if reference:
                entry.reference = plan
            else:
                entry.plans[types] = plan
        return plan

    def term(self, plan: _Plan, key: str) -> _Term:
        """Compile what a key means in a plan."""
        mapping = plan.context["mappings"].get(key)
        if not mapping:
            raise Unsupported
        with pyld_lock:
            term = self._term(plan, key, mapping)
            plan.terms[key] = term
        return term

    def _term(self, plan: _Plan, key: str, mapping: Mapping[str, Any]) -> _Term:
        if mapping["@id"] in ("@id", "@type"):
            return _Term(_KEYWORD, "", "", False, None)
        inner = plan.context
        if mapping.get("@context") is not None:
            options = pyld_options(self.contexts)
            inner = self._process(inner, mapping["@context"], options, override_protected=True, propagate=True)
        _check_mapping(mapping, inner["mappings"].get(key))
        kind, suffix = _coercion(mapping)
        is_list = "@list" in (mapping.get("@container") or ())
        term = _Term(kind, iri(mapping["@id"]), suffix, is_list, _Entry(inner, key))
        if kind == _VOCAB:
            term.vocabulary = _vocabulary(inner)
        return term

    def _entered(self, entry: _Entry, options: dict[str, Any], *, reference: bool) -> Mapping[str, Any]:
        # JSON-LD 1.1 API 5.1.2 steps 6–8: leave the parent's type-scoped context, then enter the property's.
        context = entry.context
        if entry.property is None:
            return context
        _check_aliases(context)
        scoped = context["mappings"][entry.property].get("@context")
        if not (reference and context.get("previousContext")):
            context = self.processor._revert_to_previous_context(context)
        return context if scoped is None else self._process(context, scoped, options, override_protected=True)

    def _typed(self, before: Mapping[str, Any], types: tuple[str, ...], options: dict[str, Any]) -> Mapping[str, Any]:
        # 5.1.2 step 11: the types' own contexts, in code point order, none of which reaches the children.
        context = before
        for name in types:
            scoped = before["mappings"][name].get("@context") if before["mappings"].get(name) else None
            if scoped is not None and scoped is not False:
                context = self._process(context, scoped, options, propagate=False)
        return context

    def _process(self, active: Any, local: Any, options: dict[str, Any], **named: Any) -> Mapping[str, Any]:
        try:
            context: Mapping[str, Any] = self.processor._process_context(active, local, options, **named)
        except jsonld.JsonLdError as error:
            raise Unsupported from error
        if any(keyword in context for keyword in ("@base", "@language", "@direction")):
            raise Unsupported
        return context

    def _counted(self) -> None:
        self.count += 1
        if self.count > MAX_PLANS:
            self.roots.clear()
            self.count = 0


_tables: "WeakKeyDictionary[ContextSet, _Tables]" = WeakKeyDictionary()


def walked_quads(document: Mapping[str, Any], contexts: ContextSet) -> list[Quad]:
    """The quads of a document, or Unsupported."""
    tables = _tables.get(contexts)
    if tables is None:
        tables = _tables.setdefault(contexts, _Tables(contexts))
    if type(document) is not dict or "@context" not in document:
        raise Unsupported
    walk = _Walk(tables)
    walk.node(document, tables.root(document["@context"]), 0)
    if not walk.quads or walk.values > MAX_VALUES:
        raise Unsupported
    return walk.quads


class _Walk:
    """One pass over one document."""

    __slots__ = ("blanks", "quads", "tables", "values")

    def __init__(self, tables: _Tables) -> None:
        self.tables = tables
        self.values = 0  # counted as `refuse_unsafe` counts them
        self.quads: list[Quad] = []
        self.blanks = 0

    def node(self, element: dict[str, Any], entry: _Entry, depth: int) -> str:
        """Emit a node and everything below it; its subject term."""
        self.values += len(element)
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise Unsupported
        plan = self._plan(element, entry)
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
            if term.kind == _KEYWORD:
                continue
            if term.is_list:
                quads.append((subject, term.predicate, self._list(value, term, depth), ""))
            elif type(value) is list:
                self.values += len(value)
                for item in value:
                    quads.append((subject, term.predicate, self._object(item, term, depth), ""))
            else:
                quads.append((subject, term.predicate, self._object(value, term, depth), ""))
        return subject

    def _plan(self, element: dict[str, Any], entry: _Entry) -> _Plan:
        if "type" not in element:
            if len(element) == 1 and "id" in element and entry.property is not None:
                return entry.reference or self.tables.plan(entry, (), reference=True)
            return entry.plans.get(()) or self.tables.plan(entry, (), reference=False)
        types = element["type"]
        names = (types,) if type(types) is str else _sorted_types(types)
        self.values += len(types) if type(types) is list else 0
        return entry.plans.get(names) or self.tables.plan(entry, names, reference=False)

    def _subject(self, element: dict[str, Any], plan: _Plan) -> str:
        if "id" not in element:
            return self._blank()
        return _absolute(element["id"], plan.prefixes)

    def _blank(self) -> str:
        self.blanks += 1
        return f"_:b{self.blanks}"

    def _object(self, value: object, term: _Term, depth: int) -> str:
        if type(value) is str:
            return _text(value, term)
        if type(value) is dict and term.child is not None:
            return self.node(value, term.child, depth + 1)
        if term.kind == _LITERAL and type(value) in (int, float, bool):
            return _scalar(value, term.suffix)  # type: ignore[arg-type]
        raise Unsupported

    def _list(self, value: object, term: _Term, depth: int) -> str:
        # JSON-LD 1.1 API 8.4
        items = value if type(value) is list else [value]
        self.values += len(items) if items is value else 0
        following = _NIL
        for item in reversed(items):
            cell = self._blank()
            self.quads.append((cell, _FIRST, self._object(item, term, depth), ""))
            self.quads.append((cell, _REST, following, ""))
            following = cell
        return following


def _sorted_types(types: object) -> tuple[str, ...]:
    if type(types) is not list or len(types) > MAX_TYPES or not all(type(name) is str for name in types):
        raise Unsupported
    return tuple(sorted(set(types)))


def _text(value: str, term: _Term) -> str:
    if term.kind == _LITERAL:
        return f'"{value}"{term.suffix}' if not _ODD.search(value) else _odd_text(value, term.suffix)
    if term.kind == _IRI:
        return _absolute(value, term.child.prefixes if term.child else frozenset())
    found = term.vocabulary.get(value)
    if found is None:
        raise Unsupported
    return found


def _odd_text(value: str, suffix: str) -> str:
    try:
        check_text(value, "")
    except CanonicalError as error:
        raise Unsupported from error
    return literal(value) + suffix


def _scalar(value: float, suffix: str) -> str:
    # JSON-LD 1.1 API 8.6
    if type(value) is bool:
        return f'"{"true" if value else "false"}"{suffix or f"^^<{_XSD}boolean>"}'
    try:
        check_number(value, "")
    except CanonicalError as error:
        raise Unsupported from error
    if float(value).is_integer():
        return f'"{int(value)}"{suffix or f"^^<{_XSD}integer>"}'
    mantissa, exponent = f"{value:.15E}".split("E")
    whole, fraction = mantissa.split(".")
    return f'"{whole}.{fraction.rstrip("0") or "0"}E{int(exponent)}"{suffix or f"^^<{_XSD}double>"}'


def _absolute(value: object, prefixes: frozenset[str]) -> str:
    if type(value) is not str or not IRI.fullmatch(value):
        raise Unsupported
    if prefixes and value.split(":", 1)[0] in prefixes:
        raise Unsupported
    return f"<{value}>"


def _prefixes(context: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name, term in context["mappings"].items() if term and term.get("_prefix"))


def _check_aliases(context: Mapping[str, Any]) -> None:
    """Only `id` and `type` may stand for a keyword."""
    for name, term in context["mappings"].items():
        meaning = term["@id"] if term else ""
        if meaning and meaning.startswith("@") and (name, meaning) not in (("id", "@id"), ("type", "@type")):
            raise Unsupported


def _type_iri(context: Mapping[str, Any], name: str) -> str:
    mapping = context["mappings"].get(name)
    if not mapping or not IRI.fullmatch(mapping["@id"]) or not context["mappings"].get("type"):
        raise Unsupported
    return iri(mapping["@id"])


def _check_mapping(mapping: Mapping[str, Any], inner: Mapping[str, Any] | None) -> None:
    if not inner or any(mapping.get(name) != inner.get(name) for name in ("@id", "@type", "@container")):
        raise Unsupported
    odd = mapping["reverse"] or "@nest" in mapping or mapping.get("@language") or mapping.get("@direction")
    if odd or not set(mapping.get("@container") or ()) <= {"@set", "@list"} or not IRI.fullmatch(mapping["@id"]):
        raise Unsupported


def _coercion(mapping: Mapping[str, Any]) -> tuple[int, str]:
    coerced = mapping.get("@type")
    if coerced is None or coerced == "@none" or coerced == _XSD + "string":
        return _LITERAL, ""
    if coerced == "@id":
        return _IRI, ""
    if coerced == "@vocab":
        return _VOCAB, ""
    if coerced == "@json" or coerced == _XSD + "double" or not IRI.fullmatch(coerced):
        raise Unsupported
    return _LITERAL, f"^^<{coerced}>"


def _vocabulary(context: Mapping[str, Any]) -> dict[str, str]:
    """The terms that a value of this property may be, as IRIs."""
    return {name: iri(term["@id"]) for name, term in context["mappings"].items() if term and IRI.fullmatch(term["@id"])}
