"""`/verificar`: the verification page. The form is posted, the answer is rendered on the server, nothing is kept."""

from typing import Annotated
from urllib.parse import parse_qsl

from acredita.anchoring.receipts import Receipt
from acredita.node.http.bodies import Body
from acredita.node.http.parts import MAX_BODY_BYTES
from acredita.node.http.problems import Problem
from acredita.node.http.verification import (
    MAX_IDENTIFIER_CHARS,
    Desk,
    Question,
    credential_alone,
    parse_known_receipt,
)
from acredita.node.http.verification_page import answer_page, content_security_policy, form_page, problem_page
from acredita.node.report import Language
from acredita.registry.reading import ReadingError, read_json
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse

MAX_FIELDS = 8
_FIELDS = ("credencial", "comprobante", "identificador")
Lang = Annotated[Language, Query()]


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def home() -> RedirectResponse:
        return RedirectResponse("/verificar")

    @router.get("/verificar")
    def form(lang: Lang = Language.ES) -> HTMLResponse:
        return _html(form_page(lang))

    @router.post("/verificar")
    async def answer(body: Body, lang: Lang = Language.ES) -> HTMLResponse:
        try:
            found = await desk.ask(body, question_of)
        except Problem as problem:
            return _html(problem_page(_told(problem, lang), lang), problem.status)
        return _html(answer_page(found, lang))

    return router


def question_of(body: bytes) -> Question:
    """The question in a posted form, or a problem."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise Problem(400, "FORM_MALFORMED", "a posted form expected") from None
    fields = {name: text.strip() for name, text in pairs if name in _FIELDS and text.strip()}
    if "credencial" not in fields:
        raise Problem(400, "FORM_EMPTY", "a credential expected")
    return Question(
        credential=credential_alone(fields["credencial"].encode()),
        receipt=_receipt(fields["comprobante"]) if "comprobante" in fields else None,
        identifier=fields.get("identificador", "")[:MAX_IDENTIFIER_CHARS] or None,
    )


def _receipt(text: str) -> Receipt:
    try:
        return parse_known_receipt(read_json(text.encode(), max_bytes=MAX_BODY_BYTES))
    except ReadingError:
        raise Problem(400, "RECEIPT_MALFORMED", "the receipt is not JSON", pointer="/receipt") from None


_MESSAGES = {
    "FORM_EMPTY": ("Pegue o suelte una microcredencial.", "Paste or drop a microcredential."),
    "RECEIPT_MALFORMED": (
        "El comprobante de anclaje no es un archivo de este registro.",
        "The anchor receipt is not a file of this registry.",
    ),
    "BODY_TOO_LARGE": ("El archivo es demasiado grande.", "The file is too large."),
}
_OTHER = (
    "El texto no es una microcredencial: se espera el archivo JSON completo, sin cambios.",
    "The text is not a microcredential: the whole JSON file is expected, unchanged.",
)


def _told(problem: Problem, language: Language) -> str:
    spanish, english = _MESSAGES.get(problem.code, _OTHER)
    return spanish if language is Language.ES else english


def _html(content: str, status: int = 200) -> HTMLResponse:
    headers = {"Content-Security-Policy": content_security_policy(), "Cache-Control": "no-store"}
    return HTMLResponse(content, status, headers=headers)
