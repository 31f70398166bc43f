"""Translate a sentence that a layer below has written in English, by the table of texts.

A text of the table matches a whole sentence, with anything in the place of `{}`. Of several the one with the most
letters of its own is taken. What was in the place of `{}` is translated likewise. A sentence that no text matches is
taken apart at `; ` and `: `, and each part is translated for itself; paths, codes and names stay as they are. A code
whose sentence has no Spanish form is followed by the sentence of its own, and the English one stays in parentheses.
"""

import re
from collections.abc import Mapping
from functools import cache
from itertools import chain
from typing import Final

from acredita.cli.spanish.act_texts import ACT_TEXTS
from acredita.cli.spanish.audit_texts import AUDIT_TEXTS
from acredita.cli.spanish.cohort_texts import COHORT_TEXTS
from acredita.cli.spanish.document_texts import DOCUMENT_TEXTS
from acredita.cli.spanish.error_texts import ERROR_TEXTS
from acredita.cli.spanish.founding_texts import FOUNDING_TEXTS
from acredita.cli.spanish.library_texts import LIBRARY_TEXTS
from acredita.cli.spanish.mirror_texts import MIRROR_TEXTS
from acredita.cli.spanish.node_texts import NODE_TEXTS
from acredita.cli.spanish.proof_texts import PROOF_TEXTS
from acredita.cli.spanish.witness_texts import WITNESS_TEXTS
from acredita.node.verification.language import Language
from acredita.registry.codes import Code

MAX_CHARS: Final = 4_000  # of a sentence that is translated; a longer one holds something else
MAX_DEPTH: Final = 8  # of parts within parts
MAX_PARTS: Final = 100  # of a sentence; a programme with all its faults has some eighty
WEAK_LETTERS: Final = 8  # a text with fewer of its own matches within one part only

_FAULT: Final = "\n  "  # each fault of a file is on a line of its own, and is translated alone
_BETWEEN: Final = re.compile(r"\n  |; |: ")


def said(sentence: str, language: Language) -> str:
    """Return a sentence in the language of the reader."""
    return in_spanish(sentence) if language is Language.ES else sentence


def facts_line(facts: Mapping[str, object], language: Language) -> str:
    """Return named facts as one line: `revoked: 0x…; changed: True`."""
    return said("; ".join(f"{name}: {value}" for name, value in facts.items()), language)


def in_spanish(sentence: str) -> str:
    """Return the Spanish form of an English sentence; parts without one stay as they are."""
    if len(sentence) > MAX_CHARS:
        return sentence
    heading, *faults = sentence.split(_FAULT)
    return _FAULT.join([_translate(heading, MAX_DEPTH), *(_translate(fault, MAX_DEPTH) for fault in faults)])


def _translate(sentence: str, depth: int) -> str:
    match = _matching(sentence) or _matching(sentence[:1].lower() + sentence[1:])
    if match is not None and depth > 0:
        form, parts = match
        return form.format(*(_translate(part, depth - 1) for part in parts))
    betweens = list(_BETWEEN.finditer(sentence))
    if not 0 < len(betweens) <= MAX_PARTS or depth == 0:
        return sentence
    # The longest beginning that a text matches, because texts have separators of their own; else the first part.
    between = next((each for each in reversed(betweens) if _matching(sentence[: each.start()])), betweens[0])
    head, tail = sentence[: between.start()], sentence[between.end() :]
    translated = _translate(tail, depth)  # it is shorter, so this ends
    code = Code.__members__.get(head)
    if code is not None and translated == tail:
        return f"{head}: {code.es.rstrip('.')} ({tail})"
    return f"{_translate(head, depth - 1)}{between.group()}{translated}"


def _matching(sentence: str) -> tuple[str, tuple[str, ...]] | None:
    for text, form in _texts():
        pieces = text.split("{}")
        if len(pieces) == 1:
            if sentence == text:
                return form, ()
        elif sentence.startswith(pieces[0]) and sentence.endswith(pieces[-1]):
            match = _pattern(text).fullmatch(sentence)
            if match is not None:
                return form, match.groups()
    return None


@cache
def _texts() -> tuple[tuple[str, str], ...]:
    """Return the table, texts with the most letters of their own first."""
    tables = (
        ACT_TEXTS,
        AUDIT_TEXTS,
        COHORT_TEXTS,
        DOCUMENT_TEXTS,
        ERROR_TEXTS,
        FOUNDING_TEXTS,
        LIBRARY_TEXTS,
        MIRROR_TEXTS,
        NODE_TEXTS,
        PROOF_TEXTS,
        WITNESS_TEXTS,
    )
    texts = chain.from_iterable(table.items() for table in tables)
    return tuple(sorted(texts, key=lambda pair: -len(pair[0].replace("{}", ""))))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    pieces = [re.escape(piece) for piece in text.split("{}")]
    # At the beginning of a text is one part of a sentence: a path, a name, a noun. What comes before it is another part.
    first = "((?:(?!: |; ).)*?)" if not pieces[0] else f"{pieces[0]}(.*?)"
    last = "" if pieces[-1] else "(?<! expected)"  # the rule belongs to the whole sentence: "{} expected"
    pattern = first + "(.*?)".join(pieces[1:]) + last
    if sum(map(str.isalpha, text)) < WEAK_LETTERS:
        pattern = pattern.replace("(.*?)", "((?:(?!: |; ).)*?)")
    return re.compile(pattern, re.DOTALL)
