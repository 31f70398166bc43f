"""Define the faults of documents in formats of our own, and load the JSON Schemas of those formats.

A fault is a JSON pointer, a stable code and the rule that was broken. It never repeats a value of the document: credentials
are judged like any other document, and their values belong to a person. Schemas come from the package; nothing is fetched.
"""

import functools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Final, cast

from acredita.registry.codes import Code
from acredita.registry.json_documents.invisible_characters import first_invisible

# Control characters and lone surrogates do not survive every canonicalisation alike, so documents of ours have none.
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, order=True)
class SchemaFault:
    """One fault: its pointer, its code, and the rule it breaks."""

    pointer: str
    code: Code
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.code}: {self.message}"


@dataclass(frozen=True)
class SchemaCodes:
    """The codes that one kind of document gives to the three families of schema faults."""

    missing: Code
    unknown: Code
    malformed: Code


@functools.cache
def schema(name: str) -> dict[str, object]:
    """Load the packaged JSON Schema of that name."""
    text = (resources.files(__package__) / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    return cast(dict[str, object], json.loads(text))


def pointer(parts: Iterable[str | int]) -> str:
    """Return the RFC 6901 pointer of a path of keys and indexes."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def is_clean(text: str) -> bool:
    """Return True if the text has no control character, no lone surrogate and no character that a reader cannot see."""
    if text.isascii():
        return text.isprintable()
    return _FORBIDDEN.search(text) is None and first_invisible(text) is None


def unclean(text: str) -> str:
    """Return what a text must not have: the first invisible character by its number, or the rule for all."""
    invisible = first_invisible(text)
    if invisible is not None and _FORBIDDEN.search(text) is None:
        return f"invisible characters are not allowed; {invisible[0]} is number {invisible[1]}"
    return "control characters and lone surrogates are not allowed"
