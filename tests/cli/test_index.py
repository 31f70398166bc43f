"""`acredita index`: the state of the index, and a new one from the first block."""

from pathlib import Path

import pytest

from tests.simulators.one_operator import make_node, run


def test_status_and_rebuild(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    config = make_node(tmp_path)
    code, document, _ = run(capsys, config, "index", "status", "--json")
    assert (code, document["block"], document["events"]) == (3, None, 0)
    code, built, _ = run(capsys, config, "index", "rebuild", "--json")
    assert (code, built["code"]) == (0, None)
    assert built["block"] > 0
    assert built["events"] > 0
    assert run(capsys, config, "index", "rebuild", "--json")[1] == built
    code, shown, text = run(capsys, config, "index", "status", "--lang", "en")
    assert (code, shown) == (0, None)
    assert built["state_hash"] in text
    (config.parent / "trust.json").unlink()
    code, _, text = run(capsys, config, "index", "rebuild", "--lang", "es")
    assert (code, "TRUST_MISSING" in text) == (2, True)
