"""Keep the trust files that follow a trusted one in a mirror's folder, each checked as `trust_update` does.

A mirror follows no file by itself: it keeps them for readers, who check each of them again. Good files of one number that
differ are kept in `trust-equivocation/`: they prove that somebody signed twice.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.types import to_hex
from acredita.node.mirroring.refusals import MirrorFinding, MirrorReport
from acredita.node.mirroring.sources import AskedSource, MirrorSource
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.trust_folder import TrustFolder, write_bytes
from acredita.node.verification.pinned_trust import keep_both, keep_refused
from acredita.node.verification.trust_update import (
    MAX_STEPS,
    RecordedEquivocationRefused,
    TrustRecord,
    TrustSource,
    WalkedFile,
    checked_successor,
    walk,
)
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import read_json
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused

MAX_TRUST_BYTES: Final = 256 * 1024


def mirror_trust(
    base: Path, trust: Trust, sources: Sequence[MirrorSource], record: TrustRecord, report: MirrorReport
) -> list[WalkedFile]:
    """Write each trust file after `trust` under its number. Returns them, oldest first. Raises OSError.

    Each source is walked alone, so that none can hide what another has. Where two sources have good files of one number that
    differ, both are kept apart, and none of that number or after it is written.
    """
    walks: list[tuple[str, list[WalkedFile]]] = []
    for source in map(AskedSource, sources):
        try:
            walks.append((source.name, walk(trust, [_numbered(source)], record)))
        except (TrustRefused, SourceUnavailable) as error:
            if isinstance(error, RecordedEquivocationRefused):
                keep_refused(base, error.contents)
            report.refuse(source.name, f"trust/{trust.number + 1}.json", error)
        except LedgerUnavailable:
            return []  # the next round asks again
    kept = _kept_files(base, trust)
    agreed: list[WalkedFile] = []
    for place in range(max((len(files) for _, files in walks), default=0)):
        named = [(name, files[place]) for name, files in walks if len(files) > place]
        following = named[0][1]
        number = following.trust.number
        if number in kept:
            named.insert(0, ("", kept[number]))
        if _contradict(base, named, report):
            break
        if number not in kept:
            write_bytes(base / "trust" / f"{number}.json", following.content)
            report.documents += 1
        agreed.append(following)
    return agreed


def _contradict(base: Path, named: Sequence[tuple[str, WalkedFile]], report: MirrorReport) -> bool:
    """Return whether good files of one number differ; keep and report them if so. Raises OSError."""
    first_name, first = named[0]
    other = next(((name, one) for name, one in named[1:] if one.trust.digest != first.trust.digest), None)
    if other is None:
        return False
    name, second = other
    place = f"trust/{second.trust.number}.json"
    keep_both(base, [read_json(first.content), read_json(second.content)])
    message = (
        f"two trust files have number {second.trust.number}: "
        f"{to_hex(first.trust.digest)} and {to_hex(second.trust.digest)}"
    )
    names = ", ".join(filter(None, (first_name, name)))
    report.add(MirrorFinding(names, place, Code.TRUST_EQUIVOCATION, message))
    return True


def _kept_files(base: Path, trust: Trust) -> dict[int, WalkedFile]:
    """Return the files of the folder that follow a trusted one, by number, up to the first that is damaged."""
    kept: dict[int, WalkedFile] = {}
    folder, current = TrustFolder(base), trust
    while len(kept) < MAX_STEPS and (content := folder.trust_file(current.number + 1)) is not None:
        try:
            one = checked_successor(current, content)
        except TrustRefused:
            break
        kept[one.trust.number], current = one, one.trust
    return kept


def _numbered(source: AskedSource) -> TrustSource:
    return lambda number: source.first([f"v1/trust/{number}.json", f"trust/{number}.json"], MAX_TRUST_BYTES)
