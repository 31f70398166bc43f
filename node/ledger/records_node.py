"""Take the plain records of a subject from a node's `/v1/records`, where the ledger's own endpoint does not give them whole.

- Nothing is believed: the records stand beside the logs of the endpoints as one more source of them, and their reader
  folds them to the history hash, or links them to the head, that the ledger states.
- The answers are bounded: full pages, MAX_RECORDS of a subject, SUBJECT_SECONDS for all of them. No redirect is followed.
- A node that once did not answer is asked no more: other subjects would wait for it in vain.
- The node may be ahead of the block that is asked about. Records state their block times, and later ones are left out.
- A record names no block and no transaction. Its log has empty hashes there.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Final

from acredita.anchoring.ledger import Ledger, LedgerUnavailable, LogQuery, PartialLedgerUnavailable
from acredita.anchoring.quorum import endpoints_of
from acredita.anchoring.types import FormatRefused, from_hex, to_hex
from acredita.contracts import bindings
from acredita.contracts.abi import AbiError, Deployment, RawLog
from acredita.contracts.words import WORD_BYTES
from acredita.node.ledger.passing import PassingLedger
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.outbound.named_host import fetch_named
from acredita.registry.json_documents.strict import JsonRefused, read_json

FORMAT: Final = "acredita-records/1"
PAGE: Final = 100
MAX_RECORDS: Final = 10_000
SUBJECT_SECONDS: Final = 60.0

_SUBJECT_TOPICS: Final = 2  # any event, of this subject
_HEAD_BYTES: Final = 2 * WORD_BYTES  # topic 0 and subject


class RecordsNode:
    """The records that a node serves. `base`: its address, without `/v1`."""

    def __init__(self, base: str, contracts: Deployment) -> None:
        self._base = base.rstrip("/")
        self._names = {
            bytes(getattr(contracts, name)): name
            for name in ("issuer_registry", "programme_registry", "credential_log")
        }
        self._silent: LedgerUnavailable | None = None

    def records(self, address: bytes, subject: bytes) -> list[bytes]:
        """Return the records of a subject, as the node has them. Raises LedgerUnavailable."""
        if address not in self._names:
            raise LedgerUnavailable("a node has no records of this contract")
        if self._silent is not None:
            raise self._silent
        end, records = time.monotonic() + SUBJECT_SECONDS, list[bytes]()
        at: int | None = 0
        while at is not None:
            if at >= MAX_RECORDS or time.monotonic() > end:
                raise PartialLedgerUnavailable(f"{self._base}: more pages of records than are read of one subject")
            page, at = self._page(address, subject, at)
            records += page
        return records

    def _page(self, address: bytes, subject: bytes, at: int) -> tuple[list[bytes], int | None]:
        """Return one page and the offset of the next; None after the last."""
        body = self._fetch(f"{self._base}/v1/records/{self._names[address]}/{subject.hex()}", at)
        try:
            page = read_json(body, with_nulls=True)
        except JsonRefused as error:
            raise PartialLedgerUnavailable(f"{self._base}: no page of records: {error}") from error
        named = {"format": FORMAT, "address": to_hex(address), "subject": to_hex(subject)}
        if not isinstance(page, Mapping) or any(page.get(key) != value for key, value in named.items()):
            raise PartialLedgerUnavailable(f"{self._base}: no page of records of this subject")
        rows, following = page.get("records"), page.get("next")
        if not isinstance(rows, list) or len(rows) > PAGE:
            raise PartialLedgerUnavailable(f"{self._base}: no page of at most {PAGE} records")
        if following is not None and (len(rows), following) != (PAGE, at + PAGE):  # else a page might bring no progress
            raise PartialLedgerUnavailable(f"{self._base}: a page with another one behind it is not full")
        return [self._record(row) for row in rows], None if following is None else at + PAGE

    def _fetch(self, url: str, at: int) -> bytes:
        try:
            body = fetch_named(url, f"offset={at}&limit={PAGE}")
        except SourceUnavailable as error:
            self._silent = LedgerUnavailable(f"the node of the records: {error}")
            raise self._silent from error
        if body is None:
            self._silent = LedgerUnavailable(f"{self._base}: no records there")
            raise self._silent
        return body

    def _record(self, row: object) -> bytes:
        try:
            return from_hex(row, max(len(str(row)) - 2, 0) // 2, "/records")
        except FormatRefused as error:
            raise PartialLedgerUnavailable(f"{self._base}: {error}") from error


class RecordsBesideLedger(PassingLedger):
    """A ledger whose last source of logs is a node's records. Its own endpoints come first."""

    def __init__(self, ledger: Ledger, node: RecordsNode) -> None:
        super().__init__(ledger)
        self._recorded = _RecordedLedger(ledger, node)

    @property
    def endpoints(self) -> tuple[Ledger, ...]:
        """The sources of answers that are checked by other means than agreement."""
        return (*endpoints_of(self._ledger), self._recorded)


class _RecordedLedger(PassingLedger):
    """A ledger whose logs are a node's records."""

    def __init__(self, ledger: Ledger, node: RecordsNode) -> None:
        super().__init__(ledger)
        self._node = node

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        """Return the records of the one subject that the query is about. Raises LedgerUnavailable."""
        subject = query.topics[1] if len(query.topics) == _SUBJECT_TOPICS and query.topics[0] is None else None
        if subject is None or len(query.addresses) != 1 or query.first != 0:
            raise LedgerUnavailable("a node has records of one subject alone")
        last = self._ledger.block(query.last)
        if last is None:
            raise LedgerUnavailable(f"block {query.last} is not there")
        logs = [
            _log_of(query.addresses[0], subject, record) for record in self._node.records(*query.addresses, subject)
        ]
        return [log for log in logs if _time_of(log) <= last.time]


def _log_of(address: bytes, subject: bytes, record: bytes) -> RawLog:
    if record[WORD_BYTES:_HEAD_BYTES] != subject:
        raise PartialLedgerUnavailable("a record is of another subject than was asked about")
    return RawLog(address, (record[:WORD_BYTES], subject), record[_HEAD_BYTES:], 0, b"", b"", 0)


def _time_of(log: RawLog) -> int:
    """Return the block time that a record states."""
    try:
        event = bindings.decode_event(log)
    except AbiError as error:
        raise PartialLedgerUnavailable(f"an unreadable record: {error}") from error
    if event is None:
        raise PartialLedgerUnavailable("a record of an event this version does not know")
    return event.time
