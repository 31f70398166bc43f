"""A world whose registry answers with proof, by a named or by a sealed block, and the story of one institution."""

from dataclasses import dataclass

from acredita.anchoring.ledger import Ledger
from acredita.registry.evidence.build_registry_proof import answer_with_proof, provable_block, prove_records
from acredita.registry.evidence.registry_proof import (
    AnswerKind,
    RegistryProof,
    RegistryQuestion,
    read_registry_proof,
    write_registry_proof,
)
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.case import Moment
from acredita.registry.verification.checked_answer import CheckedAnswer, check_answer

from tests.registry.sealed import network_of, sealed_trust
from tests.registry.world import ACT, DAY, Party, World, party
from tests.simulators.qbft_endpoint import QbftEndpoint

TOP, LOW = party("accreditor with a story"), party("institution with a story")


@dataclass(frozen=True)
class Registry:
    """A world whose answers are proven by a ledger under a trust file."""

    world: World
    ledger: Ledger
    trust: Trust

    def prove(self, question: RegistryQuestion) -> RegistryProof:
        """Make the answer to a question, as a node does."""
        world = self.world
        observer = Observer(self.ledger, world.contracts, self.ledger.head(), world.entries_of)
        records = prove_records(observer, self.trust, question, provable_block(observer, self.trust))
        return answer_with_proof(records, self.trust, question, world.document_source)

    def check(self, proof: RegistryProof, at: int | None = None) -> CheckedAnswer:
        """Check the bytes of an answer at the block's time, or at a moment that is given."""
        read = read_registry_proof(write_registry_proof(proof))
        moment = Moment(self.world.now if at is None else at, given=at is not None)
        return check_answer(read, self.trust, moment)


def registry_over(world: World, *, sealed: bool, mine: bool = True) -> Registry:
    """Return a world's registry, proven at the head: a new block, so that its trust file is of now."""
    if mine:
        world.chain.mine()
    if sealed:
        return Registry(world, QbftEndpoint(network_of(world), 1).ledger(), sealed_trust(world))
    return Registry(world, world.ledger, world.trust())


def issuer(subject: bytes, at: int | None = None) -> RegistryQuestion:
    return RegistryQuestion(AnswerKind.ISSUER, subject, at=at)


def programme(owner: Party, document: bytes, at: int | None = None) -> RegistryQuestion:
    return RegistryQuestion(AnswerKind.PROGRAMME, document, owner.id, at)


def tell_story(world: World) -> None:
    """Accredit an institution below another, amend its scope, and revoke it with effect from an earlier day."""
    world.accredit(TOP, world.scope(TOP), days=2_000)
    world.decide(world.issuers.set_delegation(TOP.id, True, ACT))
    world.accredit(LOW, world.scope(LOW), accreditor=TOP)
    world.pass_time(30 * DAY)
    world.decide(world.issuers.amend_scope(LOW.id, world.scope(LOW, name={"es": "Otro nombre (DEMO)"}).digest, ACT))
    world.pass_time(30 * DAY)
    world.decide(world.issuers.revoke(LOW.id, ACT))
    world.decide(world.issuers.set_void_from(LOW.id, world.now - 40 * DAY, ACT))
