"""Find characters of a programme or an institution's name that no font of this package draws.

The typesetter itself answers: a PDF for archiving (PDF/A) may have no character without a drawing, and it refuses one.
So an empty box on badge and page is announced when the document is approved, and named on the page itself.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from acredita.node.delivery.printing.typesetting import draws
from acredita.node.verification.language import Language, in_language

FAMILY: Final = "Atkinson Hyperlegible"
WIDE_FAMILY: Final = "Noto Sans"

MAX_NAMED: Final = 20
"""Characters named of one text; the rest is counted."""
KEPT_ANSWERS: Final = 4_096

# Every font of this package has these: no typesetter is started for them.
_ALWAYS_DRAWN: Final = frozenset(chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100), 0x200B))


def unprintable(text: str) -> tuple[str, ...]:
    """Return the characters of a text that no font draws, sorted."""
    unusual = frozenset(text) - _ALWAYS_DRAWN
    if not unusual or _all_drawn("".join(sorted(unusual))):
        return ()
    return tuple(character for character in sorted(unusual) if not _all_drawn(character))


def family_for(text: str) -> str:
    """Return the font family for texts that are printed together: the second one as soon as a letter needs it."""
    beyond = any(ord(character) > 0xFF and unicodedata.category(character)[0] in "LM" for character in text)
    return WIDE_FAMILY if beyond else FAMILY


def unprintable_in(document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the pointer of each text of a programme or scope document that is printed, with what cannot be printed."""
    for where, text in _printed_texts(document):
        characters = unprintable(text)
        if characters:
            yield where, characters


def notice(where: str, characters: Iterable[str], language: Language) -> str:
    """Return the sentence on one text, with the number of each character."""
    listed = list(characters)
    named = ", ".join(f"{character} (U+{ord(character):04X})" for character in listed[:MAX_NAMED])
    more = "" if len(listed) <= MAX_NAMED else f" + {len(listed) - MAX_NAMED}"
    says = (
        "no se puede imprimir en la insignia ni en el PDF; ahí queda un recuadro vacío",
        "cannot be printed on badge and PDF; an empty box stays there",
    )
    return f"{where}: {named}{more}: {in_language(says, language)}"


def _printed_texts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield pointer and text of what badge and page show of a document."""
    for key in ("title", "name", "description"):
        if isinstance(document.get(key), dict):
            yield f"/{key}/es", document[key].get("es", "")
    yield "/region", document.get("region", "")
    for index, outcome in enumerate(document.get("learning_outcomes", [])):
        yield f"/learning_outcomes/{index}/text/es", outcome["text"].get("es", "")
    scale = document.get("grading", {}).get("scale", [])
    for index, level in enumerate(scale if isinstance(scale, list) else []):
        yield f"/grading/scale/{index}", level
    yield "/validity/none_because/es", document.get("validity", {}).get("none_because", {}).get("es", "")
    yield "/level/mx", document.get("level", {}).get("mx", "")


@lru_cache(maxsize=KEPT_ANSWERS)
def _all_drawn(characters: str) -> bool:
    # Each after a letter, because a mark is drawn on one.
    return draws(json.dumps(["x" + character for character in characters]))
