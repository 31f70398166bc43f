"""`acredita registry …` of one operator: each act is of the table of acts, and is shown in words before it is sent."""

import json
import shutil
from pathlib import Path

import pytest
from acredita.cli.main import main
from acredita.devnet.chain import Chain

from tests.simulators.one_operator import PROFILE


@pytest.fixture
def config(accredited_folder: Path, tmp_path: Path) -> Path:
    shutil.copytree(accredited_folder, tmp_path / "node")
    return tmp_path / "node" / "data" / "acredita.toml"


def test_an_act_is_shown_in_words_before_it_is_sent(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    acts = (
        ("suspend", "es", "Suspende a una institución", "activa hasta", "→ suspendida"),
        ("reinstate", "en", "Lift the suspension", "suspended → active", "until"),
    )
    for command, lang, *shown in acts:
        capsys.readouterr()
        words = ["registry", command, "--profile", PROFILE, "--reason", "prueba", "--config", str(config)]
        assert main([*words, "--lang", lang]) == 0
        said = capsys.readouterr().err
        assert [words for words in shown if words not in said] == [], said


def test_an_approval_shows_each_of_its_acts(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Approve another version: the institution's submission is shown first, then the council's approval."""
    document = config.parent.parent / "programme.json"
    document.write_text(document.read_text().replace('"version": "1.0.0"', '"version": "1.0.1"'))
    words = ["registry", "approve", str(document), "--profile", PROFILE, "--config", str(config), "--lang", "en"]
    assert main(words) == 0
    said = capsys.readouterr().err
    assert said.index("Submit a programme version") < said.index("Approve a programme version")


def test_a_programme_outside_the_scope_is_refused_before_anything_is_sent(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = config.parent.parent / "programme.json"
    value = json.loads(document.read_text())
    value |= {"version": "1.0.1", "sector": "un sector que nadie acreditó"}
    document.write_text(json.dumps(value))
    with Chain.open(config.parent / "chain", read_only=True) as chain:
        head = chain.head.number
    words = ["registry", "approve", str(document), "--profile", PROFILE, "--config", str(config), "--lang", "es"]
    capsys.readouterr()
    assert main(words) == 1
    assert "SCOPE_SECTOR_MISMATCH: /sector" in capsys.readouterr().err
    with Chain.open(config.parent / "chain", read_only=True) as chain:
        assert chain.head.number == head
