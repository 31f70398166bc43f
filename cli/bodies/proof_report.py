"""Say in Spanish or English what an answer with proof shows: its outcome, what held then, and what holds at its block."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from acredita.cli.spanish.sentences import said
from acredita.contracts.answers import IssuerState, ProgrammeState
from acredita.node.verification.language import Language
from acredita.registry.acts.shapes import Text
from acredita.registry.acts.state_words import ISSUER_STATES, NO, PROGRAMME_STATES, YES
from acredita.registry.codes import sentence
from acredita.registry.evidence.registry_proof import AnswerKind, RegistryQuestion
from acredita.registry.verification.checked_answer import CheckedAnswer, ProofOutcome

_OUTCOMES: Final[Mapping[ProofOutcome, Text]] = {
    ProofOutcome.PROVEN: Text("PROVEN", "PROBADO"),
    ProofOutcome.REFUSED: Text("REFUSED", "RECHAZADO"),
    ProofOutcome.UNKNOWN: Text("COULD NOT TELL", "NO SE PUDO SABER"),
}
_AS_OF: Final = Text(
    "The registry at block {}, of {}. A later block may say otherwise.",
    "El registro en el bloque {}, del {}. Un bloque posterior puede decir otra cosa.",
)
_DEMO_CHAIN: Final = Text(
    "Demo chain: only its operator vouches for the order of its blocks.",
    "Cadena de demostración: solo quien la opera responde por el orden de sus bloques.",
)
_READINGS: Final[Mapping[str, Text]] = {
    "then": Text("At {}, as it was known then", "En {}, como se sabía entonces"),
    "then_as_known_now": Text("At {}, as it is known at the block", "En {}, como se sabe en el bloque"),
    "now": Text("At the block", "En el bloque"),
}
_LABELS: Final[Mapping[str, Text]] = {
    "state": Text("state", "estado"),
    "recognised": Text("recognised, with every accreditor above it", "reconocida, con cada acreditador por encima"),
    "approved": Text("approved, and the issuer's own", "aprobada, y de la propia entidad"),
    "owner": Text("submitted by", "presentada por"),
    "until": Text("accredited until", "acreditada hasta"),
    "void_from": Text("void from", "sin efecto desde"),
    "accreditor": Text("accreditor", "acreditador"),
    "scope": Text("scope", "alcance"),
    "id": Text("programme", "programa"),
    "version": Text("version", "versión"),
    "agency": Text("agency, recognised", "agencia, reconocida"),
}
_PURPOSES: Final[Mapping[str, Text]] = {
    "assertion": Text("signs credentials", "firma credenciales"),
    "note": Text("signs checkpoints", "firma puntos de control"),
}
_KEY: Final = Text("key", "clave")
_IN_FORCE: Final = Text("in force", "vigente")
_NOT_IN_FORCE: Final = Text("not in force", "no vigente")
_COMPROMISED: Final = Text("compromised since", "comprometida desde")
_NAME_MISSING: Final = Text("(its document is not in the answer)", "(su documento no está en la respuesta)")


def outcome_lines(checked: CheckedAnswer, lang: Language) -> Iterator[str]:
    """Yield the outcome, the reason, and the block that it is as of."""
    yield _OUTCOMES[checked.outcome].said(lang)
    if checked.code is not None:
        detail = f" ({said(checked.detail, lang)})" if checked.detail else ""
        yield f"{checked.code}: {sentence(checked.code, lang.value)}{detail}"
    if checked.answer is not None:
        yield _AS_OF.said(lang).format(checked.answer["block"], checked.answer["as_of"])
    if checked.is_demo_chain:
        yield _DEMO_CHAIN.said(lang)


def answer_lines(question: RegistryQuestion, checked: CheckedAnswer, lang: Language) -> Iterator[str]:
    """Yield whom the answer is about, and each of its readings. Nothing is told of an answer that is not proven."""
    answer = checked.answer
    if answer is None:
        return
    now: Mapping[str, Any] = answer["now"]
    yield f"{now.get('issuer') or now['programme']} {_name(now, lang)}"
    for name, heading in _READINGS.items():
        if name in answer:
            yield ""
            yield heading.said(lang).format(answer.get("at"))
            yield from (f"  {line}" for line in _reading_lines(question, answer[name], lang))


def _name(now: Mapping[str, Any], lang: Language) -> str:
    """Return the name of an issuer or a programme by its document, in the reader's language where that has it."""
    texts: Mapping[str, str] = now.get("name") or now.get("title") or {}
    name = texts.get(lang.value) or texts.get(Language.ES.value)
    did = f" · {now['did']}" if "did" in now else ""
    return _NAME_MISSING.said(lang) if name is None else f"{name}{did}"


def _reading_lines(question: RegistryQuestion, reading: Mapping[str, Any], lang: Language) -> Iterator[str]:
    for name, label in _LABELS.items():
        if name in reading:
            yield f"{label.said(lang)}: {_value(question, name, reading[name], lang)}"
    for key in reading.get("keys", ()):
        yield f"{_KEY.said(lang)} {key['key']}: {', '.join(_key_facts(key, lang))}"


def _value(question: RegistryQuestion, name: str, value: Any, lang: Language) -> str:
    if name == "state":
        return _state(question.kind, value, lang)
    if isinstance(value, bool):
        return (YES if value else NO).said(lang)
    if name == "agency":
        return "; ".join(f"{window['from']} – {window['until']}" for window in value)
    return str(value)


def _state(kind: AnswerKind, state: str, lang: Language) -> str:
    if kind is AnswerKind.PROGRAMME:
        return PROGRAMME_STATES[ProgrammeState[state.upper()]].said(lang)
    if state == "under_review":  # the one state that the contract does not name
        return said("under review", lang)
    return ISSUER_STATES[IssuerState[state.upper()]].said(lang)


def _key_facts(key: Mapping[str, Any], lang: Language) -> Iterator[str]:
    yield _PURPOSES[key["purpose"]].said(lang)
    yield (_IN_FORCE if key["in_force"] else _NOT_IN_FORCE).said(lang)
    yield f"{key['from']} – {key.get('until', '')}".rstrip()
    if "compromised" in key:
        yield f"{_COMPROMISED.said(lang)} {key['compromised']}"
