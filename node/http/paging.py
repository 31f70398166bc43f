"""Page long lists: `offset` and `limit` in the query, `next` in the answer."""

import sys
from collections.abc import Sequence
from typing import Annotated, Final, TypeVar

from acredita.anchoring.types import read_number
from fastapi import Query
from pydantic import BeforeValidator

MAX_PAGE: Final = 100
MAX_OFFSET: Final = 1_000_000

T = TypeVar("T")


def _one_spelling(value: object) -> object:
    """Refuse a number in another spelling than its own, which the framework would read all the same: `+1`, `1.0`, `01`."""
    if isinstance(value, str) and read_number(value, sys.maxsize) is None:
        raise ValueError("ASCII digits without a zero before them expected")
    return value


OneSpelling = BeforeValidator(_one_spelling)
Offset = Annotated[int, Query(ge=0, le=MAX_OFFSET), OneSpelling]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE), OneSpelling]


def page_of(rows: Sequence[T], offset: int, limit: int) -> tuple[Sequence[T], int | None]:
    """Return the rows of one page, and the offset of the next page or None."""
    end = offset + limit
    return rows[offset:end], end if end < len(rows) else None
