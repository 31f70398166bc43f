"""Describe keys and the acts on them: rows for programs, sentences for people."""

from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.node.administration.key_compromise import KeyCompromise
from acredita.node.administration.key_retirement import KeyRetirement
from acredita.node.administration.key_rotation import KeyRotation
from acredita.node.custody.key_ring import KnownKey
from acredita.node.verification.language import Language, in_language
from acredita.registry.keys.keystore import KeyState

_STATES: Final = {
    KeyState.PENDING.value: ("rotación sin terminar", "rotation not finished"),
    KeyState.IN_USE.value: ("en uso", "in use"),
    KeyState.ENDED.value: ("ya no firma", "signs no more"),
    KeyState.COMPROMISED.value: ("comprometida, ya no firma", "compromised, signs no more"),
}
_FACTS: Final = (
    ("from", "desde", "from"),
    ("until", "hasta", "until"),
    ("compromised_since", "comprometida desde", "compromised since"),
    ("retire_after", "por retirar desde", "to be retired from"),
)


def key_row(known: KnownKey) -> dict[str, object]:
    """Build the JSON row of a key, with times as text."""
    window = known.window
    return {
        "name": known.key.name,
        "purpose": known.key.purpose.value,
        "algorithm": known.key.algorithm.value,
        "id": "0x" + known.identifier.hex(),
        "state": known.key.state.value,
        "from": None if window is None else time_text(window.start),
        "until": None if window is None or window.until is None else time_text(window.until),
        "compromised_since": None if window is None or window.compromised is None else time_text(window.compromised),
        "retire_after": None if known.key.retire_after is None else time_text(known.key.retire_after),
    }


def key_line(row: dict[str, object], lang: Language) -> str:
    """Build the line of a key for people."""
    state = in_language(_STATES[str(row["state"])], lang)
    known = [f"{in_language((es, en), lang)} {row[name]}" for name, es, en in _FACTS if row[name] is not None]
    unknown = in_language(("el registro no la conoce", "not in the registry"), lang)
    facts = "; ".join(known if row["from"] is not None else [unknown, *known])
    return f"{row['name']}  {row['purpose']}  {row['algorithm']}  {row['id']}  {state}; {facts}"


def rotation_document(rotation: KeyRotation) -> dict[str, object]:
    """Build the JSON form of a rotation."""
    return {
        "key": rotation.key,
        "id": "0x" + rotation.identifier.hex(),
        "from": time_text(rotation.since),
        "followed": list(rotation.followed),
        "retire_after": None if rotation.retire_after is None else time_text(rotation.retire_after),
        "lists": rotation.lists,
    }


def retirement_document(retirement: KeyRetirement) -> dict[str, object]:
    """Build the JSON form of a retirement."""
    identifier = "0x" + retirement.identifier.hex()
    return {"key": retirement.key, "id": identifier, "until": time_text(retirement.until), "lists": retirement.lists}


def rotation_sentence(rotation: KeyRotation, lang: Language) -> str:
    """Build the sentence about a rotation."""
    es = f"{rotation.key} en uso desde {time_text(rotation.since)}; listas firmadas de nuevo: {rotation.lists}"
    en = f"{rotation.key} in use from {time_text(rotation.since)}; lists signed again: {rotation.lists}"
    if rotation.followed and rotation.retire_after is not None:
        names, end = ", ".join(rotation.followed), time_text(rotation.retire_after)
        es += f"; por retirar desde {end}: {names}"
        en += f"; to be retired from {end}: {names}"
    return in_language((es, en), lang)


def retirement_sentence(retirement: KeyRetirement, lang: Language) -> str:
    """Build the sentence about a retirement."""
    until = time_text(retirement.until)
    es = f"{retirement.key} terminó en {until}; lo firmado y anclado antes sigue siendo bueno"
    en = f"{retirement.key} ended at {until}; what it signed and anchored before stays good"
    return in_language((es, en), lang)


def compromise_sentence(compromise: KeyCompromise, lang: Language) -> str:
    """Build the sentence about a compromise."""
    since = time_text(compromise.since)
    es = f"{compromise.key} comprometida desde {since}; rechazadas sin anclar: {compromise.refused}"
    en = f"{compromise.key} compromised since {since}; refused before anchoring: {compromise.refused}"
    if compromise.successor is None:
        es += "; ninguna otra está en vigor: acredita keys rotate"
        en += "; no other is in force: acredita keys rotate"
    else:
        es += f"; firma {compromise.successor}, listas firmadas de nuevo: {compromise.lists}"
        en += f"; {compromise.successor} signs, lists signed again: {compromise.lists}"
    return in_language((es, en), lang)


def compromise_document(compromise: KeyCompromise) -> dict[str, object]:
    """Build the JSON form of a compromise."""
    return {
        "key": compromise.key,
        "id": "0x" + compromise.identifier.hex(),
        "compromised_since": time_text(compromise.since),
        "refused": compromise.refused,
        "lists": compromise.lists,
        "successor": compromise.successor,
    }
