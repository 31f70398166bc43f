"""Render the verification page: a form, and the answer on one credential.

Content of a credential is shown only once its signature holds, and from its parsed profile. Names of programme and
issuer come from the documents that the registry has approved, never from the credential. Green means recognised, and
nothing else. Every text is escaped at the point where it enters the page.
"""

import base64
import hashlib
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources

from acredita.node.http.dependencies import MAX_BODY_BYTES
from acredita.node.verification.language import Language, in_language
from acredita.node.verification.report import (
    OUTCOMES,
    STEPS,
    Answer,
    cleaned_text,
    container_text,
    holder_text,
    otherwise_text,
    sentences_of,
    verdict_text,
)
from acredita.registry.codes import Code, sentence
from acredita.registry.credentials.days import day_of_award, day_of_end
from acredita.registry.credentials.parse import ParsedCredential
from acredita.registry.verification.results import StepOutcome, StepResult, Verdict, VerificationReport
from markupsafe import Markup

_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip

_TITLE = ("Verificar una microcredencial", "Verify a microcredential")
_FOOTER = (
    "La verificación se hace en este servidor y nada de lo que se envía se guarda. Una microcredencial complementa los "
    "estudios, no los sustituye.",
    "Verification happens on this server and nothing that is sent is kept. A microcredential complements formal "
    "studies; it does not replace them.",
)
_WORDS: dict[str, tuple[str, str]] = {
    "titulo": ("Resumen público", "Public summary"),
    "microcredencial": ("Microcredencial", "Microcredential"),
    "entidad": ("Entidad emisora", "Issuer"),
    "estado": ("Estado", "Status"),
    "anclaje": ("Anclaje", "Anchor"),
    "anclada": ("anclada", "anchored"),
    "pendiente": ("aún sin anclar", "not anchored yet"),
    "good": ("sin cambios", "unchanged"),
    "suspended": ("suspendida", "suspended"),
    "revoked": ("revocada", "revoked"),
    "replaced": ("sustituida", "replaced"),
    "grande": ("El archivo es demasiado grande.", "The file is too large."),
    "varias": (
        "Elija una sola microcredencial (y su comprobante, si va aparte).",
        "Choose one microcredential (and its receipt, if it is separate).",
    ),
    "olvidada": ("ya no se conserva", "no longer kept"),
    "desconocida": (
        "Este registro no conoce esa microcredencial.",
        "This registry does not know that microcredential.",
    ),
    "aviso": (
        "Este resumen no verifica ningún archivo. Pida la microcredencial y verifíquela aquí abajo.",
        "This summary verifies no file. Ask for the microcredential and verify it below.",
    ),
}


def form_page(language: Language, most: int = MAX_BODY_BYTES) -> Markup:
    """Render the page with the empty form. `most`: the largest request in bytes."""
    return _page(language, Markup(""), most)


def answer_page(answer: Answer, language: Language, most: int = MAX_BODY_BYTES) -> Markup:
    """Render the page with the answer on one credential."""
    parts = _container(answer, language) if answer.members else _single(answer, language)
    return _page(language, Markup("\n").join(parts), most)


def problem_page(message: str, language: Language, most: int = MAX_BODY_BYTES) -> Markup:
    """Render the page with the reason why nothing could be verified."""
    heading = _say(language, "No se pudo leer", "Could not be read")
    html = '<section class="veredicto indeterminate"><p class="palabra">{}</p><p class="motivo">{}</p></section>'
    return _page(language, Markup(html).format(heading, message), most)


@cache
def content_security_policy() -> str:
    """Return the policy: the page's own style and script by their hashes, nothing from other hosts, no frame around it."""
    style, script = (_hash(_file(name)) for name in ("verificar.css", "verificar.js"))
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; connect-src 'self'; "
        "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


# --- the answer ---


def _single(answer: Answer, language: Language) -> list[Markup]:
    return [_verdict(answer, language), _facts(answer, language), _steps(answer.report, language)]


def _container(answer: Answer, language: Language) -> list[Markup]:
    """Render a container: the verdict of its worst member, the holders' proofs, then each member."""
    lines = [container_text(len(answer.members), language)]
    lines += [holder_text(proof, language) for proof in answer.holder_proofs]
    listed = Markup("").join(Markup('<p class="aviso">{}</p>').format(line) for line in lines)
    parts = [_verdict(answer, language), Markup("<section>{}</section>").format(listed)]
    for number, member in enumerate(answer.members, 1):
        heading = _say(language, f"Credencial {number}", f"Credential {number}")
        parts += [Markup("<h2>{}</h2>").format(heading), *_single(member, language)]
    return parts


def _verdict(answer: Answer, language: Language) -> Markup:
    report = answer.report
    lines = [Markup('<p class="palabra">{}</p>').format(verdict_text(report, language))]
    reason = Markup('<p class="motivo">{} <span class="codigo">{}</span></p>')
    lines += [reason.format(sentence(code, language.value), code) for code in sentences_of(report)]
    lines.append(Markup('<p class="aviso">{}</p>').format(_meaning(report, language)))
    if report.otherwise is not None:
        otherwise = otherwise_text(report.otherwise, language)
        lines.append(Markup('<p class="aviso">{}</p>').format(otherwise))
    cleaned = cleaned_text(report, language)
    if cleaned is not None:
        lines.append(Markup('<p class="aviso">{}</p>').format(cleaned))
    if answer.demo_chain:
        demo = _say(language, "Cadena de demostración, sin valor oficial", "Demo chain, without official value")
        lines.append(Markup('<p class="demo">{}</p>').format(demo))
    html = '<section class="veredicto {}" role="status">{}</section>'
    return Markup(html).format(report.verdict.value, Markup("").join(lines))


_MEANINGS: dict[str, tuple[str, str]] = {
    "recognised": (
        "La firma es auténtica, la entidad y el programa estaban reconocidos al anclarse y lo siguen estando.",
        "The signature is genuine; issuer and programme were recognised when it was anchored and still are.",
    ),
    "valid_with_warnings": (
        "Se emitió con reconocimiento; algo ha cambiado desde entonces y se indica abajo.",
        "It was issued with recognition; something has changed since and is named below.",
    ),
    "pending_anchor": (
        "La firma es auténtica, pero todavía no consta en la cadena. Vuelva a verificarla más tarde.",
        "The signature is genuine, but it is not on the chain yet. Verify it again later.",
    ),
    "not_recognised": (
        "El registro no la respalda: la entidad, la clave o el programa no estaban reconocidos.",
        "The registry does not stand behind it: issuer, key or programme were not recognised.",
    ),
    "other_person": (
        "La microcredencial no es de la persona cuyo identificador se indicó.",
        "The microcredential is not of the person whose identifier was given.",
    ),
    "invalid": (
        "No debe aceptarse.",
        "It must not be accepted.",
    ),
    "indeterminate": (
        "Falta algo para poder responder. No es una respuesta negativa ni positiva.",
        "Something needed for an answer is missing. This is neither a yes nor a no.",
    ),
}


_ELSEWHERE = (
    "Este registro no puede decir nada de ella; pregunte a quien la firmó.",
    "This registry cannot say anything about it; ask those who signed it.",
)


def _meaning(report: VerificationReport, language: Language) -> str:
    if report.code == Code.NOT_OF_THIS_REGISTRY:
        signed_by = _say(language, "Firmada por", "Signed by") + f": {report.signed_by}"
        return signed_by + ". " + in_language(_ELSEWHERE, language)
    return in_language(_MEANINGS[report.verdict.value], language)


def _facts(answer: Answer, language: Language) -> Markup:
    """Render the content of the credential if its signature holds, with names from the registry."""
    counts = answer.report.verdict in (Verdict.RECOGNISED, Verdict.VALID_WITH_WARNINGS)
    attests, says = ("Qué acredita", "What it attests"), ("Lo que dice el archivo", "What the file says")
    heading = Markup("<h2>{}</h2>").format(in_language(attests if counts else says, language))
    if answer.credential is None or not answer.report.step(3).ok:
        unsigned = (
            "El contenido del archivo no se muestra, porque ninguna firma lo respalda.",
            "The content of the file is not shown, because no signature stands behind it.",
        )
        foreign = (
            "El contenido del archivo no se muestra, porque no tiene la forma de este registro.",
            "The content of the file is not shown, because it has not the form of this registry.",
        )
        hidden = in_language(foreign if answer.report.step(3).ok else unsigned, language)
        return Markup('<section>{}<p class="aviso">{}</p></section>').format(heading, hidden)
    rows = [*_names(answer, language), *_values(answer.credential, language), *_times(answer.report, language)]
    listed = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(term, text) for term, text in rows)
    return Markup("<section>{}<dl>{}</dl></section>").format(heading, listed)


def _names(answer: Answer, language: Language) -> list[tuple[str, str]]:
    programme, approved = answer.programme, answer.title
    if programme is None:
        title = _say(language, "programa desconocido para este registro", "programme unknown to this registry")
    elif approved is not None:
        title = approved.get(language.value) or approved["es"]
    else:
        title = _say(language, "programa no reconocido", "programme not recognised")
    rows = [
        (_say(language, "Microcredencial", "Microcredential"), title),
        (_say(language, "Entidad emisora", "Issuer"), answer.issuer or _unnamed_issuer(answer, language)),
    ]
    if programme is not None and approved is not None:
        hours = f"{programme.hours:g} h"
        rows.append((_say(language, "Nivel", "Level"), programme.level_mx))
        rows.append((_say(language, "Carga de trabajo", "Workload"), hours))
    return rows


def _unnamed_issuer(answer: Answer, language: Language) -> str:
    """Return the DID, with the reason why there is no name. "Not in the registry" needs an answer of the registry."""
    if answer.report.as_of is None:
        why = _say(language, "sin respuesta del registro", "no answer from the registry")
    elif answer.issuer_name is not None:
        why = _say(language, "no confirmada", "not confirmed")
    else:
        why = _say(language, "no está en el registro", "not in the registry")
    return f"{why}: {answer.credential.issuer}" if answer.credential else why


def _values(credential: ParsedCredential, language: Language) -> list[tuple[str, str]]:
    rows = [
        (_say(language, "Calificación", "Result"), credential.result.value),
        (_say(language, "Fecha de otorgamiento", "Awarded"), _day(day_of_award(credential.awarded), language)),
    ]
    forever = _say(language, "sin vencimiento", "does not expire")
    until = credential.valid_until
    last = _say(language, "hasta el ", "until ")
    rows.append(
        (_say(language, "Vigencia", "Validity"), forever if until is None else last + _day(day_of_end(until), language))
    )
    holder = _say(
        language,
        "sin nombre en el archivo; con su identificador se comprueba abajo",
        "no name in the file; checked below with the person's identifier",
    )
    rows.append((_say(language, "Persona titular", "Holder"), credential.subject_id or holder))
    return rows


def _times(report: VerificationReport, language: Language) -> list[tuple[str, str]]:
    rows = []
    if report.anchored_at is not None:
        rows.append((_say(language, "Anclada", "Anchored"), _moment(report.anchored_at, language)))
    if report.as_of is not None:
        rows.append((_say(language, "Estado de la cadena al", "Chain state as of"), _moment(report.as_of, language)))
    rows.append((_say(language, "Verificada", "Verified"), _moment(report.checked_at, language)))
    return rows


def _steps(report: VerificationReport, language: Language) -> Markup:
    later = {step.number: step for step in report.now}
    rows = Markup("").join(
        Markup('<tr><td class="n">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>').format(
            step.number,
            in_language(STEPS[step.number], language),
            _outcome(step, language),
            _outcome(later[step.number], language) if step.number in later else "",
        )
        for step in report.steps
    )
    heads = ("", _say(language, "Paso", "Step"), _say(language, "Resultado", "Outcome"))
    head = Markup("").join(Markup("<th scope=col>{}</th>").format(text) for text in heads)
    now = Markup("<th scope=col>{}</th>").format(_say(language, "Ahora", "Now"))
    title = _say(language, "Los doce pasos", "The twelve steps")
    hint = _say(
        language,
        "Clave, entidad y programa se preguntan dos veces: al anclarse y ahora.",
        "Key, issuer and programme are asked twice: when anchored and now.",
    )
    html = (
        "<section><h2>{}</h2><table><thead><tr>{}{}</tr></thead><tbody>{}</tbody></table>"
        '<p class="aviso">{}</p></section>'
    )
    return Markup(html).format(title, head, now, rows, hint)


def _outcome(step: StepResult, language: Language) -> Markup:
    word = in_language(OUTCOMES[step.outcome], language)
    if step.needs is not None:
        word += f" ({_say(language, 'depende del paso', 'waits for step')} {step.needs})"
    text = Markup('<span class="{}">{}</span>').format(step.outcome.value, word)
    if step.code and step.outcome is not StepOutcome.PASSED and step.needs is None:
        reason = Markup('<br>{} <span class="codigo">{}</span>').format(sentence(step.code, language.value), step.code)
        text += reason
    return text


# --- the page around it ---


def _page(language: Language, result: Markup, most: int) -> Markup:
    other = Language.EN if language is Language.ES else Language.ES
    link = Markup('<a href="/verificar?lang={}" hreflang="{}">{}</a>')
    return Markup(_file("verificar.html")).format(
        lang=language.value,
        title=in_language(_TITLE, language),
        style=Markup(_file("verificar.css")),
        script=Markup(_file("verificar.js")),
        other_language=link.format(other.value, other.value, "English" if other is Language.EN else "Español"),
        result=result,
        form=_form(language, most, again=bool(result)),
        footer=in_language(_FOOTER, language),
    )


_FORM = """<div id="soltar" hidden><p>{drop}</p>
<input type="file" id="archivos" multiple
accept=".json,.pdf,.png,.svg,.zip,.acredita,application/json,application/vc">
<label for="archivos">{files}</label>
<p class="aviso" id="leido" aria-live="polite"></p></div>
<input type="hidden" name="archivo">
<label for="credencial">{credential}</label>
<textarea id="credencial" name="credencial" required spellcheck="false" autocomplete="off"></textarea>
<details><summary>{more}</summary>
<label for="comprobante">{receipt}</label>
<textarea id="comprobante" name="comprobante" spellcheck="false" autocomplete="off"></textarea>
<label for="identificador">{identifier}</label>
<input type="text" id="identificador" name="identificador" autocomplete="off">
<p class="aviso">{hint}</p></details>
<button type="submit">{send}</button>
<span id="palabras" hidden{words} data-tope="{most}"></span>"""


def _form(language: Language, most: int, *, again: bool) -> Markup:
    heading = Markup("")
    if again:
        heading = Markup("<h2>{}</h2>").format(_say(language, "Verificar otra", "Verify another one"))
    words = Markup("").join(
        Markup(' data-{}="{}"').format(name, in_language(pair, language)) for name, pair in _WORDS.items()
    )
    return heading + Markup(_FORM).format(
        drop=_say(
            language,
            "Suelte aquí el archivo que recibió: JSON, PDF, insignia, ZIP o .acredita (y el comprobante de anclaje, si va "
            "aparte)",
            "Drop the file you were given here: JSON, PDF, badge, ZIP or .acredita (and the anchor receipt, if it is "
            "separate)",
        ),
        files=_say(language, "Elegir archivos", "Choose files"),
        credential=_say(language, "O pegue su contenido", "Or paste its content"),
        more=_say(language, "Comprobante de anclaje e identificador (opcional)", "Receipt and identifier (optional)"),
        receipt=_say(language, "Comprobante de anclaje", "Anchor receipt"),
        identifier=_say(language, "Identificador de la persona titular", "The holder's identifier"),
        hint=_say(
            language,
            "Con el identificador que le dio la persona se comprueba que la microcredencial es suya.",
            "With the identifier the person gave you, it is checked that the microcredential is theirs.",
        ),
        send=_say(language, "Verificar", "Verify"),
        words=words,
        most=most * 7 // 10,  # base64 takes a third more, and its escapes in a form a sixteenth
    )


def _say(language: Language, spanish: str, english: str) -> str:
    return in_language((spanish, english), language)


def _day(date: date, language: Language) -> str:
    if language is Language.ES:
        return f"{date.day} de {_MONTHS[date.month - 1]} de {date.year}"
    return date.strftime("%Y-%m-%d")


def _moment(seconds: int, language: Language) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{_day(moment.date(), language)}, {moment:%H:%M} UTC"


@cache
def _file(name: str) -> str:
    return (resources.files("acredita.node.http") / "pages" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
