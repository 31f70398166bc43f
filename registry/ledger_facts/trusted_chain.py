"""The chain of a trust file, `chain` in `acredita-trust/2`: its kind, its pace, and which of its blocks count.

- `kind` alone decides: `qbft` requires validators and a pace, `development` forbids both.
- A named block counts by its hash. The last block of a closed interval of validators is named too, with its time.
- At or below the highest named block nothing else counts. Above it a quorum of the open set counts, at a later time. So
  keys of validators who are gone vouch for no block, whatever they seal afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from acredita.anchoring.receipts import read_time, time_text
from acredita.anchoring.types import Address, BlockHash, FormatRefused, from_hex, to_hex
from acredita.registry.json_documents.members import count_of, list_of, object_of

MAX_BLOCKS = 10_000  # a block hash a day for a quarter of a century
MAX_SETS = 1_000  # changes of the validator set
MAX_VALIDATORS = 256
MAX_PERIOD_SECONDS = 24 * 3600  # of a block, or between two where nothing happens
LEAST_STALL_SECONDS: Final = 60
STALL_INTERVALS: Final = 3


class ChainKind(StrEnum):
    """The kinds of chain that a trust file declares."""

    DEVELOPMENT = "development"  # one operator makes blocks on demand: nobody else vouches for their order
    QBFT = "qbft"  # validators make blocks by the clock


@dataclass(frozen=True)
class NamedBlock:
    """A block that a trust file names. `time`: Unix seconds."""

    number: int
    hash: BlockHash
    time: int


@dataclass(frozen=True)
class ValidatorSet:
    """QBFT validators in force from height `first` to the block `last`, both included. `last` None: no end."""

    first: int
    last: NamedBlock | None
    addresses: tuple[Address, ...]


@dataclass(frozen=True)
class TrustedChain:
    """The chain that a trust file vouches for. `period` and `idle`: seconds between blocks, with and without traffic."""

    kind: ChainKind
    listed: Mapping[int, BlockHash] = field(default_factory=dict)
    validators: tuple[ValidatorSet, ...] = ()
    period: int | None = None
    idle: int | None = None

    @property
    def closing(self) -> tuple[NamedBlock, ...]:
        """The last blocks of the closed intervals, in the order of their heights."""
        return tuple(validators.last for validators in self.validators if validators.last is not None)

    @property
    def blocks(self) -> Mapping[int, BlockHash]:
        """Every named block, height → hash."""
        return {**self.listed, **{block.number: block.hash for block in self.closing}}

    @property
    def highest(self) -> int:
        """Height of the highest named block; -1 where none is named."""
        return max(self.blocks, default=-1)

    @property
    def open_set(self) -> ValidatorSet | None:
        """The validators in force without an end."""
        return next((validators for validators in self.validators if validators.last is None), None)

    def sealers_at(self, number: int, time: int) -> tuple[Address, ...] | None:
        """Return the validators whose seals count for a block of this height and time; None where no seals count."""
        in_force = self.open_set
        if in_force is None or number <= self.highest or number < in_force.first:
            return None
        if any(time <= block.time for block in self.closing):
            return None
        return in_force.addresses

    @property
    def stalled_after(self) -> int | None:
        """Age of the newest block, in seconds, at which the chain has stopped; None where blocks come on demand."""
        return None if self.idle is None else max(STALL_INTERVALS * self.idle, LEAST_STALL_SECONDS)


def development_chain(blocks: Mapping[int, BlockHash]) -> TrustedChain:
    """Return a chain of one operator, vouched for by block hashes."""
    return TrustedChain(ChainKind.DEVELOPMENT, dict(blocks))


def qbft_chain(
    validators: Sequence[ValidatorSet], *, period: int, idle: int, blocks: Mapping[int, BlockHash] | None = None
) -> TrustedChain:
    """Return a chain of QBFT validators."""
    return TrustedChain(ChainKind.QBFT, dict(blocks or {}), tuple(validators), period, idle)


def chain_document(chain: TrustedChain) -> dict[str, object]:
    """Return the `chain` member of a trust file."""
    document: dict[str, object] = {
        "kind": str(chain.kind),
        "blocks": [{"number": number, "hash": to_hex(chain.listed[number])} for number in sorted(chain.listed)],
    }
    if chain.kind is ChainKind.QBFT:
        sets = [_set_document(validators) for validators in chain.validators]
        document |= {"period": chain.period, "idle": chain.idle, "validators": sets}
    return document


def _set_document(validators: ValidatorSet) -> dict[str, object]:
    addresses = [to_hex(address) for address in validators.addresses]
    document: dict[str, object] = {"first": validators.first, "addresses": addresses}
    last = validators.last
    if last is None:
        return document
    return document | {"last": {"number": last.number, "hash": to_hex(last.hash), "time": time_text(last.time)}}


def parse_chain(value: object, where: str) -> TrustedChain:
    """Parse the `chain` member of a trust file. Raises FormatRefused."""
    either = object_of(value, where, _OF_EVERY_KIND, _OF_QBFT)
    if either["kind"] == ChainKind.DEVELOPMENT:
        members = object_of(value, where, _OF_EVERY_KIND)
        return development_chain(_blocks(members["blocks"], f"{where}/blocks"))
    if either["kind"] != ChainKind.QBFT:
        raise FormatRefused(f"{where}/kind", '"qbft" or "development" expected')
    members = object_of(value, where, _OF_EVERY_KIND | _OF_QBFT)
    period = _seconds(members["period"], f"{where}/period", 1)
    chain = qbft_chain(
        _validators(members["validators"], f"{where}/validators"),
        period=period,
        idle=_seconds(members["idle"], f"{where}/idle", period),
        blocks=_blocks(members["blocks"], f"{where}/blocks"),
    )
    _check_closing(chain, where)
    return chain


_OF_EVERY_KIND = frozenset({"kind", "blocks"})
_OF_QBFT = frozenset({"period", "idle", "validators"})


def _check_closing(chain: TrustedChain, where: str) -> None:
    """Check that a height has one hash, whether as a block or as the last of an interval, and that times rise."""
    for block in chain.closing:
        if chain.listed.get(block.number, block.hash) != block.hash:
            raise FormatRefused(
                f"{where}/blocks", f"block {block.number} with the hash that ends its interval expected"
            )
    times = [block.time for block in chain.closing]
    if times != sorted(set(times)):
        raise FormatRefused(f"{where}/validators", "a later time for each later last block expected")


def _seconds(value: object, where: str, least: int) -> int:
    seconds = count_of(value, where)
    if not least <= seconds <= MAX_PERIOD_SECONDS:
        raise FormatRefused(where, f"seconds from {least} to {MAX_PERIOD_SECONDS} expected")
    return seconds


def _blocks(value: object, where: str) -> dict[int, BlockHash]:
    blocks: dict[int, BlockHash] = {}
    for place, item in enumerate(list_of(value, where, MAX_BLOCKS)):
        block = object_of(item, f"{where}/{place}", frozenset({"number", "hash"}))
        number = count_of(block["number"], f"{where}/{place}/number")
        if number in blocks:
            raise FormatRefused(f"{where}/{place}/number", "each block once expected")
        blocks[number] = BlockHash(from_hex(block["hash"], 32, f"{where}/{place}/hash"))
    return blocks


def _validators(value: object, where: str) -> tuple[ValidatorSet, ...]:
    """Parse the sets in the order of their heights, one at least, without an empty set and without an overlap.

    An empty set could seal nothing, and an overlap would have two answers.
    """
    sets: list[ValidatorSet] = []
    for place, item in enumerate(list_of(value, where, MAX_SETS)):
        validators = _validator_set(item, f"{where}/{place}")
        earlier = sets[-1] if sets else None
        if earlier is not None and (earlier.last is None or validators.first <= earlier.last.number):
            raise FormatRefused(f"{where}/{place}/first", "a height after the set before expected")
        sets.append(validators)
    if not sets:
        raise FormatRefused(where, "one set of validators at least expected")
    return tuple(sets)


def _validator_set(item: object, where: str) -> ValidatorSet:
    members = object_of(item, where, frozenset({"first", "addresses"}), frozenset({"last"}))
    listed = list_of(members["addresses"], f"{where}/addresses", MAX_VALIDATORS)
    addresses = tuple(Address(from_hex(address, 20, f"{where}/addresses")) for address in listed)
    if not addresses or len(set(addresses)) < len(addresses):
        raise FormatRefused(f"{where}/addresses", "one validator at least, each once, expected")
    first = count_of(members["first"], f"{where}/first")
    last = _last(members["last"], f"{where}/last") if "last" in members else None
    if last is not None and last.number < first:
        raise FormatRefused(f"{where}/last/number", "a height not before the first expected")
    return ValidatorSet(first, last, addresses)


def _last(value: object, where: str) -> NamedBlock:
    members = object_of(value, where, frozenset({"number", "hash", "time"}))
    return NamedBlock(
        count_of(members["number"], f"{where}/number"),
        BlockHash(from_hex(members["hash"], 32, f"{where}/hash")),
        read_time(members["time"], f"{where}/time"),
    )
