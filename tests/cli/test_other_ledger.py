"""A trust file of another chain, and a chain that ends below what was seen: nothing is bound, nothing is concluded."""

import json
import shutil
from pathlib import Path

import pytest
from acredita.cli.main import main
from acredita.node.publication.trust_folder import read_trust
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import institutions
from acredita.node.verification.pinned_trust import configuration_folder, fingerprint

from tests.simulators import one_operator
from tests.simulators.one_operator import PROFILE


def test_a_trust_file_of_another_chain_binds_nothing_at_the_first_start(
    accredited_folder: Path, demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    shutil.copytree(accredited_folder, home)
    data = home / "data"
    for path in data.glob("node.db*"):
        path.unlink()
    shutil.copy(demonstration / "trust.json", data / "trust.json")
    cohort = one_operator.write_cohort(home, 1)
    arguments = ["issue", str(cohort), "--profile", PROFILE, "--programme", str(home / "programme.json")]
    code, _, output = one_operator.run(capsys, data / "acredita.toml", *arguments)
    assert code == 1
    assert "GENESIS_CHANGED" in output
    database = Database.open(f"sqlite:///{data / 'node.db'}")
    try:
        with database.read() as connection:
            assert list(institutions(connection)) == []
    finally:
        database.close()


def test_a_ledger_below_the_highest_block_seen_is_behind(
    demonstration: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verify under a pinned trust file, which remembers the head; then ask a chain that ends below what was seen."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = demonstration / "trust.json"
    assert main(["trust", "pin", str(file), "--fingerprint", fingerprint(read_trust(file))]) == 0
    sound = str(next(iter(sorted((demonstration / "credentials").iterdir()))))
    assert main(["verify", sound]) == 0
    path = configuration_folder() / "seen-blocks.json"
    seen = json.loads(path.read_text())
    [(genesis, block)] = seen["chains"].items()
    assert genesis == json.loads((demonstration / "trust.json").read_text())["genesis"]
    assert main(["verify", sound]) == 0
    seen["chains"][genesis]["number"] = block["number"] + 1
    path.write_text(json.dumps(seen))
    capsys.readouterr()
    assert main(["verify", sound, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["steps"][5]["code"] == "LEDGER_BEHIND"
    assert main(["verify", sound, "--trust", str(demonstration / "trust.json")]) == 0  # a named file remembers nothing
    path.write_text("{}")
    assert main(["verify", sound]) == 2
