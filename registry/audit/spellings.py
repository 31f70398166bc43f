"""Find DIDs that look alike: two names that a reader takes for one.

Two DIDs look alike if they are different texts with one skeleton. A skeleton is made by rules of Unicode Technical
Standard 39, of which only the characters that a DID can hold are kept:

- percent-encoded bytes and Punycode labels are decoded, compatibility forms are normalised (NFKC), case is folded;
- letters of Cyrillic and Greek become the Latin letter that confusables.txt (Unicode 13.0) gives for them;
- `0` becomes `o`, `1` becomes `l`, and `rn` becomes `m`, as in that file once case is folded. `i` becomes `l`, because the
  file gives `l` for the capital. A trailing point of a name is dropped.

A did:key is a key in base58 and is never compared: no person reads it.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

_KEY: Final = "did:key:"
_PUNYCODE: Final = "xn--"
_CYRILLIC: Final = dict(zip("аеорсухіјѕһԁԛԝ", "aeopcyxljshdqw", strict=True))
_GREEK: Final = dict(zip("ονρασι", "ovpaol", strict=True))
_ASCII: Final = {"0": "o", "1": "l", "i": "l", "|": "l", "ı": "l"}
_LATIN: Final = str.maketrans(_CYRILLIC | _GREEK | _ASCII)


def alike(dids: Iterable[str]) -> list[tuple[str, ...]]:
    """Return each group of different DIDs that have one skeleton, in order."""
    groups: dict[str, set[str]] = defaultdict(set)
    for did in dids:
        if not did.startswith(_KEY):
            groups[skeleton(did)].add(did)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def skeleton(did: str) -> str:
    """Return the form in which two DIDs that look alike are equal."""
    text = unquote(did).casefold()
    labels = ".".join(_decoded(label) for label in text.split("."))
    parts = ":".join(part.rstrip(".") for part in labels.split(":"))
    plain = unicodedata.normalize("NFKC", parts).casefold().translate(_LATIN)
    return plain.replace("rn", "m")


def _decoded(label: str) -> str:
    """Return a label without Punycode, or as it is where it is none. The first label of a did:web follows colons."""
    before, separator, last = label.rpartition(":")
    if not last.startswith(_PUNYCODE):
        return label
    try:
        return before + separator + last.removeprefix(_PUNYCODE).encode("ascii").decode("punycode")
    except UnicodeError:
        return label
