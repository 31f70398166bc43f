"""A batch gives what single questions give, whatever an endpoint does with batches."""

import gzip
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

import pytest
from acredita.anchoring.ledger import LedgerUnavailable, LogQuery, PartialLedgerUnavailable
from acredita.anchoring.question_batch import QuestionBatch, one_by_one
from acredita.anchoring.rpc_ledger import MAX_LOG_BLOCKS, RpcLedger
from acredita.anchoring.rpc_provider import EndpointProvider
from acredita.anchoring.types import Address
from acredita.contracts import bindings
from acredita.devnet.rpc.provider import EmbeddedProvider
from web3.types import RPCEndpoint

from tests.simulators.endpoint import Answer, endpoint, listening
from tests.simulators.installation import Installation, install
from tests.waiting import PATIENCE_SECONDS

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


REIDENTIFIED: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "without ids": lambda answers: [{"result": each["result"]} for each in answers],
    "null ids": lambda answers: [each | {"id": None} for each in answers],
    "equal ids": lambda answers: [each | {"id": answers[0]["id"]} for each in answers],
    "foreign ids": lambda answers: [each | {"id": each["id"] + 1} for each in answers],
    "one foreign id": lambda answers: [*answers[:-1], answers[-1] | {"id": 10**6}],
    "ids of text": lambda answers: [each | {"id": str(each["id"])} for each in answers],
    "ids of fractions": lambda answers: [each | {"id": float(each["id"])} for each in answers],
    "ids of lists": lambda answers: [each | {"id": [each["id"]]} for each in answers],
    "ids of objects": lambda answers: [each | {"id": {}} for each in answers],
    "numbers": lambda answers: list(range(len(answers))),
    "part": lambda answers: answers[:1],
    "more": lambda answers: [*answers, answers[0]],
    "none": lambda answers: [],
}


def served(installation: Installation, edit: Callable[[list[dict[str, Any]]], Any]) -> Answer:
    """Answer batches from the chain, edited, and single requests as they are."""

    def answer(request: Any) -> tuple[int, bytes]:
        answers = installation.rpc.handle(request)
        return 200, json.dumps(edit(answers) if isinstance(answers, list) else answers).encode()  # type: ignore[arg-type]

    return answer


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("edit", REIDENTIFIED.values(), ids=REIDENTIFIED)
def test_answers_with_other_ids_than_their_questions_are_half_a_batch(
    installation: Installation, edit: Callable[[list[dict[str, Any]]], Any]
) -> None:
    with endpoint(served(installation, edit)) as url, pytest.raises(PartialLedgerUnavailable, match="ids"):
        RpcLedger.over_http(url, PATIENCE_SECONDS).batch(questions(installation))


def test_answers_in_another_order_are_given_to_their_questions(installation: Installation) -> None:
    asked = questions(installation)
    with endpoint(served(installation, lambda answers: answers[::-1])) as url:
        assert RpcLedger.over_http(url, PATIENCE_SECONDS).batch(asked) == one_by_one(installation.ledger, asked)


def bounded(url: str, max_bytes: int = 1 << 20, seconds: float = 60.0) -> RpcLedger:
    provider = EndpointProvider(url, exception_retry_configuration=None)
    provider.max_bytes, provider.seconds = max_bytes, seconds
    return RpcLedger(provider)


class PouringEndpoint(BaseHTTPRequestHandler):
    """An endpoint whose body has no end."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.pour()

    def pour(self) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            while True:
                self.wfile.write(b" " * 65_536)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


class DrippingEndpoint(PouringEndpoint):
    """An endpoint that sends a byte at a time, each within any time-out."""

    def pour(self) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            while True:
                self.wfile.write(b" ")


class PackedEndpoint(PouringEndpoint):
    """An endpoint that sends a small body, which unpacks to a big one."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = gzip.compress(b" " * (8 << 20))
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body)


@pytest.mark.parametrize("handler", [PouringEndpoint, PackedEndpoint])
def test_a_body_is_read_up_to_its_bound(handler: type[PouringEndpoint]) -> None:
    with listening(handler) as url, pytest.raises(LedgerUnavailable, match="BodyOverflowError"):
        bounded(url).chain_id()


class BreakingEndpoint(PouringEndpoint):
    """An endpoint whose body is not what its header says: cut short, in broken pieces, or no gzip."""

    broken = (("Content-Length", "100"), ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip"))
    header = broken[0]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header(*self.header)
        self.end_headers()
        self.wfile.write(b'{"jsonrpc": "2.0", "id": 0, "result": "0x1"}')


@pytest.mark.parametrize("header", BreakingEndpoint.broken)
def test_a_body_that_is_not_what_its_header_says_is_no_answer(header: tuple[str, str]) -> None:
    with listening(type("Broken", (BreakingEndpoint,), {"header": header})) as url, pytest.raises(LedgerUnavailable):
        bounded(url).chain_id()


def test_an_endpoint_that_drips_is_left_when_the_time_is_over(installation: Installation) -> None:
    with listening(DrippingEndpoint) as url:
        with pytest.raises(LedgerUnavailable, match="TimeoutError"):
            bounded(url, max_bytes=1 << 40, seconds=0.1).chain_id()
        with pytest.raises(LedgerUnavailable, match="TimeoutError"):
            bounded(url, max_bytes=1 << 40, seconds=0.1).batch(questions(installation))


class DrippingHeadEndpoint(PouringEndpoint):
    """An endpoint whose header never ends; each byte comes within any time-out."""

    beginning = b"HTTP/1.1 200 OK\r\nX-Drip: "
    over = threading.Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(self.beginning)
            while not self.over.wait(0.01):  # slow enough that no bound of bytes ends it
                self.wfile.write(b"x")


class ManyHeadsEndpoint(DrippingHeadEndpoint):
    """An endpoint that goes on announcing an answer that never comes."""

    beginning = b"HTTP/1.1 100 Continue\r\nX-Drip: "


@pytest.mark.parametrize("handler", [DrippingHeadEndpoint, ManyHeadsEndpoint])
def test_an_endpoint_that_drips_its_header_is_left_when_the_time_is_over(
    handler: type[DrippingHeadEndpoint],
) -> None:
    with listening(handler) as url, pytest.raises(LedgerUnavailable, match="Timeout"):
        RpcLedger.over_http(url, 0.2).chain_id()


def test_the_body_has_its_own_time_after_the_header(installation: Installation) -> None:
    """Answer many questions over one connection: the time of one header must not be left on the socket."""

    class Pausing(PouringEndpoint):
        protocol_version = "HTTP/1.1"
        addresses: ClassVar[set[Any]] = set()

        def do_POST(self) -> None:
            self.addresses.add(self.client_address)
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(installation.rpc.handle(request)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for byte in body:
                self.wfile.write(bytes([byte]))

    with listening(Pausing) as url:
        ledger = RpcLedger.over_http(url, PATIENCE_SECONDS)
        assert [ledger.chain_id() for _ in range(5)] == [installation.ledger.chain_id()] * 5
    assert len(Pausing.addresses) == 1


def test_a_packed_answer_within_the_bound_is_read(installation: Installation) -> None:
    class Honest(PackedEndpoint):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = gzip.compress(json.dumps(installation.rpc.handle(request)).encode())
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    asked = questions(installation)
    with listening(Honest) as url:
        assert bounded(url).batch(asked) == one_by_one(installation.ledger, asked)


def test_an_answer_deeper_than_any_is_refused_before_it_is_parsed() -> None:
    """Refuse it in time: Python's own limit is raised by py-evm, and beyond the parser's stack the process ends."""
    with pytest.raises(ValueError, match="levels of nesting"):
        EndpointProvider.decode_rpc_response(b"[" * 200_000)
