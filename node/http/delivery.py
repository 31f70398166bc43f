"""Serve `/entrega/{token}`: the page on which a person collects a delivery, once.

Opening the address shows the offer and changes nothing, because mail readers and chats open addresses by themselves.
The button delivers the parcel and ends the link. Unknown, used and expired links get the same answer. The page names
programme and issuer but no person, and no log has the token.
"""

from functools import cache
from importlib import resources

from acredita.anchoring.types import Digest, IssuerId
from acredita.node.delivery.links import find_link, use_link
from acredita.node.delivery.parcel import DeliveryRefused, ParcelBuilder, registered_names, zip_bytes
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.verify_page_html import content_security_policy
from acredita.node.issuance.institution import InstitutionRefused
from acredita.node.runtime.tenant import Tenant
from acredita.registry.ledger_facts.facts import Missing
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

_GONE = "Este enlace ya no está disponible: se usó, venció o no existe. Pida otro a la entidad emisora."
_CLOSED = "La entidad emisora no puede entregar en este momento. Intente más tarde; el enlace sigue sirviendo."
_NOT_NOW = "Esta microcredencial no se puede entregar ahora. Pregunte a la entidad emisora; el enlace sigue sirviendo."
_OFFER = """<form method="post">
<dl><dt>Entidad emisora</dt><dd>{issuer}</dd></dl>
<p>Recibirá un archivo ZIP con la microcredencial firmada, su comprobante de anclaje, la insignia y una hoja
para imprimir.</p>
<p class="aviso">El enlace sirve una sola vez: guarde el archivo en un lugar seguro.</p>
<button type="submit">Descargar mi microcredencial</button>
</form>"""


router = APIRouter(include_in_schema=False)


@router.get("/entrega/{token}")
def offer(node: CurrentNode, token: str) -> HTMLResponse:
    """Show the delivery that a link offers; nothing changes."""
    target = _target(node, token)
    if target is None:
        return _notice(_GONE, 404)
    tenant = node.tenants.get(target[0])
    if tenant is None:
        return _notice(_CLOSED, 503)
    names = _parcel_builder(node, tenant).names()
    return _page("Su microcredencial está lista", Markup(_OFFER).format(issuer=names.issuer), 200)


@router.post("/entrega/{token}")
def take(node: CurrentNode, token: str) -> Response:
    """Deliver the parcel and end the link."""
    target = _target(node, token)
    if target is None:
        return _notice(_GONE, 404)
    tenant = node.tenants.get(target[0])
    if tenant is None:
        return _notice(_CLOSED, 503)
    try:
        parcel = _parcel_builder(node, tenant).parcel(target[1])
    except (DeliveryRefused, InstitutionRefused):
        return _notice(_NOT_NOW, 409)
    with node.database.write() as connection:
        # The link ends here. A person who loses the connection after this line asks the institution for another.
        taken = use_link(connection, token, now=node.clock())
    if not taken:
        return _notice(_GONE, 404)
    headers = {"Content-Disposition": f'attachment; filename="{parcel.name}.zip"', "Cache-Control": "no-store"}
    return Response(zip_bytes(parcel), media_type="application/zip", headers=headers)


def _target(node: Node, token: str) -> tuple[IssuerId, Digest] | None:
    with node.database.read() as connection:
        return find_link(connection, token, node.clock())


def _parcel_builder(node: Node, tenant: Tenant) -> ParcelBuilder:
    trust = node.dependencies.trust
    demo = not isinstance(trust, Missing) and trust.is_demo_chain
    return ParcelBuilder(
        tenant.institution,
        node.dependencies.base,
        node.document_source.programme,
        lambda: registered_names(tenant.institution, node.observer(), node.document_source.scope, demo=demo),
    )


def _notice(sentence: str, status: int) -> HTMLResponse:
    return _page("Entrega", Markup("<section><p>{}</p></section>").format(sentence), status)


def _page(title: str, content: Markup, status: int) -> HTMLResponse:
    headers = {"Content-Security-Policy": content_security_policy(), "Cache-Control": "no-store"}
    style = Markup(_file("verificar.css"))  # our own file: it is not escaped
    return HTMLResponse(
        Markup(_file("entrega.html")).format(style=style, title=title, content=content), status, headers
    )


@cache
def _file(name: str) -> str:
    return (resources.files("acredita.node.http") / "pages" / name).read_text(encoding="utf-8")
