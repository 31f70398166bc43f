"""Check the words of documents: no metaphor that the glossary replaced, no sentence with a free relative as its subject."""

import re
from pathlib import Path

import pytest

from tests.house.documents import name_of, pages, prose, sentences

REPLACED = re.compile(
    r"\b(offices?|premises|workshops?|hired|shel(?:f|ves)|desks?|remed(?:y|ies)|logbook|put\s+aside)\b", re.I
)
RELATIVE = re.compile(r"^(What|Who|Whoever|Whatever|Which|Where|Whether|How)\b")
# Generated from the table of codes, or written before these rules and kept as they are.
KEPT = {"docs/codes.md", "docs/verification.md", "docs/protocol.md"}
WORDS_THEMSELVES = {"docs/glossary.md"}  # its last column lists the replaced words


def free_relatives(text: str) -> list[str]:
    """Return sentences that begin with a relative word and are no question."""
    return [one for one in sentences(text) if RELATIVE.match(one) and not one.rstrip("*_)").endswith("?")]


def replaced_words(text: str) -> list[str]:
    return REPLACED.findall(prose(text))


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_words(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert name_of(page) in WORDS_THEMSELVES or replaced_words(text) == []
    assert name_of(page) in KEPT or free_relatives(text) == []


def test_planted_faults_are_found() -> None:
    text = "# What a heading may be\n\nFirst. What waits is put\naside. Who?\n\n- Whoever signs, signs.\n\n`a desk`\n"
    assert free_relatives(text) == ["What waits is put aside.", "Whoever signs, signs."]
    assert replaced_words(text) == ["put\naside"]
