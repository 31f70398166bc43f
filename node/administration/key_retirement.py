"""Retire a key of an institution that another key has followed.

A key that is to end signs nothing more before the registry ends it. Credentials that it signed must be anchored while it
holds, so that `retire` refuses as long as one of them is queued. A retirement can be stopped at any line and run again.
"""

from dataclasses import dataclass

from acredita.anchoring.types import Address
from acredita.contracts.bindings import ContractRefused
from acredita.node.administration.institution_keys import ROTATED, InstitutionKeys, KeyChangeRefused
from acredita.node.custody.key_ring import KnownKey
from acredita.node.storage import transactions
from acredita.node.storage.queue import ItemState
from acredita.node.storage.refused import WAITING
from acredita.node.storage.trail import Action
from acredita.registry.codes import Code
from acredita.registry.keys.keystore import Key, KeyState, KeystorePurpose


@dataclass(frozen=True)
class KeyRetirement:
    """A completed retirement. `until`: the key's end in the registry; `lists`: status lists signed again."""

    key: str
    identifier: bytes
    until: int
    lists: int


def due_keys(keys: InstitutionKeys) -> list[str]:
    """Return the names of keys to retire: the overlap is over, or they sign no more but the registry holds them."""
    keys.tenant.keystore.refresh()
    return [known.key.name for purpose in ROTATED for known in keys.ring.known(purpose) if _is_due(known, keys.clock())]


def _is_due(known: KnownKey, now: int) -> bool:
    key, window = known.key, known.window
    if window is None or window.until is not None or window.compromised is not None:
        return False
    overlap_over = key.retire_after is not None and key.retire_after <= now
    return key.state is KeyState.ENDED or (key.state is KeyState.IN_USE and overlap_over)


def retire(keys: InstitutionKeys, name: str) -> KeyRetirement:
    """End a key that another has followed. Credentials that it signed and that are anchored stay valid."""
    keys.check_control()
    key = keys.key(name)
    window = keys.window(key)
    if window.until is None:
        _check_followed(keys, key)
        _check_nothing_waits(keys, key)
        # From here on nothing is signed with it, so the number of waiting credentials can only fall.
        _mark_ended(keys, key)
        lists = keys.sign_lists(key.purpose)
        _check_nothing_waits(keys, key)
        _end(keys, key)
        window = keys.window(key)
    else:
        _mark_ended(keys, key)
        lists = keys.sign_lists(key.purpose)
    if window.until is None:
        raise RuntimeError("the registry ended this key and gives no end")
    keys.refuse_signed_with(key, Code.KEY_NOT_VALID_NOW, (ItemState.REFUSED,))
    keys.record(Action.KEY_ENDED, key)
    return KeyRetirement(name, keys.ring.identifier(key), window.until, lists)


def _mark_ended(keys: InstitutionKeys, key: Key) -> None:
    if key.state is not KeyState.COMPROMISED:
        keys.tenant.keystore.mark(key.name, state=KeyState.ENDED)


def _check_followed(keys: InstitutionKeys, key: Key) -> None:
    now = keys.ring.ledger.head().time
    others = [known for known in keys.ring.known(key.purpose) if known.key.name != key.name]
    in_force = [k for k in others if k.window and k.window.holds(now) and k.key.state is KeyState.IN_USE]
    if not in_force:
        raise KeyChangeRefused(
            Code.KEY_IS_THE_LAST, f"{key.name}: no other {key.purpose} key is in force; rotate first"
        )


def _check_nothing_waits(keys: InstitutionKeys, key: Key) -> None:
    if key.purpose is KeystorePurpose.ASSERTION:
        count = sum(1 for _ in keys.signed_with(key, WAITING))
        if count:
            raise KeyChangeRefused(
                Code.KEY_STILL_NEEDED, f"{key.name}: {count} credentials signed with it wait for their anchor"
            )
    if key.purpose is KeystorePurpose.ANCHORING and _has_flight(keys, keys.account(key)):
        raise KeyChangeRefused(Code.KEY_STILL_NEEDED, f"{key.name}: a transaction of this account is on its way")


def _has_flight(keys: InstitutionKeys, account: Address) -> bool:
    with keys.database.read() as connection:
        flights = transactions.unsettled(connection, keys.tenant.issuer)
    return any(flight.transaction.sender == account for flight in flights)


def _end(keys: InstitutionKeys, key: Key) -> None:
    try:
        if key.purpose is KeystorePurpose.ANCHORING:
            control = keys.control_for(key, f"accounts end --account-address 0x{keys.account(key).hex()} --act FILE")
            control.end_account(keys.account(key), keys.legal_act(f"Fin de la cuenta de anclaje {key.name}"))
        else:
            identifier = keys.ring.identifier(key)
            keys.control_for(key, f"keys end --key {identifier.hex()}").end_key(identifier)
    except ContractRefused:
        if keys.window(key).until is None:
            raise
