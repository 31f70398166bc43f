"""Hold what rotation, retirement and compromise of an institution's keys have in common.

The control account acts here and nowhere else. A key's statement and the text of a legal act are on disk before the chain
hears of them. With a did:key the assertion key is the DID: it can be marked as compromised, not followed by another.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Address, Digest
from acredita.contracts.bindings import IssuerRegistry
from acredita.contracts.coded_error import CodedError
from acredita.node.custody.key_ring import KeyRing, KnownKey
from acredita.node.ledger.single_operator_acts import ControlAccount
from acredita.node.publication.public_files import publish
from acredita.node.publication.status_lists import ListPublisher
from acredita.node.publication.trust_folder import write_bytes
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import queue, refused, stored_checkpoints
from acredita.node.storage.credentials import read_credential
from acredita.node.storage.database import Database
from acredita.node.storage.trail import OPERATOR, Action, record
from acredita.node.write_path.status_memory import StatusMemory
from acredita.registry.codes import Code
from acredita.registry.keys.keystore import Key, KeyState, KeystorePurpose
from acredita.registry.ledger_facts.histories import ValidityWindow

ROTATED: Final = (KeystorePurpose.ASSERTION, KeystorePurpose.NOTE, KeystorePurpose.ANCHORING)


class KeyChangeRefused(CodedError[Code]):
    """A change of keys that cannot be done now. The message names what to do first."""


@dataclass(frozen=True)
class InstitutionKeys:
    """An institution's keys, and the control account that adds and ends them; None where it is on another machine.

    `folder`: its public documents. `actor`: the name in the trail.
    """

    tenant: Tenant
    control: ControlAccount | None
    folder: Path
    clock: Callable[[], int]
    actor: str = OPERATOR

    @property
    def ring(self) -> KeyRing:
        """The keys of the institution with their windows in the registry."""
        return self.tenant.keys

    @property
    def database(self) -> Database:
        """The database of the node."""
        return self.tenant.database

    def check_control(self) -> None:
        """Raise KeyChangeRefused if a control account is at hand that the registry does not name."""
        if self.control is None:
            return
        registry = IssuerRegistry(self.control.contracts.issuer_registry)
        registered = self.ring.ledger.read(registry.control_of(self.tenant.issuer))
        if not any(registered):
            raise KeyChangeRefused(Code.ISSUER_UNKNOWN, "the registry does not know the institution")
        if registered != self.control.control.address:
            ours = self.control.control.address.hex()
            raise KeyChangeRefused(
                Code.CONTROL_NOT_OURS, f"the registry's control account is 0x{registered.hex()}, this one 0x{ours}"
            )

    def control_for(self, key: Key, command: str) -> ControlAccount:
        """Return the control account. Where it is elsewhere, raise KeyChangeRefused with its `command`, then ours again."""
        if self.control is None:
            raise KeyChangeRefused(
                Code.CONTROL_ELSEWHERE,
                f"{key.name}: the control account does this on its machine, then run this command again: "
                f"acredita institution {command} --did {self.tenant.institution.did}",
            )
        return self.control

    def key(self, name: str) -> Key:
        """Return the key of this name, if it is of a purpose that can be rotated."""
        self.tenant.keystore.refresh()
        for purpose in ROTATED:
            for key in self.ring.family(purpose):
                if key.name == name:
                    return key
        raise KeyChangeRefused(
            Code.KEY_UNKNOWN, f"{name}: no assertion or note key and no anchoring account of this name"
        )

    def in_use(self, purpose: KeystorePurpose) -> list[Key]:
        """Return the keys of this purpose that the keystore marks as in use, the oldest first."""
        return [key for key in self.ring.family(purpose) if key.state is KeyState.IN_USE]

    def known(self, key: Key) -> KnownKey:
        """Return the key with its window in the registry, if it has one."""
        return next(known for known in self.ring.known(key.purpose) if known.key.name == key.name)

    def window(self, key: Key) -> ValidityWindow:
        """Return the key's window as the registry has it now. Raise KeyChangeRefused if it has none."""
        window = self.known(key).window
        if window is None:
            raise KeyChangeRefused(
                Code.KEY_NOT_REGISTERED, f"{key.name}: not in the registry; `keys rotate` goes on with it"
            )
        return window

    def sign_lists(self, purpose: KeystorePurpose) -> int:
        """Sign again and publish the status lists whose key is not the one in force. Return their number."""
        publisher = self.tenant.writer.publisher
        if purpose is not KeystorePurpose.ASSERTION or not isinstance(publisher, ListPublisher):
            return 0
        lists = publisher.sign_again(self.tenant.issuer, self._bits())
        publish(self.database, self.folder)
        return lists

    def _bits(self) -> StatusBits:
        """Return every bit that is anchored or queued, because a new list must show all that an old one showed."""
        with self.database.read() as connection:
            newest = stored_checkpoints.newest_confirmed(connection, self.tenant.issuer)
            if newest is None:
                return StatusBits()
            bits = StatusMemory().at(connection, self.tenant.issuer, newest)
            bits.replay(queue.queued_status(connection, self.tenant.issuer))
        return bits

    def signed_with(self, key: Key, states: tuple[str, ...]) -> Iterator[Digest]:
        """Yield the digests of credentials that this key signed and whose queue items are in these states."""
        method = self.ring.signing_key(key).verification_method
        institution = self.tenant.institution
        with self.database.read() as connection:
            digests = list(refused.digests_in(connection, institution.issuer, states))
        for digest in digests:
            with self.database.read() as connection:
                sealed = read_credential(connection, institution.issuer, digest)
            if sealed is None:
                continue
            if json.loads(institution.context.vault.open(sealed))["proof"]["verificationMethod"] == method:
                yield digest

    def refuse_signed_with(self, key: Key, code: Code, states: tuple[str, ...]) -> int:
        """Refuse queue items signed with this key, because they would be anchored too late. Return their number.

        Their rows are issued again with another key.
        """
        if key.purpose is not KeystorePurpose.ASSERTION:
            return 0
        digests = list(self.signed_with(key, states))
        with self.database.write() as connection:
            return refused.refuse_digests(
                connection, self.tenant.issuer, digests, code=code, reason=f"signed with {key.name}"
            )

    def legal_act(self, text: str) -> bytes:
        """Keep the text of a legal act among the public documents and return its digest."""
        content = f"{text} · {self.clock()}".encode()
        digest = hashlib.sha256(content).digest()
        self.keep_document(f"{digest.hex()}.txt", content)
        return digest

    def keep_document(self, name: str, content: bytes) -> None:
        """Write a file of the public documents."""
        write_bytes(self.folder / "documents" / name, content)

    def record(self, action: Action, key: Key, **detail: int | str) -> None:
        """Record an act on a key in the trail."""
        identifier = "0x" + self.ring.identifier(key).hex()
        with self.database.write() as connection:
            record(
                connection,
                self.tenant.issuer,
                self.actor,
                action,
                now=self.clock(),
                purpose=key.purpose.value,
                key=identifier,
                **detail,
            )

    def account(self, key: Key) -> Address:
        """Return the address of an anchoring key."""
        return Address(self.ring.identifier(key))
