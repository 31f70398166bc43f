"""Judge the identifier of a person in a cohort file.

A spreadsheet changes what looks like a number, a date or a formula. The result still has the form of a text, but nobody
has that identifier. Such a value is refused, and the rule says which change a spreadsheet made. Two identifiers that look
the same are one person: an identifier has no invisible character and no blank but the ordinary one.
"""

import re
from typing import Final

from acredita.registry.codes import Code
from acredita.registry.credentials.build import AwardRefused, normal
from acredita.registry.json_documents.invisible_characters import first_invisible, without_invisible
from acredita.registry.json_documents.schema_faults import is_clean

MAX_IDENTIFIER_CHARS: Final = 200
_BRAILLE_BLANK: Final = "\u2800"
_MONTHS: Final = "ene|jan|feb|mar|abr|apr|may|jun|jul|ago|aug|sep|sept|set|oct|nov|dic|dec"

# What a spreadsheet or an export makes of a value → the rule that the identifier breaks.
_ARTEFACTS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), expected)
    for pattern, expected in (
        (r"[+-]?\d[.,]\d*E[+-]?\d+|[+-]?\d+E[+-]\d+", "an identifier, not a number that a spreadsheet rounded"),
        (r"#.*|Err:\d+", "an identifier, not the error value of a spreadsheet"),
        (
            r"nan|nat|none|null|nil|undefined|<na>|n/?a|\(null\)|\[object object\]|true|false|verdadero|falso|-+|\?+",
            "an identifier, not the mark of an empty value",
        ),
        (r"-\d+([.,]\d+)?", "an identifier, not a negative number"),
        (r"[=@].*|[+-](?![\d ()-]+$).*", "an identifier, not a formula"),
        (r"['\u2018\u2019\u00b4`].*", "an identifier without the apostrophe that marks text in a spreadsheet"),
        (r"\d+[.,]0+|\d{1,3}(,\d{3})+([.,]\d+)?|\d{1,3}(\.\d{3}){2,}(,\d+)?", "an identifier, not a formatted number"),
        (
            rf"\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}.*|\d{{4}}-\d\d-\d\d([ T].*)?|(\d{{1,2}}-)?({_MONTHS})\.?-\d{{2,4}}"
            rf"|\d{{1,2}}-({_MONTHS})\.?",
            "an identifier, not a date",
        ),
    )
)


def identifier_of(text: str) -> str:
    """Return the identifier as it is hashed. Raises AwardRefused for a text that identifies nobody."""
    identifier = normal(text)
    invisible = first_invisible(identifier)
    if invisible is not None:
        raise _refused(f"no invisible character; {invisible[0]} is number {invisible[1]}")
    if len(identifier) > MAX_IDENTIFIER_CHARS or not is_clean(identifier):
        raise _refused(f"at most {MAX_IDENTIFIER_CHARS} characters, none for control")
    if any(char != " " and (char.isspace() or char == _BRAILLE_BLANK) for char in identifier):
        raise _refused("no blank but the ordinary one; another looks the same")
    for artefact, expected in _ARTEFACTS:
        if artefact.fullmatch(identifier):
            raise _refused(expected)
    return identifier


def typed_identifier(text: str) -> tuple[str, bool]:
    """Return a typed identifier without invisible characters, and whether there were any.

    A person who pastes an identifier cannot see them, so they are no part of the question.
    """
    stripped = without_invisible(text)
    return stripped, stripped != text


def _refused(expected: str) -> AwardRefused:
    return AwardRefused(Code.ROW_IDENTIFIER_INVALID, "identificador", expected)
