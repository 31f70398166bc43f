"""No text that is signed or approved has a character that a reader cannot see, wherever it is put."""

import copy
import sys
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from acredita.node.demo.documents import documents_for, institutions
from acredita.registry.credentials.parse import ProfileRefused, parse_credential
from acredita.registry.json_documents.invisible_characters import first_invisible, without_invisible
from acredita.registry.json_documents.schema_faults import is_clean
from acredita.registry.programmes.programme import ProgrammeRefused, parse_programme
from acredita.registry.programmes.scope import ScopeRefused, parse_scope

from tests.registry.world import AnchoredWorld

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
IGNORABLE = "\u00ad\u034f\u115f\u1160\u17b4\u180b\u180e\u200b\u200c\u200d\u2060\u2064\u3164\ufe00\ufe0f\ufeff\uffa0"
BEYOND = "\U0001bca0\U0001d173\U000e0001\U000e0041\U000e0100"

DOCUMENTS = documents_for({row.key: f"did:web:{row.key}.example" for row in institutions()})


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every text in a document."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, str):
        yield path
    for key, child in below:
        yield from leaves(child, (*path, key))


def with_text(document: Any, path: tuple[str | int, ...], change: Callable[[str], str]) -> Any:
    changed = copy.deepcopy(document)
    target = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = change(target[path[-1]])
    return changed


@pytest.mark.parametrize("character", BIDI + IGNORABLE + BEYOND)
def test_each_kind_is_found_and_named(character: str) -> None:
    assert first_invisible(f"Ñu{character}x") == (f"U+{ord(character):04X}", 3)
    assert without_invisible(f"Ñu{character}x") == "Ñux"
    assert not is_clean(f"Ñu{character}x")


def test_every_format_character_is_refused_and_no_visible_letter_is() -> None:
    """Compare with the interpreter's Unicode: format characters are refused, letters, marks and signs of Mexico's
    languages are not.
    """
    numbers = [0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD]
    shown = {*range(0x600, 0x606), *numbers, *range(0x13430, 0x13440)}
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) == "Cf" and code not in shown:
            assert not is_clean(f"ñ{chr(code)}"), hex(code)
    for text in ("áéíóúüñ ¿¡ «»", "ꞌ ʼ ’ ɨ ʉ ŋ ä̱ x̱ ŝ č̓ à̠", "k'iche' tsʼotsil hñähñu", "niño", "中文 العربية 🎓"):
        assert is_clean(text)


def test_each_text_of_a_programme_document_is_checked() -> None:
    document = dict(DOCUMENTS.programme("analitica-ingenieria").document)
    for path in leaves(document):
        for character in "\u202e\u200b\u3164":
            with pytest.raises(ProgrammeRefused) as refused:
                parse_programme(with_text(document, path, lambda text, c=character: text[:1] + c + text[1:]))
            assert any(str(part) in str(refused.value) for part in path)
    with pytest.raises(ProgrammeRefused, match=r"U\+202E is number 2"):
        parse_programme(with_text(document, ("title", "es"), lambda text: text[:1] + "\u202e" + text[1:]))


def test_each_text_of_a_scope_document_is_checked() -> None:
    document = dict(DOCUMENTS.scopes["demo-up"].document)
    for path in leaves(document):
        with pytest.raises(ScopeRefused):
            parse_scope(with_text(document, path, lambda text: text + "\u2067"))
    with pytest.raises(ScopeRefused, match="SCOPE_MALFORMED"):
        parse_scope(with_text(document, ("name", "es"), lambda text: text.replace(" ", "\u00ad ", 1)))


def test_each_text_of_a_credential_is_checked(shared_anchored: AnchoredWorld) -> None:
    document = dict(shared_anchored.good.document)
    for path in leaves(document):
        with pytest.raises(ProfileRefused):
            parse_credential(with_text(document, path, lambda text: text + "\u202e"))
