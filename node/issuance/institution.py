"""Act for an institution's staff: issue a cohort, revoke, suspend, reinstate, correct. Nothing here touches the chain.

Invariants: each act is one database transaction. So the sealed credential, its status position and its queue item are stored
together or not at all. A revocation and its bit in the published list are stored together, so the first answer after it
shows it. Each item is queued under a key of its own, so the same file or the same click twice does nothing
twice. A signature is checked by our verifier before it is stored. The slow canonical path checks it too for the first
credential of a batch and one in a hundred after it. The write path anchors the queued items.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.node.custody.key_ring import SigningKey
from acredita.node.issuance.cohort_run import issue_cohort, preview_cohort
from acredita.node.issuance.context import MAX_QUEUED, InstitutionRefused, IssuanceContext
from acredita.node.issuance.judgement import Judgement, RowOutcome, RowReport
from acredita.node.issuance.sign_credential import CredentialSigner, SchemaBrokenError
from acredita.node.issuance.signing_pool import SigningPool
from acredita.node.issuance.status_positions import StatusPositions, begin_lists
from acredita.node.storage import credentials, queue
from acredita.node.storage.receipts import load_receipt
from acredita.node.storage.refused import FOR_GOOD
from acredita.node.storage.trail import Action
from acredita.node.storage.vc_api_status import digest_of_key
from acredita.registry.codes import Code
from acredita.registry.credentials.build import AwardRefused, corrected_credential, status_of
from acredita.registry.credentials.cohort_rows import Rows
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
    """An institution of this node and the acts of its staff, each act in one transaction."""

    context: IssuanceContext

    @property
    def issuer(self) -> IssuerId:
        """The issuer id of its DID."""
        return self.context.issuer

    @property
    def did(self) -> str:
        """The DID that issues its credentials."""
        return self.context.did

    @property
    def name(self) -> str:
        """The name its credentials give to the issuer."""
        return self.context.name

    def acting(self, actor: str) -> "Institution":
        """Return the same institution with another actor, as the audit trail names them."""
        return replace(self, context=replace(self.context, actor=actor))

    # --- issuing ---

    def issue(
        self,
        programme: Programme,
        rows: Rows,
        *,
        label: str | None = None,
        pool: SigningPool | None = None,
        on_judged: Callable[[Judgement], None] = lambda judgement: None,
    ) -> Iterator[RowReport]:
        """Issue a cohort row by row. Raises CohortRefused for a file that cannot be used, before any of it is issued.

        `label`: rows issued before are issued again, each once under this label. `pool`: where the rows are signed, in
        this process where absent. `on_judged` is called with the judgement before anything is issued.
        """
        return issue_cohort(self.context, pool or SigningPool(programme), rows, label, on_judged)

    def preview(self, programme: Programme, rows: Rows, *, label: str | None = None) -> Iterator[RowReport]:
        """Report for each row what `issue` would answer: new, known or refused. Nothing is signed or stored."""
        return preview_cohort(self.context, programme, rows, label)

    def _sign_and_store(
        self,
        connection: Connection,
        programme: Programme,
        unsigned: Mapping[str, Any],
        status_position: int,
        key: str,
        signer: CredentialSigner,
    ) -> Digest:
        """Sign, verify, seal, store and queue a document, in the caller's transaction."""
        now = self.context.clock()
        try:
            digest, content = signer.sign(unsigned, now, thorough=True)
        except SchemaBrokenError as error:
            raise InstitutionRefused(Code.SCHEMA_INVALID, str(error)) from error
        sealed = self.context.vault.seal(digest, programme.digest, content)
        credentials.insert_credential(connection, self.issuer, sealed, status_position, now=now)
        queue.enqueue_issued(connection, self.issuer, digest, programme.digest, key=key, now=now)
        return digest

    def issue_document(self, programme: Programme, prepared: Mapping[str, Any]) -> bytes:
        """Sign, store and queue a credential that somebody else prepared, without status and proof.

        Its id and all its claims stay as they came; the same content a second time gives the same credential. Raises
        ProfileRefused if our own reader refuses it, and InstitutionRefused if it is not this institution's, not the
        programme's, or breaks the profile's schema.
        """
        if prepared.get("issuer", {}).get("id") != self.did:
            raise InstitutionRefused(Code.ISSUER_NOT_OF_PROFILE, "the issuer is another one")
        if prepared["credentialSubject"].get("achievement") != achievement_of(programme):
            raise InstitutionRefused(
                Code.ACHIEVEMENT_NOT_APPROVED, "the achievement is not the one the programme builds"
            )
        for _ in range(DRAWS):
            signer = self.context.credential_signer()
            try:
                with self.context.database.write() as connection:
                    key = self._document_key(connection, jcs_digest(prepared))
                    digest = digest_of_key(connection, self.issuer, key)
                    if digest is None:
                        position = self._draw(connection)
                        entry = entry_at(self.context.base, self.issuer, position)
                        unsigned = {**prepared, "credentialStatus": status_of(entry)}
                        digest = self._sign_and_store(connection, programme, unsigned, position, key, signer)
                        self.context.record(connection, Action.ISSUED, count=1, programme=to_hex(programme.digest))
                return self.credential(digest)
            except IntegrityError:
                continue
        raise InstitutionRefused(Code.POSITIONS_CONTENDED, "other writers keep drawing the same status positions")

    def _draw(self, connection: Connection) -> int:
        """Draw a status position of the list that is under our address."""
        context = self.context
        position = StatusPositions.read(connection, self.issuer, context.base, context.random_below).draw()
        begin_lists(connection, self.issuer, context.base, [position])
        return position

    def _document_key(self, connection: Connection, content: Digest) -> str:
        """Return the key of a content: a new one if the credential issued under the last will never be anchored."""
        key, times = f"document:{content.hex()}", 1
        while (item := queue.item_status(connection, self.issuer, key)) is not None and item.reason_code in FOR_GOOD:
            times += 1
            key = f"document:{content.hex()}:{times}"
        return key

    # --- status ---

    def revoke(self, digest: Digest) -> bool:
        """Revoke for good. Return False if the credential is revoked already."""
        return self._change(digest, EntryKind.REVOKED)

    def suspend(self, digest: Digest) -> bool:
        """Suspend until reinstated. Return False if the credential is suspended already."""
        return self._change(digest, EntryKind.SUSPENDED)

    def reinstate(self, digest: Digest) -> bool:
        """End a suspension. Return False if the credential is not suspended."""
        return self._change(digest, EntryKind.REINSTATED)

    def _change(self, digest: Digest, kind: EntryKind) -> bool:
        list_key = self._list_key() if kind is EntryKind.REVOKED else None
        with self.context.database.write() as connection:
            position = self._status_position(connection, digest)
            earlier = credentials.status_changes(connection, self.issuer, position)
            if not _moves_a_bit(earlier, kind):
                return False
            self._enqueue_change(connection, position, kind, len(earlier))
            self._show_revoked(connection, position, list_key)
            self.context.record(connection, Action[kind.name])
        return True

    def _list_key(self) -> SigningKey | None:
        """Return the key for the status list. Called before a transaction, because it may ask the ledger."""
        return self.context.lists.key_in_force(self.issuer)

    def _show_revoked(self, connection: Connection, position: int, key: SigningKey | None) -> None:
        if key is not None:
            self.context.lists.show_revoked(connection, self.issuer, position, key)

    def _status_position(self, connection: Connection, digest: Digest) -> int:
        position = credentials.position_of(connection, self.issuer, digest)
        if position is None:
            raise InstitutionRefused(Code.CREDENTIAL_UNKNOWN, "this node has no such credential of the institution")
        return position

    def _enqueue_change(self, connection: Connection, position: int, kind: EntryKind, earlier: int) -> None:
        # The number of earlier changes is part of the key: a repeated suspension is new, a repeated click is not.
        key = f"status:{position}:{earlier}"
        queue.enqueue_status(connection, self.issuer, kind, position, key=key, now=self.context.clock())

    # --- correction ---

    def correct(self, digest: Digest, programme: Programme, *, result: str) -> Digest:
        """Issue a corrected credential with the same id and a newer validFrom. The old one is replaced and revoked."""
        old = json.loads(self.credential(digest))
        parsed = parse_credential(old)
        if parsed.programme != programme.digest:  # it would be revoked for a credential that nobody recognises
            raise InstitutionRefused(
                Code.PROGRAMME_MISMATCH, "the credential was issued under another programme version"
            )
        signer, list_key = self.context.credential_signer(), self._list_key()
        with self.context.database.write() as connection:
            position = self._status_position(connection, digest)
            earlier = credentials.status_changes(connection, self.issuer, position)
            if EntryKind.REVOKED in earlier:
                raise InstitutionRefused(Code.CREDENTIAL_REVOKED, "a revoked credential cannot be corrected")
            new_position = self._draw(connection)
            try:
                unsigned = corrected_credential(
                    old,
                    programme,
                    result=result,
                    status=entry_at(self.context.base, self.issuer, new_position),
                    valid_from=max(self.context.clock(), parsed.valid_from + 1),
                )
            except AwardRefused as error:
                raise InstitutionRefused(error.code, f"{error.field}: {error.expected} expected") from error
            key = f"correct:{digest.hex()}"
            new = self._sign_and_store(connection, programme, unsigned, new_position, key, signer)
            self._enqueue_change(connection, position, EntryKind.REPLACED, len(earlier))
            self._enqueue_change(connection, position, EntryKind.REVOKED, len(earlier) + 1)
            self._show_revoked(connection, position, list_key)
            self.context.record(connection, Action.CORRECTED, programme=to_hex(programme.digest))
        return new

    # --- reading ---

    def credential(self, digest: Digest) -> bytes:
        """Return the signed credential's bytes."""
        with self.context.database.read() as connection:
            sealed = credentials.read_credential(connection, self.issuer, digest)
        if sealed is None:
            raise InstitutionRefused(Code.CREDENTIAL_UNKNOWN, "this node has no such credential of the institution")
        return self.context.vault.open(sealed)

    def receipt(self, digest: Digest) -> Receipt | None:
        """Return the anchor receipt, or None while no confirmed checkpoint covers the credential."""
        with self.context.database.read() as connection:
            return load_receipt(connection, self.issuer, digest)


def _moves_a_bit(earlier: list[EntryKind], kind: EntryKind) -> bool:
    """Decide whether a change would move a bit, after the changes made or queued before it."""
    if EntryKind.REVOKED in earlier:
        if kind is EntryKind.REVOKED:
            return False
        raise InstitutionRefused(Code.CREDENTIAL_REVOKED, "a revoked credential stays revoked")
    if kind is EntryKind.REVOKED:
        return True
    suspensions = [change for change in earlier if change in (EntryKind.SUSPENDED, EntryKind.REINSTATED)]
    suspended = bool(suspensions) and suspensions[-1] is EntryKind.SUSPENDED
    return suspended is not (kind is EntryKind.SUSPENDED)
