"""Limits of the processes that sign a cohort."""

from typing import Final

MAX_PROCESSES: Final = 16
WORTH_PROCESSES: Final = 1_000  # rows; below it other processes take longer to start than the rows to be made
