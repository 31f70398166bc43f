"""Store a log: entries, subtree hashes, checkpoints. One institution may have several epochs, one after the other.

Invariants: entries behind the last confirmed checkpoint are provisional, so `cut_tail` may remove them in the caller's
transaction, and no reader of `newest_confirmed` sees them; hashes are only appended. A proof reads O(log n) hashes, a page at
a time. The write path decides what is stored; nothing here does.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Final

from acredita.anchoring.entries import Entry, EntryKind, decode, encode
from acredita.anchoring.log import Node
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.models import LogEntry, TreeNode
from sqlalchemy import Connection, delete, func, insert, select, text

ENTRIES_AT_ONCE: Final = 4_096  # read from the database at a time; more stay there
_DIGESTS_AT_ONCE: Final = 1_000  # in one query: databases limit its parameters
_PAGE_NODES: Final = 64  # neighbours read with one query: the paths of neighbouring entries share them
_CACHED_PAGES: Final = 512
_STORED_AT_ONCE: Final = 16_384  # rows; PostgreSQL ends a transaction that waits long for its next statement


def appended_size(connection: Connection, issuer: IssuerId, epoch: int) -> int:
    """Return how many entries are stored, provisional ones included."""
    last = connection.execute(
        select(func.max(LogEntry.entry_index)).where(LogEntry.issuer == issuer, LogEntry.epoch == epoch)
    ).scalar_one()
    return 0 if last is None else last + 1


def read_entries(connection: Connection, issuer: IssuerId, epoch: int, start: int, end: int) -> Iterator[bytes]:
    """Yield the 70 bytes of the entries [start, end), in order."""
    rows = connection.execute(
        select(LogEntry.data)
        .execution_options(yield_per=ENTRIES_AT_ONCE)
        .where(
            LogEntry.issuer == issuer,
            LogEntry.epoch == epoch,
            LogEntry.entry_index >= start,
            LogEntry.entry_index < end,
        )
        .order_by(LogEntry.entry_index)
    )
    return iter(rows.scalars())


def read_status_entries(connection: Connection, issuer: IssuerId, epoch: int, start: int, end: int) -> Iterator[Entry]:
    """Yield the entries of kinds 2 to 5 in [start, end), in order. Only these are read, through their own index."""
    hint = "INDEXED BY status_entries" if connection.dialect.name == "sqlite" else ""
    query = text(
        f"SELECT data FROM log_entries {hint} WHERE issuer = :issuer AND epoch = :epoch"
        " AND kind >= 2 AND entry_index >= :start AND entry_index < :end ORDER BY entry_index"
    )
    rows = connection.execute(query, {"issuer": issuer, "epoch": epoch, "start": start, "end": end})
    return (decode(bytes(data)) for data in rows.scalars())


def issued_at(connection: Connection, issuer: IssuerId, epoch: int, digests: Sequence[Digest]) -> dict[int, Entry]:
    """Return index → entry of those digests that are in the log already."""
    result: dict[int, Entry] = {}
    for first in range(0, len(digests), _DIGESTS_AT_ONCE):
        rows = connection.execute(
            select(LogEntry.entry_index, LogEntry.data).where(
                LogEntry.issuer == issuer,
                LogEntry.epoch == epoch,
                LogEntry.digest.in_(digests[first : first + _DIGESTS_AT_ONCE]),
            )
        )
        result.update((index, decode(data)) for index, data in rows)
    return result


def insert_entries(connection: Connection, issuer: IssuerId, epoch: int, first: int, entries: Sequence[Entry]) -> None:
    """Store entries from index `first` on. Their hashes are stored through `StoredNodes`."""
    rows = [_entry_row(issuer, epoch, index, entry) for index, entry in enumerate(entries, first)]
    connection.execute(insert(LogEntry), rows)


def cut_tail(connection: Connection, issuer: IssuerId, epoch: int, size: int) -> None:
    """Remove every entry from index `size` on, and every hash that covers one of them."""
    levels = appended_size(connection, issuer, epoch).bit_length()
    connection.execute(
        delete(LogEntry).where(LogEntry.issuer == issuer, LogEntry.epoch == epoch, LogEntry.entry_index >= size)
    )
    for level in range(levels):
        connection.execute(
            delete(TreeNode).where(
                TreeNode.issuer == issuer,
                TreeNode.epoch == epoch,
                TreeNode.level == level,
                TreeNode.node_index >= size >> level,
            )
        )


class StoredNodes:
    """The subtree hashes of one log in the database, read a page of neighbours at a time and cached within a bound."""

    def __init__(self, connection: Connection, issuer: IssuerId, epoch: int) -> None:
        self._connection = connection
        self._log = (TreeNode.issuer == issuer, TreeNode.epoch == epoch)
        self._key = {"issuer": issuer, "epoch": epoch}
        self._pages: OrderedDict[tuple[int, int], dict[int, bytes]] = OrderedDict()

    def node(self, level: int, index: int) -> bytes:
        name = (level, index // _PAGE_NODES)
        page = self._pages.get(name)
        if page is None:
            page = self._pages[name] = self._read(*name)
            if len(self._pages) > _CACHED_PAGES:
                self._pages.popitem(last=False)
        return page[index]

    def put(self, nodes: Sequence[Node]) -> None:
        for first in range(0, len(nodes), _STORED_AT_ONCE):
            part = nodes[first : first + _STORED_AT_ONCE]
            rows = [self._key | {"level": level, "node_index": index, "hash": node} for level, index, node in part]
            self._connection.execute(insert(TreeNode), rows)
        for level, index, _ in nodes:
            self._pages.pop((level, index // _PAGE_NODES), None)

    def _read(self, level: int, page: int) -> dict[int, bytes]:
        first = page * _PAGE_NODES
        rows = self._connection.execute(
            select(TreeNode.node_index, TreeNode.hash).where(
                *self._log,
                TreeNode.level == level,
                TreeNode.node_index >= first,
                TreeNode.node_index < first + _PAGE_NODES,
            )
        )
        return dict(rows.all())


def _entry_row(issuer: IssuerId, epoch: int, index: int, entry: Entry) -> dict[str, object]:
    return {
        "issuer": issuer,
        "epoch": epoch,
        "entry_index": index,
        "kind": int(entry.kind),
        "digest": entry.digest if entry.kind is EntryKind.ISSUED else None,
        "data": encode(entry),
    }
