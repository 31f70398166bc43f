"""Write to a standard output whose reader may leave before the end: `acredita … | head`.

Unread output is dropped, and the command continues to its own end and exit code. A cohort is not cut in the middle
because a reader of its report left.
"""

import io
import os
import sys
from typing import Any


class Forsaken(io.FileIO):
    """A file descriptor that takes what is written also when its reader has gone."""

    def write(self, data: Any, /) -> int:
        """Write, and drop everything after the reader has gone."""
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return len(data)


def outlive_reader() -> None:
    """Put it in the place of standard output, unless that is a terminal or closed."""
    if sys.stdout is None or sys.stdout.isatty():
        return
    binary = io.BufferedWriter(Forsaken(sys.stdout.fileno(), "wb", closefd=False))
    sys.stdout = io.TextIOWrapper(binary, sys.stdout.encoding, sys.stdout.errors)
