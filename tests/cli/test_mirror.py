"""`acredita mirror`: a folder of copies that verifies and audits like the original; and sources that lie."""

import fcntl
import json
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from acredita.anchoring.types import IssuerId
from acredita.cli.main import main
from acredita.node.ledger.read_only import chain_folder_ledger
from acredita.node.ledger.view import Observations
from acredita.node.mirroring.mirror import LOCK_FILE, Mirror
from acredita.node.mirroring.sources import named_source
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.runtime.mirror_schedule import LOGGED_FINDINGS, MirrorSchedule
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing

from tests.cli.test_log_option import static_host, verdicts
from tests.simulators.endpoint import listening


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the commands a configuration folder of their own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def mirrored(capsys: pytest.CaptureFixture[str], demonstration: Path, out: Path, *options: str) -> tuple[int, dict]:
    """Run the command against the demonstration's chain; return the exit code and its report."""
    capsys.readouterr()
    code = main(
        [
            "mirror",
            *("--trust", str(demonstration / "trust.json"), "--chain", str(demonstration / "chain")),
            *("--out", str(out), "--json", *options),
        ]
    )
    return code, json.loads(capsys.readouterr().out)


def public_files(folder: Path) -> dict[str, bytes]:
    """Return the tiles and lists of a folder by path."""
    paths = [path for part in ("log", "status") for path in (folder / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_a_mirror_of_a_static_host_is_the_folder_itself(
    demonstration: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copy a folder of files, byte for byte. The copy verifies, and its audit agrees; no digest was asked for."""
    out, asked_for = tmp_path / "mirror", list[str]()
    with static_host(demonstration, asked_for) as url:
        code, report = mirrored(capsys, demonstration, out, "--source", url)
        assert (code, report["whole"], report["findings"]) == (0, True, [])
        assert mirrored(capsys, demonstration, out, "--source", url)[1]["logs"] == 0
    copied, original = public_files(out), public_files(demonstration)
    assert {path: copied[path] for path in original} == original
    digests = {json.loads(path.read_text())["entry"][14:78] for path in (demonstration / "receipts").glob("*.json")}
    assert digests
    assert not any(digest in path for digest in digests for path in asked_for)
    acts = {path.stem: path.read_bytes() for path in (demonstration / "documents").glob("*.txt")}
    copied_acts = {path.stem: path.read_bytes() for path in (out / "documents").glob("*.bin") if path.stem in acts}
    assert copied_acts
    assert {name: acts[name] for name in copied_acts} == copied_acts
    trust = ["--trust", str(out / "trust.json"), "--chain", str(demonstration / "chain")]
    files = [str(path) for path in sorted((demonstration / "credentials").glob("*.json"))]
    at_home = ["--trust", str(demonstration / "trust.json")]
    assert verdicts(capsys, *files, *trust) == verdicts(capsys, *files, *at_home)
    assert main(["audit", "replay", *trust]) == main(["audit", "replay", *at_home]) == 0


Answer = Callable[[str, bytes | None], tuple[int, dict[str, str], bytes]]
"""(path, its honest content or None) → status, headers and body."""


def honest(path: str, content: bytes | None) -> tuple[int, dict[str, str], bytes]:
    return (404, {}, b"") if content is None else (200, {}, content)


@contextmanager
def host(folder: Path, answer: Answer) -> Iterator[str]:
    """Serve a folder, each answer as told."""

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = folder / self.path.removeprefix("/")
            status, headers, body = answer(self.path, file.read_bytes() if file.is_file() else None)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Write nothing."""

    with listening(Host) as url:
        yield url


def altered(path: str, content: bytes | None) -> tuple[int, dict[str, str], bytes]:
    return honest(path, None if content is None else content[:-1] + bytes([content[-1] ^ 1]))


def truncated(path: str, content: bytes | None) -> tuple[int, dict[str, str], bytes]:
    return honest(
        path, None if content is None else content[:72] if "/entries/" in path else content[: len(content) // 2]
    )


def of_another(demonstration: Path) -> Answer:
    """Answer with the same file of another institution, or another document."""
    issuers = sorted(path.name for path in (demonstration / "log").iterdir())
    documents = sorted(path.name for path in (demonstration / "documents").iterdir())

    def answer(path: str, content: bytes | None) -> tuple[int, dict[str, str], bytes]:
        if content is None:
            return honest(path, None)
        parts = path.removeprefix("/").split("/")
        if parts[0] == "documents":
            parts[1] = documents[documents.index(parts[1]) - 1]
        else:
            parts[1] = issuers[issuers.index(parts[1]) - 1] if parts[1] in issuers else issuers[0]
        other = demonstration.joinpath(*parts)
        return honest(path, other.read_bytes() if other.is_file() else None)

    return answer


def moved(path: str, content: bytes | None) -> tuple[int, dict[str, str], bytes]:
    return 302, {"Location": path}, b""


def too_long(path: str, content: bytes | None) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, bytes(3 << 20)


LIES: dict[str, tuple[Callable[[Path], Answer], set[str]]] = {
    "altered": (
        lambda folder: altered,
        {"MIRROR_LOG_DIFFERS", "STATUS_LIST_INVALID", "MIRROR_DOCUMENT_DIFFERS"},
    ),
    "truncated": (
        lambda folder: truncated,
        {"MIRROR_LOG_SHORT", "STATUS_LIST_INVALID", "MIRROR_DOCUMENT_DIFFERS"},
    ),
    "of another": (of_another, {"STATUS_LIST_FOREIGN", "MIRROR_DOCUMENT_DIFFERS"}),
    "moved": (lambda folder: moved, {"SOURCE_UNREACHABLE", "MIRROR_BUDGET_SPENT"}),
    "too long": (lambda folder: too_long, {"SOURCE_UNREACHABLE", "MIRROR_BUDGET_SPENT"}),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_source_serves_wrongly_is_refused_and_the_next_is_asked(
    demonstration: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], lie: str
) -> None:
    """Keep nothing of a host that lies; report each refusal with its code; take all from the next source."""
    out, (answer, codes) = tmp_path / "mirror", LIES[lie]
    with host(demonstration, answer(demonstration)) as url:
        code, report = mirrored(capsys, demonstration, out, "--source", url)
        assert (code, report["whole"]) == (3, False)
        assert codes <= {finding["code"] for finding in report["findings"]}
        assert all(finding["source"] == url and finding["place"] for finding in report["findings"])
        original = public_files(demonstration)
        assert not public_files(out).keys() - original.keys()
        assert all(original[path] == content for path, content in public_files(out).items())
        code, report = mirrored(capsys, demonstration, out, "--source", url, "--source", str(demonstration))
    assert (code, report["whole"]) == (0, True)
    assert {path: public_files(out)[path] for path in original} == original
    assert {path.name for path in (demonstration / "documents").glob("*.json")} <= {
        path.name for path in (out / "documents").iterdir()
    }
    trust = str(demonstration / "trust.json")
    with host(demonstration, answer(demonstration)) as url:
        words = ["mirror", "--trust", trust, "--out", str(tmp_path / "other"), "--source", url, "--lang", "es"]
        assert main(words) == 3
    assert "fuente" in (error := capsys.readouterr().err)
    assert not {"expected", "source", "serves", "entries"} & set(error.split())


def test_sources_are_asked_only_if_the_trust_file_is_pinned(
    demonstration: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["mirror", "--out", str(tmp_path / "mirror"), "--lang", "es"]
    assert main(words) == 1
    assert main([*words, "--trust", str(demonstration / "trust.json")]) == 2
    assert "MIRROR_NO_SOURCE" in capsys.readouterr().err
    assert not (tmp_path / "mirror").exists()


def test_a_damaged_copy_is_mended_and_another_log_left(
    demonstration: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fetch a damaged log again. Leave a copy that states another root: it may be the only one of another ledger."""
    out, original = tmp_path / "mirror", public_files(demonstration)
    assert mirrored(capsys, demonstration, out, "--source", str(demonstration))[0] == 0
    longest = max((out / "log").rglob("published.json"), key=lambda path: json.loads(path.read_text())["size"])
    for tile in (path for path in (longest.parent / "tile").rglob("*") if path.is_file()):
        tile.write_bytes(bytes(tile.stat().st_size))
    assert mirrored(capsys, demonstration, out, "--source", str(demonstration))[0] == 0
    assert {path: public_files(out)[path] for path in original} == original
    marker = json.loads(longest.read_text())
    longest.write_text(json.dumps({**marker, "root": "0x" + "00" * 32}))
    code, report = mirrored(capsys, demonstration, out, "--source", str(demonstration))
    assert (code, [finding["code"] for finding in report["findings"]]) == (3, ["MIRROR_COPY_DIFFERS"])
    assert json.loads(longest.read_text())["root"] == "0x" + "00" * 32


def test_a_folder_holds_copies_of_one_ledger(
    demonstration: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mirror"
    assert mirrored(capsys, demonstration, out, "--source", str(demonstration))[0] == 0
    written = (out / "mirror.json").read_text()
    assert str(demonstration) not in written  # others read it, and an operator's folder is nothing for them
    state = json.loads(written)
    (out / "mirror.json").write_text(json.dumps({**state, "genesis": "0x" + "11" * 32}))
    trust = str(demonstration / "trust.json")
    assert main(["mirror", "--trust", trust, "--out", str(out), "--source", str(demonstration), "--lang", "es"]) == 1
    assert "TRUST_OTHER_LEDGER" in capsys.readouterr().err


def test_the_job_of_a_node_logs_a_refusal_once_and_survives(
    demonstration: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Log what is new in a round. A folder that cannot be written, and a ledger that is missing, end no job."""
    trust = read_trust(demonstration / "trust.json")
    [own, *_] = sorted(path.name for path in (demonstration / "log").iterdir())
    skipped = frozenset({IssuerId(bytes.fromhex(own))})
    out = tmp_path / "mirror"
    with host(demonstration, altered) as url, chain_folder_ledger(demonstration / "chain") as ledger:
        observations = Observations(trust, ledger, TrustFolder(out).entries_of)
        mirror = Mirror(out, [named_source(url)], lambda: int(time.time()), lambda: skipped)
        schedule = MirrorSchedule(mirror, observations.now, 60)
        report = schedule.run_once(mirror)
        assert report is not None
        assert {finding.code for finding in report.findings} >= {Code.MIRROR_LOG_DIFFERS}
        assert not any(own in finding.place for finding in report.findings)
        first = len(caplog.records)
        assert 0 < first <= LOGGED_FINDINGS
        assert schedule.run_once(mirror) is not None
        assert len(caplog.records) == first
        (out / "mirror.json").unlink()
        (out / "mirror.json").mkdir()
        assert schedule.run_once(mirror) is None
        assert caplog.records[-1].__dict__["code"] == Code.MIRROR_NOT_WRITTEN
        missing = MirrorSchedule(mirror, lambda: Missing(Code.LEDGER_UNREACHABLE, "nobody"), 60)
        assert missing.run_once(mirror) is None
        assert caplog.records[-1].__dict__["code"] == Code.LEDGER_UNREACHABLE


def test_two_mirrors_of_one_folder_do_not_meet(demonstration: Path, tmp_path: Path, home: Path) -> None:
    out = tmp_path / "mirror"
    words = ["mirror", "--trust", str(demonstration / "trust.json"), "--source", str(demonstration), "--out", str(out)]
    out.mkdir()
    with (out / LOCK_FILE).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main(words) == 3
    assert main(words) == 0


def test_an_audit_without_an_earlier_epoch_accuses_nobody(
    demonstration: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Say that the log of the closed epoch is missing. The bits of the next one continue its bits."""
    shutil.copytree(demonstration, tmp_path / "d", ignore=shutil.ignore_patterns("credentials", "cases", "receipts"))
    [second] = (tmp_path / "d" / "log").glob("*/2")
    shutil.rmtree(second.with_name("1"))
    capsys.readouterr()
    assert main(["audit", "replay", "--json", "--trust", str(tmp_path / "d" / "trust.json")]) == 3
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [each["code"] for each in findings if each["weight"] != "observation"] == ["LOG_MISSING"]


QUICK_SEEDS, SLOW_SEEDS = range(4), range(4, 16)


@pytest.mark.parametrize("seed", [*QUICK_SEEDS, *(pytest.param(seed, marks=pytest.mark.slow) for seed in SLOW_SEEDS)])
def test_a_mirror_that_lies_gets_nobody_to_believe_anything_false(
    demonstration: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    """Verify every file of the demonstration and audit it by a trust file, the chain, and one mirror of seeded lies.

    A verdict is the honest one or indeterminate. An audit agrees with the honest state or could not tell.
    """
    shutil.copy(demonstration / "trust.json", tmp_path / "trust.json")
    files = [*sorted((demonstration / "cases").glob("*.json")), *sorted((demonstration / "credentials").iterdir())[:3]]
    at_home = ["--chain", str(demonstration / "chain")]
    honest_trust = ["--trust", str(demonstration / "trust.json"), *at_home]
    names = list(map(str, files))
    _, sincere = verdicts(capsys, *names, *honest_trust)
    assert main(["audit", "replay", "--json", *honest_trust]) == 0
    state = json.loads(capsys.readouterr().out)["state_hash"]
    with host(demonstration, seeded(demonstration, seed)) as url:
        trust = ["--trust", str(tmp_path / "trust.json"), *at_home, "--source", url]
        _, deceived = verdicts(capsys, *names, *trust)
        code = main(["audit", "replay", "--json", *trust])
        audit = json.loads(capsys.readouterr().out)
    told = dict(zip(names, zip(sincere, deceived, strict=True), strict=True))
    assert [name for name, (true, other) in told.items() if other[0] not in (true[0], "indeterminate")] == []
    assert [f for f in audit["findings"] if f["weight"] == "divergence"] == []
    assert (code, audit["outcome"]) in ((0, "agrees"), (3, "unknown"))
    assert code == 3 or audit["state_hash"] == state


def seeded(demonstration: Path, seed: int) -> Answer:
    """Answer falsely for some paths, always in the same way for one path."""
    lies: list[Answer] = [honest, honest, altered, truncated, of_another(demonstration), moved, too_long, nothing]

    def answer(path: str, content: bytes | None) -> tuple[int, dict[str, str], bytes]:
        return random.Random(f"{seed} {path}").choice(lies)(path, content)

    return answer


def nothing(path: str, content: bytes | None) -> tuple[int, dict[str, str], bytes]:
    return 404, {}, b""
