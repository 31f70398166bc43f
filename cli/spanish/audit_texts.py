"""Spanish forms of what the commands of an audit say: help, refusals, and the words around a report."""

from typing import Final

AUDIT_HELP_TEXTS: Final = {
    "The time at which status lists and keys are judged, as 2026-01-15T18:00:00Z. Without it, the present.": (
        "El momento en que se juzgan las listas de estado y las claves, como 2026-01-15T18:00:00Z. Sin él, el presente."
    ),
}

AUDIT_TEXTS: Final[dict[str, str]] = {}
