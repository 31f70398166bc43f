"""The stage of the demonstration: a chain whose clock is steered, the parties with their keys, and a narrator.

Everything on it is real: contracts on an embedded chain on disk, encrypted keystores, a database, the write path. Only the
clock is not the wall's: every date of the script is shifted by one constant, so that the last event is today.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.sender import LocalAccount, Sender
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
from acredita.node.write_path.writer import Policy
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.scrypt_cost import LEAST_N

BASE = "https://registro.example"
"""Where the demonstration's status lists would be served; a reserved name, so nobody's."""
BATCH_ENTRIES = 100
LAST_EVENT = datetime(2026, 11, 15, 12, tzinfo=UTC)


@dataclass
class DemoClock:
    """Unix seconds that pass when the script says so, and never backwards."""

    now: int

    def __call__(self) -> int:
        return self.now


@dataclass(frozen=True)
class DemoEvent:
    """One line of the record, in both languages, with an outcome code where the chain or a verdict gave one."""

    es: str
    en: str
    code: str | None = None


@dataclass
class DemoEnvironment:
    """What the scenes play on. `folder` holds what is thrown away: keystores and the node's database."""

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
        shift = today - int(LAST_EVENT.timestamp())
        clock = DemoClock(moment("2025-02-15") + shift)
        chain = Chain.open(chain_folder, genesis_time=clock.now, clock=clock)
        ledger = RpcLedger(EmbeddedProvider(Rpc(chain)))
        database = Database.create(f"sqlite:///{folder / 'node.sqlite'}")
        return cls(folder, chain, clock, shift, report, ledger, database)

    def close(self) -> None:
        self.database.close()
        self.chain.close()

    def set_day(self, day: str) -> None:
        """It is this day of the script (shifted), or a second after the newest block where that is later."""
        self.clock.now = max(self.time(day), self.ledger.head().time + 1)

    def time(self, day: str) -> int:
        return moment(day) + self.shift

    def new_account(self) -> Sender:
        """A fresh account of a person, a member of the council, say."""
        return self.sender(LocalAccount(secrets.token_bytes(32)))

    def sender(self, account: LocalAccount) -> Sender:
        return Sender(self.ledger, account, depth=0)

    def legal_act(self, text: str) -> bytes:
        """The digest of a legal act; its text is kept among the public documents."""
        content = f"{text} · acto jurídico de demostración, sin valor".encode()
        digest = hashlib.sha256(content).digest()
        self.public[f"{digest.hex()}.txt"] = content
        return digest

    def new_keystore(self, key: str) -> Keystore:
        return Keystore.create(self.folder / f"{key}.keystore", self.passphrase, n=LEAST_N)

    def open_tenant(self, key: str, name: str, keystore: Keystore) -> Tenant:
        """The institution's tenant in this node; opened again when its anchoring account changes."""
        tenant = open_tenant(
            profile=key,
            name=name,
            base=BASE,
            keystore=keystore,
            database=self.database,
            leases=Leases(self.database, "demo"),
            ledger=self.ledger,
            contract=Address(self.deployed.credential_log),
            policy=Policy(depth=0, max_batch=BATCH_ENTRIES),
            clock=self.clock,
            registry=Address(self.deployed.issuer_registry),
        )
        self.tenants[key] = tenant
        return tenant

    def control(self, key: str, issuer: IssuerId, keystore: Keystore) -> ControlAccount:
        """The institution's cold account, for this stage kept in the same keystore."""
        sender = self.sender(keystore.account(CONTROL))
        self.controls[key] = ControlAccount(self.deployed, issuer, sender, self.ledger.chain_id())
        return self.controls[key]

    @property
    def deployed(self) -> Deployment:
        if self.contracts is None:
            raise RuntimeError("the contracts come first")
        return self.contracts

    @property
    def council(self) -> Authority:
        if self.authority is None:
            raise RuntimeError("the council comes first")
        return self.authority

    @property
    def texts(self) -> DemoDocuments:
        if self.documents is None:
            raise RuntimeError("the documents come with the institutions")
        return self.documents


def moment(day: str) -> int:
    """Noon UTC of a day of the script, before it is shifted."""
    return int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp())


def key_file(digest: Digest) -> str:
    return f"{digest.hex()}.bin"
