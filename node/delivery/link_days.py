"""Limits of the time for which a delivery link opens, in days."""

from typing import Final

MAX_DAYS: Final = 90
DEFAULT_DAYS: Final = 14
