"""Count a piece of work on the database: statements, rows read, and the steps of SQLite's machine.

Counts do not depend on the machine or its load, so a test can hold them to a bound. Statements are counted on any
database; rows and steps on SQLite alone, where a scan shows in the steps even if it returns a single row. Counting slows
the work down: timed work is not counted.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


class StorageWork:
    """The counts of one piece of work, by the text of the statement."""

    def __init__(self) -> None:
        self.by_statement: Counter[str] = Counter()
        self.steps_by_statement: Counter[str] = Counter()
        self.rows = 0
        self._running = ""

    @property
    def statements(self) -> int:
        return self.by_statement.total()

    @property
    def steps(self) -> int:
        return self.steps_by_statement.total()

    def on(self, table: str) -> "tuple[int, int]":
        """Return the number of statements that name the table, and of their steps."""
        named = [text for text in self.by_statement if table in text]
        return sum(self.by_statement[text] for text in named), sum(self.steps_by_statement[text] for text in named)

    def note_statement(self, _connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        self._running = text
        self.by_statement[text] += 1

    def note_connection(self, connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.row_factory = self._note_row
            connection.set_progress_handler(self._note_step, 1)

    def _note_row(self, _cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> tuple[Any, ...]:
        self.rows += 1
        return row

    def _note_step(self) -> int:
        self.steps_by_statement[self._running] += 1
        return 0  # anything else would interrupt the statement


@contextmanager
def counted(engine: Engine) -> Iterator[StorageWork]:
    """Count the work of this engine within the block; on SQLite every transaction opens its own connection."""
    work = StorageWork()
    hooks = (("before_cursor_execute", work.note_statement), ("connect", work.note_connection))
    for name, hook in hooks:
        event.listen(engine, name, hook)
    try:
        yield work
    finally:
        for name, hook in hooks:
            event.remove(engine, name, hook)
