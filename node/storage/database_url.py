"""Read the URL of a database: SQLite, or PostgreSQL by psycopg, in the form of SQLAlchemy.

libpq writes several hosts before the path, `db1:5432,db2:5432/base`. SQLAlchemy reads them as `?host=db1:5432&host=db2:5432`.
"""

from typing import Final

from acredita.anchoring.types import FormatRefused
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

DRIVERS: Final = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")


def parse_url(text: str) -> URL:
    """Return the URL of a database that a node can use. Raises FormatRefused, which does not repeat the text."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise _refused() from error
    if url.drivername not in DRIVERS:
        raise _refused()
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _refused() -> FormatRefused:
    # The text may hold a password.
    return FormatRefused(
        "database.url",
        "sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME expected, several hosts as ?host=A&host=B",
    )
