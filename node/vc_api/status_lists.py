"""Keep the status lists of signing profiles of policy `any`: positions drawn for credentials, bits set and cleared.

A position is stored before the credential that names it is given away. A list is signed and stored in the transaction that
changes it, so that of two changes at once both count and none is undone. The credential itself is not stored: of its id
there is a digest, by which its position is found again.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from acredita.anchoring.types import Digest
from acredita.contracts.coded_error import CodedError
from acredita.node.runtime.signing_profiles import SigningProfile
from acredita.node.storage import status_lists, vc_api_status
from acredita.node.storage.credentials import highest_position, used_positions
from acredita.node.storage.database import Database
from acredita.node.storage.status_lists import MILLISECONDS, StoredList
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import (
    StatusListFullError,
    bit_of,
    bitstring,
    build_status_list,
    decode_list,
    draw_position,
    encode_list,
    is_set,
)
from acredita.registry.credentials.status_position import LIST_BITS, list_url, parse_list_url, position
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

PURPOSES: Final = ("revocation", "suspension")
DRAWS: Final = 5
CREDENTIAL_ID_DOMAIN: Final = b"acredita/credential-id/1"


class SigningRefused(CodedError[Code]):
    """An act that the profile does not do. Nothing was changed."""

    def __init__(self, code: Code, message: str, pointer: str = "") -> None:
        super().__init__(code, message)
        self.pointer = pointer


@dataclass(frozen=True)
class StatusChange:
    """A bit to set or to clear: by the credential's id, or by the status position that its entry names."""

    purpose: str
    value: bool
    credential_id: str | None = None
    list_url: str | None = None
    index: int | None = None


@dataclass(frozen=True)
class ProfileStatusLists:
    """The status lists of a node's `any` profiles. `base`: the address under which it serves `/status/…`."""

    database: Database
    base: str
    clock: Callable[[], int]
    random_below: Callable[[int], int] = secrets.randbelow

    def entries(self, profile: SigningProfile, credential_id: str | None) -> list[dict[str, str]]:
        """Draw a position for a credential and return an entry for each purpose of the profile."""
        status_position = self._draw(profile, credential_id)
        return [self._entry(profile, status_position, purpose) for purpose in profile.status]

    def change(self, profile: SigningProfile, change: StatusChange) -> bool:
        """Set or clear a bit. Returns False if it was so already. Raises SigningRefused: a revocation is final."""
        if change.purpose not in profile.status:
            raise SigningRefused(Code.STATUS_ENTRY_UNKNOWN, "the profile keeps no list of this purpose")
        if change.purpose == "revocation" and not change.value:
            raise SigningRefused(Code.STATUS_FINAL, "a revocation is final")
        with self.database.write() as connection:
            positions = self._positions(connection, profile, change)
            moved = [self._change_bit(connection, profile, status_position, change) for status_position in positions]
        return any(moved)

    def bit(self, url: str, index: int, purpose: str) -> bool | None:
        """Return the bit of a list that this node publishes, None if it publishes none of this address.

        Raises IndexError for an index beyond the list, StatusListRefused if the list is of another purpose.
        """
        try:
            owner, number = parse_list_url(url)
        except ValueError:
            return None
        with self.database.read() as connection:
            stored = status_lists.read_list(connection, owner, number)
        document = None if stored is None else json.loads(stored.document)
        if document is None or document["id"] != url:  # a list keeps the address it was begun under
            return None
        return bit_of(document["credentialSubject"], index, purpose)

    def _entry(self, profile: SigningProfile, status_position: int, purpose: str) -> dict[str, str]:
        number, index = divmod(status_position, LIST_BITS)
        url = self._url(profile, number, purpose)
        return {
            "id": f"{url}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(index),
            "statusListCredential": url,
        }

    def _draw(self, profile: SigningProfile, credential_id: str | None) -> int:
        digest = None if credential_id is None else _hashed(credential_id)
        for _ in range(DRAWS):
            try:
                with self.database.write() as connection:
                    status_position = self._free(connection, profile)
                    vc_api_status.keep_position(connection, profile.list_owner, status_position, digest)
                    self._open_lists(connection, profile, status_position // LIST_BITS)
                return status_position
            except IntegrityError:
                continue  # another writer drew it, or opened the list: look again
        raise SigningRefused(Code.POSITIONS_CONTENDED, "other writers keep drawing the same status positions")

    def _free(self, connection: Connection, profile: SigningProfile) -> int:
        """Draw a position of the newest list; of the next, if the newest was begun under another address."""
        owner = profile.list_owner
        highest = highest_position(connection, owner)
        number = 0 if highest is None else highest // LIST_BITS
        listed = _list_number(number, profile.status[0])
        stored = status_lists.read_list(connection, owner, listed)
        if stored is not None and json.loads(stored.document)["id"] != list_url(self.base, owner, listed):
            return draw_position(number + 1, set(), self.random_below)
        used = used_positions(connection, owner, position(number, 0), position(number + 1, 0) - 1)
        try:
            return draw_position(number, used, self.random_below)
        except StatusListFullError:
            return draw_position(number + 1, set(), self.random_below)

    def _open_lists(self, connection: Connection, profile: SigningProfile, number: int) -> None:
        for purpose in profile.status:
            listed = _list_number(number, purpose)
            if status_lists.read_list(connection, profile.list_owner, listed, to_replace=True) is None:
                self._publish(connection, profile, number, purpose, bitstring(()), None)

    def _positions(self, connection: Connection, profile: SigningProfile, change: StatusChange) -> Sequence[int]:
        if change.list_url is not None and change.index is not None:
            status_position = self._position_of(profile, change.list_url, change.index, change.purpose)
            known = status_position is not None and vc_api_status.is_drawn(
                connection, profile.list_owner, status_position
            )
            positions = [status_position] if known and status_position is not None else []
        elif change.credential_id is not None:
            positions = vc_api_status.positions_of(connection, profile.list_owner, _hashed(change.credential_id))
        else:
            positions = []
        if not positions:
            raise SigningRefused(Code.STATUS_ENTRY_UNKNOWN, "this node keeps no such status entry")
        return positions

    def _position_of(self, profile: SigningProfile, url: str, index: int, purpose: str) -> int | None:
        try:
            owner, listed = parse_list_url(url)
        except ValueError:
            return None
        number = listed // len(PURPOSES)
        fits = owner == profile.list_owner and listed == _list_number(number, purpose) and index < LIST_BITS
        return position(number, index) if fits else None

    def _change_bit(
        self, connection: Connection, profile: SigningProfile, status_position: int, change: StatusChange
    ) -> bool:
        number, index = divmod(status_position, LIST_BITS)
        listed = _list_number(number, change.purpose)
        stored = status_lists.read_list(connection, profile.list_owner, listed, to_replace=True)
        if stored is None:
            raise SigningRefused(Code.STATUS_ENTRY_UNKNOWN, "this node keeps no such status entry")
        bits = bytearray(decode_list(json.loads(stored.document)["credentialSubject"]["encodedList"]))
        if is_set(bytes(bits), index) is change.value:
            return False
        bits[index >> 3] ^= 0x80 >> (index & 7)
        self._publish(connection, profile, number, change.purpose, bytes(bits), stored)
        return True

    def _publish(
        self,
        connection: Connection,
        profile: SigningProfile,
        number: int,
        purpose: str,
        bits: bytes,
        stored: StoredList | None,
    ) -> None:
        """Sign and store a list in place of the stored one, None for its first time."""
        version = status_lists.next_version(stored, self.clock())
        url = self._url(profile, number, purpose) if stored is None else json.loads(stored.document)["id"]
        document = self._list(profile, url, purpose, bits, version)
        listed = _list_number(number, purpose)
        status_lists.swap_list(connection, profile.list_owner, listed, document, version=version, stored=stored)

    def _list(self, profile: SigningProfile, url: str, purpose: str, bits: bytes, version: int) -> bytes:
        now, milliseconds = divmod(version, MILLISECONDS)
        document = build_status_list(url=url, issuer=profile.did, revoked=(), issued=now, milliseconds=milliseconds)
        document["credentialSubject"] |= {"statusPurpose": purpose, "encodedList": encode_list(bits)}
        signed = add_proof(
            document,
            ProofOptions(profile.list_cryptosuite, profile.verification_method, datetime.fromtimestamp(now, UTC)),
            profile.signer,
        )
        return json.dumps(signed, ensure_ascii=False).encode()

    def _url(self, profile: SigningProfile, number: int, purpose: str) -> str:
        return list_url(self.base, profile.list_owner, _list_number(number, purpose))


def _list_number(number: int, purpose: str) -> int:
    """Return the number of the list of a purpose: revocations even, suspensions odd, for the same positions."""
    return number * len(PURPOSES) + PURPOSES.index(purpose)


def _hashed(credential_id: str) -> Digest:
    """Return the digest of a credential's id, by which its position is found again."""
    return Digest(hashlib.sha256(CREDENTIAL_ID_DOMAIN + credential_id.encode()).digest())
