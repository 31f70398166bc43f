"""An institution under a did:web, and its keys, as an operator types it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.main import main
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.registry.keys.scrypt_cost import LEAST_N

from tests.simulators import one_operator

DATA = Path(__file__).resolve().parents[2] / "node" / "demo" / "data"
DOCS = Path(__file__).resolve().parents[2] / "docs"
DID = "did:web:nodo.example%3A8443:ut"


class Operator:
    """Commands, and what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def text(self, *arguments: str) -> tuple[int, str]:
        self._capsys.readouterr()
        code = main(list(arguments))
        printed = self._capsys.readouterr()
        return code, printed.out + printed.err

    def document(self, *arguments: str) -> Any:
        self._capsys.readouterr()
        code = main([*arguments, "--profile", "ut", "--json"])
        printed = self._capsys.readouterr()
        assert code == 0, printed.out + printed.err
        return json.loads(printed.out)

    def issue(self, number: int) -> str:
        Path("cohort.csv").write_bytes(cohort_csv(PLANS[1], number, 1, "2026-01-15"))
        report = self.document("issue", "cohort.csv", "--programme", "programme.json", "--out", "out")
        return str(report["rows"][0]["digest"]).removeprefix("0x")

    def verdict(self, digest: str) -> tuple[str, str | None]:
        trust = ["--trust", "acredita-data/trust.json", "--json"]
        _, printed = self.text("verify", f"out/credentials/{digest}.json", *trust)
        report = json.loads(printed)
        return report["verdict"], report["code"]

    def names(self) -> dict[str, str]:
        return {row["name"]: row["state"] for row in self.document("keys", "list")["keys"]}


def found(operator: Operator, *options: str) -> None:
    secret = Path("pass")
    secret.touch(mode=0o600)
    secret.write_text("secreto")
    named = ["--profile", "ut", "--name", "UT (DEMO)", "--passphrase-file", "pass"]
    init = ["node", "init", "--role", "single-operator", *named]
    assert operator.text(*init, "--scrypt-n", str(LEAST_N), *options)[0] == 0
    did = operator.text("registry", "did", "--profile", "ut")[1].strip()
    scope = json.loads((DATA / "scopes" / "demo-ut.json").read_text()) | {"did": did}
    programme = json.loads((DATA / "programmes" / "ind40-fundamentos-1.0.0.json").read_text()) | {"issuer": did}
    programme["quality_assurance"] = [entry | {"agent": did} for entry in programme["quality_assurance"]]
    Path("scope.json").write_text(json.dumps(scope))
    Path("programme.json").write_text(json.dumps(programme))
    accredit = ["registry", "accredit", "--profile", "ut", "--scope", "scope.json", "--until", "2099-01-01"]
    code, output = operator.text(*accredit)
    assert code == 0, output
    assert operator.text("registry", "approve", "--profile", "ut", "programme.json")[0] == 0


@pytest.fixture
def operator(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.chdir(tmp_path)
    return Operator(capsys)


def test_a_key_is_followed_ended_and_marked(operator: Operator) -> None:
    found(operator, "--did-web", "nodo.example:8443/ut", "--cryptosuite", "ecdsa-rdfc-2019")
    listed = operator.document("keys", "list")
    assert listed["did"] == DID
    assert_documented(listed, "keys list")
    old = operator.issue(1)
    rotated = operator.document("keys", "rotate", "--overlap", "0")
    assert_documented(rotated, "keys rotate")
    assert (rotated["key"], rotated["followed"], rotated["lists"]) == ("assertion-2", ["assertion"], 1)
    assert operator.names()["assertion"] == "ended"
    new = operator.issue(2)
    assert operator.verdict(old) == operator.verdict(new) == ("recognised", None)
    assert operator.text("revoke", f"out/credentials/{new}.json", "--profile", "ut")[0] == 0
    assert operator.verdict(new) == ("invalid", "CREDENTIAL_REVOKED")

    assert operator.document("keys", "retire", "--due") == {"retired": [], "waiting": []}
    code, output = operator.text("keys", "retire", "assertion-2", "--profile", "ut")
    assert (code, output.split(":")[1].strip()) == (1, "KEY_IS_THE_LAST")
    early = ["--since", "2020-01-01T00:00:00Z", "--reason", "robo", "--profile", "ut"]
    code, output = operator.text("keys", "compromised", "assertion", *early)
    assert (code, "COMPROMISE_TOO_FAR_BACK" in output) == (1, True)
    command = re.search("acredita (registry compromised .*)$", output.strip())
    assert command is not None
    council = [word if word != "…" else "robo" for word in command[1].split()]
    marked = operator.document(*council)
    assert marked["successor"] == "assertion-2"
    assert_documented(marked, "keys compromised")
    assert operator.verdict(old) == ("invalid", "KEY_COMPROMISED")
    trail = operator.text("node", "trail", "--profile", "ut")[1]
    assert [word for word in ("key_added", "key_ended", "key_compromised") if word in trail] == [
        "key_added",
        "key_ended",
        "key_compromised",
    ]


def test_what_cannot_be_asked_is_one_sentence(operator: Operator) -> None:
    found(operator, *one_operator.SINGLE)
    for arguments, code, word in (
        (["rotate"], 1, "KEY_IS_THE_DID"),
        (["rotate", "--purpose", "control"], 2, "assertion, note, anchoring"),
        (["rotate", "--overlap", "soon"], 2, "duration"),
        (["retire"], 2, "--due"),
        (["retire", "nobody"], 1, "KEY_UNKNOWN"),
        (["compromised", "note", "--since", "yesterday", "--reason", "x"], 2, "RFC 3339"),
        (["rotate", "--purpose", "note", "--control", "elsewhere"], 2, "both or neither"),
    ):
        answered, output = operator.text("keys", *arguments, "--profile", "ut")
        assert (answered, word in output, output.count("\n")) == (code, True, 1), output
    assert list(operator.names().values()) == ["in_use"] * 3


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--did-web", "Nodo.example"], "--did-web"),
        (["--did-web", "nodo.example:0"], "--did-web"),
        ([*one_operator.SINGLE, "--cryptosuite", "rot13"], "--cryptosuite"),
        ([*one_operator.SINGLE, "--curve", "P-256"], "eddsa-rdfc-2022 signs with"),
    ],
)
def test_what_is_no_did_or_no_cryptosuite_makes_no_folder(operator: Operator, options: list[str], word: str) -> None:
    Path("pass").touch(mode=0o600)
    Path("pass").write_text("secreto")
    init = [
        "node",
        "init",
        "--role",
        "single-operator",
        "--profile",
        "ut",
        "--name",
        "UT",
        "--passphrase-file",
        "pass",
        "--scrypt-n",
        str(LEAST_N),
    ]
    code, output = operator.text(*init, *options)
    assert (code, word in output) == (2, True)
    assert not Path("acredita-data").exists()


def assert_documented(document: Any, command: str) -> None:
    """Check that docs/files.md has every key of the answer, in the section of its command."""
    section = (DOCS / "files.md").read_text(encoding="utf-8").split("## `keys", 1)[1].split("\n## ", 1)[0]
    [row] = [row for row in re.split(r"\n(?:\n|(?=- ))", section) if row.startswith(f"- `{command}`")]
    documented = set(re.findall("`([^`]+)`", row)) - {command}
    assert set(paths(document)) <= documented


def paths(document: Any, prefix: str = "") -> list[str]:
    if isinstance(document, list):
        return [path for item in document for path in paths(item, f"{prefix}[]")]
    if not isinstance(document, dict):
        return []
    found = []
    for name, value in document.items():
        path = f"{prefix}.{name}" if prefix else name
        found += [path, *paths(value, path)]
    return found
