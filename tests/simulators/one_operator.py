"""A node of one operator as `node init` makes it, with a cohort issued: for what is tested from the command line."""

import io
import json
import os
import shutil
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.main import main
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.registry.keys.scrypt_cost import LEAST_N

DATA = Path(os.path.realpath(__file__)).parents[2] / "node" / "demo" / "data"
PROFILE = "ut"
UNTIL = "2099-01-01"
SINGLE = ["--role", "single-operator", "--base", "http://127.0.0.1:8080", "--did-key"]
"""Options of a node of one operator for trial: on this machine, and its institution a did:key."""
AWARDED = "2026-01-15"


def make_node(folder: Path) -> Path:
    """Make a node in `folder/data`; return the path of its configuration."""
    secret = folder / "pass"
    secret.touch(mode=0o600)
    secret.write_text("secreto")
    init = ["node", "init", *SINGLE, "--profile", PROFILE, "--name", "UT (DEMO)", "--data", str(folder / "data")]
    assert main([*init, "--passphrase-file", str(secret), "--scrypt-n", str(LEAST_N)]) == 0
    return folder / "data" / "acredita.toml"


def did_of(config: Path) -> str:
    """Return the institution's DID, as its keystore has it."""
    output = io.StringIO()
    with redirect_stdout(output):
        assert main(["registry", "did", "--profile", PROFILE, "--config", str(config)]) == 0
    return output.getvalue().strip()


def run(capsys: pytest.CaptureFixture[str], config: Path, *arguments: str) -> tuple[int, Any, str]:
    """Return exit code, JSON answer where there is one, and the whole output."""
    capsys.readouterr()
    code = main([*arguments, "--config", str(config)])
    output = capsys.readouterr()
    return code, json.loads(output.out) if output.out.startswith(("{", "[")) else None, output.out + output.err


def write_documents(folder: Path, did: str) -> tuple[Path, Path]:
    """Write a scope document and a programme document of this institution."""
    scope = json.loads((DATA / "scopes" / "demo-ut.json").read_text()) | {"did": did}
    programme = json.loads((DATA / "programmes" / "ind40-fundamentos-1.0.0.json").read_text()) | {"issuer": did}
    programme["quality_assurance"] = [entry | {"agent": did} for entry in programme["quality_assurance"]]
    paths = folder / "scope.json", folder / "programme.json"
    for path, document in zip(paths, (scope, programme), strict=True):
        path.write_text(json.dumps(document))
    return paths


def accredit(config: Path, scope: Path, programme: Path) -> None:
    of = ["--profile", PROFILE, "--config", str(config)]
    assert main(["registry", "accredit", *of, "--scope", str(scope), "--until", UNTIL]) == 0
    assert main(["registry", "approve", *of, str(programme)]) == 0


def write_cohort(folder: Path, count: int, first: int = 1) -> Path:
    cohort = folder / f"cohort-{first}.csv"
    cohort.write_bytes(cohort_csv(PLANS[1], first, count, AWARDED))
    return cohort


def lose_chain(config: Path) -> None:
    """Remove the folder of the embedded chain; the next opening begins another."""
    shutil.rmtree(config.parent / "chain")


def genesis_of(config: Path) -> str:
    """Return the genesis block that the trust file beside a configuration pins."""
    genesis: Any = json.loads((config.parent / "trust.json").read_text())["genesis"]
    return str(genesis)
