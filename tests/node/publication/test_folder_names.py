"""A tile and a list file have one spelling: a name that only looks like a number names nothing."""

from pathlib import Path

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.publication.tile_names import bundle_of
from acredita.node.publication.trust_folder import TrustFolder

ISSUER = IssuerId(b"\x5a" * 32)


@pytest.mark.parametrize("name", ["２", "٢", "02", "0", "+2", "2 ", "²", "256", "9" * 200, "2.part"])
def test_a_partial_bundle_of_another_spelling_is_passed_over(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "log" / ISSUER.hex() / "1" / "tile" / "entries" / "000.p"
    folder.mkdir(parents=True)
    (folder / "2").write_bytes(bundle_of([b"\x01" * 70, b"\x02" * 70]))
    (folder / name).write_bytes(bundle_of([b"\x66" * 70] * 3))
    assert TrustFolder(tmp_path).entries_of(ISSUER).read(1, 0, 2) == b"\x01" * 70 + b"\x02" * 70
    assert TrustFolder(tmp_path).entries_of(ISSUER).read(1, 0, 3) == b"\x01" * 70 + b"\x02" * 70
    assert TrustFolder(tmp_path).entries_of(ISSUER).read(1, 1, 2) == b"\x02" * 70
    assert TrustFolder(tmp_path).entries_of(ISSUER).read(2, 0, 1) == b""


@pytest.mark.parametrize("name", ["１", "01", "+1", "²", "40000"])
def test_a_list_file_of_another_spelling_is_passed_over(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "status" / ISSUER.hex()
    folder.mkdir(parents=True)
    for stem in ("1", name):
        (folder / f"{stem}.json").write_text('{"list": 1}')
    assert TrustFolder(tmp_path).status_lists(ISSUER) == {1: {"list": 1}}
