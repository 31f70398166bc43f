"""No test waits less than a busy machine needs, and none sleeps where it can await a condition."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
LEAST_PYTEST_SECONDS = 900  # the longest ordinary test takes half a minute alone, and ten times as long beside others

# Shorter waits that cannot fail on a busy machine, each with the reason why.
ALLOWED = {
    "anchoring/test_ledger.py::test_silence_ends_with_the_timeout": "the server never answers: the limit must fire",
    "anchoring/test_rpc_batch.py::test_an_endpoint_that_drips_is_left_when_the_time_is_over": "the body never ends: the "
    "limit must fire",
    "anchoring/test_rpc_batch.py::test_an_endpoint_that_drips_its_header_is_left_when_the_time_is_over": "the header never "
    "ends: the limit must fire",
    "anchoring/test_rpc_batch.py::do_POST": "the pause between two bytes of a header that never ends",
    "anchoring/test_sender.py::module": "patience of nothing: its sleep does nothing",
    "anchoring/test_sender.py::test_patience_asks_at_least_once_and_ends": "clock and sleep are arguments",
    "node/http/test_vc_api_lists.py::test_a_list_that_takes_too_long_is_the_same_answer": "the list never ends",
    "node/network_check/test_bad_endpoints.py::do_POST": "the pause between two bytes of an answer that never ends",
    "node/outbound/test_fetch.py::test_the_whole_exchange_has_a_time": "the body never ends: the limit must fire",
    "node/mirroring/test_sources.py::test_a_host_that_trickles_is_hung_up": "the body never ends: the limit must fire",
    "node/recovery/test_mirrors.py::test_a_bundle_that_never_ends_is_given_up": "the bundle never ends: the limit must fire",
    "node/write_path/test_bad_line.py::test_a_bad_line_delays_and_does_no_harm": "an answer that is too late is a fault "
    "under test, after which the run is repeated",
    "simulators/institution.py::module": "patience of nothing: its sleep does nothing",
}


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


waits = _load("waits")


def place(found: str) -> str:
    return found.rpartition(": ")[0]


def test_every_wait_is_long_enough_or_has_its_reason() -> None:
    found = waits.short_waits(TESTS, waits.pytest_seconds(ROOT / "pyproject.toml"))
    assert [line for line in found if place(line) not in ALLOWED] == []
    assert sorted(set(ALLOWED) - {place(line) for line in found}) == [], "reasons for waits that are gone"


def test_the_limit_of_one_test_is_wide() -> None:
    assert waits.pytest_seconds(ROOT / "pyproject.toml") >= LEAST_PYTEST_SECONDS


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("httpx.Client(base_url=url)", "keeps its default limit"),
        ("httpx.get(url)", "keeps its default limit"),
        ("RpcLedger.over_http(url)", "keeps its default limit"),
        ("RpcLedger.over_http(url, 5)", "waits less than 60 s"),
        ("httpx.get(url, timeout=30)", "waits less than 60 s"),
        ("httpx.get(url, timeout=PATIENCE)", "waits less than 60 s"),
        ("httpx.get(url, timeout=2 * PATIENCE)", "waits less than 60 s"),
        ("subprocess.run(command, timeout=59.9)", "waits less than 60 s"),
        ("process.wait(10)", "waits less than 60 s"),
        ("thread.join(5)", "waits less than 60 s"),
        ("condition.wait_for(ready, 2)", "waits less than 60 s"),
        ("future.result(1)", "waits less than 60 s"),
        ("socket.create_connection(address, 3)", "waits less than 60 s"),
        ("httpx.Client(timeout=httpx.Timeout(5))", "waits less than 60 s"),
        ("httpx.Client(timeout=httpx.Timeout(PATIENCE * 6, connect=5))", "waits less than 60 s"),
        ("httpx.Client(timeout=(60, 60, 5, 60))", "waits less than 60 s"),
        ("limit = Timeout(5)", "waits less than 60 s"),
        ("queue.get(True, 5)", "waits less than 60 s"),
        ("queue.put(item, True, PATIENCE)", "waits less than 60 s"),
        ("lock.acquire(True, 5)", "waits less than 60 s"),
        ("process.communicate(None, 5)", "waits less than 60 s"),
        ("pipe.poll(5)", "waits less than 60 s"),
        ("select.select(readable, [], [], 5)", "waits less than 60 s"),
        ("wait_for(answer(), 5)", "waits less than 60 s"),
        ("threading.Barrier(2, None, 5)", "waits less than 60 s"),
        ("time.sleep(pause)", "a sleep"),
        ("sleep(0.1)", "a sleep"),
        ("asyncio.sleep(0.1)", "a sleep"),
        ("end = time.monotonic() + 300", "a deadline of its own"),
        ("pytest.mark.timeout(120)", "takes the limit of a test down"),
    ],
)
def test_a_planted_wait_is_found(tmp_path: Path, line: str, what: str) -> None:
    (tmp_path / "planted.py").write_text(f"PATIENCE = 10\n\n\ndef late() -> None:\n    {line}\n")
    (found,) = waits.short_waits(tmp_path, LEAST_PYTEST_SECONDS)
    assert place(found) == "planted.py::late"
    assert what in found


@pytest.mark.parametrize(
    "line",
    [
        "httpx.get(url, timeout=PATIENCE)",
        "httpx.Client(**settings)",
        "RpcLedger.over_http(url, PATIENCE)",
        "process.wait()",
        "httpx.Client(timeout=httpx.Timeout(PATIENCE))",
        "httpx.Timeout(None)",
        "queue.get(True, 60)",
        "table.get(key, 5)",
        "table.get('is true', 5)",
        "threading.Barrier(2)",
        "process.communicate(b'5')",
        "', '.join(names)",
        "asyncio.sleep(0)",
        "timedelta(seconds=1)",
        "subprocess.run(command)",
        "pytest.mark.timeout(3_600)",
    ],
)
def test_a_long_wait_is_left_alone(tmp_path: Path, line: str) -> None:
    (tmp_path / "planted.py").write_text(f"PATIENCE = 60\n\n\ndef late() -> None:\n    {line}\n")
    assert waits.short_waits(tmp_path, LEAST_PYTEST_SECONDS) == []
