"""Define the tables of a node. Each table of an institution is keyed by its issuer id.

Invariants of the schema itself: a digest is queued once per issuer, a status position is drawn once per issuer, a digest
occurs once in a log, an institution has one transaction in flight.

Tables whose `info` has DERIVED hold what the ledger says, of every institution: they are rebuilt from the ledger, are in no
backup, and are keyed by block.

Tables whose `info` has SHARED hold public documents of every party, which the ledger names, keyed by digest or number.

Tables whose `info` has FOLLOWING can be filled from others, where a backup of an earlier schema lacks them.

Times are whole seconds since 1970 (UTC). Hashes, ids and addresses are raw bytes. No column holds a person's data in clear: a
credential's bytes are encrypted, and its data key is in a table of its own that a backup keeps apart.
"""

from typing import Final

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_SERIAL: Final = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only INTEGER keys up by itself
_TREE_TABLE: Final = {"sqlite_with_rowid": False}  # the key is the row: half the pages
DERIVED: Final = "derived"
_DERIVED_TABLE: Final = {**_TREE_TABLE, "info": {DERIVED: True}}
SHARED: Final = "shared"
_SHARED_TABLE: Final = {"info": {SHARED: True}}
FOLLOWING: Final = "following"
_FOLLOWING_TABLE: Final = {"info": {FOLLOWING: True}}

HASH = LargeBinary(32)
ADDRESS = LargeBinary(20)
CODE = String(64)
SECONDS = BigInteger


class Base(DeclarativeBase):
    """The metadata that Alembic migrates."""


class InstitutionRow(Base):
    """One issuer this node writes for, and the ledger its log is tied to."""

    __tablename__ = "institutions"

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    profile: Mapped[str] = mapped_column(String(64), unique=True)
    did: Mapped[str] = mapped_column(String(512))
    chain_id: Mapped[int] = mapped_column(BigInteger)
    genesis: Mapped[bytes] = mapped_column(HASH)
    contract: Mapped[bytes] = mapped_column(ADDRESS)
    code_hash: Mapped[bytes] = mapped_column(HASH)
    created_at: Mapped[int] = mapped_column(SECONDS)
    stop_code: Mapped[str | None] = mapped_column(CODE)
    stop_detail: Mapped[str | None] = mapped_column(String(512))
    stopped_at: Mapped[int | None] = mapped_column(SECONDS)


class LeaseRow(Base):
    """The lease of one institution: its holder may write. `fencing` grows with every taking, `beat` with every write."""

    __tablename__ = "leases"

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    holder: Mapped[str] = mapped_column(String(128))
    fencing: Mapped[int] = mapped_column(BigInteger)
    beat: Mapped[int] = mapped_column(BigInteger)


class QueueItem(Base):
    """One entry on its way into the log: queued, appended, anchored or refused."""

    __tablename__ = "queue_items"
    __table_args__ = (
        UniqueConstraint("issuer", "key"),
        UniqueConstraint("issuer", "digest"),
        Index("queue_by_state", "issuer", "state", "id"),
        Index("queue_by_entry", "issuer", "epoch", "entry_index"),
        Index("queue_by_position", "issuer", "position"),
    )

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True)
    issuer: Mapped[bytes] = mapped_column(HASH)
    key: Mapped[str] = mapped_column(String(128))
    kind: Mapped[int] = mapped_column(Integer)
    digest: Mapped[bytes | None] = mapped_column(HASH)
    programme: Mapped[bytes | None] = mapped_column(HASH)
    position: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    queued_at: Mapped[int] = mapped_column(SECONDS)
    epoch: Mapped[int | None] = mapped_column(Integer)
    entry_index: Mapped[int | None] = mapped_column(BigInteger)
    anchored_at: Mapped[int | None] = mapped_column(SECONDS)
    reason_code: Mapped[str | None] = mapped_column(CODE)
    reason: Mapped[str | None] = mapped_column(String(512))


class LogEntry(Base):
    """The 70 bytes of the entry at an index. Behind the last confirmed checkpoint they are provisional."""

    __tablename__ = "log_entries"
    __table_args__ = (
        UniqueConstraint("issuer", "epoch", "digest"),
        Index(
            "status_entries",
            "issuer",
            "epoch",
            "entry_index",
            sqlite_where=text("kind >= 2"),
            postgresql_where=text("kind >= 2"),
        ),
        _TREE_TABLE,
    )

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, primary_key=True)
    entry_index: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[int] = mapped_column(Integer)
    digest: Mapped[bytes | None] = mapped_column(HASH)
    data: Mapped[bytes] = mapped_column(LargeBinary(70))


class TreeNode(Base):
    """The hash of one complete subtree; level 0 are the leaf hashes."""

    __tablename__ = "tree_nodes"
    __table_args__ = (_TREE_TABLE,)

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, primary_key=True)
    level: Mapped[int] = mapped_column(Integer, primary_key=True)
    node_index: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hash: Mapped[bytes] = mapped_column(HASH)


class CheckpointRow(Base):
    """A checkpoint: pending → confirmed, or void when the council opened an epoch below it.

    Time, word and block are set once it is confirmed.
    """

    __tablename__ = "checkpoints"
    __table_args__ = (Index("checkpoints_by_size", "issuer", "epoch", "size"),)

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    kind: Mapped[int] = mapped_column(Integer)
    old_size: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(HASH)
    status_root: Mapped[bytes] = mapped_column(HASH)
    previous: Mapped[bytes] = mapped_column(HASH)
    time: Mapped[int | None] = mapped_column(SECONDS)
    word: Mapped[bytes | None] = mapped_column(HASH)
    tx_hash: Mapped[bytes | None] = mapped_column(HASH)
    block_number: Mapped[int | None] = mapped_column(BigInteger)
    block_hash: Mapped[bytes | None] = mapped_column(HASH)


class TransactionRow(Base):
    """Signed bytes, stored before they are sent and sent again unchanged.

    in_flight: outcome unknown, at most one; orphaned: undone by a reorganisation and waiting to go out again;
    confirmed, reverted: settled; void: its epoch was closed and its account is no longer ours.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        Index(
            "one_in_flight",
            "issuer",
            unique=True,
            sqlite_where=text("state = 'in_flight'"),
            postgresql_where=text("state = 'in_flight'"),
        ),
        UniqueConstraint("issuer", "tx_hash"),
        Index("transactions_by_state", "issuer", "state", "id"),
    )

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True)
    issuer: Mapped[bytes] = mapped_column(HASH)
    tx_hash: Mapped[bytes] = mapped_column(HASH)
    account: Mapped[bytes] = mapped_column(ADDRESS)
    nonce: Mapped[int] = mapped_column(BigInteger)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    epoch: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    signed_at: Mapped[int] = mapped_column(SECONDS)
    settled_at: Mapped[int | None] = mapped_column(SECONDS)


class AccountRow(Base):
    """An anchoring account: the nonce its next transaction takes, by our own count."""

    __tablename__ = "accounts"

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    account: Mapped[bytes] = mapped_column(ADDRESS, primary_key=True)
    next_nonce: Mapped[int] = mapped_column(BigInteger)


class ReceiptRow(Base):
    """The `acredita-receipt/1` of one issued digest. Exists only for a confirmed checkpoint."""

    __tablename__ = "receipts"

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    digest: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(BigInteger)
    receipt: Mapped[bytes] = mapped_column(LargeBinary)


class StatusListRow(Base):
    """The signed status list as published last: ahead of the chain, never behind."""

    __tablename__ = "status_lists"

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    list_number: Mapped[int] = mapped_column(Integer, primary_key=True)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column("published_at", BigInteger)  # milliseconds: the moment it was issued


class ListAddressRow(Base):
    """The address under which a status list was begun. It never changes."""

    __tablename__ = "list_addresses"
    __table_args__ = (_FOLLOWING_TABLE,)

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    list_number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    base: Mapped[str] = mapped_column(String(2048))


class StatusPosition(Base):
    """A drawn position. `digest` is the position map: `forget` clears it, the position stays used."""

    __tablename__ = "status_positions"
    __table_args__ = (Index("position_by_digest", "issuer", "digest"),)

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    digest: Mapped[bytes | None] = mapped_column(HASH)


class CredentialRow(Base):
    """A signed credential's bytes, encrypted with the data key of its own (AES-256-GCM)."""

    __tablename__ = "credentials"

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    digest: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    programme: Mapped[bytes] = mapped_column(HASH)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(12))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[int] = mapped_column(SECONDS)


class DataKey(Base):
    """The wrapped data key of a credential. A backup keeps this table apart: without it the bytes are noise."""

    __tablename__ = "data_keys"

    issuer: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    digest: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Delivery(Base):
    """A link by which a holder fetches a credential, by its token's hash only."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("delivery_by_digest", "issuer", "digest"),)

    token_hash: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    issuer: Mapped[bytes] = mapped_column(HASH)
    digest: Mapped[bytes] = mapped_column(HASH)
    expires_at: Mapped[int] = mapped_column(SECONDS)


class AccessToken(Base):
    """A token by its hash, its rights, and the institution it is for (none: the whole node)."""

    __tablename__ = "access_tokens"

    token_hash: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    label: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[bytes | None] = mapped_column(HASH)
    rights: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[int] = mapped_column(SECONDS)
    expires_at: Mapped[int | None] = mapped_column(SECONDS)
    revoked_at: Mapped[int | None] = mapped_column(SECONDS)


class AuditEvent(Base):
    """An act and its actor, without a person's data: codes, counts, digests."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("audit_by_issuer", "issuer", "id"),)

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True)
    issuer: Mapped[bytes | None] = mapped_column(HASH)
    time: Mapped[int] = mapped_column(SECONDS)
    actor: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(CODE)
    detail: Mapped[str] = mapped_column(String(2048))


class LedgerIndexRow(Base):
    """The one row of the index: the last checked block B, and why it does not advance.

    `identity`: of the chain and its contracts. `totals`: the four contracts' totals at B. `head_number`: the newest
    block that the ledger had when the index could not advance. `other_header`: a second block at the height of B.
    """

    __tablename__ = "ledger_index"
    __table_args__ = (_DERIVED_TABLE,)

    key: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    identity: Mapped[bytes | None] = mapped_column(HASH)
    block_number: Mapped[int | None] = mapped_column(BigInteger)
    block_hash: Mapped[bytes | None] = mapped_column(HASH)
    block_time: Mapped[int | None] = mapped_column(SECONDS)
    header: Mapped[bytes | None] = mapped_column(LargeBinary)
    totals: Mapped[bytes | None] = mapped_column(LargeBinary(128))
    fault_code: Mapped[str | None] = mapped_column(CODE)
    fault_detail: Mapped[str | None] = mapped_column(String(512))
    fault_since: Mapped[int | None] = mapped_column(SECONDS)
    head_number: Mapped[int | None] = mapped_column(BigInteger)
    other_header: Mapped[bytes | None] = mapped_column(LargeBinary)


class LedgerEventColumns:
    """One event of a contract. `subject` None: an event without one. `total`: the contract's total after it.

    `block_hash` and `transaction` are an endpoint's word; receipts name them.
    """

    block_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    contract: Mapped[int] = mapped_column(Integer)
    subject: Mapped[bytes | None] = mapped_column(HASH)
    topic: Mapped[bytes] = mapped_column(HASH)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    block_time: Mapped[int] = mapped_column(SECONDS)
    total: Mapped[bytes] = mapped_column(HASH)
    block_hash: Mapped[bytes] = mapped_column(HASH)
    transaction: Mapped[bytes] = mapped_column(HASH)


class LedgerEventRow(LedgerEventColumns, Base):
    """One event of a contract that the index has checked."""

    __tablename__ = "ledger_events"
    __table_args__ = (
        Index("ledger_events_by_subject", "contract", "subject", "block_number", "log_index"),
        Index("ledger_events_by_contract", "contract", "block_number", "log_index"),
        _DERIVED_TABLE,
    )


class LedgerProvisionalEventRow(LedgerEventColumns, Base):
    """One event of a long step that is not checked yet."""

    __tablename__ = "ledger_provisional_events"
    __table_args__ = (_DERIVED_TABLE,)


class LedgerGapRow(Base):
    """A contract of which events are missing. `block_number`, `total`: the last block before them, and the total there."""

    __tablename__ = "ledger_gaps"
    __table_args__ = (_DERIVED_TABLE,)

    contract: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    block_number: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[bytes] = mapped_column(HASH)


class LedgerDoubtRow(Base):
    """A subject whose events are not whole."""

    __tablename__ = "ledger_doubts"
    __table_args__ = (_DERIVED_TABLE,)

    contract: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    subject: Mapped[bytes] = mapped_column(HASH, primary_key=True)


class LedgerBlockRow(Base):
    """The hash of one of the last blocks that the index has seen."""

    __tablename__ = "ledger_blocks"
    __table_args__ = (_DERIVED_TABLE,)

    block_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    block_hash: Mapped[bytes] = mapped_column(HASH)


class DocumentRow(Base):
    """A document by its SHA-256. `charged`: the subject to whose limit it counts.

    `applicant`: the party that was never active when the document came and alone names it; None for a public document.
    """

    __tablename__ = "documents"
    __table_args__ = (Index("documents_by_charged", "charged", "size"), _SHARED_TABLE)

    digest: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    kind: Mapped[str] = mapped_column(CODE)
    media_type: Mapped[str] = mapped_column(String(64))
    charged: Mapped[bytes] = mapped_column(HASH)
    applicant: Mapped[bytes | None] = mapped_column(HASH)
    size: Mapped[int] = mapped_column(Integer)
    stored_at: Mapped[int] = mapped_column(SECONDS)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ProposalRow(Base):
    """A proposal of the council by its number on the chain, in JCS form."""

    __tablename__ = "proposals"
    __table_args__ = (_SHARED_TABLE,)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    stored_at: Mapped[int] = mapped_column(SECONDS)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class WithheldListRow(Base):
    """A signed list of withheld documents by its number, in JCS form. The one of the highest number is in force."""

    __tablename__ = "withheld_lists"
    __table_args__ = (_SHARED_TABLE,)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    stored_at: Mapped[int] = mapped_column(SECONDS)
    content: Mapped[bytes] = mapped_column(LargeBinary)
