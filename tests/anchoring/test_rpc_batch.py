"""A batch gives what single questions give, whatever an endpoint does with batches."""

from collections.abc import Callable
from typing import Any

import pytest
from acredita.anchoring.ledger import LedgerUnavailable, LogQuery, PartialLedgerUnavailable
from acredita.anchoring.question_batch import QuestionBatch, one_by_one
from acredita.anchoring.rpc_ledger import MAX_LOG_BLOCKS, RpcLedger
from acredita.anchoring.rpc_provider import EndpointProvider
from acredita.anchoring.types import Address
from acredita.contracts import bindings
from acredita.devnet.rpc.provider import EmbeddedProvider
from web3.types import RPCEndpoint

from tests.simulators.installation import Installation, install

Batch = list[tuple[RPCEndpoint, Any]]


@pytest.fixture(scope="module")
def installation() -> Installation:
    return install()


class EditedBatches(EmbeddedProvider):
    """An endpoint whose answers to batches are edited."""

    def __init__(self, installation: Installation, edit: Callable[[Any], Any]) -> None:
        super().__init__(installation.rpc)
        self._edit = edit

    def make_batch_request(self, requests: Batch) -> Any:
        return self._edit(super().make_batch_request(requests))


def questions(installation: Installation) -> QuestionBatch:
    deployment, head = installation.deployment, installation.ledger.head()
    addresses = (Address(deployment.council), Address(deployment.issuer_registry))
    views = (bindings.Council(deployment.council).total(), bindings.Council(deployment.council).proposal_count())
    heights = (0, head.number, head.number + 1)
    return QuestionBatch(head.hash, views, addresses, heights, LogQuery(0, head.number + MAX_LOG_BLOCKS, addresses))


def test_a_batch_gives_what_single_questions_give(installation: Installation) -> None:
    asked = questions(installation)
    answers = RpcLedger(EmbeddedProvider(installation.rpc)).batch(asked)
    assert answers == one_by_one(installation.ledger, asked)
    assert answers.logs
    assert answers.blocks[2] is None


def test_an_endpoint_that_takes_no_batch_is_asked_one_by_one(installation: Installation) -> None:
    asked = questions(installation)
    refusing = EditedBatches(installation, lambda _: {"error": {"code": -32600, "message": "no batches"}})
    assert RpcLedger(refusing).batch(asked) == one_by_one(installation.ledger, asked)


@pytest.mark.parametrize(
    "edit",
    [
        lambda answers: answers[:-1],
        lambda answers: [*answers, answers[0]],
        lambda answers: [answers[0]] * len(answers),
        lambda answers: [None] * len(answers),
        lambda answers: [],
        lambda answers: [{"id": answer["id"]} for answer in answers],
    ],
)
def test_a_batch_that_is_not_whole_is_no_answer(installation: Installation, edit: Callable[[Any], Any]) -> None:
    with pytest.raises(LedgerUnavailable):
        RpcLedger(EditedBatches(installation, edit)).batch(questions(installation))


def test_a_failure_of_one_answer_is_a_failure_of_the_batch(installation: Installation) -> None:
    def failing(answers: Any) -> Any:
        return [*answers[:-1], {"id": 1, "error": {"code": -32000, "message": "query returned more than 1000 results"}}]

    with pytest.raises(LedgerUnavailable, match="more than 1000 results"):
        RpcLedger(EditedBatches(installation, failing)).batch(questions(installation))


def test_a_cut_batch_is_told_as_incomplete(installation: Installation) -> None:
    with pytest.raises(PartialLedgerUnavailable, match="answers"):
        RpcLedger(EditedBatches(installation, lambda answers: answers[:2])).batch(questions(installation))


def test_an_answer_deeper_than_any_is_refused_before_it_is_parsed() -> None:
    """Refuse it in time: Python's own limit is raised by py-evm, and beyond the parser's stack the process ends."""
    with pytest.raises(ValueError, match="levels of nesting"):
        EndpointProvider.decode_rpc_response(b"[" * 200_000)
