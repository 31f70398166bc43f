"""Issuing by a signing profile of policy `any`, and the status of what it issued.

What the caller sends stays as it is, contexts in their order; a proof and, if the profile says so, status entries are
added. A status place is stored before the credential that names it is given away; a list is signed and stored in the
transaction that changes it, so two changes at once both count and none is rolled back. The credential itself is not kept.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from acredita.anchoring.types import Digest, IssuerId
from acredita.node.runtime.signing_profiles import JWT, KnownContexts, SigningProfile
from acredita.node.storage import vc_api_status
from acredita.node.storage.credentials import highest_position, used_positions
from acredita.node.storage.database import Database
from acredita.registry.canonicalisation.canonical import canonical_nquads_slow
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2, DATA_INTEGRITY_V2
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import (
    StatusListFullError,
    bitstring,
    build_status_list,
    decode_list,
    draw_position,
    encode_list,
    is_set,
)
from acredita.registry.credentials.status_position import LIST_BITS, list_url, parse_list_url, position
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof, verify_proofs
from acredita.registry.proofs.jose import MEDIA_TYPE, sign_jwt
from acredita.registry.proofs.resolve_key import key_for
from acredita.registry.vcdm.structure import is_first_version, issuer_of
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

PURPOSES: Final = ("revocation", "suspension")
DRAWS: Final = 5
CREDENTIAL_ID_DOMAIN: Final = b"acredita/credential-id/1"


class SigningRefused(Exception):
    """The profile does not do this; nothing was changed. `code` is stable."""

    def __init__(self, code: str, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.pointer = pointer


@dataclass(frozen=True)
class StatusChange:
    """A bit to set or to clear: by the credential's id, or by the place its entry names."""

    purpose: str
    value: bool
    credential_id: str | None = None
    list_url: str | None = None
    index: int | None = None


@dataclass(frozen=True)
class SigningDesk:
    """Signs for `any` profiles of a node. `base`: the address under which it serves `/status/…`."""

    database: Database
    base: str
    known: KnownContexts
    clock: Callable[[], int]
    random_below: Callable[[int], int] = secrets.randbelow

    def issue(self, profile: SigningProfile, credential: Mapping[str, Any], name: str | None = None) -> dict[str, Any]:
        """The secured credential. CanonicalFormRefused where safe mode refuses it, JcsRefused where it has no JCS form.

        `name`: what the caller will call it when its status changes, where that is not its `id`.
        """
        if not profile.relaxed and issuer_of(credential) != profile.did:
            raise SigningRefused(Code.ISSUER_NOT_OF_PROFILE, "the profile signs for its own DID", "/issuer")
        # Safe mode whatever the cryptosuite: a term that means nothing would be signed by JCS and JOSE alike.
        canonical_nquads_slow(_unsecured(credential), contexts=self.known.contexts)
        return self._secured(profile, self._with_status(profile, credential, name))

    def change(self, profile: SigningProfile, change: StatusChange) -> bool:
        """Set or clear a bit; False where it was so already. Revocations are final."""
        if change.purpose not in profile.status:
            raise SigningRefused(Code.STATUS_ENTRY_UNKNOWN, "the profile keeps no list of this purpose")
        if change.purpose == "revocation" and not change.value:
            raise SigningRefused(Code.STATUS_FINAL, "a revocation is final")
        with self.database.write() as connection:
            places = self._places(connection, profile, change)
            moved = [self._change_bit(connection, profile, place, change) for place in places]
        return any(moved)

    def bit(self, url: str, index: int) -> bool | None:
        """The bit of a list this node publishes; None where it publishes none of this address. IndexError beyond it."""
        if not url.startswith(f"{self.base.rstrip('/')}/status/"):
            return None
        try:
            owner, number = parse_list_url(url)
        except ValueError:
            return None
        with self.database.read() as connection:
            stored = vc_api_status.read_list(connection, owner, number)
        if stored is None:
            return None
        if index >= LIST_BITS:
            raise IndexError(index)
        return is_set(decode_list(json.loads(stored)["credentialSubject"]["encodedList"]), index)

    # --- securing ---

    def _secured(self, profile: SigningProfile, credential: dict[str, Any]) -> dict[str, Any]:
        if profile.cryptosuite == JWT:
            token = sign_jwt(credential, signer=profile.signer, verification_method=profile.verification_method)
            envelope = {"@context": CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential"}
            return {**envelope, "id": f"data:application/{MEDIA_TYPE},{token}"}
        signed = add_proof(
            credential,
            ProofOptions(profile.cryptosuite, profile.verification_method, datetime.fromtimestamp(self.clock(), UTC)),
            profile.signer,
            contexts=self.known.contexts,
        )
        own = signed["proof"][-1] if isinstance(signed["proof"], list) else signed["proof"]
        verify_proofs({**signed, "proof": own}, lambda method: key_for(method, {}), contexts=self.known.contexts)
        return signed

    def _with_status(self, profile: SigningProfile, credential: Mapping[str, Any], name: str | None) -> dict[str, Any]:
        """The credential as it will be signed. One that brings a status of its own keeps it and gets no other."""
        found = dict(credential)
        contexts = found["@context"]
        if profile.cryptosuite != JWT and is_first_version(found) and DATA_INTEGRITY_V2 not in contexts:
            found["@context"] = [*contexts, DATA_INTEGRITY_V2]  # VCDM 1.1 does not define DataIntegrityProof
        if not profile.status or "credentialStatus" in found:
            return found
        place = self._draw(profile, name or found.get("id"))
        entries = [self._entry(profile, place, purpose) for purpose in profile.status]
        return {**found, "credentialStatus": entries[0] if len(entries) == 1 else entries}

    def _entry(self, profile: SigningProfile, place: int, purpose: str) -> dict[str, str]:
        number, index = divmod(place, LIST_BITS)
        url = self._url(profile, number, purpose)
        return {
            "id": f"{url}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(index),
            "statusListCredential": url,
        }

    # --- places and lists ---

    def _draw(self, profile: SigningProfile, credential_id: str | None) -> int:
        digest = None if credential_id is None else _hashed(credential_id)
        for _ in range(DRAWS):
            try:
                with self.database.write() as connection:
                    place = self._free(connection, profile.list_owner)
                    vc_api_status.keep_position(connection, profile.list_owner, place, digest)
                    self._open_lists(connection, profile, place // LIST_BITS)
                return place
            except IntegrityError:
                continue  # another writer drew it, or opened the list: look again
        raise SigningRefused(Code.POSITIONS_CONTENDED, "other writers keep drawing the same status positions")

    def _free(self, connection: Connection, owner: IssuerId) -> int:
        highest = highest_position(connection, owner)
        number = 0 if highest is None else highest // LIST_BITS
        used = used_positions(connection, owner, position(number, 0), position(number + 1, 0) - 1)
        try:
            return draw_position(number, used, self.random_below)
        except StatusListFullError:
            return draw_position(number + 1, set(), self.random_below)

    def _open_lists(self, connection: Connection, profile: SigningProfile, number: int) -> None:
        for purpose in profile.status:
            listed = _list_number(number, purpose)
            if vc_api_status.lock_list(connection, profile.list_owner, listed) is None:
                document = self._list(profile, number, purpose, bitstring(()))
                vc_api_status.insert_list(connection, profile.list_owner, listed, document, now=self.clock())

    def _places(self, connection: Connection, profile: SigningProfile, change: StatusChange) -> Sequence[int]:
        if change.list_url is not None and change.index is not None:
            place = self._place_of(profile, change.list_url, change.index, change.purpose)
            known = place is not None and vc_api_status.is_drawn(connection, profile.list_owner, place)
            places = [place] if known and place is not None else []
        elif change.credential_id is not None:
            places = vc_api_status.positions_of(connection, profile.list_owner, _hashed(change.credential_id))
        else:
            places = []
        if not places:
            raise SigningRefused(Code.STATUS_ENTRY_UNKNOWN, "this node keeps no such status entry")
        return places

    def _place_of(self, profile: SigningProfile, url: str, index: int, purpose: str) -> int | None:
        try:
            owner, listed = parse_list_url(url)
        except ValueError:
            return None
        number = listed // len(PURPOSES)
        fits = owner == profile.list_owner and listed == _list_number(number, purpose) and index < LIST_BITS
        return position(number, index) if fits else None

    def _change_bit(self, connection: Connection, profile: SigningProfile, place: int, change: StatusChange) -> bool:
        number, index = divmod(place, LIST_BITS)
        listed = _list_number(number, change.purpose)
        stored = vc_api_status.lock_list(connection, profile.list_owner, listed)
        if stored is None:
            raise SigningRefused(Code.STATUS_ENTRY_UNKNOWN, "this node keeps no such status entry")
        bits = bytearray(decode_list(json.loads(stored)["credentialSubject"]["encodedList"]))
        if is_set(bytes(bits), index) is change.value:
            return False
        bits[index >> 3] ^= 0x80 >> (index & 7)
        document = self._list(profile, number, change.purpose, bytes(bits))
        vc_api_status.replace_list(connection, profile.list_owner, listed, document, now=self.clock())
        return True

    def _list(self, profile: SigningProfile, number: int, purpose: str, bits: bytes) -> bytes:
        now = self.clock()
        url = self._url(profile, number, purpose)
        document = build_status_list(url=url, issuer=profile.did, revoked=(), issued=now)
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
    """Each purpose has a list of its own for the same positions: revocations even, suspensions odd."""
    return number * len(PURPOSES) + PURPOSES.index(purpose)


def _hashed(credential_id: str) -> Digest:
    """What is kept of a credential's id: enough to find its place again."""
    return Digest(hashlib.sha256(CREDENTIAL_ID_DOMAIN + credential_id.encode()).digest())


def _unsecured(credential: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in credential.items() if key != "proof"}
