"""Store the institutions a node writes for: the ledger each log is tied to, and the recorded stop, if any."""

from collections.abc import Collection
from dataclasses import dataclass

from acredita.anchoring.checkpoint import opening
from acredita.anchoring.entries import log_id, opened
from acredita.anchoring.ledger import LedgerStopError
from acredita.anchoring.log import RunningLog
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Address, BlockHash, IssuerId
from acredita.contracts.bindings import ContractRefused
from acredita.node.storage.models import InstitutionRow
from acredita.node.storage.stored_checkpoints import CheckpointState, insert_checkpoint
from acredita.node.storage.stored_log import StoredNodes, insert_entries
from sqlalchemy import Connection, insert, select, update

MAX_DETAIL_CHARACTERS = 512
FIRST_EPOCH = 1


@dataclass(frozen=True, slots=True)
class LedgerIdentity:
    """The identity of a ledger. A log is valid on this ledger only."""

    chain_id: int
    genesis: BlockHash
    contract: Address
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class Stop:
    """A recorded stop: the code and detail of the reason why the queue does not advance, and since when."""

    code: str
    detail: str
    since: int


@dataclass(frozen=True, slots=True)
class RegisteredInstitution:
    """An institution as it is registered in this database."""

    issuer: IssuerId
    profile: str
    did: str
    identity: LedgerIdentity
    stop: Stop | None


def register(
    connection: Connection, issuer: IssuerId, *, profile: str, did: str, identity: LedgerIdentity, now: int
) -> None:
    """Register an institution and open epoch 1 of its log: entry 0 and checkpoint 0, as the contract computes them."""
    connection.execute(
        insert(InstitutionRow).values(
            issuer=issuer,
            profile=profile,
            did=did,
            chain_id=identity.chain_id,
            genesis=identity.genesis,
            contract=identity.contract,
            code_hash=identity.code_hash,
            created_at=now,
        )
    )
    log = log_id(identity.chain_id, identity.contract, issuer, FIRST_EPOCH)
    RunningLog.start(StoredNodes(connection, issuer, FIRST_EPOCH), log, StatusBits())
    insert_entries(connection, issuer, FIRST_EPOCH, 0, [opened(log)])
    insert_checkpoint(connection, issuer, FIRST_EPOCH, opening(log), state=CheckpointState.CONFIRMED)


def institutions(connection: Connection) -> list[RegisteredInstitution]:
    """Return every registered institution, in the order of profiles."""
    rows = connection.execute(select(InstitutionRow.__table__).order_by(InstitutionRow.profile)).mappings()
    return [
        RegisteredInstitution(
            issuer=IssuerId(row["issuer"]),
            profile=row["profile"],
            did=row["did"],
            identity=LedgerIdentity(
                row["chain_id"], BlockHash(row["genesis"]), Address(row["contract"]), row["code_hash"]
            ),
            stop=None if row["stop_code"] is None else Stop(row["stop_code"], row["stop_detail"], row["stopped_at"]),
        )
        for row in rows
    ]


def institution(connection: Connection, issuer: IssuerId) -> RegisteredInstitution | None:
    """Return a registered institution, or None."""
    return next((one for one in institutions(connection) if one.issuer == issuer), None)


def hold(connection: Connection, issuer: IssuerId) -> None:
    """Lock the row of an institution until the transaction ends.

    SQLite has one writer at a time anyway, and no such clause.
    """
    connection.execute(
        select(InstitutionRow.issuer).where(InstitutionRow.issuer == issuer).with_for_update()
    ).one_or_none()


def record_stop(connection: Connection, issuer: IssuerId, stop: LedgerStopError | ContractRefused, *, now: int) -> bool:
    """Record a stop. The same stop again keeps its first time. Return True if it is new."""
    if isinstance(stop, LedgerStopError):
        detail = f"{stop.subject}: expected {stop.expected}, found {stop.found}"
    else:
        detail = f"the contract takes nothing from us: {stop.reason}"
    detail = detail[:MAX_DETAIL_CHARACTERS]
    noted = connection.execute(
        update(InstitutionRow)
        .where(InstitutionRow.issuer == issuer, InstitutionRow.stop_code.is_distinct_from(stop.code))
        .values(stop_code=stop.code, stop_detail=detail, stopped_at=now)
    )
    return noted.rowcount == 1


def clear_stop(connection: Connection, issuer: IssuerId, codes: Collection[str] | None = None) -> bool:
    """Clear a recorded stop; `codes`: only one of these. Return True if there was one."""
    chosen = InstitutionRow.stop_code.is_not(None) if codes is None else InstitutionRow.stop_code.in_(codes)
    cleared = connection.execute(
        update(InstitutionRow)
        .where(InstitutionRow.issuer == issuer, chosen)
        .values(stop_code=None, stop_detail=None, stopped_at=None)
    )
    return cleared.rowcount == 1
