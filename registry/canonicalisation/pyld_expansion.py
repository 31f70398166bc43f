"""Turn a JSON-LD document into RDF quads by pyld, with its gaps closed: the slow path.

pyld drops keys that it does not know, resolves relative IRIs against an invented base and passes characters that no IRI
has. `_SafeProcessor` refuses each of these where it happens. It depends on pyld's inner functions, so pyld is pinned to
an exact version. The tests fail before another version could change a signature.
"""

import re
import threading
from collections.abc import Mapping
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from acredita.registry.canonicalisation import rdfc
from acredita.registry.canonicalisation.budget import PER_CONTEXT_VALUE, OperationBudget
from acredita.registry.canonicalisation.contexts import ContextRefused, ContextSet
from acredita.registry.canonicalisation.expanded_quads import LiteralOf, quads_of
from acredita.registry.canonicalisation.pace import current_pace
from acredita.registry.canonicalisation.safe_values import IRI, CanonicalFormRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import escape_pointer
from cachetools import LRUCache
from pyld import jsonld  # type: ignore[import-untyped]
from pyld.context_resolver import ContextResolver  # type: ignore[import-untyped]

CACHED_CONTEXTS = 64
"""Processed context documents kept for one ContextSet."""

_BLANK = re.compile(r"_:[A-Za-z0-9_][A-Za-z0-9_.-]*")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")

pyld_lock = threading.RLock()
"""pyld's context caches are not safe for threads."""
_caches: "WeakKeyDictionary[ContextSet, LRUCache[str, Any]]" = WeakKeyDictionary()


def pyld_options(contexts: ContextSet) -> dict[str, Any]:
    """Return options for pyld that load from `contexts` and share its processed contexts. Hold `pyld_lock`."""
    cache = _caches.setdefault(contexts, LRUCache(maxsize=CACHED_CONTEXTS))
    return {
        "base": "",
        "isFrame": False,
        "keepFreeFloatingNodes": False,
        "documentLoader": contexts.load,
        "contextResolver": ContextResolver(cache, contexts.load),
        "processingMode": "json-ld-1.1",
        "rdfDirection": "i18n-datatype",  # the direction of a text is signed with it
    }


def expanded_quads(
    document: Mapping[str, Any], contexts: ContextSet, budget: OperationBudget | None = None
) -> list[rdfc.Quad]:
    """Return the quads of a document. `budget`: contexts that are entered count, because the document brings its own.

    Raises CanonicalFormRefused with the pointer of the value that has no safe meaning.
    """
    current_pace().begin_slow_path()
    with pyld_lock:
        processor, options = _SafeProcessor(budget), pyld_options(contexts)
        try:
            return quads_of(processor.expand(dict(document), options), processor.literals(options))
        except CanonicalFormRefused:
            raise
        # A hostile inline context makes pyld raise these beside JsonLdError.
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


class _SafeProcessor(jsonld.JsonLdProcessor):  # type: ignore[misc]  # pyld is not typed
    """pyld's processor, which refuses where pyld drops, guesses or resolves against an invented base."""

    def __init__(self, budget: OperationBudget | None = None) -> None:
        super().__init__()
        self._pace = current_pace()
        self._root: object = None
        self._open: list[object] = []
        self._budget = budget
        self._entered: dict[tuple[object, ...], tuple[Any, Any, Any]] = {}

    def literals(self, options: dict[str, Any]) -> LiteralOf:
        """Return the function that makes literals as pyld makes them."""

        def literal_of(value: Mapping[str, Any]) -> str:
            term = self._object_to_rdf(value, None, [], options)
            return rdfc.literal(term["value"], term["datatype"], term.get("language", ""))

        return literal_of

    def located(self, error: BaseException) -> CanonicalFormRefused:
        """Convert a failure of pyld into a CanonicalFormRefused at the element that was being expanded."""
        cause: BaseException | None = error
        redefined = False
        while cause is not None:
            if isinstance(cause, CanonicalFormRefused):
                return cause
            if isinstance(cause, ContextRefused):
                return CanonicalFormRefused(self._pointer(), Code.CONTEXT_UNKNOWN, str(cause))
            redefined = redefined or getattr(cause, "code", None) == "protected term redefinition"
            cause = cause.__cause__
        code = Code.TERM_REDEFINED if redefined else Code.JSONLD_INVALID
        return CanonicalFormRefused(self._pointer(), code, str(error).split("\n", 1)[0][:200])

    def _process_context(
        self,
        active_ctx: Any,
        local_ctx: Any,
        options: Any,
        override_protected: bool = False,
        propagate: bool = True,
        validate_scoped: bool = True,
        cycles: Any = None,
    ) -> Any:
        """Enter a context once for each active context. pyld does it again for each node of a type."""
        rest = (override_protected, propagate, validate_scoped)
        if cycles is not None:  # a context within a context, which is only tried
            return super()._process_context(active_ctx, local_ctx, options, *rest, cycles)
        key = (id(active_ctx), id(local_ctx), *rest)
        known = self._entered.get(key)
        if known is None:
            if self._budget is not None:
                self._budget.spend(PER_CONTEXT_VALUE * _values_in(local_ctx))
            entered = super()._process_context(active_ctx, local_ctx, options, *rest)
            # Both contexts are kept, so that no other object gets their ids.
            known = self._entered[key] = (entered, active_ctx, local_ctx)
        return known[0]

    def _expand_object(
        self, active_ctx: Any, active_property: Any, expanded: Any, element: Any, *rest: Any, **named: Any
    ) -> None:
        self._pace.step_under_lock()
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
            if meaning == "@index":
                self._refuse(key, Code.VALUE_UNSIGNED, "@index does not reach the signed statements")
            if meaning == "@language" and not (isinstance(value, str) and _LANGUAGE.fullmatch(value)):
                self._refuse(key, Code.JSONLD_INVALID, "not a language tag")
            if meaning is None or not (meaning.startswith("@") or IRI.fullmatch(meaning)):
                self._refuse(key, Code.TERM_UNMAPPED, "no context says what this key means")

    def _expand_iri(self, active_ctx: Any, value: Any, base: Any = None, vocab: Any = False, **named: Any) -> Any:
        if base is None or named:
            return super()._expand_iri(active_ctx, value, base, vocab, **named)
        # A value that only a base makes absolute has another meaning at each address of the document.
        known_base = base if "@base" in active_ctx else None
        meaning = super()._expand_iri(active_ctx, value, known_base, vocab)
        if not (isinstance(meaning, str) and (IRI.fullmatch(meaning) or _BLANK.fullmatch(meaning))):
            self._refuse(self._key_of(value), *_iri_fault(value, meaning, bool(vocab)))
        return meaning

    def _expand_index_map(self, active_ctx: Any, active_property: Any, value: Any, index_key: Any, *rest: Any) -> Any:
        if index_key == "@index":
            self._refuse(
                active_property,
                Code.VALUE_UNSIGNED,
                "the keys of an index map do not reach the signed statements",
            )
        return super()._expand_index_map(active_ctx, active_property, value, index_key, *rest)

    def _refuse(self, key: str, code: Code, message: str) -> NoReturn:
        raise CanonicalFormRefused(
            f"{self._pointer()}/{escape_pointer(key)}" if key else self._pointer(), code, message
        )

    def _key_of(self, value: object) -> str:
        element = self._open[-1] if self._open else None
        for key, held in element.items() if isinstance(element, Mapping) else ():
            if held == value or (isinstance(held, list) and value in held):
                return str(key)
        return ""

    def _pointer(self) -> str:
        """Return the pointer of the element that is being expanded, found by identity."""
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


def _values_in(context: object) -> int:
    """Count the values of a context: itself, its members and items, and everything in them."""
    count, stack = 0, [context]
    while stack:
        value = stack.pop()
        count += 1
        if isinstance(value, Mapping):
            stack += value.values()
        elif isinstance(value, list | tuple):
            stack += value
    return count


def _iri_fault(value: object, meaning: object, vocab: bool) -> tuple[Code, str]:
    if isinstance(meaning, str) and ":" in meaning:
        return Code.IRI_INVALID, f"{str(value)[:120]!r} holds a character that no IRI has"
    if vocab:
        return Code.TYPE_UNMAPPED, f"no context says what {str(value)[:120]!r} means"
    return Code.IRI_RELATIVE, f"an absolute IRI expected, found {str(value)[:120]!r}"
