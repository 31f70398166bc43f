"""Ask a person yes or no at the terminal, in the reader's language. Anything but a clear yes is a no."""

from typing import Final

import typer
from acredita.registry.acts.shapes import Text

_YES: Final = frozenset({"y", "yes", "s", "si", "sí"})
_ANSWERS: Final = Text("[y/N]", "[s/N]")


def agrees(question: Text, language: str) -> bool:
    """Return whether the person says yes."""
    prompt = f"{question.said(language)} {_ANSWERS.said(language)}"
    return str(typer.prompt(prompt, default="", show_default=False, err=True)).strip().lower() in _YES
