"""A canary in every learner field: it gets into no log line, metric, error, address or public answer."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from acredita.node.http.app import create_app
from acredita.node.runtime.json_logs import JsonLines, write_json_lines

from tests.node.http.test_credentials import order
from tests.node.http.two_institution_node import CANARY, Client, TwoInstitutionNode, body


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Return everything logged while the test runs, as the node writes it."""
    stream = io.StringIO()
    root = logging.getLogger()
    level = root.level
    handler = write_json_lines(stream, logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def learner_values(credential: bytes) -> list[str]:
    """Yield the values in a credential about its person, and names that lead to it."""
    document = json.loads(credential)
    identity = document["credentialSubject"]["identifier"][0]
    return [CANARY, document["id"], identity["identityHash"], identity["salt"], document["proof"]["proofValue"]]


def test_no_canary_leaves_the_node(node: TwoInstitutionNode, client: Client, lines: io.StringIO) -> None:
    credential = node.credential(node.digests[0])
    digest = node.digests[0].hex()
    answers = [
        client.post("/v1/credentials", content=order(node, 500), headers=node.bearer("issue")),
        client.post("/v1/credentials", content=order(node, 501, reissue=CANARY), headers=node.bearer("issue")),
        client.post("/v1/credentials", content=order(node, 502)),
        client.post("/v1/credentials", content=order(node, 503)[:-3], headers=node.bearer("issue")),
        client.post("/v1/credentials", content=order(node, 504, **{CANARY: 1}), headers=node.bearer("issue")),
        client.post("/v1/verify", content=credential),
        client.post("/v1/verify", content=body(credential, identifier=f"{CANARY} 1")),
        client.post("/v1/verify", content=body(credential, receipt={CANARY: CANARY})),
        client.post("/v1/verify", content=body(credential, at=CANARY)),
        client.post("/v1/verify", content=credential.replace(b'"sha256$', b'"' + CANARY.encode(), 1)),
        client.post("/v1/credentials", content=b'{"' + CANARY.encode() + b'":null}', headers=node.bearer("issue")),
        client.get(f"/v1/credentials/{digest}"),
        client.get(f"/v1/receipts/{digest}"),
        client.get(f"/v1/credentials/{CANARY}"),
        client.get(f"/nowhere/{CANARY}", params={"q": CANARY}),
        client.post(f"/v1/credentials/{digest}/status", content=json.dumps({"action": CANARY}).encode()),
        client.post("/authorization", content=json.dumps({"entity_id": CANARY}).encode()),
        client.post("/verificar", content=f"credencial={CANARY}".encode()),
        client.get("/metrics"),
        client.get("/openapi.json"),
    ]
    outputs = [answer.text + str(answer.headers) for answer in answers] + [lines.getvalue()]
    assert len(lines.getvalue().splitlines()) >= len(answers)
    for value in learner_values(credential):
        assert not any(value in text for text in outputs), value
        assert not any(json.dumps(value)[1:-1] in text for text in outputs), value
    assert digest not in lines.getvalue()


def test_a_request_is_one_line_that_names_its_route(
    node: TwoInstitutionNode, client: Client, lines: io.StringIO
) -> None:
    client.get(f"/v1/receipts/{node.digests[0].hex()}")
    [line] = [json.loads(text) for text in lines.getvalue().splitlines() if '"request"' in text]
    assert line["route"] == "/v1/receipts/{digest}"
    assert (line["method"], line["status"], line["level"]) == ("GET", 200, "info")
    assert set(line) == {"time", "level", "logger", "message", "route", "method", "status", "milliseconds"}


def test_arguments_and_unknown_fields_never_reach_a_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "issued %s to %s", (CANARY, CANARY), None)
    record.learner = CANARY
    record.code = "IDEMPOTENT"
    line = json.loads(JsonLines().format(record))
    assert (line["message"], line["code"]) == ("issued %s to %s", "IDEMPOTENT")
    assert CANARY not in json.dumps(line, ensure_ascii=False)


def test_an_exceptions_text_never_reaches_a_line() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        found = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "it failed", (), found)
    line = json.loads(JsonLines().format(record))
    assert line["exception"] == "ValueError"
    assert line["places"][0].startswith("test_privacy.py:")
    assert CANARY not in json.dumps(line, ensure_ascii=False)


def test_what_nobody_foresaw_is_a_problem_without_its_text(node: TwoInstitutionNode, lines: io.StringIO) -> None:
    def broken() -> None:
        raise RuntimeError(CANARY)

    app = create_app(node.dependencies)
    app.add_api_route("/broken", broken)
    with Client(app) as client:
        answer = client.get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert CANARY not in answer.text + lines.getvalue()
    assert '"kind": "RuntimeError"' in lines.getvalue()
