"""Files that hold a credential, a key or what was typed are for the user of the process alone, whatever the umask is."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from acredita.cli.main import _end_with_error
from acredita.node.demo.export import DemoFolder
from acredita.node.storage.database import Database
from acredita.node.storage.private_files import create_private, make_private_folder, write_private
from acredita.node.verification.language import Language

from tests.cli.test_deliver import done
from tests.simulators import one_operator

CREDENTIAL = b'"credentialSubject"'
HELD = (
    b"\x1f\x8b",
    b"SQLite format 3\0",
    b"PK\x03\x04",
    b"\x89PNG",
    b"%PDF",
)  # databases, and forms that carry a credential


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Let files be open to everybody unless the code closes them."""
    before = os.umask(0)
    yield
    os.umask(before)


def is_private(path: Path) -> bool:
    """Return whether only the owner may read a file, and only the owner may look into its folder."""
    return not any(stat.S_IMODE(one.stat().st_mode) & 0o077 for one in (path, path.parent))


def holding(folder: Path) -> list[Path]:
    """List the files that hold a credential, by their content."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in files if CREDENTIAL in (content := path.read_bytes()) or content.startswith(HELD)]


def test_every_command_that_writes_credentials_closes_its_files(
    tmp_path: Path, accredited_folder: Path, demonstration: Path, open_umask: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    shutil.copytree(accredited_folder, home)
    monkeypatch.chdir(home)
    where = ("--config", "data/acredita.toml")
    which = (*where, "--profile", one_operator.PROFILE)
    cohort = one_operator.write_cohort(home, 1)
    done("issue", cohort, *which, "--programme", "programme.json", "--out", out / "issued")
    [credential] = (out / "issued" / "credentials").iterdir()
    done("deliver", *which, "--all", "--out", out / "folders")
    done("deliver", *which, "--all", "--out", out / "zips", "--zip")
    shown = next((demonstration / "credentials").iterdir())
    done("bundle", shown, "--trust", demonstration / "trust.json", "--out", out / "bundles" / "a.acredita")
    done("backup", out / "backup", "--keys", out / "keys" / "keys.db", *where)
    corrected = ("--programme", "programme.json", "--result", "Destacado", "--out", out / "corrected" / "new.json")
    done("correct", credential, *which, *corrected)
    written = holding(out)
    assert {path.relative_to(out).parts[0] for path in written} == {
        *("issued", "folders", "zips", "bundles", "backup", "keys", "corrected")
    }
    assert [path for path in written if not is_private(path)] == []


def test_a_database_is_closed_with_its_journal(tmp_path: Path, open_umask: None) -> None:
    folder = tmp_path / "by-hand"
    folder.mkdir()
    database = Database.create(f"sqlite:///{folder / 'node.db'}")
    with database.read():
        files = sorted(folder.iterdir())
        assert [path.name for path in files] == ["node.db", "node.db-shm", "node.db-wal"]
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    database.close()


def test_a_demonstration_closes_its_credentials(tmp_path: Path, open_umask: None) -> None:
    DemoFolder(tmp_path / "d").credential("credentials", "one", CREDENTIAL, None)
    assert is_private(tmp_path / "d" / "credentials" / "one.json")


def test_the_log_of_an_internal_error_is_closed(
    tmp_path: Path, open_umask: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for _ in range(2):  # twice within one second
        _end_with_error(LookupError("CANARIO"), Language.EN)
    assert "LookupError" in capsys.readouterr().err
    [log] = (tmp_path / "state" / "acredita").iterdir()
    assert b"CANARIO" in log.read_bytes()
    assert is_private(log)


def test_a_file_of_before_is_replaced_and_a_folder_of_before_keeps_its_mode(tmp_path: Path, open_umask: None) -> None:
    target = tmp_path / "mine" / "credential.json"
    target.parent.mkdir()
    for left in (target, target.with_name("credential.json.part")):
        left.write_bytes(b"of before")
    write_private(target, b"new")
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"new", 0o600)
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o777
    assert list(target.parent.iterdir()) == [target]


def test_a_link_at_the_place_is_not_followed(tmp_path: Path) -> None:
    elsewhere, target = tmp_path / "elsewhere", tmp_path / "credential.json"
    target.symlink_to(elsewhere)
    write_private(target, b"new")
    create_private(target)
    make_private_folder(tmp_path)
    assert not elsewhere.exists() and not target.is_symlink()
