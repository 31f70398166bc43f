"""First scenes: the council of the authority, the agency, four institutions, their programmes."""

from acredita.contracts import bindings
from acredita.contracts.bindings import KeyPurpose
from acredita.node.custody.key_ring import ASSERTION, NOTE
from acredita.node.demo.documents import IN_REVIEW, Institution, documents_for, institutions
from acredita.node.demo.stage import Stage, Told, key_file
from acredita.node.ledger.single_operator_acts import Authority, ControlAccount, deploy
from acredita.node.runtime.tenant import generate_keys
from acredita.registry.keys.did import issuer_id

AGENCY_DID = "did:web:agencia.example"
AUTHORITY_DID = "did:web:autoridad.example"
APPROVED_ON = {"demo-ce": "2025-04-01", "demo-ut": "2026-02-10", "demo-up": "2026-02-20", "demo-bt": "2026-02-20"}
REDESIGNED = "urn:mc-demo:prog:diseno-microcredenciales"


def found(stage: Stage) -> None:
    """The contracts, a council of two out of three, a recovery set, a recognised quality agency."""
    members = [stage.account() for _ in range(3)]
    recovery = [stage.account() for _ in range(3)]
    stage.contracts = deploy(
        members[0], [member.address for member in members], 2, [keeper.address for keeper in recovery], 2
    )
    stage.authority = Authority(stage.contracts, (members[0], members[1]))
    stage.agency = stage.account()
    until = stage.time("2031-01-01")
    recognise = stage.council.issuers.recognise_agency(
        issuer_id(AGENCY_DID), stage.agency.address, until, stage.act("Reconocimiento de la agencia")
    )
    stage.council.decide(recognise, stage.act("Reconocimiento de la agencia"))
    stage.tell(
        Told(
            "La autoridad despliega cuatro contratos; su consejo decide dos de tres y reconoce a una agencia.",
            "The authority deploys four contracts; its council decides two of three and recognises an agency.",
        )
    )


def open_institutions(stage: Stage) -> None:
    """Keys for each institution; the demonstration's documents take the DIDs that come from them."""
    dids = {"demo-autoridad": AUTHORITY_DID, "demo-agencia": AGENCY_DID}
    for party in institutions():
        if party.role == "issuer":
            keystore = stage.new_keystore(party.key)
            generate_keys(keystore)
            tenant = stage.open_tenant(party.key, party.name["es"], keystore)
            stage.control(party.key, tenant.issuer, keystore)
            dids[party.key] = tenant.institution.did
    stage.documents = documents_for(dids)


def accredit(stage: Stage, key: str) -> None:
    """Application, internal quality, the agency's review, the council's decision; then the programmes."""
    party = next(party for party in institutions() if party.key == key)
    if party.accreditation is None:
        raise RuntimeError(f"{key} is no issuer")
    since, until = party.accreditation
    stage.on(since)
    control, act = stage.controls[key], stage.act(f"Acreditación de {party.name['es']}")
    _apply(stage, key, control, act)
    agency = stage.agency
    assert agency is not None
    report = stage.act(f"Dictamen de la agencia sobre {party.name['es']}")
    agency.transact(stage.council.issuers.review(control.issuer, True, report))
    scope = stage.texts.scopes[key].digest
    activate = stage.council.issuers.activate(control.issuer, stage.time(until), scope, act)
    stage.council.decide(activate, act)
    stage.tell(
        Told(
            f"{party.name['es']}: solicitud, calidad interna, dictamen de la agencia y acreditación por el consejo.",
            f"{party.name['es']}: application, internal quality, the agency's review, accreditation by the council.",
        )
    )


def _apply(stage: Stage, key: str, control: ControlAccount, act: bytes) -> None:
    tenant = stage.tenants[key]
    control.apply(act)
    control.attest_quality(stage.act("Constancia del sistema interno de calidad"))
    for name, purpose in ((ASSERTION, KeyPurpose.ASSERTION), (NOTE, KeyPurpose.NOTE)):
        statement = control.add_key(tenant.keystore.signer(name), purpose)
        stage.public[key_file(statement.digest)] = statement.data
    control.add_anchoring_account(tenant.writer.signer.address)


def approve_programmes(stage: Stage, key: str) -> None:
    """The institution submits its programmes; the council approves them by one act, but for the one in review."""
    stage.on(APPROVED_ON[key])
    control, act = stage.controls[key], stage.act(f"Aprobación de programas de {key}")
    first = None
    for programme in stage.texts.of_issuer(stage.tenants[key].institution.did):
        follows = first if programme.id == REDESIGNED and first is not None else bindings.NO_SUBJECT
        control.submit_programme(programme.digest, follows)
        if programme.id == IN_REVIEW:
            continue
        if programme.id == REDESIGNED and first is None:
            first = programme.digest
        stage.council.decide(stage.council.programmes.approve(programme.digest, 0, act), act)
    stage.tell(
        Told(
            f"Programas de {key} aprobados; cada versión es un resumen SHA-256 en la cadena.",
            f"Programmes of {key} approved; each version is a SHA-256 digest on the chain.",
        )
    )


def issuers() -> list[Institution]:
    return [party for party in institutions() if party.role == "issuer"]
