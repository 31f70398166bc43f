"""`acredita witness`: what it cosigns, what it never cosigns, and what it keeps as evidence."""

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.cosignature import WitnessKey, cosigned_at
from acredita.anchoring.note import open_note, parse_checkpoint_text
from acredita.cli.main import main
from acredita.node.monitor.witness_folder import SeenCheckpoint, WitnessFolder
from acredita.registry.keys.passphrase import from_file
from acredita.registry.keys.scrypt_cost import LEAST_N
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.simulators.noted_log import NotedLog, noted_log

NAME = "testigo.example/w1"


@pytest.fixture(scope="module")
def log(accredited_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> NotedLog:
    return noted_log(accredited_folder, tmp_path_factory.mktemp("noted") / "ut")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a witness that has seen nothing; tests copy its folder."""
    base = tmp_path_factory.mktemp("witness")
    secret = base / "pass"
    secret.touch(mode=0o600)
    secret.write_text("testigo")
    folder = ["--folder", str(base / "w"), "--passphrase-file", str(secret)]
    assert main(["witness", "key", "new", *folder, "--name", NAME, "--scrypt-n", str(LEAST_N)]) == 0
    return base


@pytest.fixture
def witness(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    shutil.copytree(fresh, tmp_path / "witness")
    return tmp_path / "witness"


def command(log: NotedLog, witness: Path, *sources: Path) -> list[str]:
    named = [word for source in sources for word in ("--log", str(source))]
    folder = ["--folder", str(witness / "w"), "--passphrase-file", str(witness / "pass")]
    return ["witness", "run", *folder, *log.options, *named, "--json"]


def run(capsys: pytest.CaptureFixture[str], log: NotedLog, witness: Path, *sources: Path) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(command(log, witness, *sources))
    return code, json.loads(capsys.readouterr().out)


def key_of(witness: Path) -> WitnessKey:
    return WitnessFolder(witness / "w").open_key(from_file(witness / "pass"))[0]


def codes(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding["weight"], finding["code"]) for finding in report["findings"]]


def cosigned(witness: Path, log: NotedLog) -> bytes:
    return (witness / "w" / log.place / "checkpoint").read_bytes()


def seen(witness: Path, log: NotedLog) -> int:
    checkpoint = WitnessFolder(witness / "w").seen(log.issuer, 1)
    return -1 if checkpoint is None else checkpoint.stated.number


def test_a_checkpoint_is_cosigned_as_c2sp_writes_it(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Read the cosigned note with nothing of ours but the standard library: key id, time and signed message."""
    code, report = run(capsys, log, witness, log.served(tmp_path / "s", 2))
    assert (code, report["cosigned"], report["findings"]) == (0, 1, [])
    note = cosigned(witness, log)
    assert open_note(note, [log.key])  # the log's own signature is kept
    text, _, lines = note.decode().rpartition("\n\n")
    name, encoded = lines.splitlines()[-1].removeprefix("— ").split(" ")
    line = base64.b64decode(encoded)
    vkey_name, vkey_id, vkey = json.loads((witness / "w" / "witness.json").read_text())["key"].split("+", 2)
    public = base64.b64decode(vkey)
    assert (name, vkey_name, public[0]) == (NAME, NAME, 4)
    assert line[:4].hex() == vkey_id == hashlib.sha256(NAME.encode() + b"\n" + public).digest()[:4].hex()
    moment = int.from_bytes(line[4:12], "big")
    message = f"cosignature/v1\ntime {moment}\n{text}\n".encode()
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(line[12:], message)
    assert cosigned_at(note, key_of(witness)) == moment


def test_a_newer_checkpoint_is_cosigned_after_its_consistency_is_proven(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, log, witness, log.served(tmp_path / "1", 1))[0] == 0
    assert seen(witness, log) == 1
    assert run(capsys, log, witness, log.served(tmp_path / "2", 2))[0] == 0
    assert seen(witness, log) == 2


def test_a_smaller_checkpoint_is_never_cosigned(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, log, witness, log.served(tmp_path / "2", 2))[0] == 0
    before = cosigned(witness, log)
    code, report = run(capsys, log, witness, log.served(tmp_path / "1", 1))
    assert (code, report["cosigned"], seen(witness, log)) == (0, 0, 2)
    assert cosigned(witness, log) == before


def test_without_tiles_a_newer_checkpoint_waits(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sign nothing whose consistency no source shows, and accuse nobody of it; altered tiles are no tiles."""
    assert run(capsys, log, witness, log.served(tmp_path / "1", 1))[0] == 0
    folder = log.served(tmp_path / "2", 2)
    for tile in filter(Path.is_file, (folder / log.place / "tile" / "0").rglob("*")):
        tile.write_bytes(bytes([tile.read_bytes()[0] ^ 1]) + tile.read_bytes()[1:])
    code, report = run(capsys, log, witness, folder)
    assert (code, codes(report), seen(witness, log)) == (3, [("unknown", "WITNESS_TILES_MISSING")], 1)
    shutil.rmtree(folder / log.place / "tile")
    assert codes(run(capsys, log, witness, folder)[1]) == [("unknown", "WITNESS_TILES_MISSING")]


def test_two_signed_checkpoints_of_one_size_are_kept_as_evidence(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keep both notes once, report them in each round while they are served, and cosign only the anchored one."""
    forged = log.forged(2, bytes(32))
    sources = log.served(tmp_path / "good", 2), log.served(tmp_path / "bad", forged)
    for _ in range(2):
        code, report = run(capsys, log, witness, *sources)
        assert code == 1
        assert codes(report) == [("divergence", "LOG_EQUIVOCATION"), ("divergence", "LOG_NOTE_NOT_ANCHORED")]
    kept = Path(report["findings"][0]["evidence"])
    assert {(kept / name).read_bytes() for name in ("first.note", "second.note")} == {log.notes[2], forged}
    assert len(list(kept.parent.iterdir())) == 2
    assert open_note(cosigned(witness, log), [log.key]) == open_note(log.notes[2], [log.key])


def test_the_note_seen_before_tells_an_equivocation_alone(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, log, witness, log.served(tmp_path / "good", 2))[0] == 0
    code, report = run(capsys, log, witness, log.served(tmp_path / "bad", log.forged(2, bytes(32))))
    assert (code, codes(report)[0]) == (1, ("divergence", "LOG_EQUIVOCATION"))
    assert seen(witness, log) == 2


def test_a_log_that_does_not_extend_the_one_seen_is_a_fork(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Write a state as if the witness had seen another root: the tiles prove that the anchored log is not its extension."""
    note = log.forged(1, bytes(32))
    stated = parse_checkpoint_text(open_note(note, [log.key]))
    WitnessFolder(witness / "w").remember(log.issuer, 1, SeenCheckpoint(note, stated, 0))
    code, report = run(capsys, log, witness, log.served(tmp_path / "s", 2))
    assert (code, codes(report), report["cosigned"]) == (1, [("divergence", "LOG_EQUIVOCATION")], 0)
    assert seen(witness, log) == 1


@pytest.mark.parametrize("content", [b"", b"x\n\n\xe2\x80\x94 y z\n", b"\xff" * 70_000])
def test_what_the_institution_did_not_sign_accuses_nobody(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    code, report = run(capsys, log, witness, log.served(tmp_path / "s", content))
    assert (code, report["cosigned"]) == (3, 0)
    assert {weight for weight, _ in codes(report)} == {"unknown"}


def test_a_note_of_another_key_is_refused(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flipped = log.notes[2].replace(b"acredita-number 2", b"acredita-number 1")
    code, report = run(capsys, log, witness, log.served(tmp_path / "s", flipped))
    assert code == 3
    assert ("unknown", "MIRROR_NOTE_REFUSED") in codes(report)


def test_state_is_on_the_disk_before_a_signature_exists(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kill a witness at the moment at which it signs: it has remembered the checkpoint, and cosigns it when run again."""
    source = log.served(tmp_path / "s", 2)
    script = (
        "import os, signal, sys\n"
        "from acredita.registry.keys.signer import PrivateKeySigner\n"
        "PrivateKeySigner.sign = lambda self, data: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from acredita.cli.main import main\n"
        "main(sys.argv[1:])\n"
    )
    words = [sys.executable, "-c", script, *command(log, witness, source)]
    killed = subprocess.run(words, capture_output=True, check=False, env=dict(os.environ))
    assert killed.returncode == -signal.SIGKILL
    assert seen(witness, log) == 2
    assert not (witness / "w" / "log").exists()
    assert run(capsys, log, witness, source)[1]["cosigned"] == 1


def test_one_witness_works_in_a_folder(
    log: NotedLog, witness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = log.served(tmp_path / "s", 2)
    with WitnessFolder(witness / "w").locked():
        assert main(command(log, witness, source)) == 3
    assert "WITNESS_BUSY" in capsys.readouterr().err


def test_a_key_is_never_written_over(witness: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--folder", str(witness / "w"), "--passphrase-file", str(witness / "pass")]
    assert main(["witness", "key", "new", *folder, "--name", NAME, "--scrypt-n", str(LEAST_N)]) == 2
    assert main(["witness", "key", "new", *folder, "--name", "a b", "--scrypt-n", str(LEAST_N)]) == 2
    assert "--name a b: " in capsys.readouterr().err
