"""Read durations in arguments: a whole number of seconds, or with m, h or d."""

import re
from typing import Final

from acredita.cli.exit_codes import ArgumentRefused

_DURATION: Final = re.compile("(0|[1-9][0-9]{0,5})([smhd]?)")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(text: str, option: str) -> int:
    """Return the seconds of a duration such as 0, 90m, 72h or 7d. Raises ArgumentRefused."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ArgumentRefused(f"{option} {text}: a duration such as 0, 90m, 72h or 7d expected")
    return int(match[1]) * _SECONDS[match[2]]
