"""Keep the newest list of withheld documents in a mirror's folder. A mirror neither fetches nor keeps what it names.

A list of a source counts by the signatures of the trust file's keys, and its number only rises. A list that the folder took
stays in force after these keys were replaced. No source is believed.
"""

from collections.abc import Sequence
from pathlib import Path

from acredita.anchoring.types import Digest
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.mirroring.sources import AskedSource
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.trust_folder import WITHHELD_FILE, FileRefused, TrustFolder, read_trust, write_bytes
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused
from acredita.registry.ledger_facts.withheld_list import (
    MAX_LIST_BYTES,
    WithheldList,
    WithheldListRefused,
    parse_withheld,
)


def mirror_withheld(
    base: Path, trust: Trust, sources: Sequence[AskedSource], report: MirrorReport
) -> frozenset[Digest]:
    """Write the newest list that a source has, if it is newer than the folder's. Raises OSError.

    Returns the documents that are withheld now.
    """
    newest = _kept(base, trust)
    for source in sources:
        try:
            content = source.first(["v1/withheld", WITHHELD_FILE], MAX_LIST_BYTES)
            withheld = None if content is None else _checked(content, trust)
        except (SourceUnavailable, JsonRefused, WithheldListRefused) as error:
            report.refuse(source.name, WITHHELD_FILE, error)
            continue
        if withheld is not None and (newest is None or withheld.number > newest.number):
            write_bytes(base / WITHHELD_FILE, withheld.content)
            newest = withheld
    return frozenset() if newest is None else newest.documents


def _kept(base: Path, trust: Trust) -> WithheldList | None:
    """Return the list that the folder took, also by keys that were in force before: the folder has their trust files."""
    folder = TrustFolder(base)
    newest = folder.withheld(trust)
    if newest is not None or folder.withheld_state() is None:
        return newest
    for path in sorted((base / "trust").glob("*.json")):
        try:
            former = read_trust(path)
        except (FileRefused, TrustRefused):
            continue
        if former.number < trust.number and former.genesis == trust.genesis:
            newest = newest or folder.withheld(former)
    return newest


def _checked(content: bytes, trust: Trust) -> WithheldList:
    withheld = parse_withheld(read_json(content, max_bytes=MAX_LIST_BYTES))
    withheld.check(trust)
    return withheld
