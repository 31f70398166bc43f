"""An epoch folder and a list file have one spelling: a name that only looks like a number names nothing."""

from pathlib import Path

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.publication.trust_folder import TrustFolder

ISSUER = IssuerId(b"\x5a" * 32)


@pytest.mark.parametrize("name", ["１", "١", "01", "0", "+1", "1 ", "²", "65536", "9" * 200])
def test_an_epoch_folder_of_another_spelling_is_passed_over(tmp_path: Path, name: str) -> None:
    for folder, content in (("1", b"good"), (name, b"planted")):
        entries = tmp_path / "log" / ISSUER.hex() / folder / "entries.bin"
        entries.parent.mkdir(parents=True)
        entries.write_bytes(content)
    assert TrustFolder(tmp_path).entries_of(ISSUER) == {1: b"good"}


@pytest.mark.parametrize("name", ["１", "01", "+1", "²", "40000"])
def test_a_list_file_of_another_spelling_is_passed_over(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "status" / ISSUER.hex()
    folder.mkdir(parents=True)
    for stem in ("1", name):
        (folder / f"{stem}.json").write_text('{"list": 1}')
    assert TrustFolder(tmp_path).status_lists(ISSUER) == {1: {"list": 1}}
