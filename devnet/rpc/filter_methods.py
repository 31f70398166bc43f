"""`eth_getLogs` and the filters a client polls.

A filter lives in memory until it is taken away or the process ends; there are at most FILTER_LIMIT, the oldest gives way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from acredita.devnet.chain import Chain
from acredita.devnet.database import LogFilter
from acredita.devnet.errors import UnknownBlockRefused
from acredita.devnet.miner import Miner
from acredita.devnet.rpc.errors import NOT_FOUND, RpcError, invalid_params
from acredita.devnet.rpc.json_forms import data, log_json, quantity
from acredita.devnet.rpc.parameters import Parameters, Tag, read_address, read_block, read_word
from eth_typing import Address

FILTER_LIMIT = 1_000
TOPICS = 4
# SQLite's largest integer: no chain gets there, and a request may name any number.
LAST_BLOCK = 2**63 - 1


@dataclass
class Filter:
    """Something polled. `asked` is None for a filter of blocks or of waiting transactions."""

    next_block: int
    query: LogFilter | None = None
    open_ended: bool = True
    transactions: bool = False
    seen: set[bytes] = field(default_factory=set)


class FilterMethods:
    """`eth_getLogs` and the filters that a client polls."""

    def __init__(self, chain: Chain, miner: Miner) -> None:
        self.chain = chain
        self.miner = miner
        self._filters: dict[int, Filter] = {}
        self._count = 0

    def table(self) -> dict[str, Callable[[Parameters], Any]]:
        """Map method names to functions."""
        return {
            "eth_getLogs": self.logs,
            "eth_newFilter": self.new_filter,
            "eth_newBlockFilter": lambda _: self._add(Filter(self.chain.head.number + 1)),
            "eth_newPendingTransactionFilter": self.new_transaction_filter,
            "eth_getFilterChanges": self.changes,
            "eth_getFilterLogs": self.filter_logs,
            "eth_uninstallFilter": lambda parameters: self._filters.pop(parameters.quantity(0), None) is not None,
        }

    def logs(self, parameters: Parameters) -> list[Any]:
        return self._logs(self._read(parameters.mapping(0)))

    def new_filter(self, parameters: Parameters) -> str:
        """Install a log filter and return its id."""
        query = self._read(parameters.mapping(0))
        open_ended = parameters.mapping(0).get("toBlock") in (None, "latest", "pending", "safe", "finalized")
        return self._add(Filter(self.chain.head.number + 1, query, open_ended))

    def new_transaction_filter(self, parameters: Parameters) -> str:
        """Install a filter of pending transactions and return its id."""
        waiting = {transaction.hash for transaction in self.miner.waiting()}
        return self._add(Filter(self.chain.head.number + 1, transactions=True, seen=set(waiting)))

    def changes(self, parameters: Parameters) -> list[Any]:
        """Return everything new since the last poll."""
        polled = self._filter(parameters.quantity(0))
        head = self.chain.head.number
        # After a revert the head may lie before the place reached.
        first, polled.next_block = min(polled.next_block, head + 1), head + 1
        if polled.query is not None:
            last = head if polled.open_ended else min(head, polled.query.last)
            query = polled.query
            return self._logs(LogFilter(max(first, query.first), last, query.addresses, query.topics))
        if polled.transactions:
            return self._new_transactions(polled, first, head)
        return [data(self.chain.header(number).hash) for number in range(first, head + 1)]

    def filter_logs(self, parameters: Parameters) -> list[Any]:
        """Return everything the filter matches, from its first block."""
        query = self._filter(parameters.quantity(0)).query
        if query is None:
            raise RpcError(NOT_FOUND, "filter not found")
        return self._logs(query)

    def _new_transactions(self, polled: Filter, first: int, head: int) -> list[str]:
        mined = [
            done.transaction.hash for number in range(first, head + 1) for done in self.chain.block(number).executed
        ]
        arrived = [*mined, *(transaction.hash for transaction in self.miner.waiting())]
        new = [one for one in arrived if one not in polled.seen]
        polled.seen = set(arrived)
        return [data(one) for one in new]

    def _add(self, added: Filter) -> str:
        if len(self._filters) >= FILTER_LIMIT:
            del self._filters[min(self._filters)]
        self._count += 1
        self._filters[self._count] = added
        return quantity(self._count)

    def _filter(self, number: int) -> Filter:
        if number not in self._filters:
            raise RpcError(NOT_FOUND, "filter not found")
        return self._filters[number]

    def _logs(self, query: LogFilter) -> list[Any]:
        return [log_json(placed) for placed in self.chain.logs(query)]

    def _read(self, fields: dict[str, Any]) -> LogFilter:
        addresses, topics = _read_addresses(fields.get("address")), _read_topics(fields.get("topics"))
        if fields.get("blockHash") is not None:
            if fields.get("fromBlock") is not None or fields.get("toBlock") is not None:
                raise invalid_params("blockHash excludes fromBlock and toBlock")
            number = self._number_of(read_word(fields["blockHash"]))
            return LogFilter(number, number, addresses, topics)
        first, last = self._place(fields.get("fromBlock")), self._place(fields.get("toBlock"))
        return LogFilter(first, last, addresses, topics)

    def _number_of(self, block_hash: bytes) -> int:
        try:
            return self.chain.number_of(block_hash)
        except UnknownBlockRefused as error:
            raise RpcError(NOT_FOUND, "unknown block") from error

    def _place(self, value: Any) -> int:
        block = Tag.LATEST if value is None else read_block(value)
        if isinstance(block, Tag):
            return self.chain.head.number
        return min(block, LAST_BLOCK) if isinstance(block, int) else self._number_of(block)


def _read_addresses(value: Any) -> frozenset[Address]:
    if value is None:
        return frozenset()
    return frozenset(read_address(one) for one in (value if isinstance(value, list) else [value]))


def _read_topics(value: Any) -> tuple[frozenset[bytes], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > TOPICS:
        raise invalid_params(f"topics must be a list of at most {TOPICS}")
    return tuple(_read_topic(one) for one in value)


def _read_topic(value: Any) -> frozenset[bytes]:
    """Read one topic position: null for any, one topic, or a list of alternatives; a null in the list means any."""
    if value is None or (isinstance(value, list) and None in value):
        return frozenset()
    return frozenset(bytes(read_word(one)) for one in (value if isinstance(value, list) else [value]))
