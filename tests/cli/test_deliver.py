"""`acredita deliver` on a node of its own, from its first command to what a person can verify."""

import contextlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.main import main
from acredita.node.demo.documents import documents_for, institutions

from tests.simulators.one_operator import SINGLE

CANARY = "CANARIO-Ñandú-7f3a"
SCRYPT_N = "32768"  # the least the keystore takes


def said(*arguments: object) -> tuple[int, str]:
    """Return a command's exit code and its output."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        code = main([str(argument) for argument in arguments])
    return code, printed.getvalue()


def done(*arguments: object) -> str:
    code, printed = said(*arguments)
    assert code == 0, printed
    return printed


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a node whose one institution has issued three credentials, revoked one and left a fourth unanchored."""
    folder = tmp_path_factory.mktemp("node")
    passphrase = folder / "passphrase"
    passphrase.write_text("una frase larga y buena")
    passphrase.chmod(0o600)
    data = folder / "data"
    named = ("--profile", "ut", "--name", "Universidad Imaginaria", "--passphrase-file", passphrase)
    done("node", "init", *SINGLE, *named, "--data", data, "--scrypt-n", SCRYPT_N)
    which = ("--config", data / "acredita.toml", "--profile", "ut")
    did = done("registry", "did", *which).strip()
    documents = documents_for({party.key: did for party in institutions()})
    scope, programme = folder / "scope.json", folder / "programme.json"
    scope.write_text(json.dumps(documents.scopes["demo-ut"].document))
    programme.write_text(json.dumps(documents.programme("ind40-fundamentos").document))
    done("registry", "accredit", *which, "--scope", scope, "--until", day(300))
    done("registry", "approve", *which, programme)
    issued = issue(folder, which, programme, range(3))
    done("revoke", *which, issued[0])
    issue(folder, which, programme, range(3, 4), "--no-anchor")
    return data


def day(away: int) -> str:
    return (datetime.now(UTC) + timedelta(days=away)).strftime("%Y-%m-%d")


def issue(folder: Path, which: tuple[object, ...], programme: Path, numbers: range, *more: str) -> list[str]:
    cohort = folder / "cohort.csv"
    rows = "".join(f"{CANARY} {number},,{day(-1)},Competente,\n" for number in numbers)
    cohort.write_text(f"identificador,did,fecha_otorgamiento,resultado,evidencia_url\n{rows}")
    report = json.loads(done("issue", cohort, *which, "--programme", programme, "--json", *more))
    return [row["digest"] for row in report["rows"]]


def deliver(node: Path, *arguments: object) -> tuple[int, list[dict[str, Any]]]:
    code, printed = said("deliver", "--config", node / "acredita.toml", "--profile", "ut", "--json", *arguments)
    return code, json.loads(printed)["deliveries"] if printed else []


def test_everything_in_force_becomes_folders_that_verify(node: Path, tmp_path: Path) -> None:
    code, rows = deliver(node, "--all", "--out", tmp_path)
    assert code == 0
    assert sorted(row.get("code", "") for row in rows) == ["", "", "CREDENTIAL_REVOKED", "PENDING_ANCHOR"]
    folders = [Path(row["path"]) for row in rows if "path" in row]
    assert sorted(tmp_path.iterdir()) == sorted(folders)
    files = [folder / name for folder in folders for name in ("credencial.json", "credencial.pdf", "insignia.png")]
    assert said("verify", "--trust", node / "trust.json", *files)[0] == 0
    for path in (path for folder in folders for path in folder.iterdir()):
        assert CANARY.encode() not in path.read_bytes()


def test_named_ones_become_zips_and_the_exit_code_says_what_did_not(node: Path, tmp_path: Path) -> None:
    _, rows = deliver(node, "--all", "--out", tmp_path / "first")
    by_code = {row.get("code", ""): row["digest"] for row in rows}
    code, answer = deliver(node, by_code[""], "--out", tmp_path, "--zip")
    assert code == 0
    assert said("verify", "--trust", node / "trust.json", answer[0]["path"])[0] == 0
    assert Path(answer[0]["path"]).name == by_code[""][2:18] + ".zip"
    assert deliver(node, by_code["CREDENTIAL_REVOKED"], "--out", tmp_path)[0] == 1
    assert deliver(node, by_code["PENDING_ANCHOR"], "--out", tmp_path)[0] == 3
    assert deliver(node, "0x" + "00" * 32, "--out", tmp_path)[0] == 1


def test_links_are_made_for_what_is_in_force(node: Path) -> None:
    code, rows = deliver(node, "--all", "--links", "--days", "3")
    links = [row["link"] for row in rows if "link" in row]
    assert (code, len(links), len(set(links))) == (0, 2, 2)
    assert all(link.startswith("http://127.0.0.1:8080/entrega/") for link in links)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--all",),
        ("--out", "x"),
        ("--all", "--links", "--out", "x"),
        ("--all", "--links", "--zip"),
        ("--all", "00" * 32),
    ],
)
def test_half_a_wish_is_refused(node: Path, arguments: tuple[str, ...]) -> None:
    assert deliver(node, *arguments)[0] == 2
