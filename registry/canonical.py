"""From a JSON-LD document to the bytes that are signed: one function for signing and for verifying.

`canonical_nquads` is safe mode: whatever would be lost, guessed or read otherwise by another library on the
way to RDF is refused with a pointer instead. Unmapped keys and types, relative IRIs, nulls, control
characters, numbers that libraries write differently, a protected term redefined: each is a way for a
signature to cover less than a person reads.

The slow path is pyld's expansion and to_rdf with its gaps closed, then our RDFC-1.0. It stays callable by
itself, as the oracle of the fast path and for the check again before release. pyld is pinned to an exact
version, for `_SafeProcessor` stands on its inner functions.
"""

import math
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from acredita.registry import rdfc
from acredita.registry.contexts import ContextRefused, ContextSet, bundled_contexts
from acredita.registry.rdfc import HashName
from acredita.registry.reading import escape_pointer
from cachetools import LRUCache
from pyld import jsonld  # type: ignore[import-untyped]
from pyld.context_resolver import ContextResolver  # type: ignore[import-untyped]

MAX_DEPTH = 64
"""Levels of nesting walked; `read_json` allows fewer."""
MAX_INTEGER = 2**53 - 1
"""Beyond it a JSON number is not the same integer to every reader (RFC 8259 6)."""
MIN_FRACTION = 1e-6
"""Below it JavaScript writes an exponent."""
CACHED_CONTEXTS = 64
"""Processed context documents kept for one ContextSet."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# RFC 3987 2.2, and what N-Quads would have to escape (RDFC-1.0 5).
_IRI = re.compile('[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\\\\x7f\ud800-\udfff]*')
_BLANK = re.compile(r"_:[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_pyld_lock = threading.Lock()  # pyld's context caches are not made for threads
_caches: "WeakKeyDictionary[ContextSet, LRUCache[str, Any]]" = WeakKeyDictionary()


class CanonicalError(ValueError):
    """No canonical form that every reader would agree on. `pointer` is an RFC 6901 JSON pointer."""

    def __init__(self, pointer: str, code: str, message: str) -> None:
        super().__init__(f"{code} at {pointer or '(document)'}: {message}")
        self.pointer = pointer
        self.code = code
        self.message = message


def canonical_nquads(
    document: Mapping[str, Any], *, contexts: ContextSet | None = None, hash_name: HashName = "sha256"
) -> bytes:
    """The canonical N-Quads of a document, or CanonicalError."""
    return canonical_nquads_slow(document, contexts=contexts, hash_name=hash_name)


def canonical_nquads_slow(
    document: Mapping[str, Any], *, contexts: ContextSet | None = None, hash_name: HashName = "sha256"
) -> bytes:
    """The same bytes by pyld's expansion and to_rdf alone."""
    known = contexts or bundled_contexts()
    refuse_unsafe(document, known)
    return canonical_bytes(_quads(dict(document), known), hash_name)


def canonical_bytes(quads: list[rdfc.Quad], hash_name: HashName) -> bytes:
    """RDFC-1.0 over quads that came from a document; a poison graph and an empty one are refused."""
    if not quads:
        raise CanonicalError("", "NOTHING_SIGNED", "no statement is left of the document")
    try:
        return rdfc.canonicalise(quads, hash_name=hash_name)
    except rdfc.WorkBudgetExceeded as error:
        raise CanonicalError("", "GRAPH_TOO_COMPLEX", str(error)) from error


def refuse_unsafe(document: Mapping[str, Any], contexts: ContextSet) -> None:
    """Refuse what no context can make safe: nulls, numbers, control characters, unknown contexts."""
    _check_value(document, "", contexts, 0)


def _check_value(value: object, pointer: str, contexts: ContextSet, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise CanonicalError(pointer, "TOO_DEEP", f"at most {MAX_DEPTH} levels of nesting")
    if isinstance(value, str):
        check_text(value, pointer)
    elif isinstance(value, bool):
        return
    elif isinstance(value, int | float):
        check_number(value, pointer)
    elif isinstance(value, Mapping):
        _check_object(value, pointer, contexts, depth)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_value(item, f"{pointer}/{index}", contexts, depth + 1)
    else:
        raise CanonicalError(pointer, "VALUE_NULL", "null is dropped on the way to RDF: leave the key out")


def _check_object(value: Mapping[Any, Any], pointer: str, contexts: ContextSet, depth: int) -> None:
    for key, item in value.items():
        where = f"{pointer}/{escape_pointer(str(key))}"
        if not isinstance(key, str) or _CONTROL.search(key):
            raise CanonicalError(where, "CONTROL_CHARACTER", "a key holds a control character")
        if key == "@context":
            _check_contexts(item, where, contexts)
        else:
            _check_value(item, where, contexts, depth + 1)


def check_text(value: str, pointer: str) -> None:
    """Refuse control characters but tab, LF and CR: libraries escape them differently."""
    found = _CONTROL.search(value)
    if found:
        raise CanonicalError(pointer, "CONTROL_CHARACTER", f"U+{ord(found[0]):04X} is not allowed in a text")


def check_number(value: float, pointer: str) -> None:
    """Refuse numbers that two libraries write differently, or that lose digits on the way to xsd:double."""
    if isinstance(value, float) and not _exact_double(value):
        raise CanonicalError(pointer, "NUMBER_UNSAFE", "not exact in 16 digits, or written with an exponent")
    if abs(value) > MAX_INTEGER:
        raise CanonicalError(pointer, "NUMBER_UNSAFE", "beyond 2^53 − 1 readers disagree")


def _exact_double(value: float) -> bool:
    # JSON-LD 1.1 API 8.6 writes 1.15E: 0.3 and 0.30000000000000004 would be one value.
    if not math.isfinite(value) or float(f"{value:.15E}") != value:
        return False
    return abs(value) >= MIN_FRACTION or (value == 0 and math.copysign(1, value) > 0)


def _check_contexts(value: object, pointer: str, contexts: ContextSet) -> None:
    entries = value if isinstance(value, list) else [value]
    for index, entry in enumerate(entries):
        where = f"{pointer}/{index}" if isinstance(value, list) else pointer
        if isinstance(entry, str) and entry not in contexts.documents:
            raise CanonicalError(
                where, "CONTEXT_UNKNOWN", f"{entry[:120]} is not bundled, and none is fetched"
            )
        if isinstance(entry, Mapping):
            _check_inline_context(entry, where)
        elif not isinstance(entry, str):
            raise CanonicalError(where, "CONTEXT_INVALID", "a URL or an object expected")


def _check_inline_context(context: Mapping[Any, Any], pointer: str) -> None:
    # @import changes the imported document in pyld's cache: a stranger's context would become everybody's.
    stack: list[tuple[object, int]] = [(context, 0)]
    while stack:
        current, depth = stack.pop()
        if depth > MAX_DEPTH or (isinstance(current, Mapping) and "@import" in current):
            raise CanonicalError(pointer, "CONTEXT_INVALID", "too deep, or @import, which is not supported")
        if isinstance(current, Mapping | list):
            inner = current.values() if isinstance(current, Mapping) else current
            stack += [(item, depth + 1) for item in inner]


def _quads(document: dict[str, Any], contexts: ContextSet) -> list[rdfc.Quad]:
    with _pyld_lock:
        cache = _caches.setdefault(contexts, LRUCache(maxsize=CACHED_CONTEXTS))
        processor = _SafeProcessor()
        options = {
            "documentLoader": contexts.load,
            "contextResolver": ContextResolver(cache, contexts.load),
            "processingMode": "json-ld-1.1",
        }
        try:
            dataset = processor.to_rdf(document, options)
        except CanonicalError:
            raise
        # A hostile inline context makes pyld fail in ways of its own beside JsonLdError.
        except (
            jsonld.JsonLdError,
            ArithmeticError,
            AttributeError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            raise processor.located(error) from error
    return [quad for graph, triples in dataset.items() for quad in _graph_quads(graph, triples)]


def _graph_quads(graph: str, triples: list[dict[str, Any]]) -> Iterator[rdfc.Quad]:
    name = "" if graph == "@default" else _resource(graph)
    for triple in triples:
        subject, object_ = triple["subject"]["value"], triple["object"]
        yield _resource(subject), _resource(triple["predicate"]["value"]), _object(object_), name


def _resource(value: str) -> str:
    return value if value.startswith("_:") else rdfc.iri(value)


def _object(term: Mapping[str, Any]) -> str:
    if term["type"] != "literal":
        return _resource(term["value"])
    return rdfc.literal(term["value"], term["datatype"], term.get("language", ""))


def check_iri(value: object, pointer: str, code: str) -> None:
    """Refuse what is not an absolute IRI, or holds a character that N-Quads has to escape."""
    if isinstance(value, str) and (_IRI.fullmatch(value) or _BLANK.fullmatch(value)):
        return
    raise CanonicalError(pointer, code, f"an absolute IRI expected, found {str(value)[:120]!r}")


class _SafeProcessor(jsonld.JsonLdProcessor):  # type: ignore[misc]  # pyld is not typed
    """pyld's processor that refuses where pyld drops, guesses or resolves against a made-up base."""

    def __init__(self) -> None:
        super().__init__()
        self._root: object = None
        self._open: list[object] = []

    def located(self, error: BaseException) -> CanonicalError:
        """Any failure of pyld as ours, at the element that was being expanded."""
        cause: BaseException | None = error
        redefined = False
        while cause is not None:
            if isinstance(cause, CanonicalError):
                return cause
            if isinstance(cause, ContextRefused):
                return CanonicalError(self._pointer(), "CONTEXT_UNKNOWN", str(cause))
            redefined = redefined or getattr(cause, "code", None) == "protected term redefinition"
            cause = cause.__cause__
        code = "TERM_REDEFINED" if redefined else "JSONLD_INVALID"
        return CanonicalError(self._pointer(), code, str(error).split("\n", 1)[0][:200])

    def _expand_object(
        self, active_ctx: Any, active_property: Any, expanded: Any, element: Any, *rest: Any, **named: Any
    ) -> None:
        if self._root is None:
            self._root = element
        self._open.append(element)
        self._check_keys(active_ctx, element)
        super()._expand_object(active_ctx, active_property, expanded, element, *rest, **named)
        self._open.pop()

    def _check_keys(self, active_ctx: Any, element: Mapping[str, Any]) -> None:
        for key, value in element.items():
            if key == "@context":
                continue
            meaning = super()._expand_iri(active_ctx, key, vocab=True)
            if meaning in ("@index", "@direction"):
                self._refuse(key, "VALUE_UNSIGNED", f"{meaning} does not reach the signed statements")
            if meaning == "@language" and not (isinstance(value, str) and _LANGUAGE.fullmatch(value)):
                self._refuse(key, "JSONLD_INVALID", "not a language tag")
            if meaning is None or not (meaning.startswith("@") or _IRI.fullmatch(meaning)):
                self._refuse(key, "TERM_UNMAPPED", "no context says what this key means")

    def _expand_iri(
        self, active_ctx: Any, value: Any, base: Any = None, vocab: Any = False, **named: Any
    ) -> Any:
        if base is None or named:
            return super()._expand_iri(active_ctx, value, base, vocab, **named)
        # A value that only a base makes absolute means something else wherever the document is read.
        known_base = base if "@base" in active_ctx else None
        meaning = super()._expand_iri(active_ctx, value, known_base, vocab)
        if not (isinstance(meaning, str) and (_IRI.fullmatch(meaning) or _BLANK.fullmatch(meaning))):
            self._refuse(self._key_of(value), *_iri_fault(value, meaning, bool(vocab)))
        return meaning

    def _expand_index_map(
        self, active_ctx: Any, active_property: Any, value: Any, index_key: Any, *rest: Any
    ) -> Any:
        if index_key == "@index":
            self._refuse(
                active_property,
                "VALUE_UNSIGNED",
                "the keys of an index map do not reach the signed statements",
            )
        return super()._expand_index_map(active_ctx, active_property, value, index_key, *rest)

    def _refuse(self, key: str, code: str, message: str) -> NoReturn:
        raise CanonicalError(
            f"{self._pointer()}/{escape_pointer(key)}" if key else self._pointer(), code, message
        )

    def _key_of(self, value: object) -> str:
        element = self._open[-1] if self._open else None
        for key, held in element.items() if isinstance(element, Mapping) else ():
            if held == value or (isinstance(held, list) and value in held):
                return str(key)
        return ""

    def _pointer(self) -> str:
        """Where the element being expanded stands in the document, found by identity."""
        wanted = self._open[-1] if self._open else self._root
        stack: list[tuple[object, str]] = [(self._root, "")]
        while stack:
            value, pointer = stack.pop()
            if value is wanted:
                return pointer
            if isinstance(value, Mapping):
                stack += [(item, f"{pointer}/{escape_pointer(str(key))}") for key, item in value.items()]
            elif isinstance(value, list):
                stack += [(item, f"{pointer}/{index}") for index, item in enumerate(value)]
        return ""


def _iri_fault(value: object, meaning: object, vocab: bool) -> tuple[str, str]:
    if isinstance(meaning, str) and ":" in meaning:
        return "IRI_INVALID", f"{str(value)[:120]!r} holds a character that no IRI has"
    if vocab:
        return "TYPE_UNMAPPED", f"no context says what {str(value)[:120]!r} means"
    return "IRI_RELATIVE", f"an absolute IRI expected, found {str(value)[:120]!r}"
