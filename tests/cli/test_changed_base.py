"""The address of an institution changes: a stop until the old one is named; each list keeps the one it was begun under."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.types import IssuerId
from acredita.cli.main import main
from acredita.node.storage.database import Database
from acredita.node.storage.list_addresses import addresses
from acredita.node.storage.status_lists import read_list

from tests.simulators.one_operator import PROFILE, write_cohort

FIRST, SECOND = "http://127.0.0.1:8080", "https://nuevo.example"


@pytest.fixture
def folder(accredited_folder: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "node"
    shutil.copytree(accredited_folder, copied)
    return copied


def set_base(folder: Path, base: str, *former: str) -> Path:
    """Write a configuration with this address, and these former ones of the institution."""
    text = (
        (folder / "data" / "acredita.toml").read_text(encoding="utf-8").replace(f'base = "{FIRST}"', f'base = "{base}"')
    )
    config = folder / "data" / "cambiada.toml"
    config.write_text(text + f"former_bases = {json.dumps(former)}\n", encoding="utf-8")
    return config


def issue(folder: Path, config: Path, first: int, count: int = 2) -> int:
    words = [
        "issue",
        str(write_cohort(folder, count, first)),
        "--profile",
        PROFILE,
        "--out",
        str(folder / f"out-{first}"),
    ]
    return main([*words, "--programme", str(folder / "programme.json"), "--config", str(config), "--lang", "es"])


def credentials(folder: Path, first: int) -> list[Any]:
    return [json.loads(path.read_text()) for path in sorted((folder / f"out-{first}" / "credentials").glob("*.json"))]


def named_lists(folder: Path, first: int) -> set[str]:
    return {one["credentialStatus"]["statusListCredential"] for one in credentials(folder, first)}


def stored(folder: Path, issuer: str, number: int) -> Any:
    """Return a published list of the institution, and the addresses of all its lists."""
    of_issuer = IssuerId(bytes.fromhex(issuer))
    database = Database.open(f"sqlite:///{folder / 'data' / 'node.db'}")
    try:
        with database.read() as connection:
            published = read_list(connection, of_issuer, number)
            assert published is not None
            return json.loads(published.document), addresses(connection, of_issuer)
    finally:
        database.close()


def test_a_changed_address_is_a_stop_and_old_lists_keep_theirs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = folder / "data" / "acredita.toml"
    assert issue(folder, config, 1) == 0
    issuer = credentials(folder, 1)[0]["credentialStatus"]["statusListCredential"].split("/")[-2]
    assert named_lists(folder, 1) == {f"{FIRST}/status/{issuer}/0"}

    changed = set_base(folder, SECOND)
    for words in (["status"], ["keys", "list", "--profile", PROFILE], ["registry", "did", "--profile", PROFILE]):
        capsys.readouterr()
        assert main([*words, "--config", str(changed), "--lang", "es"]) == 1, words
        said = capsys.readouterr().err
        assert f"BASE_CHANGED: las credenciales de {PROFILE} nombran {FIRST}, la configuración {SECOND}" in said
        assert "institution.former_bases" in said
    assert issue(folder, changed, 11) == 1 and not (folder / "out-11").exists()
    assert main(["status", "--config", str(set_base(folder, SECOND, "https://otra.example"))]) == 1
    assert main(["status", "--config", str(set_base(folder, "nuevo.example", FIRST))]) == 2

    changed = set_base(folder, SECOND, FIRST)
    assert issue(folder, changed, 21) == 0
    assert named_lists(folder, 21) == {f"{SECOND}/status/{issuer}/1"}
    assert issue(folder, changed, 31) == 0
    assert named_lists(folder, 31) == {f"{SECOND}/status/{issuer}/1"}
    old = sorted((folder / "out-1" / "credentials").glob("*.json"))[0]
    assert main(["revoke", str(old), "--profile", PROFILE, "--config", str(changed)]) == 0
    document, of_lists = stored(folder, issuer, 0)
    assert document["id"] == f"{FIRST}/status/{issuer}/0" and of_lists == {0: FIRST, 1: SECOND}
    assert stored(folder, issuer, 1)[0]["id"] == f"{SECOND}/status/{issuer}/1"
    trust = ["--trust", str(folder / "data" / "trust.json")]
    assert main(["verify", str(old), *trust]) == 1
    assert main(["verify", str(sorted((folder / "out-1" / "credentials").glob("*.json"))[1]), *trust]) == 0
    assert main(["verify", str(sorted((folder / "out-31" / "credentials").glob("*.json"))[0]), *trust]) == 0

    back = set_base(folder, FIRST, SECOND)  # list 0 is not drawn from any more
    assert issue(folder, back, 41) == 0
    assert named_lists(folder, 41) == {f"{FIRST}/status/{issuer}/2"}
