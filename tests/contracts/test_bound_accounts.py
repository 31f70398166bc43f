"""Nobody binds another's address: an account gets a role by its own signature or by its own call, and for nothing else."""

import pytest
from acredita.anchoring.account_signature import sign_consent
from acredita.anchoring.transaction import LocalAccount
from acredita.contracts.abi import Call
from acredita.contracts.account_consent import BY_CALL, ConsentDomain, SignedConsent
from acredita.contracts.bindings import AccountPurpose

from tests.contracts.harness import ACT, DAY, STRANGER, UP, UT, World, active, apply, deploy, digest

VICTIM = LocalAccount(b"\x09" * 32)
NEW_AGENCY = digest("did:new agency")
PURPOSES = [purpose for purpose in AccountPurpose if purpose]


def binding(world: World, purpose: AccountPurpose, consent: SignedConsent) -> tuple[bytes, Call]:
    """Return the sender and the call that bind the victim's account to UT, or to an agency, for a purpose."""
    issuers, council, victim = world.issuers, world.council.address, VICTIM.address
    return {
        AccountPurpose.ANCHORING: (UT.control, issuers.add_anchoring_account(UT.subject, victim, consent)),
        AccountPurpose.CUSTODIAN: (council, issuers.appoint_custodian(UT.subject, victim, ACT, consent)),
        AccountPurpose.CONTROL: (council, issuers.replace_control(UT.subject, victim, True, 0, ACT, consent)),
        AccountPurpose.AGENCY: (
            council,
            issuers.recognise_agency(NEW_AGENCY, victim, world.now + DAY, ACT, consent),
        ),
    }[purpose]


def subject(purpose: AccountPurpose) -> bytes:
    return NEW_AGENCY if purpose is AccountPurpose.AGENCY else UT.subject


def signed(world: World, purpose: AccountPurpose, about: bytes, by: LocalAccount = VICTIM) -> SignedConsent:
    domain = ConsentDomain(world.evm.chain_id, world.issuers.address)
    return sign_consent(by, domain, about, purpose, world.now + DAY)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_no_account_is_bound_without_its_consent(purpose: AccountPurpose) -> None:
    world = deploy()
    active(world)
    others = [other for other in PURPOSES if other is not purpose]
    thief = LocalAccount(b"\x66" * 32)
    forged = [
        BY_CALL,
        SignedConsent(world.now + DAY, bytes(65)),
        signed(world, purpose, subject(purpose), by=thief),
        signed(world, purpose, UP.subject),
        *(signed(world, other, subject(purpose)) for other in others),
    ]
    for consent in forged:
        sender, call = binding(world, purpose, consent)
        assert world.attempt(sender, call).reason in ("consent: missing", "consent: signature")
    assert world.ask(world.issuers.account(VICTIM.address)).purpose == AccountPurpose.NONE
    sender, call = binding(world, purpose, signed(world, purpose, subject(purpose)))
    world.send(sender, call)
    bound = world.ask(world.issuers.account(VICTIM.address))
    assert (bound.purpose, bound.subject) == (purpose, subject(purpose))


@pytest.mark.parametrize("purpose", PURPOSES)
def test_an_account_that_cannot_sign_consents_by_a_call_and_takes_it_back(purpose: AccountPurpose) -> None:
    world = deploy()
    active(world)
    sender, call = binding(world, purpose, BY_CALL)
    world.send(VICTIM.address, world.issuers.consent(subject(purpose), purpose))
    assert world.ask(world.issuers.consents(VICTIM.address, subject(purpose))) == purpose
    world.send(VICTIM.address, world.issuers.consent(subject(purpose), AccountPurpose.NONE))
    assert world.attempt(sender, call).reason == "consent: missing"
    world.send(VICTIM.address, world.issuers.consent(subject(purpose), purpose))
    world.send(sender, call)


def test_a_consent_leaves_no_record_in_anybodys_history() -> None:
    """Consent to everybody, as a stranger may: no party's history and no total grows by it."""
    world = deploy()
    apply(world)
    before = world.ask(world.issuers.history(UT.subject)), world.ask(world.issuers.total())
    world.send(STRANGER, world.issuers.consent(UT.subject, AccountPurpose.CONTROL))
    assert (world.ask(world.issuers.history(UT.subject)), world.ask(world.issuers.total())) == before


def test_a_consent_for_one_chain_or_registry_is_none_for_another() -> None:
    world, elsewhere = deploy(), deploy(2026)
    apply(world)
    consent = signed(elsewhere, AccountPurpose.ANCHORING, UT.subject)
    assert elsewhere.issuers.address == world.issuers.address  # the same addresses, another chain
    call = world.issuers.add_anchoring_account(UT.subject, VICTIM.address, consent)
    assert world.attempt(UT.control, call).reason == "consent: signature"
