"""Rotation, retirement and compromise of an institution's keys and accounts.

Everything can be stopped at any line and run again: the key is on disk before the chain hears of it, its statement before
that too, and a key stays `pending` in the keystore until the whole rotation is done, so whoever rotates again goes on with
the same key. A key that is to end signs nothing more before the chain is told. What was signed with it must be anchored
while it holds: as long as something waits, `retire` refuses.

The control account acts here and nowhere else. With a did:key the assertion key is the DID: it can be marked, not followed.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.status import StatusBits
from acredita.anchoring.types import Address, Digest
from acredita.contracts.bindings import IssuerRegistry, KeyPurpose, Refused
from acredita.node.custody.key_ring import KeyUnusable, KnownKey
from acredita.node.ledger.single_operator_acts import CONTROL_REACH_SECONDS, ControlAccount
from acredita.node.publication.public_files import publish
from acredita.node.publication.status_lists import ListPublisher
from acredita.node.publication.trust_folder import write_bytes
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import queue, stored_log, transactions
from acredita.node.storage import refused as waiting
from acredita.node.storage.credentials import read_credential
from acredita.node.storage.database import Database
from acredita.node.storage.queue import ItemState
from acredita.node.storage.trail import OPERATOR, Action, record
from acredita.node.write_path.writer import StatusMemory
from acredita.registry.codes import Code
from acredita.registry.keys.keystore import Algorithm, Key, KeyState, Purpose
from acredita.registry.ledger_facts.histories import Window

ROTATED: Final = (Purpose.ASSERTION, Purpose.NOTE, Purpose.ANCHORING)
_ON_LEDGER: Final = {Purpose.ASSERTION: KeyPurpose.ASSERTION, Purpose.NOTE: KeyPurpose.NOTE}


class RotationRefused(Exception):
    """The act cannot be done now; the message says what to do first. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Rotated:
    """`key` follows; `lists`: status lists signed again; `retire_after` (Unix seconds): the overlap's end."""

    key: str
    identifier: bytes
    since: int
    followed: tuple[str, ...]
    retire_after: int | None
    lists: int


@dataclass(frozen=True)
class Retired:
    """`until`: since when the registry holds it ended."""

    key: str
    identifier: bytes
    until: int
    lists: int


@dataclass(frozen=True)
class Compromised:
    """`put_aside`: signed with the key and not anchored yet; `successor`: the key in force now, None where none is."""

    key: str
    identifier: bytes
    since: int
    put_aside: int
    lists: int
    successor: str | None


@dataclass(frozen=True)
class KeyDesk:
    """Where an institution's keys are added and ended. `folder`: its public documents; `actor` stands in the trail."""

    tenant: Tenant
    control: ControlAccount
    folder: Path
    clock: Callable[[], int]
    actor: str = OPERATOR

    # --- rotation ---

    def rotate(self, purpose: Purpose, *, overlap: int, algorithm: Algorithm | None = None) -> Rotated:
        """A new key of this purpose that is used from now on; those before it hold for `overlap` seconds more."""
        if purpose is Purpose.ASSERTION and self.tenant.institution.did.startswith("did:key:"):
            raise RotationRefused(
                Code.KEY_IS_THE_DID, "a did:key is its key: an institution that rotates has a did:web"
            )
        self._check_control()
        self.tenant.keystore.refresh()
        # 1. On disk, and marked as unfinished, before anybody hears of it.
        key = self._pending(purpose) or self._generate(purpose, algorithm)
        # 2. Its own statement is public before the registry holds its digest. 3. The registry.
        self._register(key)
        since = self.window(key).start
        # 4. What is published is signed by it at once.
        lists = self._sign_lists(purpose)
        # 5. From here on the rotation is done, and the next one makes another key.
        retire_after = self._begin_overlap(key, overlap)
        followed = tuple(earlier.name for earlier in self._in_use(purpose) if earlier.name != key.name)
        identifier = self.tenant.keys.identifier(key)
        self._record(Action.KEY_ADDED, purpose=purpose.value, key="0x" + identifier.hex())
        return Rotated(key.name, identifier, since, followed, retire_after if followed else None, lists)

    def _pending(self, purpose: Purpose) -> Key | None:
        pending = [key for key in self.tenant.keys.family(purpose) if key.state is KeyState.PENDING]
        return pending[-1] if pending else None

    def _generate(self, purpose: Purpose, algorithm: Algorithm | None) -> Key:
        family = self.tenant.keys.family(purpose)
        first, newest = family[0].name, family[-1].name
        number = 1 if newest == first else int(newest.removeprefix(f"{first}-"))
        chosen = algorithm or family[-1].algorithm
        return self.tenant.keystore.generate(f"{first}-{number + 1}", purpose, chosen, state=KeyState.PENDING)

    def _register(self, key: Key) -> None:
        """Add the key where the registry lacks it. A run before this one may have sent the same bytes already."""
        if self._known(key).window is not None:
            return
        try:
            if key.purpose is Purpose.ANCHORING:
                self.control.add_anchoring_account(Address(self.tenant.keys.identifier(key)))
            else:
                signer, purpose = self.tenant.keystore.signer(key.name), _ON_LEDGER[key.purpose]
                statement = self.control.statement(signer, purpose)
                self._keep(f"{statement.digest.hex()}.bin", statement.data)
                self.control.record_key(self.tenant.keys.identifier(key), purpose, statement)
        except Refused:
            if self._known(key).window is None:
                raise

    def _begin_overlap(self, key: Key, overlap: int) -> int:
        end = self.clock() + overlap
        for earlier in self._in_use(key.purpose):
            if earlier.name != key.name and earlier.retire_after is None:
                self.tenant.keystore.mark(earlier.name, state=KeyState.IN_USE, retire_after=end)
        self.tenant.keystore.mark(key.name, state=KeyState.IN_USE)
        return end

    # --- retirement ---

    def due(self) -> list[str]:
        """Keys whose overlap is over, and those that sign no more and that the registry still holds in force."""
        self.tenant.keystore.refresh()
        return [
            known.key.name for purpose in ROTATED for known in self.tenant.keys.known(purpose) if self._is_due(known)
        ]

    def _is_due(self, known: KnownKey) -> bool:
        key, window = known.key, known.window
        if window is None or window.until is not None or window.compromised is not None:
            return False
        overlap_over = key.retire_after is not None and key.retire_after <= self.clock()
        return key.state is KeyState.ENDED or (key.state is KeyState.IN_USE and overlap_over)

    def retire(self, name: str) -> Retired:
        """End a key that another has followed. What it signed and anchored stays good; nothing more is signed with it."""
        self._check_control()
        key = self.key(name)
        window = self.window(key)
        if window.until is None:
            self._check_followed(key)
            self._check_nothing_waits(key)
            # From here on nobody signs with it, so what waits can only become less.
            self._note_ended(key)
            lists = self._sign_lists(key.purpose)
            self._check_nothing_waits(key)
            self._end(key)
            window = self.window(key)
        else:
            self._note_ended(key)
            lists = self._sign_lists(key.purpose)
        self._put_aside(key, Code.KEY_NOT_VALID_NOW, (ItemState.REFUSED,))
        identifier = self.tenant.keys.identifier(key)
        self._record(Action.KEY_ENDED, purpose=key.purpose.value, key="0x" + identifier.hex())
        assert window.until is not None
        return Retired(name, identifier, window.until, lists)

    def _note_ended(self, key: Key) -> None:
        if key.state is not KeyState.COMPROMISED:
            self.tenant.keystore.mark(key.name, state=KeyState.ENDED)

    def _check_followed(self, key: Key) -> None:
        now = self.tenant.keys.ledger.head().time
        others = [known for known in self.tenant.keys.known(key.purpose) if known.key.name != key.name]
        in_force = [k for k in others if k.window and k.window.holds(now) and k.key.state is KeyState.IN_USE]
        if not in_force:
            raise RotationRefused(
                Code.KEY_IS_THE_LAST, f"{key.name}: no other {key.purpose} key is in force; rotate first"
            )

    def _check_nothing_waits(self, key: Key) -> None:
        if key.purpose is Purpose.ASSERTION:
            count = sum(1 for _ in self._signed_in(key, waiting.WAITING))
            if count:
                raise RotationRefused(
                    Code.KEY_STILL_NEEDED, f"{key.name}: {count} credentials signed with it wait for their anchor"
                )
        if key.purpose is Purpose.ANCHORING and self._has_flight(Address(self.tenant.keys.identifier(key))):
            raise RotationRefused(Code.KEY_STILL_NEEDED, f"{key.name}: a transaction of this account is on its way")

    def _end(self, key: Key) -> None:
        identifier = self.tenant.keys.identifier(key)
        try:
            if key.purpose is Purpose.ANCHORING:
                self.control.end_account(Address(identifier), self._act(f"Fin de la cuenta de anclaje {key.name}"))
            else:
                self.control.end_key(identifier)
        except Refused:
            if self.window(key).until is None:
                raise

    # --- compromise ---

    def compromised(self, name: str, since: int, reason: str) -> Compromised:
        """Say that a key was in other hands since a time (Unix seconds). Nothing is signed with it from here on.

        RotationRefused COMPROMISE_TOO_FAR_BACK where only the council may date it so: the key is ended here all the same.
        """
        self._check_control()
        key = self.key(name)
        window, now = self.window(key), max(self.tenant.keys.ledger.head().time, self.clock())
        if since > now:
            raise RotationRefused(Code.TIME_OUT_OF_RANGE, "a compromise is dated no later than now")
        # Before the chain is told: no process signs with it any more.
        self.tenant.keystore.mark(name, state=KeyState.COMPROMISED)
        if window.compromised is None or since < window.compromised:
            if since + CONTROL_REACH_SECONDS < now:
                raise _too_far_back(name)
            self._mark_compromised(key, since, reason)
        return self.after_compromise(name)

    def after_compromise(self, name: str) -> Compromised:
        """What follows from a mark on the ledger, whoever made it: lists by another key, no batch with its signatures."""
        key = self.key(name)
        window = self.window(key)
        if window.compromised is None:
            raise RotationRefused(Code.KEY_NOT_COMPROMISED, f"{name}: the registry has no such mark")
        self.tenant.keystore.mark(name, state=KeyState.COMPROMISED)
        aside = self._put_aside(key, Code.KEY_COMPROMISED, waiting.UNANCHORED)
        successor, lists = self._successor(key.purpose), 0
        if successor is not None:
            lists = self._sign_lists(key.purpose)
        identifier = self.tenant.keys.identifier(key)
        self._record(Action.KEY_COMPROMISED, purpose=key.purpose.value, key="0x" + identifier.hex(), put_aside=aside)
        return Compromised(name, identifier, window.compromised, aside, lists, successor)

    def _mark_compromised(self, key: Key, since: int, reason: str) -> None:
        identifier, act = self.tenant.keys.identifier(key), self._act(f"Clave comprometida {key.name}: {reason}")
        try:
            if key.purpose is Purpose.ANCHORING:
                self.control.account_compromised(Address(identifier), since, act)
            else:
                self.control.key_compromised(identifier, since, act)
        except Refused as refused:
            if refused.code != Code.COMPROMISE_TOO_FAR_BACK:
                raise
            raise _too_far_back(key.name) from refused

    def _put_aside(self, key: Key, code: str, states: tuple[str, ...]) -> int:
        """What it signed and nobody anchored would be anchored too late: it is issued again with another key."""
        if key.purpose is not Purpose.ASSERTION:
            return 0
        digests = list(self._signed_in(key, states))
        with self._database.write() as connection:
            return waiting.put_aside(
                connection, self.tenant.issuer, digests, code=code, reason=f"signed with {key.name}"
            )

    def _successor(self, purpose: Purpose) -> str | None:
        """The key of this purpose in force now."""
        keys = self.tenant.keys
        try:
            if purpose is Purpose.ASSERTION:
                return keys.signing().name
            now = self.tenant.keys.ledger.head().time
            holding = [k for k in keys.known(purpose) if k.window and k.window.holds(now)]
        except KeyUnusable:
            return None
        return holding[-1].key.name if holding else None

    # --- what the acts have in common ---

    def key(self, name: str) -> Key:
        """A key of the keystore that can be rotated."""
        self.tenant.keystore.refresh()
        for purpose in ROTATED:
            for key in self.tenant.keys.family(purpose):
                if key.name == name:
                    return key
        raise RotationRefused(
            Code.KEY_UNKNOWN, f"{name}: no assertion or note key and no anchoring account of this name"
        )

    @property
    def _database(self) -> Database:
        return self.tenant.institution.database

    def _check_control(self) -> None:
        registry = IssuerRegistry(self.control.contracts.issuer_registry)
        found = self.tenant.keys.ledger.read(registry.control_of(self.tenant.issuer))
        if found != self.control.control.address:
            raise RotationRefused(
                Code.CONTROL_NOT_OURS,
                f"the registry's control account is 0x{found.hex()}, this one 0x{self.control.control.address.hex()}",
            )

    def _in_use(self, purpose: Purpose) -> list[Key]:
        return [key for key in self.tenant.keys.family(purpose) if key.state is KeyState.IN_USE]

    def _known(self, key: Key) -> KnownKey:
        return next(known for known in self.tenant.keys.known(key.purpose) if known.key.name == key.name)

    def window(self, key: Key) -> Window:
        """What the registry says of a key now."""
        window = self._known(key).window
        if window is None:
            raise RotationRefused(
                Code.KEY_NOT_REGISTERED, f"{key.name}: not in the registry; `keys rotate` goes on with it"
            )
        return window

    def _sign_lists(self, purpose: Purpose) -> int:
        """Lists by another key than the one in force are signed again and published."""
        publisher = self.tenant.writer.publisher
        if purpose is not Purpose.ASSERTION or not isinstance(publisher, ListPublisher):
            return 0
        lists = publisher.sign_again(self.tenant.issuer, self._bits())
        publish(self._database, self.folder)
        return lists

    def _bits(self) -> StatusBits:
        """Every bit that was anchored or waits: a list signed now may hide none that no list could show before."""
        with self._database.read() as connection:
            newest = stored_log.newest_confirmed(connection, self.tenant.issuer)
            if newest is None:
                return StatusBits()
            bits = StatusMemory().at(connection, self.tenant.issuer, newest)
            bits.replay(queue.queued_status(connection, self.tenant.issuer))
        return bits

    def _signed_in(self, key: Key, states: tuple[str, ...]) -> Iterator[Digest]:
        """Credentials signed with a key whose entries are in these states."""
        method = self.tenant.keys.signing_key(key).verification_method
        staff = self.tenant.institution
        with self._database.read() as connection:
            digests = list(waiting.waiting(connection, staff.issuer, states))
        for digest in digests:
            with self._database.read() as connection:
                sealed = read_credential(connection, staff.issuer, digest)
            if sealed is not None and json.loads(staff.vault.open(sealed))["proof"]["verificationMethod"] == method:
                yield digest

    def _has_flight(self, account: Address) -> bool:
        with self._database.read() as connection:
            flights = transactions.unsettled(connection, self.tenant.issuer)
        return any(flight.transaction.sender == account for flight in flights)

    def _act(self, text: str) -> bytes:
        """A legal act's digest; its text is kept among the public documents."""
        content = f"{text} · {self.clock()}".encode()
        digest = hashlib.sha256(content).digest()
        self._keep(f"{digest.hex()}.txt", content)
        return digest

    def _keep(self, name: str, content: bytes) -> None:
        write_bytes(self.folder / "documents" / name, content)

    def _record(self, action: Action, **detail: int | str) -> None:
        with self._database.write() as connection:
            record(connection, self.tenant.issuer, self.actor, action, now=self.clock(), **detail)


def _too_far_back(name: str) -> RotationRefused:
    return RotationRefused(
        Code.COMPROMISE_TOO_FAR_BACK,
        f"{name}: a control account dates a compromise 72 hours back at most; further back is for the council",
    )
