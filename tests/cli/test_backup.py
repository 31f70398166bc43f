"""Backup, restore and forget, as an operator types them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.main import main
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.registry.keys.scrypt_cost import LEAST_N

from tests.simulators import one_operator


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main([*arguments, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else None


def test_a_forgotten_credential_comes_back_from_no_backup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    secret = Path("pass")
    secret.touch(mode=0o600)
    secret.write_text("secreto")
    init = ["node", "init", *one_operator.SINGLE, "--profile", "ut", "--name", "UT (DEMO)", "--passphrase-file", "pass"]
    assert main([*init, "--scrypt-n", str(LEAST_N)]) == 0
    digest = _issue_one(capsys)
    assert run(capsys, "backup", "b1", "--keys", "keys.db")[0] == 0
    code, output = run(capsys, "forget", digest, "--profile", "ut", "--keys", "keys.db")
    assert (code, output["known"], output["in_backup_keys"]) == (0, True, True)
    assert run(capsys, "forget", digest, "--profile", "ut")[0] == 1
    for name in ("node.db", "node.db-wal", "node.db-shm"):
        (Path("acredita-data") / name).unlink(missing_ok=True)
    assert run(capsys, "restore", "b1", "--keys", "keys.db")[0] == 0
    assert run(capsys, "forget", digest, "--profile", "ut")[0] == 1
    assert run(capsys, "restore", "b1", "--keys", "keys.db")[0] == 2  # the database is no longer empty


def _issue_one(capsys: pytest.CaptureFixture[str]) -> str:
    """Issue one credential of the demonstration's programme by this node's institution."""
    capsys.readouterr()
    assert main(["registry", "did", "--profile", "ut"]) == 0
    did = capsys.readouterr().out.strip()
    data = Path(os.path.realpath(__file__)).parents[2] / "node" / "demo" / "data"
    scope = json.loads((data / "scopes" / "demo-ut.json").read_text()) | {"did": did}
    programme = json.loads((data / "programmes" / "ind40-fundamentos-1.0.0.json").read_text()) | {"issuer": did}
    programme["quality_assurance"] = [entry | {"agent": did} for entry in programme["quality_assurance"]]
    Path("scope.json").write_text(json.dumps(scope))
    Path("programme.json").write_text(json.dumps(programme))
    Path("cohort.csv").write_bytes(cohort_csv(PLANS[1], 1, 1, "2026-01-15"))
    assert main(["registry", "accredit", "--profile", "ut", "--scope", "scope.json", "--until", "2099-01-01"]) == 0
    assert main(["registry", "approve", "--profile", "ut", "programme.json"]) == 0
    code, output = run(capsys, "issue", "cohort.csv", "--profile", "ut", "--programme", "programme.json")
    assert code == 0
    digest = output["rows"][0]["digest"]
    assert isinstance(digest, str)
    return digest
