"""Write RFC 8785 canonical JSON, and compute its digest.

The rfc8785 package does the work; every digest of a document of ours is computed here. Numbers beyond 2^53 − 1, NaN,
infinities and lone surrogates have no canonical form: `JcsRefused`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeVar, cast

import rfc8785
from acredita.anchoring.types import Digest
from acredita.registry.json_documents.strict import Path, path_pointer

T = TypeVar("T")

# rfc8785 lets a lone surrogate in a key through to Python's own encoder.
_NO_FORM = (rfc8785.CanonicalizationError, UnicodeEncodeError)


class JcsRefused(Exception):
    """The value has no RFC 8785 form. `pointer` is an RFC 6901 JSON pointer to the part without one."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer or '(document)'}: {message}")
        self.pointer = pointer
        self.message = message


def jcs(value: object) -> bytes:
    """Return the RFC 8785 form of a JSON value. Raises JcsRefused."""
    try:
        return rfc8785.dumps(cast(Any, value))
    except _NO_FORM as error:
        raise JcsRefused(path_pointer(_faulty(value, ()) or ()), str(error)) from error


def jcs_digest(value: object) -> Digest:
    """Return SHA-256 of the RFC 8785 form. Raises JcsRefused."""
    return Digest(hashlib.sha256(jcs(value)).digest())


def set_form(items: Iterable[T]) -> list[T]:
    """Return the items of a set in its one written form: each once, in the order of the bytes of their RFC 8785 forms.

    RDF signs a set of values: neither their order nor a repeated value is in the signed form. Raises JcsRefused.
    """
    return [item for _, item in sorted({jcs(item): item for item in items}.items())]


def misplaced(items: Sequence[object]) -> int | None:
    """Return the index of the first item that does not follow its predecessor in the set's form; None if all do.

    Raises JcsRefused.
    """
    if len(items) < 2:
        return None
    forms = [jcs(item) for item in items]
    return next((index for index, (one, next_one) in enumerate(pairwise(forms), 1) if one >= next_one), None)


def _faulty(value: object, path: Path) -> Path | None:
    """Return the path of the first value that has no form by itself, None if each part of the value has one."""
    if isinstance(value, dict):
        keys: Iterable[tuple[str | int, object]] = value.items()
    elif isinstance(value, list | tuple):
        keys = enumerate(value)
    else:
        return None if _has_form(value) else path
    for key, item in keys:
        faulty = path if not _has_form(key) else _faulty(item, (path, key))
        if faulty is not None:
            return faulty
    return None


def _has_form(value: object) -> bool:
    try:
        rfc8785.dumps(cast(Any, value))
    except _NO_FORM:
        return False
    return True
