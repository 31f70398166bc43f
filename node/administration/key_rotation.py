"""Rotate a key of an institution: add its successor and let both hold for an overlap.

A rotation can be stopped at any line and run again. The key is on disk before the chain hears of it, and so is its
statement. The key stays `pending` in the keystore until the rotation is complete, so that the next run uses the same key.
"""

from dataclasses import dataclass
from typing import Final

from acredita.contracts.bindings import ContractRefused, KeyPurpose
from acredita.node.administration.institution_keys import InstitutionKeys, KeyChangeRefused
from acredita.node.storage.trail import Action
from acredita.registry.codes import Code
from acredita.registry.keys.keystore import Key, KeyAlgorithm, KeyState, KeystorePurpose

_ON_LEDGER: Final = {KeystorePurpose.ASSERTION: KeyPurpose.ASSERTION, KeystorePurpose.NOTE: KeyPurpose.NOTE}


@dataclass(frozen=True)
class KeyRotation:
    """A completed rotation: the new `key`, the keys it follows, and the number of status lists signed again.

    `retire_after`: the overlap's end (Unix seconds).
    """

    key: str
    identifier: bytes
    since: int
    followed: tuple[str, ...]
    retire_after: int | None
    lists: int


def rotate(
    keys: InstitutionKeys, purpose: KeystorePurpose, *, overlap: int, algorithm: KeyAlgorithm | None = None
) -> KeyRotation:
    """Add a key of this purpose and use it from now on. Earlier keys hold for `overlap` seconds more."""
    if purpose is KeystorePurpose.ASSERTION and keys.tenant.institution.did.startswith("did:key:"):
        raise KeyChangeRefused(Code.KEY_IS_THE_DID, "a did:key is its key: an institution that rotates has a did:web")
    keys.check_control()
    keys.tenant.keystore.refresh()
    # 1. The key is on disk and marked as pending before it is published anywhere.
    key = _pending(keys, purpose) or _generate(keys, purpose, algorithm)
    # 2. Its own statement is public before the registry holds its digest. 3. The registry.
    _register(keys, key)
    since = keys.window(key).start
    # 4. Status lists are signed by it at once.
    lists = keys.sign_lists(purpose)
    # 5. From here on the rotation is complete, and the next one makes another key.
    retire_after = _begin_overlap(keys, key, overlap)
    followed = tuple(earlier.name for earlier in keys.in_use(purpose) if earlier.name != key.name)
    keys.record(Action.KEY_ADDED, key)
    identifier = keys.ring.identifier(key)
    return KeyRotation(key.name, identifier, since, followed, retire_after if followed else None, lists)


def _pending(keys: InstitutionKeys, purpose: KeystorePurpose) -> Key | None:
    pending = [key for key in keys.ring.family(purpose) if key.state is KeyState.PENDING]
    return pending[-1] if pending else None


def _generate(keys: InstitutionKeys, purpose: KeystorePurpose, algorithm: KeyAlgorithm | None) -> Key:
    family = keys.ring.family(purpose)
    first, newest = family[0].name, family[-1].name
    number = 1 if newest == first else int(newest.removeprefix(f"{first}-"))
    chosen = algorithm or family[-1].algorithm
    return keys.tenant.keystore.generate(f"{first}-{number + 1}", purpose, chosen, state=KeyState.PENDING)


def _register(keys: InstitutionKeys, key: Key) -> None:
    """Add the key where the registry lacks it. An earlier run may have sent the same bytes already."""
    if keys.known(key).window is not None:
        return
    try:
        if key.purpose is KeystorePurpose.ANCHORING:
            keys.control_for(key, "accounts add --consent FILE").add_anchoring_account(
                keys.tenant.keystore.account(key.name)
            )
        else:
            _register_signing_key(keys, key)
    except ContractRefused:
        if keys.known(key).window is None:
            raise


def _register_signing_key(keys: InstitutionKeys, key: Key) -> None:
    purpose = _ON_LEDGER[key.purpose]
    control = keys.control_for(key, "keys add --statement FILE")
    statement = control.statement(keys.tenant.keystore.signer(key.name), purpose)
    keys.keep_document(f"{statement.digest.hex()}.bin", statement.data)
    control.record_key(keys.ring.identifier(key), purpose, statement)


def _begin_overlap(keys: InstitutionKeys, key: Key, overlap: int) -> int:
    end = keys.clock() + overlap
    for earlier in keys.in_use(key.purpose):
        if earlier.name != key.name and earlier.retire_after is None:
            keys.tenant.keystore.mark(earlier.name, state=KeyState.IN_USE, retire_after=end)
    keys.tenant.keystore.mark(key.name, state=KeyState.IN_USE)
    return end
