"""Mark a key of an institution as compromised, and draw the consequences of such a mark.

The key signs nothing more before the chain hears of the compromise. Credentials that it signed and that are not anchored
are refused, because they would be anchored after the date of the compromise. Either act can be run again after a stop.
"""

from dataclasses import dataclass

from acredita.contracts.bindings import ContractRefused
from acredita.node.administration.institution_keys import InstitutionKeys, KeyChangeRefused
from acredita.node.custody.key_ring import SigningKeyRefused
from acredita.node.ledger.single_operator_acts import CONTROL_REACH_SECONDS
from acredita.node.storage.refused import UNANCHORED
from acredita.node.storage.trail import Action
from acredita.registry.codes import Code
from acredita.registry.keys.keystore import Key, KeyState, KeystorePurpose


@dataclass(frozen=True)
class KeyCompromise:
    """A key marked as compromised. `refused`: number of credentials refused because it had signed them.

    `successor`: the key in force now, None where none is.
    """

    key: str
    identifier: bytes
    since: int
    refused: int
    lists: int
    successor: str | None


def mark_compromised(keys: InstitutionKeys, name: str, since: int, reason: str) -> KeyCompromise:
    """Mark a key as compromised since a time (Unix seconds) and draw the consequences.

    Raises KeyChangeRefused COMPROMISE_TOO_FAR_BACK where only the council may date it so; the key has ended here even so.
    """
    keys.check_control()
    key = keys.key(name)
    window, now = keys.window(key), max(keys.ring.ledger.head().time, keys.clock())
    if since > now:
        raise KeyChangeRefused(Code.TIME_OUT_OF_RANGE, "a compromise is dated no later than now")
    # Before the chain hears of it, no process signs with the key any more.
    keys.tenant.keystore.mark(name, state=KeyState.COMPROMISED)
    if window.compromised is None or since < window.compromised:
        if since + CONTROL_REACH_SECONDS < now:
            raise _too_far_back(name)
        _mark_on_ledger(keys, key, since, reason)
    return apply_compromise(keys, name)


def apply_compromise(keys: InstitutionKeys, name: str) -> KeyCompromise:
    """Draw the consequences of a mark on the ledger, by the control account or by the council.

    The key signs no more, its credentials that are not anchored are refused, and the status lists are signed by another.
    """
    key = keys.key(name)
    window = keys.window(key)
    if window.compromised is None:
        raise KeyChangeRefused(Code.KEY_NOT_COMPROMISED, f"{name}: the registry has no such mark")
    keys.tenant.keystore.mark(name, state=KeyState.COMPROMISED)
    refused = keys.refuse_signed_with(key, Code.KEY_COMPROMISED, UNANCHORED)
    successor, lists = _successor(keys, key.purpose), 0
    if successor is not None:
        lists = keys.sign_lists(key.purpose)
    keys.record(Action.KEY_COMPROMISED, key, refused=refused)
    return KeyCompromise(name, keys.ring.identifier(key), window.compromised, refused, lists, successor)


def _mark_on_ledger(keys: InstitutionKeys, key: Key, since: int, reason: str) -> None:
    control = keys.control_for(key, "keys compromised --act FILE")
    act = keys.legal_act(f"Clave comprometida {key.name}: {reason}")
    try:
        if key.purpose is KeystorePurpose.ANCHORING:
            control.account_compromised(keys.account(key), since, act)
        else:
            control.key_compromised(keys.ring.identifier(key), since, act)
    except ContractRefused as refused:
        if refused.code != Code.COMPROMISE_TOO_FAR_BACK:
            raise
        raise _too_far_back(key.name) from refused


def _successor(keys: InstitutionKeys, purpose: KeystorePurpose) -> str | None:
    """Return the name of the key of this purpose in force now, if there is one."""
    ring = keys.ring
    try:
        if purpose is KeystorePurpose.ASSERTION:
            return ring.signing().name
        now = ring.ledger.head().time
        holding = [known for known in ring.known(purpose) if known.window and known.window.holds(now)]
    except SigningKeyRefused:
        return None
    return holding[-1].key.name if holding else None


def _too_far_back(name: str) -> KeyChangeRefused:
    return KeyChangeRefused(
        Code.COMPROMISE_TOO_FAR_BACK,
        f"{name}: a control account dates a compromise 72 hours back at most; further back is for the council",
    )
