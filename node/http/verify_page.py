"""Serve `/verificar`: the verification page. The form is posted, the answer is rendered on the server, nothing is stored."""

import base64
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from acredita.anchoring.receipts import Receipt
from acredita.node.http.dependencies import MAX_BODY_BYTES, CurrentNode
from acredita.node.http.problems import RequestRefused
from acredita.node.http.request_bodies import Body
from acredita.node.http.verification_queue import CurrentQueue
from acredita.node.http.verify import (
    MAX_IDENTIFIER_CHARS,
    VerificationRequest,
    opened_bundle,
    opened_document,
    parse_known_receipt,
    verify_with_names,
)
from acredita.node.http.verify_page_html import answer_page, content_security_policy, form_page, problem_page
from acredita.node.verification.carried_parts import Carried, UnpackingRefused
from acredita.node.verification.language import Language
from acredita.node.verification.unpack import unpack
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import JsonRefused, read_json
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse

MAX_FIELDS = 8
_FIELDS = ("credencial", "comprobante", "identificador", "archivo")
Lang = Annotated[Language, Query()]


router = APIRouter(include_in_schema=False)


@router.get("/")
def home() -> RedirectResponse:
    """Send the browser to the verification page."""
    return RedirectResponse("/verificar")


@router.get("/verificar")
def form(node: CurrentNode, lang: Lang = Language.ES) -> HTMLResponse:
    """Show the form."""
    return _html(form_page(lang, node.dependencies.max_body_bytes))


@router.post("/verificar")
async def answer(node: CurrentNode, queue: CurrentQueue, body: Body, lang: Lang = Language.ES) -> HTMLResponse:
    """Verify the credential in a posted form and show the answer."""
    most = node.dependencies.max_body_bytes
    try:
        verified = await queue.run(verify_with_names, body, request_in_form)
    except RequestRefused as problem:
        return _html(problem_page(_message(problem, lang), lang, most), problem.status)
    return _html(answer_page(verified, lang, most))


def request_in_form(body: bytes) -> VerificationRequest:
    """Parse the request in a posted form; raises 400, 413 or 422."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise RequestRefused(400, Code.FORM_MALFORMED, "a posted form expected") from None
    fields = {name: text.strip() for name, text in pairs if name in _FIELDS and text.strip()}
    carried = _carried(fields)
    bundle = carried.bundle
    receipt = fields["comprobante"].encode() if "comprobante" in fields else carried.receipt
    return VerificationRequest(
        opened=opened_document(carried.credential) if bundle is None else opened_bundle(bundle),
        receipt=None if receipt is None else _receipt(receipt),
        identifier=fields.get("identificador", "")[:MAX_IDENTIFIER_CHARS] or None,
        bundle=bundle,
    )


def _carried(fields: Mapping[str, str]) -> Carried:
    """Return the pasted text or the content of the chosen file; raises 400 for both, because only one can be verified."""
    if "credencial" in fields and "archivo" in fields:
        raise RequestRefused(400, Code.FILE_TWICE, "one credential expected, found two")
    if "credencial" in fields:
        return Carried(fields["credencial"].encode())
    if "archivo" not in fields:
        raise RequestRefused(400, Code.FORM_EMPTY, "a credential expected")
    try:
        return unpack(base64.b64decode(fields["archivo"], validate=True))
    except UnpackingRefused as error:
        if error.code == Code.NOT_A_CREDENTIAL:
            raise RequestRefused(422, error.code, Code.NOT_A_CREDENTIAL.en) from None
        raise RequestRefused(400, error.code, "no credential can be taken out of the file") from None
    except ValueError:
        raise RequestRefused(400, Code.FORM_MALFORMED, "base64 expected") from None


def _receipt(data: bytes) -> Receipt:
    try:
        return parse_known_receipt(read_json(data, max_bytes=MAX_BODY_BYTES))
    except JsonRefused:
        raise RequestRefused(400, Code.RECEIPT_MALFORMED, "the receipt is not JSON", pointer="/receipt") from None


_TWO = (
    "Hay más de una microcredencial: no se sabe cuál verificar.",
    "There is more than one microcredential: which one to verify cannot be told.",
)
_MESSAGES: dict[str, tuple[str, str]] = {
    Code.FORM_EMPTY: ("Pegue o suelte una microcredencial.", "Paste or drop a microcredential."),
    Code.RECEIPT_MALFORMED: (
        "El comprobante de anclaje no es un archivo de este registro.",
        "The anchor receipt is not a file of this registry.",
    ),
    Code.NOT_A_CREDENTIAL: (Code.NOT_A_CREDENTIAL.es, Code.NOT_A_CREDENTIAL.en),
    Code.FILE_PACKING_UNKNOWN: (Code.FILE_PACKING_UNKNOWN.es, Code.FILE_PACKING_UNKNOWN.en),
    Code.FILE_TWICE: _TWO,
    Code.BAKED_TWICE: _TWO,
    Code.BODY_TOO_LARGE: ("El archivo es demasiado grande.", "The file is too large."),
}
_OTHER = (
    "Lo enviado no es una microcredencial: se espera el archivo completo, sin cambios.",
    "What was sent is not a microcredential: the whole file is expected, unchanged.",
)


def _message(problem: RequestRefused, language: Language) -> str:
    spanish, english = _MESSAGES.get(problem.code, _OTHER)
    return spanish if language is Language.ES else english


def _html(content: str, status: int = 200) -> HTMLResponse:
    headers = {"Content-Security-Policy": content_security_policy(), "Cache-Control": "no-store"}
    return HTMLResponse(content, status, headers=headers)
