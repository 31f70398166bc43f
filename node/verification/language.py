"""Name the two languages of texts for people, and choose between a Spanish and an English form."""

from enum import StrEnum


class Language(StrEnum):
    """A language of texts for people."""

    ES = "es"
    EN = "en"


def in_language(pair: tuple[str, str], language: Language) -> str:
    """Return the Spanish or the English one of two texts."""
    return pair[0] if language is Language.ES else pair[1]


def counted(count: int, one: str, many: str) -> str:
    """Return a count with its noun, in the singular for one."""
    return f"{count} {one if count == 1 else many}"
