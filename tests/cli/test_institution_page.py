"""docs/institution.md: its fenced commands are run, in their order, with one folder for each party."""

import shlex
import shutil
from pathlib import Path

import pytest
from acredita.cli.main import main

from tests.cli.test_council import recognise
from tests.cli.test_council_page import REFUSED, commands
from tests.house.documents import ROOT
from tests.simulators.several_hands import ISSUER_DID, found

DOCS = ROOT / "docs"


def test_an_application_and_a_programme_as_the_page_tells_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hands = found(tmp_path / "world")
    recognise(hands)
    for name, file in (("ut", "solicitud.txt"), ("ut", "calidad.txt"), ("agencia", "dictamen.txt")):
        (hands.base / name / file).write_text("Documento de una institución ficticia")
    shutil.copy(DOCS / "examples" / "programme.toml", hands.base / "ut" / "programa.toml")
    shutil.copy(DOCS / "examples" / "scope.toml", hands.base / "ut" / "alcance.toml")
    monkeypatch.chdir(hands.base)
    lines = commands(DOCS / "institution.md")
    assert len(lines) > 10
    for line in lines:
        words = shlex.split(line.removesuffix(REFUSED))
        code = main([*words[1:], "--lang", "es"])
        printed = capsys.readouterr()
        assert code == (1 if line.endswith(REFUSED) else 0), (line, printed.out + printed.err)
    assert hands.ask("institution", "status", ISSUER_DID)["state"] == "reviewed"
    assert hands.ask("programme", "show", "ut/programa.json")["state"] == "reviewed"
