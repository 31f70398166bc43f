"""A programme submitted by another does not stand in the owner's way, and is never recognised.

A stranger with an application of its own submits the owner's document first. The contract keeps two versions. The verifier
asks for the version of the credential's issuer, and takes no document that names another issuer.
"""

from acredita.contracts.bindings import ProgrammeState, programme_version
from acredita.registry.verification.results import Verdict

from tests.contracts.harness import ACT, UP, UT, active, apply, deploy, digest
from tests.registry.verification.asking import ask
from tests.registry.world import HOUR, ISSUED, World

DOCUMENT = digest("programme")
LATER = digest("programme, second version")


def test_who_submits_anothers_document_first_has_a_version_of_its_own() -> None:
    world = deploy()
    apply(world, UP)  # the stranger
    active(world)  # the owner
    for document in (DOCUMENT, LATER):
        world.send(UP.control, world.programmes.submit(UP.subject, document))
    world.send(UT.control, world.programmes.submit(UT.subject, DOCUMENT))
    world.send(UT.control, world.programmes.submit(UT.subject, LATER, DOCUMENT))
    pairs = [(UT.subject, DOCUMENT), (UT.subject, LATER)]
    world.decide(world.programmes.approve_batch(pairs, 0, ACT))

    def state(owner: bytes, document: bytes) -> ProgrammeState:
        return world.ask(world.programmes.programme_now(programme_version(owner, document))).state

    assert [state(*pair) for pair in pairs] == [ProgrammeState.SUPERSEDED, ProgrammeState.APPROVED]
    assert state(UP.subject, DOCUMENT) == state(UP.subject, LATER) == ProgrammeState.SUBMITTED
    withdrawn = world.programmes.withdraw(UT.subject, LATER, ACT)
    assert world.attempt(UP.control, withdrawn).reason == "programme: not the owner"


def test_a_credential_under_anothers_programme_is_not_recognised_and_the_owners_is() -> None:
    world = World()
    owner, stranger = world.parties["up"], world.parties["ut"]
    programme = world.documents.programme("analitica-ingenieria")
    world.accredit(stranger, world.scope(stranger))
    world.approve(stranger, programme)  # submitted first, and approved by mistake
    world.accredit(owner, world.documents.scopes["demo-up"])
    world.approve(owner, programme)
    world.clock.now = ISSUED + HOUR
    genuine, forged = world.sign(owner, programme), world.sign(stranger, programme)
    [receipt] = world.anchor(owner, [genuine])
    [other] = world.anchor(stranger, [forged])
    world.pass_time(HOUR)

    assert ask(world, genuine, receipt).verdict is Verdict.RECOGNISED
    report = ask(world, forged, other)
    assert (report.verdict, report.code) == (Verdict.NOT_RECOGNISED, "PROGRAMME_NOT_OF_ISSUER")
