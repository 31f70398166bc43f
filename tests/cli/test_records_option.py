"""`--records`: a node's records where the endpoint has no logs; one that lies can only leave the verdict open."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.cli.main import main
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.http.app import NodeDependencies, create_app
from acredita.node.http.request_rate import RateLimits
from acredita.node.ledger import records_node
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.storage.database import Database

from tests.node.http.test_server import running
from tests.simulators.endpoint import endpoint, listening
from tests.waiting import PATIENCE_SECONDS

UNLIMITED = RateLimits(per_second=100_000, burst=100_000)


@dataclass(frozen=True)
class Registry:
    """The demonstration: its folder, an endpoint of its chain that gives no logs, and a node with its records."""

    folder: Path
    rpc: str
    node: str

    def verdicts(self, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, str]]:
        """Verify two sound credentials and every case of the demonstration. Return exit code and verdicts by name."""
        files = [*sorted((self.folder / "credentials").iterdir())[:2], *sorted((self.folder / "cases").glob("*.json"))]
        capsys.readouterr()
        code = main(["verify", "--json", *map(str, files), "--trust", str(self.folder / "trust.json"), *options])
        answers = json.loads(capsys.readouterr().out)
        return code, {Path(each["file"]).name: each["verdict"] for each in answers}

    def one(self, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str | None]:
        """Verify one sound credential. Return exit code, verdict and code."""
        sound = sorted((self.folder / "credentials").iterdir())[0]
        capsys.readouterr()
        code = main(["verify", "--json", str(sound), "--trust", str(self.folder / "trust.json"), *options])
        answer = json.loads(capsys.readouterr().out)
        return code, answer["verdict"], answer["code"]


@pytest.fixture(scope="module")
def registry(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    database = Database.create(f"sqlite:///{tmp_path_factory.mktemp('node') / 'node.db'}")
    with Chain.open(demonstration / "chain", read_only=True) as chain:
        rpc = Rpc(chain)
        dependencies = NodeDependencies(
            database=database,
            folder=TrustFolder(demonstration),
            trust=read_trust(demonstration / "trust.json"),
            ledger=RpcLedger(EmbeddedProvider(rpc)),
            clock=lambda: int(time.time()),
            base="https://registro.example",
            records_rate=UNLIMITED,
        )
        with (
            endpoint(lambda request: (200, json.dumps(_without_logs(rpc, request)).encode())) as url,
            running(create_app(dependencies)) as port,
        ):
            yield Registry(demonstration, url, f"http://127.0.0.1:{port}")
    database.close()


def _without_logs(rpc: Rpc, request: Any) -> Any:
    if isinstance(request, list):
        return [_without_logs(rpc, each) for each in request]
    if request["method"] == "eth_getLogs":
        return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "no logs here"}}
    return rpc.handle(request)


@pytest.fixture(scope="module")
def honest(registry: Registry) -> dict[str, str]:
    """Return the verdicts by the demonstration's own chain, as its summary states them."""
    summary = json.loads((registry.folder / "summary.json").read_text())["files"]
    return {Path(name).name: row["verdict"] for name, row in summary.items()}


def test_without_logs_a_sound_credential_is_indeterminate(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    assert registry.one(capsys, "--rpc", registry.rpc)[:2] == (3, "indeterminate")


@pytest.mark.parametrize("page", [2, records_node.PAGE])
@pytest.mark.parametrize("more", [[], ["--proofs"]], ids=["told", "proven"])
def test_the_records_of_a_node_are_enough(
    registry: Registry,
    honest: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    page: int,
    more: list[str],
) -> None:
    """Give every file the verdict that it has by the logs, from pages of either size."""
    monkeypatch.setattr(records_node, "PAGE", page)
    _, verdicts = registry.verdicts(capsys, "--rpc", registry.rpc, "--records", registry.node, *more)
    assert verdicts == {name: honest[name] for name in verdicts}
    assert {"recognised", "invalid"} < set(verdicts.values())


def test_a_bundle_of_records_needs_the_receipt(
    registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = sorted((registry.folder / "credentials").iterdir())[0]
    trust = ["--trust", str(registry.folder / "trust.json")]
    out, ledger = tmp_path / "x.acredita", ["--rpc", registry.rpc, "--records", registry.node]
    assert main(["bundle", str(sound), "--out", str(out), *trust, *ledger]) == 0
    assert main(["verify", str(out), *trust]) == 0
    alone = tmp_path / "alone.json"
    alone.write_bytes(sound.read_bytes())
    assert main(["verify", str(alone), *trust, *ledger]) == 0
    capsys.readouterr()
    assert main(["bundle", str(alone), "--out", str(tmp_path / "no"), *trust, *ledger]) != 0
    assert "RECEIPT_MISSING" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


Page = dict[str, Any]
Lie = Callable[[Page], Any]


def _altered(page: Page) -> Page:
    *others, last = page["records"]
    return page | {"records": [*others, last[:-1] + ("0" if last[-1] != "0" else "1")]}


LIES: dict[str, Lie] = {
    "without the first": lambda page: page | {"records": page["records"][1:]},
    "without the last": lambda page: page | {"records": page["records"][:-1]},
    "without any": lambda page: page | {"records": []},
    "altered": _altered,
    "cut short": lambda page: page | {"records": [row[:-2] for row in page["records"]]},
    "in another order": lambda page: page | {"records": page["records"][::-1]},
    "twice": lambda page: page | {"records": page["records"] * 2},
    "of nothing": lambda page: page | {"records": ["0x", *page["records"]]},
    "no hex": lambda page: page | {"records": ["records", None, 7]},
    "no list": lambda page: page | {"records": "0x"},
    "of another subject": lambda page: page | {"subject": "0x" + "11" * 32},
    "of another contract": lambda page: page | {"address": "0x" + "11" * 20},
    "another next": lambda page: page | {"next": 0},
    "endless": lambda page: page | {"records": (page["records"] * 100)[:100], "next": "following"},
    "a list": lambda page: [page],
    "no JSON": lambda _page: b"{",
    "too long": lambda _page: b" " * (2 << 20),
}


WIDE = {"without the last", "altered", "twice"}
"""The lies under which every case is verified; under the others a sound credential alone is."""


@contextmanager
def lying(node: str, lie: Lie, asked: list[str]) -> Iterator[str]:
    """Serve a node's records through a lie; `asked` notes each request."""

    class Liar(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            with urllib.request.urlopen(node + self.path.partition("?")[0], timeout=PATIENCE_SECONDS) as answer:
                page = lie(json.load(answer))
            if isinstance(page, dict) and page["next"] == "following":
                page["next"] = int(self.path.partition("offset=")[2].partition("&")[0]) + len(page["records"])
            body = page if isinstance(page, bytes) else json.dumps(page).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Write nothing."""

    with listening(Liar) as url:
        yield url


@pytest.mark.parametrize("name", LIES)
def test_a_lying_node_changes_no_verdict_but_to_indeterminate(
    registry: Registry, honest: dict[str, str], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    asked: list[str] = []
    with lying(registry.node, LIES[name], asked) as url:
        told = registry.one(capsys, "--rpc", registry.rpc, "--records", url)
        code, verdicts = registry.verdicts(capsys, "--rpc", registry.rpc, "--records", url) if name in WIDE else (1, {})
    assert asked
    assert told[:2] == (3, "indeterminate")
    assert told[2] == "LEDGER_INCOMPLETE" or name == "too long"
    assert code == 1, "a broken signature is invalid all the same"
    for file, verdict in verdicts.items():
        assert verdict in {"indeterminate", honest[file]}, file
        assert verdict not in {"recognised", "valid_with_warnings"}, file


def test_records_of_another_subject_do_not_count(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    """Serve the first subject's records, which are whole, as those of every subject."""
    first: list[Page] = []

    def lie(page: Page) -> Page:
        first.append(page)
        return page | {"records": first[0]["records"]}

    with lying(registry.node, lie, []) as url:
        told = registry.one(capsys, "--rpc", registry.rpc, "--records", url)
    assert len(first) > 1
    assert told == (3, "indeterminate", "LEDGER_INCOMPLETE")


@pytest.mark.parametrize("status", [302, 404, 429, 500])
def test_a_node_that_does_not_answer_is_asked_once(
    registry: Registry, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Location", registry.node + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Write nothing."""

    with listening(Elsewhere) as url:
        _, verdicts = registry.verdicts(capsys, "--rpc", registry.rpc, "--records", url)
    assert len(asked) == 1
    assert not {"recognised", "valid_with_warnings"} & set(verdicts.values())


def test_whole_logs_need_no_node(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    """Ask the endpoint first: a node that is gone takes nothing away."""
    assert registry.one(capsys, "--records", "http://127.0.0.1:1") == (0, "recognised", None)


@pytest.mark.parametrize("named", ["a/folder", "ftp://127.0.0.1", "http://a:b@127.0.0.1", "http://127.0.0.1/?q"])
def test_a_name_that_is_no_address_is_a_usage_error(
    registry: Registry, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    sound = str(sorted((registry.folder / "credentials").iterdir())[0])
    trust = ["--trust", str(registry.folder / "trust.json"), "--records", named]
    for command in (["verify", sound], ["bundle", sound, "--out", str(registry.folder / "no")]):
        assert main([*command, *trust, "--lang", "es"]) == 2
        assert "http" in (error := capsys.readouterr().err)
        assert "expected" not in error
