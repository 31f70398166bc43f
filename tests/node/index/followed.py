"""An index over an embedded chain, and a chain whose history is drawn: acts, empty blocks and reorganisations."""

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Address, BlockHash, IssuerId
from acredita.contracts import bindings
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.index.follower import IndexFollower
from acredita.node.index.read import state_hash
from acredita.node.storage import ledger_index
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.storage.ledger_event_rows import IndexedEvent
from acredita.node.storage.ledger_index import IndexState
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.trust_draft import sign_trust
from acredita.registry.ledger_facts.trust_file import CONTRACTS, Trust, parse_trust
from acredita.registry.ledger_facts.trusted_chain import ValidatorSet, development_chain, qbft_chain
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_hash.auto import keccak
from sqlalchemy.event import listen

from tests.simulators.half_endpoint import Answers, HalfProvider, LogEdit, editing_logs
from tests.simulators.installation import ACT, MEMBER, NOBODY, Installation, Issuer, account, issuer_named

AUTHORITY = [PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2)]
VALIDATORS = (ValidatorSet(0, None, (Address(b"\x77" * 20),)),)


def trust_of(installation: Installation, *, is_qbft: bool = False, pinned: int = 0) -> Trust:
    """Sign a trust file for the chain: by a block of it, or by validators."""
    contracts, ledger = installation.deployment, installation.ledger
    block = ledger.block(pinned)
    genesis = ledger.block(0)
    assert block is not None
    assert genesis is not None
    document = sign_trust(
        number=1,
        issued=installation.clock(),
        chain_id=ledger.chain_id(),
        genesis=genesis.hash,
        contracts=contracts,
        code_hashes={name: bytes(keccak(ledger.code(Address(getattr(contracts, name))))) for name in CONTRACTS},
        chain=qbft_chain(VALIDATORS, period=2, idle=60)
        if is_qbft
        else development_chain({pinned: BlockHash(block.hash)}),
        signers=AUTHORITY,
    )
    return parse_trust(document)


@dataclass
class FollowedIndex:
    """An index in a database, and what its tests ask of it."""

    installation: Installation
    database: Database
    trust: Trust
    seconds: list[float] = field(default_factory=lambda: [0.0])

    def __post_init__(self) -> None:
        self.leases = Leases(self.database, "test")

    def follower(self, ledger: Ledger | None = None) -> IndexFollower:
        used = self.installation.ledger if ledger is None else ledger
        clock = self.installation.clock
        return IndexFollower(self.database, self.leases, used, self.trust, clock, lambda: self.seconds[0])

    def state(self) -> IndexState:
        with self.database.read() as connection:
            return ledger_index.index_state(connection)

    def events(self) -> list[IndexedEvent]:
        with self.database.read() as connection:
            return list(ledger_index.events(connection))

    def state_hash(self) -> bytes:
        with self.database.read() as connection:
            block = ledger_index.index_state(connection).block
            assert block is not None
            return state_hash(connection, block)

    def height(self) -> int:
        block = self.state().block
        assert block is not None
        return block.number


def opened(path: Path) -> Database:
    """Open a database whose writes do not wait for the disk."""
    database = Database.open(f"sqlite:///{path}")
    listen(database.engine, "connect", _without_waiting)
    return database


def _without_waiting(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def starving(installation: Installation, edit: LogEdit) -> Ledger:
    """Return an endpoint of the chain whose lists of logs are edited."""
    return RpcLedger(HalfProvider(_honest(installation), [editing_logs(edit)]))


def _honest(installation: Installation) -> Callable[[str, list[object]], dict[str, object]]:
    return lambda method, params: Answers(installation.rpc)(method, params)


def embedded(installation: Installation) -> Ledger:
    """Return another endpoint of the chain, with no fault."""
    return RpcLedger(EmbeddedProvider(installation.rpc))


@dataclass
class DrawnHistory:
    """Acts on a chain, as a seed draws them. Each act is a block with events of one contract at least."""

    installation: Installation
    ut: Issuer
    random: Random
    count: int = 0

    def act(self) -> None:
        """Do one act: an application, a key, a proposal or a programme."""
        self.count += 1
        self.installation.clock.now += self.random.randrange(1, 50)
        mark = hashlib.sha256(f"{self.random.random()} {self.count}".encode()).digest()
        self.random.choice((self._apply, self._add_key, self._propose, self._submit))(mark)

    def _apply(self, mark: bytes) -> None:
        registry = bindings.IssuerRegistry(self.installation.deployment.issuer_registry)
        self.installation.act(account(mark.hex()), registry.apply(IssuerId(mark), NOBODY, ACT))

    def _add_key(self, mark: bytes) -> None:
        registry = bindings.IssuerRegistry(self.installation.deployment.issuer_registry)
        self.installation.act(
            issuer_named("ut").control, registry.add_key(self.ut.id, mark, bindings.KeyPurpose.NOTE, ACT)
        )

    def _propose(self, mark: bytes) -> None:
        council = bindings.Council(self.installation.deployment.council)
        self.installation.act(MEMBER, council.propose(council.address, mark, ACT))

    def _submit(self, mark: bytes) -> None:
        registry = bindings.ProgrammeRegistry(self.installation.deployment.programme_registry)
        self.installation.act(self.ut.control, registry.submit(self.ut.id, mark))

    def mine(self, blocks: int) -> None:
        """Add empty blocks."""
        for _ in range(blocks):
            self.installation.clock.now += 1
            self.installation.chain.mine()

    def reorganise(self, blocks_then: Callable[[], None], blocks_instead: Callable[[], None]) -> None:
        """Let a branch of the chain be seen, take it back, and put another in its place."""
        snapshot = self.installation.chain.snapshot()
        blocks_then()
        assert self.installation.chain.revert(snapshot)
        self.installation.senders.clear()
        blocks_instead()
