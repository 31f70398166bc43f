"""Spanish forms of the sentences of the command-line library and of the operating system."""

from typing import Final

LIBRARY_TEXTS: Final[dict[str, str]] = {}
