"""What an institution's staff does: issue a cohort, revoke, suspend, reinstate, correct. Nothing here touches the chain.

Each act is one database transaction: the sealed credential, its status position and its place in the queue are stored
together or not at all, and queued under a key of its own, so that the same file or the same click twice does nothing twice.
The write path takes it from there. A signature is checked before it is stored: by our verifier always, and by the slow
canonical path for the first credential of a batch and one in a hundred after it.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from acredita.anchoring.entries import POSITIONS_PER_LIST, EntryKind
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.node.key_ring import KeyUnusable, SigningKey
from acredita.node.storage import credentials, queue
from acredita.node.storage.database import Database
from acredita.node.storage.receipts import load_receipt
from acredita.node.storage.signing_status import digest_of_key
from acredita.node.trail import OPERATOR, Action, record
from acredita.node.vault import Vault
from acredita.registry.canonical import canonical_nquads, canonical_nquads_slow
from acredita.registry.cohort import Importer, Mac, RowAccepted, RowRefused
from acredita.registry.credentials import AwardRefused, Issuer, build_credential, corrected_credential, status_of
from acredita.registry.jcs import jcs_digest
from acredita.registry.profile import parse_credential, schema_errors
from acredita.registry.programmes import Programme, achievement_of
from acredita.registry.proofs import add_proof, verify_proof
from acredita.registry.status_list import ListFull, draw_position
from acredita.registry.status_position import entry_at
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

RECHECK_EVERY: Final = 100  # one credential in so many is canonicalised a second time by the slow path
ROWS_PER_TRANSACTION: Final = 128
MAX_QUEUED: Final = 500_000  # issued entries that may wait at once, unless the configuration says otherwise
DRAWS: Final = 5  # two writers may draw the same positions; the database says so and the batch is drawn again

Rows = Iterable[tuple[int, dict[str, str] | RowRefused]]


class InstitutionRefused(Exception):
    """The act cannot be done; nothing was changed. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class RowOutcome(StrEnum):
    ISSUED = "issued"
    KNOWN = "known"  # issued before from the same row, in this or another file
    REFUSED = "refused"


@dataclass(frozen=True)
class RowReport:
    """What became of one row; never a value of it."""

    row: int
    outcome: RowOutcome
    digest: Digest | None = None
    code: str | None = None
    column: str | None = None
    expected: str | None = None


@dataclass(frozen=True)
class Institution:
    """One issuer of a node with its keys at hand. `base`: the address under which its status lists are served."""

    issuer: IssuerId
    did: str
    name: str
    base: str
    database: Database
    vault: Vault
    keys: Callable[[], SigningKey]
    mac: Mac
    clock: Callable[[], int]
    random: Callable[[int], bytes] = secrets.token_bytes
    random_below: Callable[[int], int] = secrets.randbelow
    max_queued: int = MAX_QUEUED
    actor: str = OPERATOR

    def acting(self, actor: str) -> "Institution":
        """The same institution with somebody else at work, as the trail names them."""
        return replace(self, actor=actor)

    # --- issuing ---

    def issue(self, programme: Programme, rows: Rows, *, reissue: bool = False) -> Iterator[RowReport]:
        """Issue a cohort row by row. Raises CohortRefused for a file that cannot be used, before any of it is issued."""
        today = datetime.fromtimestamp(self.clock(), UTC).date()
        importer = Importer(programme, self.mac, today)
        batch: list[RowAccepted] = []
        # Judged to the end before anything is issued: a file that breaks in the middle issues nothing.
        for outcome in list(importer.judge(rows)):
            if isinstance(outcome, RowRefused):
                yield RowReport(outcome.row, RowOutcome.REFUSED, None, outcome.code, outcome.column, outcome.expected)
                continue
            batch.append(outcome)
            if len(batch) == ROWS_PER_TRANSACTION:
                yield from self._issue_batch(programme, batch, reissue)
                batch = []
        if batch:
            yield from self._issue_batch(programme, batch, reissue)

    def _issue_batch(self, programme: Programme, rows: list[RowAccepted], reissue: bool) -> list[RowReport]:
        for _ in range(DRAWS):
            signing = self._signing()
            try:
                with self.database.write() as connection:
                    self._check_quota(connection, len(rows))
                    positions = _Positions.read(connection, self.issuer, self.random_below)
                    reports = [self._issue_row(connection, programme, row, positions, signing, reissue) for row in rows]
                    self._record_issued(connection, programme, reports)
                    return reports
            except IntegrityError:
                continue  # another writer drew one of the positions, or issued one of the rows; look again
        raise InstitutionRefused("POSITIONS_CONTENDED", "other writers keep drawing the same status positions")

    def _record_issued(self, connection: Connection, programme: Programme, reports: list[RowReport]) -> None:
        count = sum(report.outcome is RowOutcome.ISSUED for report in reports)
        if count:
            self._record(connection, Action.ISSUED, count=count, programme=to_hex(programme.digest))

    def _record(self, connection: Connection, action: Action, **detail: int | str) -> None:
        """A row of the trail in the act's own transaction: never whose credential it was."""
        record(connection, self.issuer, self.actor, action, now=self.clock(), **detail)

    def _check_quota(self, connection: Connection, rows: int) -> None:
        waiting = queue.backlog(connection, self.issuer).issued
        if waiting + rows > self.max_queued:
            raise InstitutionRefused(
                "QUOTA_EXCEEDED", f"{waiting} credentials wait for their anchor; at most {self.max_queued} may"
            )

    def _signing(self) -> SigningKey:
        """The key in force for what is signed next; asked before a transaction, because it may ask the ledger."""
        try:
            return self.keys()
        except KeyUnusable as error:
            raise InstitutionRefused(error.code, str(error)) from error

    def _issue_row(
        self,
        connection: Connection,
        programme: Programme,
        row: RowAccepted,
        positions: "_Positions",
        signing: SigningKey,
        reissue: bool,
    ) -> RowReport:
        key = "issue:" + hashlib.sha256(row.key).hexdigest()
        known = queue.item_status(connection, self.issuer, key)
        if known is not None and not reissue:
            # Named, so that a run that was cut short before it wrote its files can be repeated.
            digest = digest_of_key(connection, self.issuer, key)
            return RowReport(row.row, RowOutcome.KNOWN, digest, code="IDEMPOTENT")
        if known is not None:
            key = f"{key}:{self.random(8).hex()}"
        now = self.clock()
        place = positions.draw()
        unsigned = build_credential(
            programme,
            row.award,
            Issuer(self.did, self.name),
            identifier=UUID(bytes=self.random(16), version=4),
            status=entry_at(self.base, self.issuer, place),
            valid_from=now,
            salt=self.random(16),
        )
        thorough = positions.drawn == 1
        signed = self._sign_and_store(connection, programme, unsigned, place, key, signing, thorough=thorough)
        return RowReport(row.row, RowOutcome.ISSUED, signed)

    def _sign_and_store(
        self,
        connection: Connection,
        programme: Programme,
        unsigned: dict[str, Any],
        place: int,
        key: str,
        signing: SigningKey,
        *,
        thorough: bool,
    ) -> Digest:
        """Sign, verify what was signed, seal, store, queue: in the caller's transaction."""
        now = self.clock()
        if thorough or self.random_below(RECHECK_EVERY) == 0:
            _recheck(unsigned)
        signed = add_proof(
            unsigned,
            cryptosuite=signing.cryptosuite,
            signer=signing.signer,
            verification_method=signing.verification_method,
            created=datetime.fromtimestamp(now, UTC),
        )
        parse_credential(signed)  # what our own reader refuses never leaves
        if schema_errors(signed):
            raise InstitutionRefused("SCHEMA_INVALID", "the credential breaks the profile's schema")
        digest = verify_proof(signed, signing.public).digest
        sealed = self.vault.seal(digest, programme.digest, _file(signed))
        credentials.insert_credential(connection, self.issuer, sealed, place, now=now)
        queue.enqueue_issued(connection, self.issuer, digest, programme.digest, key=key, now=now)
        return digest

    def issue_document(self, programme: Programme, prepared: Mapping[str, Any]) -> bytes:
        """Sign, store and queue a credential that somebody else prepared, without status and proof; idempotent by content.

        The id and everything that is said stay as they came. ProfileError where our own reader refuses it,
        InstitutionRefused where it is not this institution's, not the programme's, or breaks the profile's schema.
        """
        if prepared.get("issuer", {}).get("id") != self.did:
            raise InstitutionRefused("ISSUER_NOT_OF_PROFILE", "the issuer is another one")
        if prepared["credentialSubject"].get("achievement") != achievement_of(programme):
            raise InstitutionRefused("ACHIEVEMENT_NOT_APPROVED", "the achievement is not the one the programme builds")
        key = f"document:{jcs_digest(prepared).hex()}"
        for _ in range(DRAWS):
            signing = self._signing()
            try:
                with self.database.write() as connection:
                    digest = digest_of_key(connection, self.issuer, key)
                    if digest is None:
                        place = _Positions.read(connection, self.issuer, self.random_below).draw()
                        entry = entry_at(self.base, self.issuer, place)
                        unsigned = {**prepared, "credentialStatus": status_of(entry)}
                        digest = self._sign_and_store(
                            connection, programme, unsigned, place, key, signing, thorough=True
                        )
                        self._record(connection, Action.ISSUED, count=1, programme=to_hex(programme.digest))
                return self.credential(digest)
            except IntegrityError:
                continue
        raise InstitutionRefused("POSITIONS_CONTENDED", "other writers keep drawing the same status positions")

    # --- status ---

    def revoke(self, digest: Digest) -> bool:
        """Revoke for good. False where it is revoked already."""
        return self._change(digest, EntryKind.REVOKED)

    def suspend(self, digest: Digest) -> bool:
        return self._change(digest, EntryKind.SUSPENDED)

    def reinstate(self, digest: Digest) -> bool:
        return self._change(digest, EntryKind.REINSTATED)

    def _change(self, digest: Digest, kind: EntryKind) -> bool:
        with self.database.write() as connection:
            place = self._place(connection, digest)
            made = credentials.status_changes(connection, self.issuer, place)
            if not _moves(made, kind):
                return False
            self._enqueue_change(connection, place, kind, len(made))
            self._record(connection, Action[kind.name])
        return True

    def _place(self, connection: Connection, digest: Digest) -> int:
        place = credentials.position_of(connection, self.issuer, digest)
        if place is None:
            raise InstitutionRefused("CREDENTIAL_UNKNOWN", "this node has no such credential of the institution")
        return place

    def _enqueue_change(self, connection: Connection, place: int, kind: EntryKind, count: int) -> None:
        # The count of changes before it makes the key: a repeated suspension is new, a repeated click is not.
        key = f"status:{place}:{count}"
        queue.enqueue_status(connection, self.issuer, kind, place, key=key, now=self.clock())

    # --- correction ---

    def correct(self, digest: Digest, programme: Programme, *, result: str) -> Digest:
        """A corrected credential with the same id and a newer validFrom; the old file is replaced and revoked."""
        old = json.loads(self.credential(digest))
        parsed = parse_credential(old)
        if parsed.programme != programme.digest:  # it would be revoked for a credential that nobody recognises
            raise InstitutionRefused("PROGRAMME_MISMATCH", "the credential was issued under another programme version")
        signing = self._signing()
        with self.database.write() as connection:
            place = self._place(connection, digest)
            made = credentials.status_changes(connection, self.issuer, place)
            if EntryKind.REVOKED in made:
                raise InstitutionRefused("CREDENTIAL_REVOKED", "a revoked credential cannot be corrected")
            positions = _Positions.read(connection, self.issuer, self.random_below)
            new_place = positions.draw()
            try:
                unsigned = corrected_credential(
                    old,
                    programme,
                    result=result,
                    status=entry_at(self.base, self.issuer, new_place),
                    valid_from=max(self.clock(), parsed.valid_from + 1),
                )
            except AwardRefused as error:
                raise InstitutionRefused(error.code, f"{error.field}: {error.expected} expected") from error
            key = f"correct:{digest.hex()}"
            new = self._sign_and_store(connection, programme, unsigned, new_place, key, signing, thorough=True)
            self._enqueue_change(connection, place, EntryKind.REPLACED, len(made))
            self._enqueue_change(connection, place, EntryKind.REVOKED, len(made) + 1)
            self._record(connection, Action.CORRECTED, programme=to_hex(programme.digest))
        return new

    # --- reading ---

    def credential(self, digest: Digest) -> bytes:
        """The signed credential's bytes."""
        with self.database.read() as connection:
            sealed = credentials.read_credential(connection, self.issuer, digest)
        if sealed is None:
            raise InstitutionRefused("CREDENTIAL_UNKNOWN", "this node has no such credential of the institution")
        return self.vault.open(sealed)

    def receipt(self, digest: Digest) -> Receipt | None:
        """The anchor receipt, None while the credential is on no confirmed checkpoint."""
        with self.database.read() as connection:
            return load_receipt(connection, self.issuer, digest)


@dataclass
class _Positions:
    """Status positions still free, drawn at random list by list; a list is left when half of it is used."""

    used: set[int]
    list_number: int
    random_below: Callable[[int], int]
    drawn: int = 0

    @classmethod
    def read(cls, connection: Connection, issuer: IssuerId, random_below: Callable[[int], int]) -> "_Positions":
        highest = credentials.highest_position(connection, issuer)
        number = 0 if highest is None else highest // POSITIONS_PER_LIST
        first = number * POSITIONS_PER_LIST
        used = credentials.used_positions(connection, issuer, first, first + POSITIONS_PER_LIST - 1)
        return cls(used, number, random_below)

    def draw(self) -> int:
        try:
            place = draw_position(self.list_number, self.used, self.random_below)
        except ListFull:
            self.list_number, self.used = self.list_number + 1, set()
            place = draw_position(self.list_number, self.used, self.random_below)
        self.used.add(place)
        self.drawn += 1
        return place


def _moves(made: list[EntryKind], kind: EntryKind) -> bool:
    """Whether the change would move a bit, given those made or queued before."""
    if EntryKind.REVOKED in made:
        if kind is EntryKind.REVOKED:
            return False
        raise InstitutionRefused("CREDENTIAL_REVOKED", "a revoked credential stays revoked")
    if kind is EntryKind.REVOKED:
        return True
    suspensions = [change for change in made if change in (EntryKind.SUSPENDED, EntryKind.REINSTATED)]
    suspended = bool(suspensions) and suspensions[-1] is EntryKind.SUSPENDED
    return suspended is not (kind is EntryKind.SUSPENDED)


def _recheck(unsigned: Mapping[str, Any]) -> None:
    if canonical_nquads(unsigned) != canonical_nquads_slow(unsigned):
        raise RuntimeError("the fast and the slow canonical form differ: nothing may be signed")


def _file(signed: Mapping[str, Any]) -> bytes:
    return (json.dumps(signed, ensure_ascii=False, indent=2) + "\n").encode()
