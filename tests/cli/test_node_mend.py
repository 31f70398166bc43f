"""Mend an old backup and requeue refused entries, as an operator types it."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.main import main

from tests.simulators import one_operator
from tests.simulators.one_operator import PROFILE

FILES = Path(__file__).resolve().parents[2] / "docs" / "files.md"


@dataclass(frozen=True)
class AccreditedNode:
    """A node with an accredited institution, and the commands that its operator types."""

    folder: Path
    config: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def data(self) -> Path:
        return self.config.parent

    def run(self, *arguments: str) -> tuple[int, Any, str]:
        return one_operator.run(self.capsys, self.config, *arguments)

    def of(self, *arguments: str) -> tuple[int, Any, str]:
        return self.run(*arguments, "--profile", PROFILE)

    def issue(self, count: int, first: int, *more: str, stopped: bool = False) -> list[str]:
        cohort = one_operator.write_cohort(self.folder, count, first)
        programme = str(self.folder / "programme.json")
        code, answer, output = self.of("issue", str(cohort), "--programme", programme, "--json", *more)
        assert code == (1 if stopped else 0), output
        return [row["digest"] for row in answer["rows"]]

    def progress(self) -> dict[str, Any]:
        _, rows, _ = self.run("status", "--json")
        (progress,) = rows
        assert isinstance(progress, dict)
        return progress


@pytest.fixture
def node(accredited_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AccreditedNode:
    folder = tmp_path / "node"
    shutil.copytree(accredited_folder, folder)
    return AccreditedNode(folder, folder / "data" / "acredita.toml", capsys)


def test_an_old_backup_is_mended_from_a_published_folder(node: AccreditedNode) -> None:
    node.issue(2, 1)
    assert node.run("backup", str(node.folder / "b"), "--keys", str(node.folder / "keys.db"))[0] == 0
    later = node.issue(2, 3)
    assert node.of("revoke", later[0])[0] == 0
    before = node.progress()
    shutil.copytree(node.data / "log", node.folder / "mirror" / "log")
    published = (node.data / "status").rglob("*.json")
    revoked = {path.name: json.loads(path.read_text())["credentialSubject"]["encodedList"] for path in published}

    for name in ("node.db", "node.db-wal", "node.db-shm"):
        (node.data / name).unlink(missing_ok=True)
    assert node.run("restore", str(node.folder / "b"), "--keys", str(node.folder / "keys.db"))[0] == 0
    node.issue(1, 5, stopped=True)
    stopped = node.progress()
    assert stopped["stop"] == "LOG_AHEAD"
    assert stopped["stopped_at"]
    assert "acredita node mend" in node.run("status")[2]

    mend = ["node", "mend", "--mirror", str(node.folder / "mirror")]
    code, answer, output = node.of(*mend, "--json")
    assert code == 0, output
    assert answer == {"profile": PROFILE, "checkpoints": 2, "entries": 3, "released": 0}
    mended = node.progress()
    assert mended["stop"] is None
    assert [mended[key] for key in ("epoch", "checkpoint", "entries")] == [
        before[key] for key in ("epoch", "checkpoint", "entries")
    ]
    lists = {path.name: json.loads(path.read_text()) for path in (node.data / "status").rglob("*.json")}
    for name, encoded in revoked.items():
        assert lists[name]["credentialSubject"]["encodedList"] == encoded, "published again, with the revocation"
    assert "no le falta" in node.of(*mend, "--lang", "es")[2]
    assert "lacks no checkpoint" in node.of(*mend, "--lang", "en")[2]
    assert re.search(r"operator:\S+  mended checkpoints=2 entries=3 released=0\n", node.of("node", "trail")[2])

    node.issue(1, 6)
    assert node.progress()["waiting_issued"] == 0, "the one that waited and the new one are anchored"
    trust = str(node.data / "trust.json")
    node.capsys.readouterr()
    assert main(["audit", "replay", "--trust", trust]) == 0


def test_every_key_is_documented(node: AccreditedNode) -> None:
    (first,) = node.issue(1, 1)
    node.issue(1, 2, "--no-anchor")
    assert node.of("registry", "suspend", "--reason", "visita")[0] == 0
    assert node.of("revoke", first)[0] == 0, "only what was issued is refused"
    section = FILES.read_text(encoding="utf-8").split("## `status --json`", 1)[1].split("\n## ", 1)[0]
    documented = set(re.findall(r"`([a-z_.\[\]]+)`", section))
    events = [
        node.run("status", "--json")[1][0],
        node.of("node", "mend", "--mirror", str(node.folder), "--json")[1],
        node.of("node", "requeue", "--json")[1],
        node.of("node", "requeue", "--code", "ISSUER_NOT_ACTIVE", "--json")[1],
    ]
    for answer in events:
        assert set(answer) <= documented
    assert {f"refused[].{key}" for key in events[2]["refused"][0]} <= documented


def test_a_mirror_that_cannot_be_used(node: AccreditedNode) -> None:
    node.issue(1, 1)
    (node.folder / "empty").mkdir()
    assert node.of("node", "mend", "--mirror", str(node.folder / "nowhere"))[0] == 2
    assert node.of("node", "mend", "--mirror", "ftp://x")[0] == 2
    assert node.of("node", "mend", "--mirror", str(node.folder / "empty"))[0] == 0, (
        "nothing is lacking, nobody is asked"
    )
    shutil.copy(node.data / "node.db", node.folder / "old.db")
    node.issue(1, 2)
    shutil.copy(node.folder / "old.db", node.data / "node.db")
    code, _, output = node.of("node", "mend", "--mirror", str(node.folder / "empty"), "--lang", "es")
    assert (code, "el espejo no coincide" in output) == (1, True)
    code, _, output = node.of("node", "mend", "--mirror", "http://127.0.0.1:9/", "--lang", "es")
    assert (code, "el espejo no responde" in output) == (3, True)
    shutil.copytree(node.data / "log", node.folder / "wrong" / "log")
    for path in (node.folder / "wrong").glob("log/*/1/tile/entries/000.p/*"):
        path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    code, _, output = node.of("node", "mend", "--mirror", str(node.folder / "wrong"), "--lang", "en")
    assert (code, "another root" in output) == (1, True)


def test_refused_entries_are_listed_and_requeued(node: AccreditedNode) -> None:
    (first,) = node.issue(1, 1)
    assert "No hay entradas" in node.of("node", "requeue", "--lang", "es")[2]
    node.issue(2, 2, "--no-anchor")
    assert node.of("registry", "suspend", "--reason", "visita")[0] == 0
    assert node.of("revoke", first)[0] == 0, "only what was issued is refused"
    code, answer, _ = node.of("node", "requeue", "--json")
    assert code == 0
    (group,) = answer["refused"]
    assert (group["code"], group["count"]) == ("ISSUER_NOT_ACTIVE", 2)
    assert "2  ISSUER_NOT_ACTIVE" in node.of("node", "requeue")[2]

    code, answer, _ = node.of("node", "requeue", "--code", "ISSUER_NOT_ACTIVE", "--json")
    assert (code, answer["queued"]) == (1, 2), "still suspended: refused again"
    assert node.of("registry", "reinstate", "--reason", "aclarado")[0] == 0
    code, answer, _ = node.of("node", "requeue", "--code", "ISSUER_NOT_ACTIVE", "--actor", "guardia", "--json")
    assert (code, answer["queued"], answer["code"]) == (0, 2, "ISSUER_NOT_ACTIVE")
    assert "anchored" in answer["anchoring"]
    code, _, said = node.of("node", "requeue", "--code", "ISSUER_NOT_ACTIVE", "--lang", "es")
    assert (code, "Nada está rechazado" in said) == (1, True)
    _, answer, _ = node.of("node", "trail", "--json")
    acts = [(event["actor"], event["detail"]) for event in answer["events"] if event["action"] == "requeued"]
    assert acts[-1] == ("guardia", {"code": "ISSUER_NOT_ACTIVE", "count": 2})
    assert node.progress()["refused"] == 0


@pytest.mark.parametrize("actor", ["x" * 129, "a\n2026-01-01T00:00:00Z  node  forgotten"])
def test_who_acts_is_one_short_line(node: AccreditedNode, actor: str) -> None:
    """Refuse a name of several lines: one row of the trail would look like two."""
    for command in (["mend", "--mirror", str(node.config.parent)], ["requeue", "--code", "ISSUER_NOT_ACTIVE"]):
        code, _, output = node.of("node", *command, "--actor", actor)
        assert code == 2
        assert "--actor" in output
