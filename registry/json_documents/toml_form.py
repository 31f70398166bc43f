"""Read a document that a person writes as TOML, with comments, as the JSON value it stands for.

The value is as strict as one read from JSON: the text made of it goes through the same reader. A day or a time has no JSON
form and is refused, as is a number that is not finite.
"""

import json
import re
import tomllib
from typing import Final

from acredita.anchoring.types import FormatRefused
from acredita.registry.json_documents.strict import MAX_BYTES, read_json

_PLACE: Final = re.compile(r"\(at (line \d+, column \d+|end of document)\)")


def read_toml(content: bytes) -> object:
    """Return the JSON value of a TOML document. Raises FormatRefused with the place, JsonRefused."""
    if len(content) > MAX_BYTES:
        raise FormatRefused("", f"at most {MAX_BYTES} bytes expected")
    try:
        value = tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise FormatRefused("", "UTF-8 expected") from error
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        raise FormatRefused(place[1] if place else "", "TOML expected") from error
    except RecursionError as error:
        raise FormatRefused("", "less nesting expected") from error
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise FormatRefused(
            "", "texts, finite numbers, lists and tables expected: a date is a text in quotes"
        ) from error
    return read_json(text.encode())
