"""Refuse values that no context can make safe: nulls, numbers, control characters, unknown contexts, nesting.

Some library loses, guesses or rewrites each of them on the way from JSON-LD to RDF. A signature would then cover less
than a person reads. They are refused with a JSON pointer before anything is expanded.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acredita.contracts.coded_error import CodedError
from acredita.registry.canonicalisation.contexts import ContextSet
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import Path, path_pointer

MAX_DEPTH = 64
"""Levels of nesting walked; `read_json` allows fewer."""
MAX_VALUES = 10_000
"""Values of one document: a credential has a hundred, and expansion takes a tenth of a millisecond for each."""
MAX_CONTEXTS = 100
"""Entries of all @context of one document: a presentation of thirty credentials; each may take milliseconds."""
MAX_INTEGER = 2**53 - 1
"""Beyond it a JSON number is not the same integer to every reader (RFC 8259 6)."""
MIN_FRACTION = 1e-6
"""Below it JavaScript writes an exponent."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# RFC 3987 2.2, without the characters that N-Quads would have to escape (RDFC-1.0 5).
IRI = re.compile('[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\\\\x7f\ud800-\udfff]*')


class CanonicalFormRefused(CodedError[Code]):
    """The document has no canonical form that every reader would agree on. `pointer` is an RFC 6901 JSON pointer."""

    def __init__(self, pointer: str, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.code} at {self.pointer or '(document)'}: {self.message}"


@dataclass(frozen=True, slots=True)
class DocumentSize:
    """The JSON values of a document, the types of its nodes, and whether it brings a context of its own."""

    values: int
    types: int
    has_inline_context: bool


def refuse_unsafe(document: Mapping[str, Any], contexts: ContextSet) -> DocumentSize:
    """Refuse values that no context can make safe: nulls, numbers, control characters, unknown contexts, sheer size.

    Return what was counted. Raises CanonicalFormRefused.
    """
    check = _Check(contexts)
    check.value(document, (), 0)
    return DocumentSize(MAX_VALUES - check.values_left, check.types, check.has_inline_context)


class _Check:
    """One pass over a document, which counts the values and contexts that cost time in expansion."""

    def __init__(self, contexts: ContextSet) -> None:
        self.contexts = contexts
        self.values_left = MAX_VALUES
        self.contexts_left = MAX_CONTEXTS
        self.types = 0
        self.has_inline_context = False

    def value(self, value: object, path: Path, depth: int) -> None:
        self.values_left -= 1
        if self.values_left < 0:
            raise CanonicalFormRefused("", Code.DOCUMENT_TOO_LARGE, f"at most {MAX_VALUES} values")
        if depth > MAX_DEPTH:
            raise CanonicalFormRefused(path_pointer(path), Code.TOO_DEEP, f"at most {MAX_DEPTH} levels of nesting")
        if isinstance(value, str):
            check_text(value, path)
        elif isinstance(value, bool):
            return
        elif isinstance(value, int | float):
            check_number(value, path)
        elif isinstance(value, Mapping):
            self._object(value, path, depth)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self.value(item, (path, index), depth + 1)
        else:
            message = "null is dropped on the way to RDF: leave the key out"
            raise CanonicalFormRefused(path_pointer(path), Code.VALUE_NULL, message)

    def _object(self, value: Mapping[Any, Any], path: Path, depth: int) -> None:
        for key, item in value.items():
            where = (path, str(key))
            if not isinstance(key, str) or _CONTROL.search(key):
                message = "a key holds a control character"
                raise CanonicalFormRefused(path_pointer(where), Code.CONTROL_CHARACTER, message)
            if key == "@context":
                self._context_list(item, path_pointer(where))
            else:
                if key in ("type", "@type"):
                    self.types += len(item) if isinstance(item, list) else 1
                self.value(item, where, depth + 1)

    def _context_list(self, value: object, pointer: str) -> None:
        entries = value if isinstance(value, list) else [value]
        self.contexts_left -= len(entries)
        if self.contexts_left < 0:
            raise CanonicalFormRefused(pointer, Code.DOCUMENT_TOO_LARGE, f"at most {MAX_CONTEXTS} contexts")
        for index, entry in enumerate(entries):
            self._context(entry, f"{pointer}/{index}" if isinstance(value, list) else pointer)

    def _context(self, entry: object, pointer: str) -> None:
        if isinstance(entry, str) and entry not in self.contexts.documents:
            raise CanonicalFormRefused(
                pointer, Code.CONTEXT_UNKNOWN, f"{entry[:120]} is not bundled, and none is fetched"
            )
        if isinstance(entry, Mapping):
            self._inline_context(entry, pointer)
        elif not isinstance(entry, str):
            raise CanonicalFormRefused(pointer, Code.CONTEXT_INVALID, "a URL or an object expected")

    def _inline_context(self, context: Mapping[Any, Any], pointer: str) -> None:
        self.has_inline_context = True
        # @import changes the imported document in pyld's cache, so a stranger's context would apply to everybody.
        stack: list[tuple[object, int]] = [(context, 0)]
        while stack:
            current, depth = stack.pop()
            self.values_left -= 1
            if self.values_left < 0 or depth > MAX_DEPTH:
                raise CanonicalFormRefused(pointer, Code.DOCUMENT_TOO_LARGE, "an inline context too large or too deep")
            if isinstance(current, Mapping) and "@import" in current:
                raise CanonicalFormRefused(pointer, Code.CONTEXT_INVALID, "@import is not supported")
            if isinstance(current, Mapping | list):
                inner = current.values() if isinstance(current, Mapping) else current
                stack += [(item, depth + 1) for item in inner]


def check_text(value: str, path: Path) -> None:
    """Refuse control characters but tab, LF and CR: libraries escape them differently."""
    control = _CONTROL.search(value)
    if control:
        raise CanonicalFormRefused(
            path_pointer(path), Code.CONTROL_CHARACTER, f"U+{ord(control[0]):04X} is not allowed in a text"
        )


def check_number(value: float, path: Path) -> None:
    """Refuse numbers that two libraries write differently, or that lose digits on the way to xsd:double."""
    if isinstance(value, float) and not _exact_double(value):
        raise CanonicalFormRefused(
            path_pointer(path), Code.NUMBER_UNSAFE, "not exact in 16 digits, or written with an exponent"
        )
    if abs(value) > MAX_INTEGER:
        raise CanonicalFormRefused(path_pointer(path), Code.NUMBER_UNSAFE, "beyond 2^53 − 1 readers disagree")


def _exact_double(value: float) -> bool:
    # JSON-LD 1.1 API 8.6 writes 1.15E: 0.3 and 0.30000000000000004 would be one value.
    if not math.isfinite(value) or float(f"{value:.15E}") != value:
        return False
    return abs(value) >= MIN_FRACTION or (value == 0 and math.copysign(1, value) > 0)
