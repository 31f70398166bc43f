"""An archive of a registry: the same audit without a network, any changed byte found and named, no path that leads out."""

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.types import to_hex
from acredita.cli.main import main
from acredita.node.archive.tar_file import (
    LEDGER_FILES,
    MAX_FILE_BYTES,
    ArchiveRefused,
    read_tar,
    write_tar,
)
from acredita.registry.keys.scrypt_cost import LEAST_N

NOW = ("--now", "2030-01-15T18:00:00Z")


@pytest.fixture(scope="module")
def archive(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the demonstration, and put a copy of its trust file alone beside the archive."""
    folder = tmp_path_factory.mktemp("archive")
    (folder / "own").mkdir()
    shutil.copy(demonstration / "trust.json", folder / "own" / "trust.json")
    assert main(["audit", "export", str(folder / "a.archive"), *trust_of(demonstration), *NOW]) == 0
    return folder / "a.archive"


def trust_of(folder: Path) -> list[str]:
    return ["--trust", str(folder / "trust.json")]


def replayed(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any], str]:
    """Replay. Return exit code, document and what was printed on stderr."""
    capsys.readouterr()
    code = main(["audit", "replay", "--json", *NOW, *options])
    output = capsys.readouterr()
    return code, json.loads(output.out) if output.out else {}, output.err


def of_archive(capsys: pytest.CaptureFixture[str], file: Path, archive: Path) -> tuple[int, dict[str, Any], str]:
    return replayed(capsys, "--archive", str(file), *trust_of(archive.parent / "own"))


def contents(file: Path) -> dict[str, Path | bytes]:
    with file.open("rb") as opened:
        return {name: b"".join(chunks) for name, chunks in read_tar(opened)}


def test_an_archive_gives_the_same_audit_as_the_ledger(
    archive: Path, demonstration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live = replayed(capsys, *trust_of(demonstration))
    assert of_archive(capsys, archive, archive) == live
    assert live[0] == 0


def test_the_report_of_an_archive_is_the_report_of_the_ledger(
    archive: Path, demonstration: Path, tmp_path: Path
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("una frase larga para la prueba")
    passphrase.chmod(0o600)
    keystore = [str(tmp_path / "a.keystore"), "--passphrase-file", str(passphrase)]
    assert main(["audit", "key", "new", "--out", *keystore, "--scrypt-n", str(LEAST_N)]) == 0
    from_archive = ["--archive", str(archive), *trust_of(archive.parent / "own")]
    reports = []
    for name, options in (("live", trust_of(demonstration)), ("archive", from_archive)):
        assert main(["audit", "report", "--out", str(tmp_path / name), "--keystore", *keystore, *NOW, *options]) == 0
        reports.append(json.loads((tmp_path / name / "report.json").read_text()))
    for report in reports:
        for finding in report["findings"]:
            finding.pop("command")
    live, archived = reports
    assert len(archived.pop("archive")) == 66
    assert {key for key in live if live[key] != archived[key]} == {"sources", "command", "proof"}
    assert set(live) == set(archived)


def test_two_exports_of_one_state_have_the_same_bytes(archive: Path, demonstration: Path, tmp_path: Path) -> None:
    assert main(["audit", "export", str(tmp_path / "b.archive"), *trust_of(demonstration), *NOW]) == 0
    assert (tmp_path / "b.archive").read_bytes() == archive.read_bytes()
    assert main(["audit", "export", str(tmp_path / "b.archive"), *trust_of(demonstration), *NOW]) == 2


def test_one_changed_byte_is_found_wherever_it_is(archive: Path) -> None:
    good = archive.read_bytes()
    read_all(good)
    places = [*range(1_100), *range(1_100, len(good), 499), *range(len(good) - 1_030, len(good))]
    for place in places:
        with pytest.raises(ArchiveRefused) as refused:
            read_all(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert refused.value.code in ("ARCHIVE_ALTERED", "ARCHIVE_MALFORMED"), place
    for end in (0, 511, 512, len(good) // 2, len(good) - 1):
        with pytest.raises(ArchiveRefused):
            read_all(good[:end])
    with pytest.raises(ArchiveRefused):
        read_all(good + b"\0")


def read_all(content: bytes) -> None:
    for _, chunks in read_tar(io.BytesIO(content)):
        for _ in chunks:
            pass


def test_a_changed_byte_names_the_file_and_accuses_nobody(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, parts = archive.read_bytes(), contents(archive)
    for name, part in parts.items():
        if not name.startswith(("status/", "ledger/logs/issuer")):
            continue
        assert isinstance(part, bytes)
        place = content.index(part) + len(part) // 2
        altered = tmp_path / "altered.archive"
        altered.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        code, document, errors = of_archive(capsys, altered, archive)
        assert (code, document) == (3, {})
        assert name in errors and "ARCHIVE_ALTERED" in errors
        assert main(["audit", "import", str(altered), "--to", str(tmp_path / "imported")]) == 3
        assert not list(tmp_path.glob("imported*"))


def _edit_view(parts: dict[str, Any]) -> None:
    state = json.loads(parts["ledger/state.json"])
    for view in state["views"]:
        view["answer"] = view["answer"][:-2] + ("00" if view["answer"][-2:] != "00" else "01")
    parts["ledger/state.json"] = json.dumps(state, separators=(",", ":"), sort_keys=True).encode()


def _drop_logs(parts: dict[str, Any]) -> None:
    logs = json.loads(parts["ledger/logs/credential_log.json"])
    parts["ledger/logs/credential_log.json"] = json.dumps(logs[:-1]).encode()


def _drop_a_log(parts: dict[str, Any]) -> None:
    name = next(name for name in parts if name.startswith("log/")).split("/")[1]
    for each in [each for each in parts if each.startswith(f"log/{name}/")]:
        del parts[each]


def _drop_state(parts: dict[str, Any]) -> None:
    state = json.loads(parts["ledger/state.json"])
    state["views"] = state["views"][1:]
    parts["ledger/state.json"] = json.dumps(state).encode()


def _no_state(parts: dict[str, Any]) -> None:
    parts["ledger/state.json"] = b'{"chain_id":1}'


REMADE: dict[str, Callable[[dict[str, Any]], None]] = {
    "answers of the contracts": _edit_view,
    "the last event left out": _drop_logs,
    "a log left out": _drop_a_log,
    "an answer left out": _drop_state,
    "no state": _no_state,
}


@pytest.mark.parametrize("name", REMADE)
def test_an_archive_that_was_made_anew_with_a_lie_is_no_agreement(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Alter the content and write a manifest that fits. Such an archive is an endpoint that lies: could not tell."""
    parts = contents(archive)
    REMADE[name](parts)
    altered = tmp_path / "altered.archive"
    with altered.open("wb") as file:
        write_tar(file, parts)
    code, document, _ = of_archive(capsys, altered, archive)
    assert code == 3
    assert "divergence" not in {finding["weight"] for finding in document.get("findings", [])}


NAMES = ("../out.json", "/etc/x.json", "documents/../../x.json", "log/" + "a" * 64 + "/1/../x", "keystore.json", "a\0b")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_out_is_refused_before_anything_is_written(
    archive: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = tmp_path / "hostile.archive"
    with hostile.open("wb") as file:
        write_tar(file, contents(archive) | {name: b"x"})
    before = set(tmp_path.parent.rglob("*"))
    assert main(["audit", "import", str(hostile), "--to", str(tmp_path / "to")]) == 3
    assert set(tmp_path.parent.rglob("*")) == before
    assert "ARCHIVE_MALFORMED" in capsys.readouterr().err


def test_sizes_are_checked_before_anything_is_read(archive: Path) -> None:
    """State a file of a size that nobody could keep, and another one that is below the limit and not there."""
    content = archive.read_bytes()
    size = int(content[124:135], 8)
    manifest = json.loads(content[512 : 512 + size])
    for stated in (MAX_FILE_BYTES + 1, MAX_FILE_BYTES):
        first = manifest["files"][0] | {"size": stated}
        from_manifest = {**manifest, "files": [first, *manifest["files"][1:]]}
        text = json.dumps(from_manifest, separators=(",", ":"), sort_keys=True).encode()
        out = io.BytesIO()
        write_tar(out, dict.fromkeys(LEDGER_FILES, b""))
        header = bytearray(out.getvalue()[:512])
        header[124:135] = f"{len(text):011o}".encode()
        header[148:156] = b" " * 8
        header[148:156] = f"{sum(header):06o}\0 ".encode()
        with pytest.raises(ArchiveRefused) as refused:
            read_all(bytes(header) + text + bytes(-len(text) % 512))
        assert ("/files/0/size" in str(refused.value)) == (stated > MAX_FILE_BYTES)


def test_nothing_private_is_archived(demonstration: Path, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    shutil.copytree(demonstration, folder)
    secret = tmp_path / "secret"
    secret.write_text("a private key")
    for name in ("institution.keystore", "documents/notes.json", "log/x.json", "documents/.hidden.json"):
        (folder / name).write_text("a private key")
    (folder / "documents" / f"{'ab' * 32}.json").symlink_to(secret)
    assert main(["audit", "export", str(tmp_path / "a.archive"), *trust_of(folder), *NOW]) == 0
    assert b"a private key" not in (tmp_path / "a.archive").read_bytes()
    names = set(contents(tmp_path / "a.archive"))
    assert not {name for name in names if name.startswith(("chain/", "credentials/", "receipts/", "cases/"))}


def test_an_import_is_a_mirror_of_the_registry(
    archive: Path, tmp_path: Path, demonstration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "imported"
    assert main(["audit", "import", str(archive), "--to", str(to), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["block"] > 0
    assert main(["audit", "import", str(archive), "--to", str(to)]) == 2
    code, document, _ = replayed(capsys, *trust_of(to), "--chain", str(demonstration / "chain"))
    assert (code, document) == replayed(capsys, *trust_of(demonstration))[:2]


def test_an_archive_with_proofs_is_read_by_proof(
    demonstration: Path, archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Export by proof. The views are not in it, and an altered node of a proof is no answer."""
    file = tmp_path / "proven.archive"
    code = main(["audit", "export", str(file), *trust_of(demonstration), *NOW, "--proofs"])
    live = replayed(capsys, *trust_of(demonstration), "--proofs")
    assert code == live[0]
    own = trust_of(archive.parent / "own")
    assert replayed(capsys, "--archive", str(file), *own, "--proofs") == live
    parts: dict[str, Any] = contents(file)
    state = json.loads(parts["ledger/state.json"])
    assert state["views"] == [] and state["proofs"]
    for each in state["proofs"]:
        each["proof"]["nodes"][0] = "00" + each["proof"]["nodes"][0][2:]
    parts["ledger/state.json"] = json.dumps(state).encode()
    with (tmp_path / "altered.archive").open("wb") as opened:
        write_tar(opened, parts)
    assert replayed(capsys, "--archive", str(tmp_path / "altered.archive"), *own, "--proofs")[0] == 3


def test_an_archive_needs_the_auditors_own_trust_file_and_no_other_source(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    code, _, errors = replayed(capsys, "--archive", str(archive))
    assert (code, "TRUST_MISSING" in errors) == (3, True)
    own = trust_of(archive.parent / "own")
    assert replayed(capsys, "--archive", str(archive), *own, "--rpc", "http://127.0.0.1:1")[0] == 2


def test_the_hash_that_export_prints_is_that_of_the_file(
    demonstration: Path, archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    main(["audit", "export", str(tmp_path / "c.archive"), *trust_of(demonstration), *NOW, "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert printed["sha256"] == to_hex(hashlib.sha256(archive.read_bytes()).digest())
