"""What an institution's staff does: issue a cohort, revoke, suspend, reinstate, correct. Nothing here touches the chain.

Each act is one database transaction: the sealed credential, its status position and its place in the queue are stored
together or not at all, and queued under a key of its own, so that the same file or the same click twice does nothing twice.
The write path takes it from there. A signature is checked before it is stored: by our verifier always, and by the slow
canonical path for the first credential of a batch and one in a hundred after it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.node.issuance.cohort_run import Judgement, RowOutcome, RowReport, issue_cohort
from acredita.node.issuance.context import MAX_QUEUED, InstitutionRefused, IssuanceContext
from acredita.node.issuance.sign_credential import Maker, SchemaBrokenError
from acredita.node.issuance.signing_pool import Workshop
from acredita.node.issuance.status_positions import Positions
from acredita.node.storage import credentials, queue
from acredita.node.storage.receipts import load_receipt
from acredita.node.storage.refused import FOR_GOOD
from acredita.node.storage.trail import Action
from acredita.node.storage.vc_api_status import digest_of_key
from acredita.registry.codes import Code
from acredita.registry.credentials.build import AwardRefused, corrected_credential, status_of
from acredita.registry.credentials.cohort_file import Rows
from acredita.registry.credentials.parse import parse_credential
from acredita.registry.credentials.status_position import entry_at
from acredita.registry.json_documents.jcs import jcs_digest
from acredita.registry.programmes.programme import Programme, achievement_of
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

__all__ = ["MAX_QUEUED", "Institution", "InstitutionRefused", "RowOutcome", "RowReport"]

DRAWS: Final = 5  # two writers may draw the same position; the database says so and it is drawn again


@dataclass(frozen=True)
class Institution:
    """What the staff does, each act in one transaction."""

    context: IssuanceContext

    @property
    def issuer(self) -> IssuerId:
        return self.context.issuer

    @property
    def did(self) -> str:
        return self.context.did

    @property
    def name(self) -> str:
        return self.context.name

    def acting(self, actor: str) -> "Institution":
        """The same institution with somebody else at work, as the trail names them."""
        return replace(self, context=replace(self.context, actor=actor))

    # --- issuing ---

    def issue(
        self,
        programme: Programme,
        rows: Rows,
        *,
        again: str | None = None,
        workshop: Workshop | None = None,
        told: Callable[[Judgement], None] = lambda judgement: None,
    ) -> Iterator[RowReport]:
        """Issue a cohort row by row. Raises CohortRefused for a file that cannot be used, before any of it is issued.

        `again`: a label under which rows are issued again that were issued before, each once. `workshop`: where they are
        made, this process where absent.
        """
        if workshop is not None:
            return issue_cohort(self.context, workshop, rows, again, told)
        return issue_cohort(self.context, Workshop(programme), rows, again, told)

    def _sign_and_store(
        self,
        connection: Connection,
        programme: Programme,
        unsigned: Mapping[str, Any],
        place: int,
        key: str,
        maker: Maker,
    ) -> Digest:
        """Sign, verify what was signed, seal, store, queue: in the caller's transaction."""
        now = self.context.clock()
        try:
            digest, content = maker.sign(unsigned, now, thorough=True)
        except SchemaBrokenError as error:
            raise InstitutionRefused(Code.SCHEMA_INVALID, str(error)) from error
        sealed = self.context.vault.seal(digest, programme.digest, content)
        credentials.insert_credential(connection, self.issuer, sealed, place, now=now)
        queue.enqueue_issued(connection, self.issuer, digest, programme.digest, key=key, now=now)
        return digest

    def issue_document(self, programme: Programme, prepared: Mapping[str, Any]) -> bytes:
        """Sign, store and queue a credential that somebody else prepared, without status and proof; idempotent by content.

        The id and everything that is said stay as they came. ProfileRefused where our own reader refuses it,
        InstitutionRefused where it is not this institution's, not the programme's, or breaks the profile's schema.
        """
        if prepared.get("issuer", {}).get("id") != self.did:
            raise InstitutionRefused(Code.ISSUER_NOT_OF_PROFILE, "the issuer is another one")
        if prepared["credentialSubject"].get("achievement") != achievement_of(programme):
            raise InstitutionRefused(
                Code.ACHIEVEMENT_NOT_APPROVED, "the achievement is not the one the programme builds"
            )
        for _ in range(DRAWS):
            maker = self.context.maker()
            try:
                with self.context.database.write() as connection:
                    key = self._document_key(connection, jcs_digest(prepared))
                    digest = digest_of_key(connection, self.issuer, key)
                    if digest is None:
                        place = Positions.read(connection, self.issuer, self.context.random_below).draw()
                        entry = entry_at(self.context.base, self.issuer, place)
                        unsigned = {**prepared, "credentialStatus": status_of(entry)}
                        digest = self._sign_and_store(connection, programme, unsigned, place, key, maker)
                        self.context.record(connection, Action.ISSUED, count=1, programme=to_hex(programme.digest))
                return self.credential(digest)
            except IntegrityError:
                continue
        raise InstitutionRefused(Code.POSITIONS_CONTENDED, "other writers keep drawing the same status positions")

    def _document_key(self, connection: Connection, content: Digest) -> str:
        """One key for one content; another where what was issued under it will never be anchored."""
        key, times = f"document:{content.hex()}", 1
        while (found := queue.item_status(connection, self.issuer, key)) is not None and found.reason_code in FOR_GOOD:
            times += 1
            key = f"document:{content.hex()}:{times}"
        return key

    # --- status ---

    def revoke(self, digest: Digest) -> bool:
        """Revoke for good. False where it is revoked already."""
        return self._change(digest, EntryKind.REVOKED)

    def suspend(self, digest: Digest) -> bool:
        return self._change(digest, EntryKind.SUSPENDED)

    def reinstate(self, digest: Digest) -> bool:
        return self._change(digest, EntryKind.REINSTATED)

    def _change(self, digest: Digest, kind: EntryKind) -> bool:
        with self.context.database.write() as connection:
            place = self._place(connection, digest)
            made = credentials.status_changes(connection, self.issuer, place)
            if not _moves(made, kind):
                return False
            self._enqueue_change(connection, place, kind, len(made))
            self.context.record(connection, Action[kind.name])
        return True

    def _place(self, connection: Connection, digest: Digest) -> int:
        place = credentials.position_of(connection, self.issuer, digest)
        if place is None:
            raise InstitutionRefused(Code.CREDENTIAL_UNKNOWN, "this node has no such credential of the institution")
        return place

    def _enqueue_change(self, connection: Connection, place: int, kind: EntryKind, count: int) -> None:
        # The count of changes before it makes the key: a repeated suspension is new, a repeated click is not.
        key = f"status:{place}:{count}"
        queue.enqueue_status(connection, self.issuer, kind, place, key=key, now=self.context.clock())

    # --- correction ---

    def correct(self, digest: Digest, programme: Programme, *, result: str) -> Digest:
        """A corrected credential with the same id and a newer validFrom; the old file is replaced and revoked."""
        old = json.loads(self.credential(digest))
        parsed = parse_credential(old)
        if parsed.programme != programme.digest:  # it would be revoked for a credential that nobody recognises
            raise InstitutionRefused(
                Code.PROGRAMME_MISMATCH, "the credential was issued under another programme version"
            )
        maker = self.context.maker()
        with self.context.database.write() as connection:
            place = self._place(connection, digest)
            made = credentials.status_changes(connection, self.issuer, place)
            if EntryKind.REVOKED in made:
                raise InstitutionRefused(Code.CREDENTIAL_REVOKED, "a revoked credential cannot be corrected")
            positions = Positions.read(connection, self.issuer, self.context.random_below)
            new_place = positions.draw()
            try:
                unsigned = corrected_credential(
                    old,
                    programme,
                    result=result,
                    status=entry_at(self.context.base, self.issuer, new_place),
                    valid_from=max(self.context.clock(), parsed.valid_from + 1),
                )
            except AwardRefused as error:
                raise InstitutionRefused(error.code, f"{error.field}: {error.expected} expected") from error
            key = f"correct:{digest.hex()}"
            new = self._sign_and_store(connection, programme, unsigned, new_place, key, maker)
            self._enqueue_change(connection, place, EntryKind.REPLACED, len(made))
            self._enqueue_change(connection, place, EntryKind.REVOKED, len(made) + 1)
            self.context.record(connection, Action.CORRECTED, programme=to_hex(programme.digest))
        return new

    # --- reading ---

    def credential(self, digest: Digest) -> bytes:
        """The signed credential's bytes."""
        with self.context.database.read() as connection:
            sealed = credentials.read_credential(connection, self.issuer, digest)
        if sealed is None:
            raise InstitutionRefused(Code.CREDENTIAL_UNKNOWN, "this node has no such credential of the institution")
        return self.context.vault.open(sealed)

    def receipt(self, digest: Digest) -> Receipt | None:
        """The anchor receipt, None while the credential is on no confirmed checkpoint."""
        with self.context.database.read() as connection:
            return load_receipt(connection, self.issuer, digest)


def _moves(made: list[EntryKind], kind: EntryKind) -> bool:
    """Whether the change would move a bit, given those made or queued before."""
    if EntryKind.REVOKED in made:
        if kind is EntryKind.REVOKED:
            return False
        raise InstitutionRefused(Code.CREDENTIAL_REVOKED, "a revoked credential stays revoked")
    if kind is EntryKind.REVOKED:
        return True
    suspensions = [change for change in made if change in (EntryKind.SUSPENDED, EntryKind.REINSTATED)]
    suspended = bool(suspensions) and suspensions[-1] is EntryKind.SUSPENDED
    return suspended is not (kind is EntryKind.SUSPENDED)
