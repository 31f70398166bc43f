"""The copy of a list of withheld documents: it never goes back, and it outlives the keys that signed it."""

import json
from pathlib import Path

from acredita.anchoring.types import Digest
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.mirroring.sources import AskedSource, FolderSource
from acredita.node.mirroring.withheld_copy import mirror_withheld
from acredita.node.publication.trust_folder import WITHHELD_FILE, publish_trust
from acredita.registry.keys.signer import Signer
from acredita.registry.ledger_facts.trust_file import Trust, parse_trust
from acredita.registry.ledger_facts.withheld_list import draft_withheld, sign_withheld

from tests.node.verification.test_trust_update import AUTHORITY, SECOND, file

FIRST = parse_trust(file(1))
ROTATED = file(2, by=(AUTHORITY, SECOND), keys=[SECOND.public.multibase])
ACT, OTHER = Digest(b"\x0a" * 32), Digest(b"\x0b" * 32)


def taken(base: Path, trust: Trust, number: int, digest: Digest, by: Signer) -> tuple[set[Digest], list[str]]:
    """Let a source serve a list. Return what the mirror withholds now, and the codes of the refusals."""
    source, report = base.parent / "source", MirrorReport()
    source.mkdir(exist_ok=True)
    signed = sign_withheld(draft_withheld(trust, number, [digest], 1_900_000_000 + number), by)
    (source / WITHHELD_FILE).write_text(json.dumps(signed))
    withheld = mirror_withheld(base, trust, [AskedSource(FolderSource(source))], report)
    return set(withheld), [finding.code.value for finding in report.findings]


def test_an_older_rightly_signed_list_changes_nothing(tmp_path: Path) -> None:
    """Serve the list before the one in force, and another one of its number: both are signed by the right keys."""
    base = tmp_path / "mirror"
    assert taken(base, FIRST, 2, ACT, AUTHORITY) == ({ACT}, [])
    kept = (base / WITHHELD_FILE).read_bytes()
    for number in (1, 2):
        assert taken(base, FIRST, number, OTHER, AUTHORITY) == ({ACT}, [])
        assert (base / WITHHELD_FILE).read_bytes() == kept
    assert taken(base, FIRST, 3, OTHER, AUTHORITY) == ({OTHER}, [])


def test_a_list_outlives_the_keys_that_signed_it(tmp_path: Path) -> None:
    """Withhold on after a rotation. A new list counts by the new keys alone, and its number is higher."""
    base = tmp_path / "mirror"
    publish_trust(base, file(1))
    assert taken(base, FIRST, 2, ACT, AUTHORITY) == ({ACT}, [])
    later = publish_trust(base, ROTATED)
    assert mirror_withheld(base, later, [], MirrorReport()) == {ACT}
    assert taken(base, later, 3, OTHER, AUTHORITY) == ({ACT}, ["WITHHELD_SIGNATURES_TOO_FEW"])
    assert taken(base, later, 1, OTHER, SECOND) == ({ACT}, [])
    assert taken(base, later, 3, OTHER, SECOND) == ({OTHER}, [])


def test_the_folder_has_to_know_the_keys_that_signed_its_list(tmp_path: Path) -> None:
    base = tmp_path / "mirror"
    assert taken(base, FIRST, 2, ACT, AUTHORITY) == ({ACT}, [])
    assert mirror_withheld(base, parse_trust(ROTATED), [], MirrorReport()) == frozenset()
