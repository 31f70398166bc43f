"""Hold the environment of the demonstration: a chain whose clock is set, the parties with their keys, a database.

Contracts, embedded chain, encrypted keystores, database and write path are the real ones. Only the clock is not: every
date of the script is shifted by one constant, so that the last event is today.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.sender import Sender
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.contracts.abi import Deployment
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.custody.key_ring import CONTROL
from acredita.node.demo.documents import DemoDocuments
from acredita.node.ledger.single_operator_acts import Authority, ControlAccount
from acredita.node.runtime.tenant import Tenant, open_tenant
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.write_path.writer import AnchoringPolicy
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.scrypt_cost import LEAST_N

BASE = "https://registro.example"
"""Address of the demonstration's status lists: a reserved name that nobody can own."""
BATCH_ENTRIES = 100
LAST_EVENT = datetime(2026, 11, 15, 12, tzinfo=UTC)


@dataclass
class DemoClock:
    """A clock in Unix seconds that moves when the script sets it, and never backwards."""

    now: int

    def __call__(self) -> int:
        return self.now


@dataclass(frozen=True)
class DemoEvent:
    """One event in both languages, with a result code if the chain or a verdict gave one."""

    es: str
    en: str
    code: str | None = None


@dataclass
class DemoEnvironment:
    """The chain, the node and the parties. `folder`: keystores and database, which are thrown away at the end."""

    folder: Path
    chain: Chain
    clock: DemoClock
    shift: int
    report: Callable[[DemoEvent], None]
    ledger: Ledger
    database: Database
    passphrase: bytes = field(default_factory=lambda: secrets.token_hex(16).encode())
    contracts: Deployment | None = None
    authority: Authority | None = None
    agency: Sender | None = None
    tenants: dict[str, Tenant] = field(default_factory=dict)
    controls: dict[str, ControlAccount] = field(default_factory=dict)
    documents: DemoDocuments | None = None
    public: dict[str, bytes] = field(default_factory=dict)
    """File name → bytes for `documents/`: key statements and legal acts, named by their SHA-256."""

    @classmethod
    def open(
        cls, folder: Path, chain_folder: Path, today: int, report: Callable[[DemoEvent], None]
    ) -> "DemoEnvironment":
        """Start a chain whose clock is at the first day of the script."""
        shift = today - int(LAST_EVENT.timestamp())
        clock = DemoClock(moment("2025-02-15") + shift)
        chain = Chain.open(chain_folder, genesis_time=clock.now, clock=clock)
        ledger = RpcLedger(EmbeddedProvider(Rpc(chain)))
        database = Database.create(f"sqlite:///{folder / 'node.sqlite'}")
        return cls(folder, chain, clock, shift, report, ledger, database)

    def close(self) -> None:
        """Close database and chain."""
        self.database.close()
        self.chain.close()

    def set_day(self, day: str) -> None:
        """Set the clock to a day of the script (shifted), but after the newest block."""
        self.clock.now = max(self.time(day), self.ledger.head().time + 1)

    def time(self, day: str) -> int:
        """Return a day of the script as Unix seconds, shifted."""
        return moment(day) + self.shift

    def new_account(self) -> Sender:
        """Make an account of a person, for example of a council member."""
        return self.sender(LocalAccount(secrets.token_bytes(32)))

    def sender(self, account: LocalAccount) -> Sender:
        """Return a sender for an account."""
        return Sender(self.ledger, account, depth=0)

    def legal_act(self, text: str) -> bytes:
        """Keep the text of a legal act among the public documents and return its digest."""
        content = f"{text} · acto jurídico de demostración, sin valor".encode()
        digest = hashlib.sha256(content).digest()
        self.public[f"{digest.hex()}.txt"] = content
        return digest

    def new_keystore(self, key: str) -> Keystore:
        """Create a keystore for a party."""
        return Keystore.create(self.folder / f"{key}.keystore", self.passphrase, n=LEAST_N)

    def open_tenant(self, key: str, name: str, keystore: Keystore) -> Tenant:
        """Open the institution as a tenant of this node. Opened again if its anchoring account changes."""
        tenant = open_tenant(
            profile=key,
            name=name,
            base=BASE,
            keystore=keystore,
            database=self.database,
            leases=Leases(self.database, "demo"),
            ledger=self.ledger,
            contract=Address(self.deployed.credential_log),
            policy=AnchoringPolicy(depth=0, max_batch=BATCH_ENTRIES),
            clock=self.clock,
            registry=Address(self.deployed.issuer_registry),
        )
        self.tenants[key] = tenant
        return tenant

    def control(self, key: str, issuer: IssuerId, keystore: Keystore) -> ControlAccount:
        """Return the institution's control account, which is in the same keystore here."""
        sender = self.sender(keystore.account(CONTROL))
        self.controls[key] = ControlAccount(self.deployed, issuer, sender, self.ledger.chain_id())
        return self.controls[key]

    @property
    def deployed(self) -> Deployment:
        """The contracts. RuntimeError before they are deployed."""
        if self.contracts is None:
            raise RuntimeError("the contracts come first")
        return self.contracts

    @property
    def council(self) -> Authority:
        """The authority. RuntimeError before there is a council."""
        if self.authority is None:
            raise RuntimeError("the council comes first")
        return self.authority

    @property
    def texts(self) -> DemoDocuments:
        """The documents. RuntimeError before the institutions are open."""
        if self.documents is None:
            raise RuntimeError("the documents come with the institutions")
        return self.documents


def moment(day: str) -> int:
    """Return noon UTC of a day of the script, before the shift."""
    return int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp())


def key_file(digest: Digest) -> str:
    """Return the file name of a key statement."""
    return f"{digest.hex()}.bin"
