"""Variables of the environment stand for options that are not given, and never against the command line."""

import json
from pathlib import Path

import pytest

from tests.simulators.several_hands import SeveralHands, found

NOBODY = "http://127.0.0.1:1"
REFUSED = 3


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    return found(tmp_path_factory.mktemp("variables") / "world")


def test_an_endpoint_of_the_variable_is_asked_unless_a_folder_is_named(
    hands: SeveralHands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACREDITA_RPC", NOBODY)
    assert hands.run("council", "members")[0] == REFUSED
    assert hands.run("council", "members", "--chain", hands.chain)[0] == 0


def test_a_member_names_account_and_passphrase_once(
    hands: SeveralHands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, out = hands.act_file("ana", "acto"), hands.base / "ana" / "p.json"
    words = ["council", "propose", "record-trust", "--trust-file", hands.trust, "--act", act, "--title", "T", "--yes"]
    monkeypatch.setenv("ACREDITA_ACCOUNT", str(hands.account_file("ana")))
    monkeypatch.setenv("ACREDITA_PASSPHRASE_FILE", str(hands.base / "ana" / "pass"))
    assert hands.run(*words, "--out", out)[0] == 0
    other = ["--account", hands.account_file("rita"), "--passphrase-file", hands.base / "rita" / "pass"]
    code, text = hands.run(*words, "--out", tmp_path / "other.json", *other)
    assert (code, "ACCOUNT_ROLE" in text) == (1, True)


def test_another_signer_is_not_the_account_of_the_variable(
    hands: SeveralHands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, prepared = hands.act_file("beto", "acto"), tmp_path / "prepared.json"
    monkeypatch.setenv("ACREDITA_ACCOUNT", str(hands.account_file("ana")))
    words = ["council", "propose", "record-trust", "--trust-file", hands.trust, "--act", act, "--title", "T"]
    words += ["--out", tmp_path / "p.json", "--from", hands.address("beto"), "--prepare", prepared]
    code, text = hands.run(*words)
    assert code == 0, text
    assert json.loads(prepared.read_text())["from"] == hands.address("beto")
