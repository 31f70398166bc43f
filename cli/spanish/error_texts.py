"""Spanish forms of the sentences with which commands end."""

from typing import Final

ERROR_TEXTS: Final[dict[str, str]] = {}
