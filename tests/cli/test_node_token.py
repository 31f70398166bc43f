"""Access tokens from the command line: made, listed, revoked."""

from pathlib import Path

import pytest
from acredita.node.storage.access_tokens import find_access, token_id
from acredita.node.storage.database import Database

from tests.simulators import one_operator
from tests.simulators.one_operator import PROFILE


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_operator.make_node(tmp_path_factory.mktemp("node"))


def in_force(config: Path, token: str) -> bool:
    """Return whether another connection to the node's database finds the token."""
    database = Database.open(f"sqlite:///{config.parent / 'node.db'}")
    try:
        with database.read() as connection:
            return find_access(connection, token, 1_800_000_000) is not None
    finally:
        database.close()


def test_a_token_is_made_listed_and_revoked(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = ["node", "token", "new", "--label", "sistema escolar", "--right", "issue", "--right", "revoke"]
    code, token, _ = one_operator.run(capsys, config, *new, "--profile", PROFILE, "--days", "9000", "--json")
    assert code == 2
    code, token, _ = one_operator.run(capsys, config, *new, "--profile", PROFILE, "--days", "3000", "--json")
    assert code == 0
    assert token["id"] == token_id(token["token"])
    assert in_force(config, token["token"])

    code, listed, _ = one_operator.run(capsys, config, "node", "token", "list", "--json")
    [row] = [row for row in listed["tokens"] if row["id"] == token["id"]]
    assert (row["label"], row["rights"], row["state"]) == ("sistema escolar", ["issue", "revoke"], "in_force")
    _, _, text = one_operator.run(capsys, config, "node", "token", "list")
    assert token["id"] in text
    assert token["token"] not in text

    code, revoked, _ = one_operator.run(capsys, config, "node", "token", "revoke", token["id"], "--json")
    assert (code, revoked["changed"]) == (0, True)
    assert not in_force(config, token["token"])
    code, revoked, _ = one_operator.run(capsys, config, "node", "token", "revoke", token["id"], "--json")
    assert (code, revoked["changed"]) == (0, False)
    _, _, text = one_operator.run(capsys, config, "node", "token", "list", "--lang", "en")
    assert "revoked" in text

    _, trail, _ = one_operator.run(capsys, config, "node", "trail", "--json")
    acts = [event["action"] for event in trail["events"] if event["detail"].get("token") == token["id"]]
    assert acts == ["token_made", "token_ended"]


def test_text_is_the_token_alone(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    arguments = ["node", "token", "new", "--label", "x", "--right", "anchor", "--config", str(config)]
    assert one_operator.main(arguments) == 0
    printed = capsys.readouterr()
    assert in_force(config, printed.out.strip())
    assert token_id(printed.out.strip()) in printed.err


def test_an_id_that_no_token_has(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, output = one_operator.run(capsys, config, "node", "token", "revoke", "0" * 16)
    assert code == 1
    assert "no token" in output


@pytest.mark.parametrize("label", ["", "x" * 65, "dos\nlineas"])
def test_a_label_that_cannot_be_used(config: Path, capsys: pytest.CaptureFixture[str], label: str) -> None:
    code, _, output = one_operator.run(capsys, config, "node", "token", "new", "--label", label, "--right", "issue")
    assert code == 2
    assert "--label" in output


def test_a_right_that_is_gone(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = one_operator.run(capsys, config, "node", "token", "new", "--label", "x", "--right", "registry")
    assert code == 2
