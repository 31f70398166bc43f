"""Limits of the number of learners in a demonstration."""

from typing import Final

MIN_LEARNERS: Final = 50
MAX_LEARNERS: Final = 100_000
