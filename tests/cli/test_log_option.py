"""`--log`: the logs from another folder, or from a static host of files; what the host learns, and its failures."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from acredita.cli.main import main
from acredita.node.outbound.fetch import Fetcher, SourceUnavailable
from acredita.node.outbound.named_host import fetch_named

from tests.simulators.endpoint import listening


@pytest.fixture(scope="module")
def parts(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Split the demonstration: a folder without its logs, and one with the logs alone."""
    without, logs = tmp_path_factory.mktemp("parts") / "d", tmp_path_factory.mktemp("logs")
    shutil.copytree(demonstration, without, ignore=shutil.ignore_patterns("log"))
    shutil.copytree(demonstration / "log", logs / "public" / "log")
    return without, logs


@contextmanager
def static_host(folder: Path, asked_for: list[str], protocol: str = "HTTP/1.0") -> Iterator[str]:
    """Serve a folder by the standard library's file server; note the paths."""

    class Files(SimpleHTTPRequestHandler):
        protocol_version = protocol

        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, directory=str(folder), **options)  # type: ignore[arg-type]

        def do_GET(self) -> None:
            asked_for.append(self.path)
            super().do_GET()

        def log_message(self, format: str, *arguments: object) -> None:
            """Write nothing."""

    with listening(Files) as url:
        yield url


def credentials_in(folder: Path) -> list[str]:
    return [str(path) for path in sorted((folder / "credentials").iterdir())[:3]]


def verdicts(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[tuple[str, str | None]]]:
    capsys.readouterr()
    code = main(["verify", "--json", *arguments])
    answers = json.loads(capsys.readouterr().out)
    return code, [(each["verdict"], each["code"]) for each in (answers if isinstance(answers, list) else [answers])]


def test_without_its_log_a_credential_is_indeterminate(
    parts: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    without, _ = parts
    sound = credentials_in(without)[0]
    assert verdicts(capsys, sound, "--trust", str(without / "trust.json")) == (3, [("indeterminate", "LOG_MISSING")])


@pytest.mark.parametrize("protocol", ["HTTP/1.0", "HTTP/1.1"])
def test_a_static_host_is_enough(parts: tuple[Path, Path], capsys: pytest.CaptureFixture[str], protocol: str) -> None:
    """Verify, bundle and audit with the log from a host. Whole bundles are asked for, and no digest."""
    (without, logs), asked_for = parts, list[str]()
    trust = ["--trust", str(without / "trust.json")]
    with static_host(logs, asked_for, protocol) as url:
        log = ["--log", f"{url}/public"]
        assert verdicts(capsys, *credentials_in(without), *trust, *log) == (0, [("recognised", None)] * 3)
        bundle = without / f"{protocol[-1]}.acredita"
        assert main(["bundle", credentials_in(without)[0], "--out", str(bundle), *trust, *log]) == 0
        assert main(["audit", "replay", *trust, *log]) == 0
    assert verdicts(capsys, str(bundle), *trust) == (0, [("recognised", None)])
    assert all("/tile/entries/" in path for path in asked_for)
    digests = {json.loads(path.read_text())["entry"][14:78] for path in (without / "receipts").glob("*.json")}
    assert digests
    assert not any(digest in path for digest in digests for path in asked_for)


def test_another_folder_is_enough(parts: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    without, logs = parts
    trust = ["--trust", str(without / "trust.json"), "--log", str(logs / "public")]
    assert verdicts(capsys, *credentials_in(without), *trust) == (0, [("recognised", None)] * 3)
    assert main(["audit", "replay", *trust]) == 0


Opened = Callable[[], AbstractContextManager[str]]


@contextmanager
def moved() -> Iterator[str]:
    class Moved(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:1{self.path}")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Write nothing."""

    with listening(Moved) as url:
        yield url


@contextmanager
def gone() -> Iterator[str]:
    with moved() as url:
        pass
    yield url


@contextmanager
def without_logs() -> Iterator[str]:
    with static_host(Path("/nonexistent"), []) as url:
        yield url


@pytest.mark.parametrize("host", [moved, gone, without_logs])
def test_a_host_that_fails_is_never_an_answer(
    parts: tuple[Path, Path], capsys: pytest.CaptureFixture[str], host: Opened
) -> None:
    """Answer indeterminate for a sound credential. A host that has no log leaves the audit incomplete."""
    without, _ = parts
    trust = ["--trust", str(without / "trust.json")]
    with host() as url:
        log = ["--log", url]
        assert verdicts(capsys, credentials_in(without)[0], *trust, *log) == (3, [("indeterminate", "LOG_MISSING")])
        assert main(["audit", "replay", *trust, *log]) == 3
        capsys.readouterr()
        assert main(["bundle", credentials_in(without)[0], "--out", str(without / "no"), *trust, *log]) in (1, 3)
        assert not (without / "no").exists()


@pytest.mark.parametrize(
    "named", ["no/such/place", "ftp://127.0.0.1/x", "http://a:b@127.0.0.1/", "http://127.0.0.1/?q"]
)
def test_a_name_that_is_no_copy_is_a_usage_error(
    parts: tuple[Path, Path], capsys: pytest.CaptureFixture[str], named: str
) -> None:
    without, _ = parts
    trust = ["--trust", str(without / "trust.json"), "--log", named]
    for command in (["verify", credentials_in(without)[0]], ["audit", "replay"]):
        assert main([*command, *trust, "--lang", "es"]) == 2
        assert "carpeta" in (error := capsys.readouterr().err) or "http" in error
        assert not {"expected", "or", "folder", "perhaps"} & set(error.split())


@pytest.mark.parametrize(("option", "named"), [("--rpc", "\ud800"), ("--rpc", "a\0b"), ("--log", "a\0b")])
def test_a_name_that_no_file_can_have_is_a_usage_error(
    parts: tuple[Path, Path], capsys: pytest.CaptureFixture[str], option: str, named: str
) -> None:
    without, _ = parts
    trust = ["--trust", str(without / "trust.json")]
    assert main(["verify", credentials_in(without)[0], *trust, option, named, "--lang", "es"]) == 2
    assert "se espera" in capsys.readouterr().err


def spoil_with_folders(bundle: Path) -> None:
    bundle.unlink()
    bundle.mkdir()


def spoil_with_loops(bundle: Path) -> None:
    bundle.unlink()
    bundle.symlink_to(bundle.name)


def spoil_with_pipes(bundle: Path) -> None:
    bundle.unlink()
    os.mkfifo(bundle)


@pytest.mark.parametrize("spoil", [spoil_with_folders, spoil_with_loops, spoil_with_pipes])
def test_a_tile_that_is_no_file_hides_no_revocation(
    parts: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None]
) -> None:
    """Ask about a sound credential and a revoked one."""
    without, logs = parts
    shutil.copytree(logs / "public", tmp_path / "copy")
    for bundle in [path for path in tmp_path.rglob("tile/entries/**/*") if path.is_file()]:
        spoil(bundle)
    files = [credentials_in(without)[0], str(without / "cases" / "invalid--credential_revoked.json")]
    answers = [
        verdicts(capsys, file, "--trust", str(without / "trust.json"), "--log", str(tmp_path / "copy"))[1][0]
        for file in files
    ]
    assert answers == [("indeterminate", "LOG_MISSING"), ("invalid", "CREDENTIAL_REVOKED")]


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example", "ñ" * 64 + ".example"])
def test_a_name_that_no_host_can_have_is_a_host_that_does_not_answer(
    parts: tuple[Path, Path], capsys: pytest.CaptureFixture[str], host: str
) -> None:
    without, _ = parts
    file = credentials_in(without)[0]
    code, answer = verdicts(capsys, file, "--trust", str(without / "trust.json"), "--log", f"http://{host}/")
    assert (code, answer) == (3, [("indeterminate", "LOG_MISSING")])
    for refused, fetch in ((f"http://{host}/", fetch_named), (f"https://{host}/", Fetcher(frozenset({host})).fetch)):
        with pytest.raises(SourceUnavailable, match=r"Unicode\w*Error"):
            fetch(refused)
