"""Page long lists: `offset` and `limit` in the query, `next` in the answer."""

from collections.abc import Sequence
from typing import Annotated, Final, TypeVar

from fastapi import Query

MAX_PAGE: Final = 100
MAX_OFFSET: Final = 1_000_000

T = TypeVar("T")

Offset = Annotated[int, Query(ge=0, le=MAX_OFFSET)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]


def page_of(rows: Sequence[T], offset: int, limit: int) -> tuple[Sequence[T], int | None]:
    """Return the rows of one page, and the offset of the next page or None."""
    end = offset + limit
    return rows[offset:end], end if end < len(rows) else None
