"""Compile the meaning of every key under pinned contexts: the tables behind the compiled walk.

JSON-LD expansion decides the same each time for contexts that never change. Each (active context, types) becomes a
`Plan`: key → `Term`. pyld's own context processing decides every meaning; the tables only record it. A shape that the
walk does not know raises `CompiledWalkUnavailable`; the document may still be valid. Plans are keyed by names that a
stranger may send, so their number is bounded.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final
from weakref import WeakKeyDictionary, ref

from acredita.registry.canonicalisation.contexts import ContextSet
from acredita.registry.canonicalisation.pyld_expansion import pyld_lock, pyld_options
from acredita.registry.canonicalisation.rdfc import iri
from acredita.registry.canonicalisation.safe_values import IRI
from pyld import jsonld  # type: ignore[import-untyped]

MAX_PLANS = 2_000
"""Plans kept for one ContextSet; a credential of ours needs about twenty. Past it the tables start afresh."""
MAX_TERMS = 20_000
"""Keys kept in those plans, two kilobytes each; a credential of ours needs about a hundred and fifty."""
MAX_CONTEXTS = 8
"""Entries of a document's @context."""

XSD: Final = "http://www.w3.org/2001/XMLSchema#"


class Kind(Enum):
    """Kinds of text value that a key may have."""

    KEYWORD = 0
    IRI = 1
    VOCABULARY = 2
    LITERAL = 3


class CompiledWalkUnavailable(Exception):
    """The document has a shape that the compiled walk does not know."""


class Term:
    """The meaning of one key under one active context."""

    __slots__ = ("child", "is_list", "kind", "predicate", "suffix", "vocabulary")

    def __init__(self, kind: Kind, predicate: str, suffix: str, is_list: bool, child: "NodePlace | None") -> None:
        self.kind = kind
        self.predicate = predicate
        self.suffix = suffix  # of a typed literal: ^^<datatype>, or nothing
        self.is_list = is_list
        self.child = child
        self.vocabulary: dict[str, str] = {}


class Plan:
    """The meaning of a node's keys, once its types are known."""

    __slots__ = ("context", "prefixes", "terms", "types")

    def __init__(self, context: Mapping[str, Any], types: tuple[str, ...]) -> None:
        self.context = context
        self.types = types
        self.terms: dict[str, Term] = {}
        self.prefixes = _prefixes(context)


class NodePlace:
    """A place for a node: the root, or the value of a property. `plans`: the node's sorted types → plan."""

    __slots__ = ("context", "plans", "prefixes", "property", "reference")

    def __init__(self, context: Mapping[str, Any], property_: str | None) -> None:
        self.context = context
        self.property = property_
        self.plans: dict[tuple[str, ...], Plan] = {}
        self.reference: Plan | None = None
        self.prefixes = _prefixes(context)


class Tables:
    """All plans compiled from one ContextSet. Compiling holds `pyld_lock`; looking up needs no lock."""

    def __init__(self, contexts: ContextSet) -> None:
        self._contexts = ref(contexts)  # weak: the tables are kept by the ContextSet, and must not keep it
        self.roots: dict[tuple[str, ...], NodePlace] = {}
        self.count = 0
        self.terms = 0
        self.processor = jsonld.JsonLdProcessor()

    @property
    def contexts(self) -> ContextSet:
        """The ContextSet that the tables were compiled from."""
        contexts = self._contexts()
        if contexts is None:
            raise RuntimeError("the tables outlived their contexts")
        return contexts

    def root(self, urls: object) -> NodePlace:
        """Return the place of the root node under these contexts. Raises CompiledWalkUnavailable."""
        names = tuple(urls) if isinstance(urls, list) else (urls,)
        if not 0 < len(names) <= MAX_CONTEXTS or not all(type(name) is str for name in names):
            raise CompiledWalkUnavailable
        place = self.roots.get(names)
        return place if place is not None else self._compile_root(names)

    def _compile_root(self, names: tuple[str, ...]) -> NodePlace:
        if any(name not in self.contexts.documents for name in names):
            raise CompiledWalkUnavailable
        with pyld_lock:
            options = pyld_options(self.contexts)
            initial = self.processor._get_initial_context(options)
            place = NodePlace(self._process(initial, list(names), options), None)
            self._count(plans=1)
            self.roots[names] = place
        return place

    def plan(self, place: NodePlace, types: tuple[str, ...], *, reference: bool) -> Plan:
        """Compile the plan of a node with these sorted types.

        `reference`: the node holds only an id. Raises CompiledWalkUnavailable.
        """
        with pyld_lock:
            options = pyld_options(self.contexts)
            before = self._entered(place, options, reference=reference)
            plan = Plan(self._typed(before, types, options), tuple(_type_iri(before, name) for name in types))
            _check_aliases(before)
            _check_aliases(plan.context)
            self._count(plans=1)
            if reference:
                place.reference = plan
            else:
                place.plans[types] = plan
        return plan

    def term(self, plan: Plan, key: str) -> Term:
        """Compile the meaning of a key in a plan. Raises CompiledWalkUnavailable."""
        mapping = plan.context["mappings"].get(key)
        if not mapping:
            raise CompiledWalkUnavailable
        with pyld_lock:
            term = self._term(plan, key, mapping)
            self._count(terms=1)
            plan.terms[key] = term
        return term

    def _term(self, plan: Plan, key: str, mapping: Mapping[str, Any]) -> Term:
        if mapping["@id"] in ("@id", "@type"):
            return Term(Kind.KEYWORD, "", "", False, None)
        inner = plan.context
        if mapping.get("@context") is not None:
            options = pyld_options(self.contexts)
            inner = self._process(inner, mapping["@context"], options, override_protected=True, propagate=True)
        _check_mapping(mapping, inner["mappings"].get(key))
        kind, suffix = _coercion(mapping)
        is_list = "@list" in (mapping.get("@container") or ())
        term = Term(kind, iri(mapping["@id"]), suffix, is_list, NodePlace(inner, key))
        if kind is Kind.VOCABULARY:
            term.vocabulary = _vocabulary(inner)
        return term

    def _entered(self, place: NodePlace, options: dict[str, Any], *, reference: bool) -> Mapping[str, Any]:
        # JSON-LD 1.1 API 5.1.2 steps 6–8: leave the parent's type-scoped context, then enter the property's.
        context = place.context
        if place.property is None:
            return context
        _check_aliases(context)
        scoped = context["mappings"][place.property].get("@context")
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
            raise CompiledWalkUnavailable from error
        if any(keyword in context for keyword in ("@base", "@language", "@direction")):
            raise CompiledWalkUnavailable
        return context

    def _count(self, *, plans: int = 0, terms: int = 0) -> None:
        """Count compiled plans and terms, and empty the tables past their limit.

        A running walk keeps the tables that it began with; they are freed when it ends.
        """
        self.count += plans
        self.terms += terms
        if self.count > MAX_PLANS or self.terms > MAX_TERMS:
            self.roots.clear()
            self.count = self.terms = 0


_tables: "WeakKeyDictionary[ContextSet, Tables]" = WeakKeyDictionary()


def tables_of(contexts: ContextSet) -> Tables:
    """Return the tables of a ContextSet; they live as long as it does."""
    tables = _tables.get(contexts)
    return tables if tables is not None else _tables.setdefault(contexts, Tables(contexts))


def _prefixes(context: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name, term in context["mappings"].items() if term and term.get("_prefix"))


def _check_aliases(context: Mapping[str, Any]) -> None:
    """Refuse every alias of a keyword except `id` and `type`."""
    for name, term in context["mappings"].items():
        meaning = term["@id"] if term else ""
        if meaning and meaning.startswith("@") and (name, meaning) not in (("id", "@id"), ("type", "@type")):
            raise CompiledWalkUnavailable


def _type_iri(context: Mapping[str, Any], name: str) -> str:
    mapping = context["mappings"].get(name)
    if not mapping or not IRI.fullmatch(mapping["@id"]) or not context["mappings"].get("type"):
        raise CompiledWalkUnavailable
    return iri(mapping["@id"])


def _check_mapping(mapping: Mapping[str, Any], inner: Mapping[str, Any] | None) -> None:
    if not inner or any(mapping.get(name) != inner.get(name) for name in ("@id", "@type", "@container")):
        raise CompiledWalkUnavailable
    odd = mapping["reverse"] or "@nest" in mapping or mapping.get("@language") or mapping.get("@direction")
    if odd or not set(mapping.get("@container") or ()) <= {"@set", "@list"} or not IRI.fullmatch(mapping["@id"]):
        raise CompiledWalkUnavailable


def _coercion(mapping: Mapping[str, Any]) -> tuple[Kind, str]:
    coerced = mapping.get("@type")
    if coerced is None or coerced == "@none" or coerced == XSD + "string":
        return Kind.LITERAL, ""
    if coerced == "@id":
        return Kind.IRI, ""
    if coerced == "@vocab":
        return Kind.VOCABULARY, ""
    if coerced == "@json" or coerced == XSD + "double" or not IRI.fullmatch(coerced):
        raise CompiledWalkUnavailable
    return Kind.LITERAL, f"^^<{coerced}>"


def _vocabulary(context: Mapping[str, Any]) -> dict[str, str]:
    """Return the terms that a value of this property may be, as IRIs."""
    return {name: iri(term["@id"]) for name, term in context["mappings"].items() if term and IRI.fullmatch(term["@id"])}
