"""docs/council.md: its fenced commands are run, in their order, on a chain in a folder with one folder for each party."""

import json
import shlex
from pathlib import Path

import pytest
from acredita.cli.bodies.act_report import broken
from acredita.cli.main import main

from tests.house.documents import ROOT
from tests.simulators.several_hands import ISSUER_DID, MEMBERS, found, recognised_and_reviewed

PAGE = ROOT / "docs" / "council.md"
REFUSED = "# exit 1"


def commands(page: Path) -> list[str]:
    """Return the lines of the page's bash fences."""
    fences = page.read_text(encoding="utf-8").split("```bash\n")[1:]
    return [line for fence in fences for line in fence.split("```")[0].splitlines() if line]


def test_a_members_day_as_the_page_tells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hands = found(tmp_path / "world")
    recognised_and_reviewed(hands)
    scope = json.loads((ROOT / "node" / "demo" / "data" / "scopes" / "demo-ut.json").read_text())
    (hands.base / "ana" / "alcance.json").write_text(json.dumps(scope | {"did": ISSUER_DID}))
    for name, file in (("ana", "resolucion.txt"), ("carla", "urgente.txt")):
        (hands.base / name / file).write_text("Resolución de una autoridad ficticia")
    monkeypatch.chdir(hands.base)
    lines = commands(PAGE)
    assert len(lines) > 10
    for line in lines:
        expected = 1 if line.endswith(REFUSED) else 0
        words = shlex.split(line.removesuffix(REFUSED).replace("0xANA", hands.address("ana")))
        assert words[0] == "acredita"
        code = main([*words[1:], "--lang", "es"])
        printed = capsys.readouterr()
        assert code == expected, (line, printed.out + printed.err)
    assert json.loads((hands.base / "ana" / "confirma.json").read_text())["proposal"] == 3
    assert [hands.ask("account", "show", f"{name}/account.json")["transactions"] > 0 for name in MEMBERS] == [True] * 3


def test_a_terminal_of_80_columns_cuts_no_hash() -> None:
    digest = f"0x{'5c' * 32}"
    line = f"  did:web:ut.example ({digest}): revisada por una agencia → activa hasta el 2100-01-01T05:59:59Z"
    parts = broken(line, 80)
    assert max(len(part) for part in parts) <= 80
    assert any(f"({digest}):" in part for part in parts)
    assert " ".join(part.strip() for part in parts) == line.strip()
    assert broken("corta", 80) == ["corta"]
    assert broken("", 80) == [""]
