"""Keep the trust files that follow a trusted one in a mirror's folder, each checked as `trust_update` does.

A mirror follows no file by itself: it keeps them for readers, who check each of them again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.mirroring.sources import AskedSource, MirrorSource
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.trust_folder import write_bytes
from acredita.node.verification.trust_update import TrustRecord, TrustSource, WalkedFile, walk
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused

MAX_TRUST_BYTES: Final = 256 * 1024


def mirror_trust(
    base: Path, trust: Trust, sources: Sequence[MirrorSource], record: TrustRecord, report: MirrorReport
) -> list[WalkedFile]:
    """Write each trust file after `trust` under its number. Returns them, oldest first. Raises OSError.

    Each source is walked alone, so that none can hide what another has.
    """
    walked: list[WalkedFile] = []
    for source in map(AskedSource, sources):
        try:
            files = walk(trust, [_numbered(source)], record)
        except (TrustRefused, SourceUnavailable) as error:
            report.refuse(source.name, f"trust/{trust.number + 1}.json", error)
            continue
        except LedgerUnavailable:
            return []  # the next round asks again
        walked = max(walked, files, key=len)
    for following in walked:
        path = base / "trust" / f"{following.trust.number}.json"
        if not path.is_file():
            write_bytes(path, following.content)
            report.documents += 1
    return walked


def _numbered(source: AskedSource) -> TrustSource:
    return lambda number: source.first([f"v1/trust/{number}.json", f"trust/{number}.json"], MAX_TRUST_BYTES)
