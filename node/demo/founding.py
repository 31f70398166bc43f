"""Found the demonstration: the authority's council, the agency, four institutions, their programmes."""

from acredita.contracts import bindings
from acredita.contracts.bindings import AccountPurpose, KeyPurpose
from acredita.node.custody.key_ring import ASSERTION, NOTE
from acredita.node.demo.documents import IN_REVIEW, DemoInstitution, documents_for, institutions
from acredita.node.demo.environment import DemoEnvironment, DemoEvent, key_file
from acredita.node.ledger.single_operator_acts import Authority, ControlAccount, consent_of, deploy, do_alone
from acredita.node.runtime.tenant import generate_keys
from acredita.registry.keys.did import issuer_id

AGENCY_DID = "did:web:agencia.example"
AUTHORITY_DID = "did:web:autoridad.example"
APPROVED_ON = {"demo-ce": "2025-04-01", "demo-ut": "2026-02-10", "demo-up": "2026-02-20", "demo-bt": "2026-02-20"}
REDESIGNED = "urn:mc-demo:prog:diseno-microcredenciales"


def deploy_contracts(demo: DemoEnvironment) -> None:
    """Deploy the contracts with a council of two out of three and a recovery set; recognise the agency."""
    members = [demo.new_account() for _ in range(3)]
    recovery = [demo.new_account() for _ in range(3)]
    demo.contracts = deploy(
        members[0], [member.address for member in members], 2, [keeper.address for keeper in recovery], 2
    )
    demo.authority = Authority(demo.contracts, (members[0], members[1]))
    demo.agency = demo.new_account()
    subject, registry = issuer_id(AGENCY_DID), demo.contracts.issuer_registry
    act = demo.legal_act("Reconocimiento de la agencia")
    consent = consent_of(demo.agency.ledger, registry, demo.agency.signer, subject, AccountPurpose.AGENCY)
    values = {"did": subject, "account-address": demo.agency.address, "until": demo.time("2031-01-01")}
    demo.council.do("recognise-agency", {**values, "act": act, "consent": consent}, act)
    demo.report(
        DemoEvent(
            "La autoridad despliega cuatro contratos; su consejo decide dos de tres y reconoce a una agencia.",
            "The authority deploys four contracts; its council decides two of three and recognises an agency.",
        )
    )


def open_institutions(demo: DemoEnvironment) -> None:
    """Generate keys for each institution, and put their DIDs into the demonstration's documents."""
    dids = {"demo-autoridad": AUTHORITY_DID, "demo-agencia": AGENCY_DID}
    for party in institutions():
        if party.role == "issuer":
            keystore = demo.new_keystore(party.key)
            generate_keys(keystore)
            tenant = demo.open_tenant(party.key, party.name["es"], keystore)
            demo.control(party.key, tenant.issuer, keystore)
            dids[party.key] = tenant.institution.did
    demo.documents = documents_for(dids)


def accredit(demo: DemoEnvironment, key: str) -> None:
    """Accredit an institution: application, internal quality, the agency's review, the council's decision."""
    party = next(party for party in institutions() if party.key == key)
    if party.accreditation is None:
        raise RuntimeError(f"{key} is no issuer")
    since, until = party.accreditation
    demo.set_day(since)
    control, act = demo.controls[key], demo.legal_act(f"Acreditación de {party.name['es']}")
    _apply(demo, key, control, act)
    agency = demo.agency
    assert agency is not None
    report = demo.legal_act(f"Dictamen de la agencia sobre {party.name['es']}")
    do_alone(agency, demo.deployed, "review", {"did": control.issuer, "favourable": True, "report": report})
    scope = demo.texts.scopes[key].digest
    demo.council.do("activate", {"did": control.issuer, "until": demo.time(until), "scope": scope, "act": act}, act)
    demo.report(
        DemoEvent(
            f"{party.name['es']}: solicitud, calidad interna, dictamen de la agencia y acreditación por el consejo.",
            f"{party.name['es']}: application, internal quality, the agency's review, accreditation by the council.",
        )
    )


def _apply(demo: DemoEnvironment, key: str, control: ControlAccount, act: bytes) -> None:
    tenant = demo.tenants[key]
    control.apply(act)
    control.attest_quality(demo.legal_act("Constancia del sistema interno de calidad"))
    for name, purpose in ((ASSERTION, KeyPurpose.ASSERTION), (NOTE, KeyPurpose.NOTE)):
        statement = control.add_key(tenant.keystore.signer(name), purpose)
        demo.public[key_file(statement.digest)] = statement.data
    control.add_anchoring_account(tenant.writer.signer)


def approve_programmes(demo: DemoEnvironment, key: str) -> None:
    """Submit the institution's programmes and approve them by one act, but for the one in review."""
    demo.set_day(APPROVED_ON[key])
    control, act = demo.controls[key], demo.legal_act(f"Aprobación de programas de {key}")
    first = None
    for programme in demo.texts.of_issuer(demo.tenants[key].institution.did):
        follows = first if programme.id == REDESIGNED and first is not None else bindings.NO_SUBJECT
        control.submit_programme(programme.digest, follows)
        if programme.id == IN_REVIEW:
            continue
        if programme.id == REDESIGNED and first is None:
            first = programme.digest
        version = (demo.tenants[key].issuer, programme.digest)
        demo.council.do("approve-programme", {"programme": version, "until": 0, "act": act}, act)
    demo.report(
        DemoEvent(
            f"Programas de {key} aprobados; cada versión es un resumen SHA-256 en la cadena.",
            f"Programmes of {key} approved; each version is a SHA-256 digest on the chain.",
        )
    )


def issuers() -> list[DemoInstitution]:
    """Return the parties that issue."""
    return [party for party in institutions() if party.role == "issuer"]
