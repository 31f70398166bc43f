"""A mirror's folder that was damaged, or has grown large: the next run reads what this one wrote, and mends copies."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from acredita.anchoring.types import BlockHash, Digest
from acredita.cli.main import main
from acredita.node.mirroring.document_copies import RETRY_SECONDS, DocumentCopies, NamedDocument
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.mirroring.sources import AskedSource, FolderSource
from acredita.node.mirroring.state import CopyTime, MirrorState, read_state, recovered_state
from acredita.node.publication.trust_folder import read_trust
from acredita.registry.ledger_facts.trust_file import TrustRefused

from tests.cli.test_mirror import home, mirrored, public_files

__all__ = ["home"]


@pytest.fixture(scope="module")
def whole_mirror(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a whole mirror of the demonstration."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("home")))
        out = tmp_path_factory.mktemp("mirror") / "m"
        options = ["--chain", str(demonstration / "chain"), "--source", str(demonstration)]
        assert main(["mirror", "--trust", str(demonstration / "trust.json"), "--out", str(out), *options]) == 0
    return out


def all_files(folder: Path) -> dict[str, bytes]:
    documents = {f"documents/{path.name}": path.read_bytes() for path in (folder / "documents").iterdir()}
    return {**public_files(folder), **documents}


def damaged(out: Path, spoiled: str) -> None:
    """Change files as a full or a failing disk does."""
    if spoiled == "entries":
        [longest] = sorted((out / "log").rglob("published.json"), key=lambda p: json.loads(p.read_text())["size"])[-1:]
        tiles = [path for path in (longest.parent / "tile" / "entries").rglob("*") if path.is_file()]
        for path in tiles:
            path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))
    else:
        for path in (out / "documents").glob(f"*.{spoiled}"):
            path.write_bytes(b"")


@pytest.mark.parametrize("spoiled", ["json", "bin", "entries"])
def test_a_damaged_copy_is_not_called_whole(
    demonstration: Path,
    whole_mirror: Path,
    tmp_path: Path,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    spoiled: str,
) -> None:
    """Say that something is missing while no source has it. Fetch it again from a source that has it."""
    out, empty = tmp_path / "m", tmp_path / "empty"
    shutil.copytree(whole_mirror, out)
    empty.mkdir()
    sound = all_files(out)
    damaged(out, spoiled)
    assert all_files(out) != sound
    code, report = mirrored(capsys, demonstration, out, "--source", str(empty))
    assert (code, report["whole"]) == (3, False)
    assert mirrored(capsys, demonstration, out, "--source", str(demonstration))[0] == 0
    assert all_files(out) == sound


def test_the_state_of_a_large_mirror_is_read_again(tmp_path: Path) -> None:
    """Write the state of 10,000 copies, which has more than a megabyte, and read it."""
    state = MirrorState(BlockHash(bytes(32)))
    state.copies = {f"log/{number:064x}/1": CopyTime(number, "https://node.example") for number in range(10_000)}
    state.write(tmp_path)
    again = read_state(tmp_path)
    assert again is not None
    assert again.copies == state.copies


def test_a_clock_that_was_set_back_delays_no_document(tmp_path: Path) -> None:
    content = b'"' + b"x" * (1 << 20) + b'"'  # JSON of more than one megabyte is a document too
    named = NamedDocument(Digest(hashlib.sha256(content).digest()), is_json=True)
    copies, folder = DocumentCopies(tmp_path / "m"), tmp_path / "source"
    now = 1_900_000_000

    def fetched(at: int) -> bool:
        return copies.fetch(named, [AskedSource(FolderSource(folder))], MirrorReport(), at)

    assert not fetched(now)
    (folder / "documents").mkdir(parents=True)
    (folder / named.name).write_bytes(content)
    assert not fetched(now + RETRY_SECONDS - 1)
    assert fetched(now - 86_400)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format": "acredita-mirror/1"', b"\xff" * 40])
def test_a_damaged_state_is_made_from_the_folder(
    demonstration: Path, whole_mirror: Path, tmp_path: Path, home: Path, content: bytes
) -> None:
    """Go on with the copies that are there. Each is as old as its file, and none is lost."""
    out, empty = tmp_path / "m", tmp_path / "empty"
    shutil.copytree(whole_mirror, out)
    empty.mkdir()
    before, sound = read_state(out), all_files(out)
    (out / "mirror.json").write_bytes(content)
    (out / "trust.json").write_bytes(content)
    words = ["mirror", "--trust", str(demonstration / "trust.json"), "--chain", str(demonstration / "chain")]
    assert main([*words, "--out", str(out), "--source", str(empty)]) == 0
    after = read_state(out)
    assert before is not None and after is not None
    assert after.copies.keys() == before.copies.keys()
    assert all_files(out) == sound
    assert read_trust(out / "trust.json") == read_trust(demonstration / "trust.json")


def test_a_damaged_state_opens_the_folder_to_no_other_ledger(whole_mirror: Path) -> None:
    with pytest.raises(TrustRefused, match="another ledger"):
        recovered_state(whole_mirror, BlockHash(b"\x11" * 32))
