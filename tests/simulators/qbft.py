"""A QBFT network: four validators over one chain, blocks by a fake clock, and headers sealed as Besu seals them.

- The embedded EVM runs underneath. Its headers are QBFT's without seals and in round 0, whose keccak-256 is the hash of
  Besu's block (BftBlockHashing.java, QbftExtraDataCodec.java). So hashes, parents and state roots need no translation.
- Each validator holds its own copy of a block: another set of seals, and at times another round, under one hash.
- A block is made when a period passes while at least 2f + 1 validators are up, which is three of four.
- Difficulty stays 0, because the embedded chain is of a later fork than Besu's QBFT. Nobody reads it.

`qbft_endpoint` speaks JSON-RPC for a validator, `qbft_dialects` names the behaviours of Besu's versions and settings.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import rlp
from acredita.anchoring.transaction import LocalAccount
from acredita.devnet.blocks import Header, Transaction
from acredita.devnet.chain import Chain
from acredita.devnet.database import Executed
from acredita.devnet.evm import Environment
from acredita.devnet.rpc.dispatch import Rpc
from eth_hash.auto import keccak
from eth_typing import Address, Hash32

from tests.simulators.installation import GENESIS_TIME, SteppingClock, account

VALIDATORS = tuple(account(f"validator {number}") for number in range(4))
PERIOD_SECONDS = 5
VANITY = bytes(32)
EXTRA_DATA = 12
ROUND, SEALS = 3, 4
MIX_HASH = Hash32(bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365"))
"""The constant by which Besu marks a block of a Byzantine-fault-tolerant network (BftHelpers.java)."""


def extra_data(validators: Sequence[LocalAccount], round_number: int = 0, seals: Sequence[bytes] = ()) -> bytes:
    """Encode the extraData of a block: vanity, validators, no vote, round, seals."""
    listed = sorted(bytes(validator.address) for validator in validators)
    return bytes(rlp.encode([VANITY, listed, [], round_number, list(seals)]))


def with_extra_data(header: bytes, extra: bytes) -> bytes:
    """Return a header with other extraData."""
    fields = rlp.decode(header)
    return bytes(rlp.encode([*fields[:EXTRA_DATA], extra, *fields[EXTRA_DATA + 1 :]]))


def sealed_extra_data(header: bytes, signers: Sequence[LocalAccount], round_number: int) -> bytes:
    """Return the extraData of a header in this round, with a commit seal by each signer."""
    parts = list(rlp.decode(rlp.decode(header)[EXTRA_DATA]))
    parts[ROUND] = _integer(round_number)
    parts[SEALS] = []
    committed = bytes(keccak(with_extra_data(header, rlp.encode(parts))))
    parts[SEALS] = [signer.sign_hash(committed) for signer in signers]
    return bytes(rlp.encode(parts))


def _integer(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


class MovableClock(Protocol):
    """A clock that a test moves."""

    now: int


class QbftChain(Chain):
    """An embedded chain whose blocks are QBFT's, as they are hashed: in round 0 and without seals."""

    validators: tuple[LocalAccount, ...] = VALIDATORS
    proposing: LocalAccount | None = None
    """The validator that proposes the next block where it is not the one whose turn it is."""

    def proposer(self, number: int) -> LocalAccount:
        """Return the validator whose turn a height is."""
        return self.validators[number % len(self.validators)]

    def next_environment(self, timestamp: int | None = None) -> Environment:
        environment = super().next_environment(timestamp)
        proposer = self.proposing or self.proposer(environment.number)
        coinbase = Address(bytes(proposer.address))
        return replace(environment, coinbase=coinbase, prev_randao=MIX_HASH)

    def _seal(self, environment: Environment, state_root: Hash32, executed: Sequence[Executed]) -> Header:
        return replace(super()._seal(environment, state_root, executed), extra_data=extra_data(self.validators))


@dataclass
class QbftNetwork:
    """Validators over one chain, numbered from 0. `down`: those that answer nothing, propose nothing and seal nothing.

    `lags`: how many blocks a validator is behind. `least_prices`: the lowest gas price that a proposer takes, 0 without one.
    `signers`: who sealed a block, by its hash, where it was not everybody.
    """

    chain: QbftChain
    rpc: Rpc
    clock: MovableClock
    period: int = PERIOD_SECONDS

    def __post_init__(self) -> None:
        self.down: set[int] = set()
        self.lags: dict[int, int] = {}
        self.least_prices: dict[int, int] = {}
        self.signers: dict[bytes, tuple[LocalAccount, ...]] = {}

    @property
    def validators(self) -> tuple[LocalAccount, ...]:
        """The accounts that seal blocks."""
        return self.chain.validators

    @property
    def quorum(self) -> int:
        """Number of validators that a block needs: two thirds, rounded up."""
        return -(-2 * len(self.validators) // 3)

    @property
    def up(self) -> tuple[int, ...]:
        """The validators that take part."""
        return tuple(place for place in range(len(self.validators)) if place not in self.down)

    def head_of(self, place: int) -> int:
        """Return the height that a validator has reached."""
        return max(0, self.chain.head.number - self.lags.get(place, 0))

    def pass_period(self, _seconds: float = 0.0) -> None:
        """Let one block period pass: a block is made if enough validators are up."""
        self.clock.now += self.period
        if len(self.up) < self.quorum:
            return
        number = self.chain.head.number + 1
        proposer = next(n for n in self._turns(number) if n not in self.down)
        least = self.least_prices.get(proposer, 0)
        self.chain.proposing = self.validators[proposer]
        mined = self.chain.mine([waiting for waiting in self.rpc.miner.ready() if _price(waiting) >= least])
        self.chain.proposing = None
        for done in mined.block.executed:
            self.rpc.miner.drop(done.transaction.hash)
        self.signers[mined.block.header.hash] = tuple(self.validators[n] for n in self.up)

    def copy_of(self, place: int, header: Header) -> bytes:
        """Return the extraData of a validator's own copy of a block, with its seals and its round."""
        if header.number == 0:
            return header.extra_data
        signers = self.signers.get(header.hash, self.validators)
        spared = (header.number + place) % len(self.validators)
        if len(signers) > self.quorum and place < len(self.validators) - 1:
            signers = signers[:spared] + signers[spared + 1 :]
        return sealed_extra_data(header.encode(), signers, place if header.number % 3 == 0 else 0)

    def _turns(self, number: int) -> list[int]:
        return [(number + turn) % len(self.validators) for turn in range(len(self.validators))]


def _price(transaction: Transaction) -> int:
    return transaction.max_priority_fee_per_gas


def network_over(chain: QbftChain, rpc: Rpc, clock: MovableClock) -> QbftNetwork:
    """Build a network over a chain that had a block for each transaction; from now on blocks come by the clock."""
    rpc.miner.automine = False
    return QbftNetwork(chain, rpc, clock)


@contextmanager
def taken_back(network: QbftNetwork) -> Iterator[QbftNetwork]:
    """Give a network for a test to change; its blocks and transactions are taken back."""
    snapshot, now = network.chain.snapshot(), network.clock.now
    yield replace(network)
    network.chain.revert(snapshot)
    network.rpc.miner.clear()
    network.clock.now = now


def fresh_chain(clock: SteppingClock) -> QbftChain:
    """Open a chain in memory whose genesis names the validators."""
    opened = QbftChain.open(None, genesis_time=GENESIS_TIME, extra_data=extra_data(VALIDATORS), clock=clock)
    assert isinstance(opened, QbftChain)
    return opened
