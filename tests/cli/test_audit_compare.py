"""`acredita audit compare`: a node that answers rightly, ones that do not, and ones that cannot be compared."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from acredita.cli.main import main

from tests.cli.test_status_at_once import serving
from tests.simulators.endpoint import listening
from tests.simulators.noted_log import NotedLog, noted_log
from tests.waiting import PATIENCE_SECONDS

Answers = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def log(accredited_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> NotedLog:
    return noted_log(accredited_folder, tmp_path_factory.mktemp("compared") / "ut")


@pytest.fixture(scope="module")
def answers(log: NotedLog) -> Answers:
    """Return what a real node answers, by path."""
    with serving(port_of_any(log)) as url, httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as client:
        paths = ["/v1/issuers", "/v1/programmes", f"/v1/issuers/{log.issuer.hex()}"]
        programmes = client.get("/v1/programmes").json()["programmes"]
        paths += [f"/v1/programmes/{row['programme'].removeprefix('0x')}" for row in programmes]
        return {path: client.get(path).json() for path in paths}


def port_of_any(log: NotedLog) -> Path:
    config = log.data / "acredita.toml"
    lines = [line for line in config.read_text().splitlines() if not line.startswith("port =")]
    config.write_text("\n".join(lines).replace("[node]", "[node]\nport = 0") + "\n")
    return config


@contextmanager
def answering(answers: Answers) -> Iterator[str]:
    class Node(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(urlsplit(self.path).path)
            self.send_response(404 if answer is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *arguments: object) -> None:
            """Write nothing."""

    with listening(Node) as url:
        yield url


def compared(capsys: pytest.CaptureFixture[str], log: NotedLog, url: str) -> tuple[int, list[dict[str, Any]]]:
    capsys.readouterr()
    code = main(["audit", "compare", "--node", url, *log.options, "--json"])
    return code, json.loads(capsys.readouterr().out)["findings"]


def test_a_node_that_answers_rightly_agrees(
    log: NotedLog, answers: Answers, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(answers) as url:
        assert compared(capsys, log, url) == (0, [])


def altered(issuer: str, alter: Callable[[Answers, str], None], answers: Answers) -> Answers:
    copy: Answers = json.loads(json.dumps(answers))
    alter(copy, f"/v1/issuers/{issuer}")
    return copy


LIES: dict[str, tuple[Callable[[Answers, str], None], str, int]] = {
    "state": (lambda a, path: a[path].update(state="suspended"), "issuers", 1),
    "timeline": (lambda a, path: a[path]["timeline"].pop(), "timelines", 1),
    "key": (lambda a, path: a[path]["keys"][0].update(until="2026-01-01T00:00:00Z"), "keys", 1),
    "issuer left out": (lambda a, path: a["/v1/issuers"]["issuers"].clear(), "issuers listed", 1),
    "programme invented": (
        lambda a, path: a["/v1/programmes"]["programmes"][0].update(programme="0x" + "11" * 32),
        "programmes listed",
        1,
    ),
    "not whole": (lambda a, path: a["/v1/issuers"].update(whole=False), "issuers", 3),
    "ahead": (lambda a, path: a["/v1/issuers"].update(block=10**9), "issuers", 3),
    "no JSON object": (lambda a, path: a.pop("/v1/issuers"), "issuers", 3),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_differs_is_named_and_what_cannot_be_told_accuses_nobody(
    log: NotedLog, answers: Answers, capsys: pytest.CaptureFixture[str], lie: str
) -> None:
    alter, kind, exit_code = LIES[lie]
    with answering(altered(log.issuer.hex(), alter, answers)) as url:
        code, findings = compared(capsys, log, url)
    assert code == exit_code
    assert kind in {finding["kind"] for finding in findings}
    assert all(finding["command"].startswith(f"curl {url}/v1/") for finding in findings)


def test_a_silent_node_could_not_be_compared(log: NotedLog, capsys: pytest.CaptureFixture[str]) -> None:
    with answering({}) as url:
        pass
    code, findings = compared(capsys, log, url)
    assert (code, {finding["weight"] for finding in findings}) == (3, {"unknown"})
