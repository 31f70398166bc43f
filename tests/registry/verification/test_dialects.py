"""The verdicts over a QBFT network in each dialect of Besu, by views and by proof, at the head and one block behind.

The quick run takes three dialects and one credential a verdict, the slow one every dialect. `ACREDITA_SEEDS=1 make slow`
takes every dialect with every fixture of the matrix.
"""

import os
from dataclasses import replace

import pytest
from acredita.node.verification import files
from acredita.registry.evidence.proven_ledger import ProvenLedger
from acredita.registry.verification.results import Verdict, VerificationReport

from tests.registry.sealed import network_of, sealed_trust
from tests.registry.verification.asking import QUESTIONS, Case, Row, StepOutcome, ask
from tests.registry.verification.cases import MATRIX
from tests.registry.world import AnchoredWorld
from tests.simulators.half_endpoint import Answers
from tests.simulators.qbft_dialects import BONSAI, DIALECTS, NULL_FOR_THE_FUTURE, PARTIAL_LOGS, Dialect
from tests.simulators.qbft_endpoint import QbftEndpoint


def recognised(anchored: AnchoredWorld) -> VerificationReport:
    return ask(anchored.world, anchored.good, anchored.receipt)


GOOD = Case(Row("recognised", "", 1, "then", StepOutcome.PASSED, Verdict.RECOGNISED, None), recognised)


def one_a_verdict() -> list[Case]:
    """Return a fixture for each verdict: those of the log and the registry, which every dialect is asked about."""
    names = ("credential_revoked", "issuer_never_active", "anchor_pending", "subject_mismatch", "document_missing")
    chosen = [case for case in MATRIX if case.row.name in names]
    verdicts = {case.row.verdict for case in chosen} | {Verdict.RECOGNISED}
    rest = {case.row.verdict: case for case in reversed(MATRIX) if case.row.verdict not in verdicts}
    return [GOOD, *chosen, *rest.values()]


ASKED = [GOOD, *MATRIX] if "ACREDITA_SEEDS" in os.environ else one_a_verdict()
STATE_OF_TWO_BLOCKS = replace(BONSAI, state_window=1)
"""A dialect with the state of two blocks alone, where Besu keeps 512: no reader may ask for older state."""


def test_one_credential_a_verdict_is_chosen() -> None:
    assert {case.row.verdict for case in one_a_verdict()} == set(Verdict)


def honest_and_given(
    dialect: Dialect, case: Case, anchored: AnchoredWorld, *, lag: int, by_proof: bool
) -> tuple[Verdict, Verdict] | None:
    """Return the honest verdict as of the reported block and the one in this dialect; None if no question is put."""
    QUESTIONS.clear()
    case.arrange(anchored)
    if not QUESTIONS or QUESTIONS[0].trust is not None:
        return None  # a bundle, an altered ledger, or a trust file of its own, which is not about endpoints
    question, world = QUESTIONS[0], anchored.world
    for _ in range(lag + 1):
        world.chain.mine()
    network = network_of(world)
    network.lags = {1: lag}
    trust = sealed_trust(world)
    endpoint = QbftEndpoint(network, 1, dialect, Answers(world.rpc))
    ledger = ProvenLedger(endpoint.ledger(), trust) if by_proof else endpoint.ledger()
    observer = files.observe(trust, question.entries_of, ledger, question.moment)
    honest = files.observe(trust, question.entries_of, world.ledger, question.moment)
    return question.answer(honest, trust).verdict, question.answer(observer, trust).verdict


def check_dialect(dialect: Dialect, case: Case, anchored: AnchoredWorld, *, lag: int) -> None:
    """Check that nothing but silence comes of a dialect, and nothing at all of one that lets everything be read."""
    for by_proof in (False, True):
        with anchored.world.branch():
            verdicts = honest_and_given(dialect, case, anchored, lag=lag, by_proof=by_proof)
        if verdicts is None:
            continue
        honest, given = verdicts
        if dialect.token is None:
            assert given is honest
        else:
            assert given in {Verdict.INDETERMINATE, honest}


QUICK = (STATE_OF_TWO_BLOCKS, NULL_FOR_THE_FUTURE, PARTIAL_LOGS)


@pytest.mark.parametrize("case", one_a_verdict(), ids=lambda case: case.row.name)
def test_three_dialects_give_the_honest_verdict(case: Case, anchored: AnchoredWorld) -> None:
    for lag, dialect in enumerate(QUICK):
        check_dialect(dialect, case, anchored, lag=lag % 2)


@pytest.mark.slow
@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.row.name)
@pytest.mark.parametrize("dialect", [*DIALECTS, STATE_OF_TWO_BLOCKS], ids=lambda dialect: dialect.name)
def test_every_dialect_gives_the_honest_verdict(dialect: Dialect, case: Case, anchored: AnchoredWorld) -> None:
    for lag in (0, 1):
        check_dialect(dialect, case, anchored, lag=lag)
