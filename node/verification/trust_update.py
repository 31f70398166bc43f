"""Walk from a trusted trust file to the newest one, number by number.

Each file n + 1 must be signed by the thresholds of n and of itself (`trust_succession`). What the council recorded of a
number is compared with the file of that number, and a walk ends at the newest recorded one. Where files come from is
not believed: whoever serves them can only leave some out, which the council's record shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.types import Digest, to_hex
from acredita.contracts import bindings
from acredita.node.mirroring.sources import source_fetcher
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.outbound.named_host import fetch_named, is_address
from acredita.node.publication.trust_folder import TrustFolder
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused, parse_trust
from acredita.registry.ledger_facts.trust_succession import check_successor

MAX_STEPS: Final = 1_024  # files that one update walks through

TrustSource = Callable[[int], bytes | None]
"""The bytes of the trust file of a number; None where there is none. Raises SourceUnavailable."""


class TrustRecord(Protocol):
    """The council's record of trust files."""

    def newest(self) -> int:
        """Return the newest recorded number; 0 where there is none. Raises LedgerUnavailable."""

    def digest(self, number: int) -> Digest | None:
        """Return the recorded hash of a number; None where there is none. Raises LedgerUnavailable."""


@dataclass(frozen=True)
class LedgerRecord:
    """The council's record, read from the pinned ledger."""

    ledger: Ledger
    council: bindings.Council

    def newest(self) -> int:
        return self.ledger.read(self.council.trust_number())

    def digest(self, number: int) -> Digest | None:
        recorded = self.ledger.read(self.council.trust_file(number))
        return Digest(recorded) if any(recorded) else None


@dataclass(frozen=True)
class WalkedFile:
    """One file that was walked to. `content`: its bytes as they came."""

    trust: Trust
    content: bytes


class EquivocationRefused(TrustRefused):
    """Two files of one number, where one was expected. `contents`: the bytes of those that were fetched."""

    def __init__(self, message: str, *contents: bytes) -> None:
        super().__init__(Code.TRUST_EQUIVOCATION, message)
        self.contents = contents


class RecordedEquivocationRefused(EquivocationRefused):
    """A file that may follow a trusted one, and is not the one that the council recorded."""


def source_at(place: str) -> TrustSource:
    """Return the source at an address of a node, or in a folder, that the operator named."""
    if is_address(place):
        base = place.rstrip("/")
        return lambda number: fetch_named(f"{base}/v1/trust/{number}.json")
    return TrustFolder(Path(place)).trust_file


def sources_of(trust: Trust) -> Sequence[TrustSource]:
    """Return the mirrors that a *pinned* file names. They are asked by the rules for addresses in documents."""

    def source(base: str) -> TrustSource:
        fetcher = source_fetcher(base, trust)
        return lambda number: fetcher.fetch(f"{base.rstrip('/')}/v1/trust/{number}.json").content

    return [source(base) for base in trust.sources]


def walk(trust: Trust, sources: Sequence[TrustSource], record: TrustRecord | None) -> list[WalkedFile]:
    """Walk from a trusted file to the newest, at most MAX_STEPS files. Returns the files after it, in order.

    `record`: the council's, where a ledger is at hand. Raises TrustRefused, SourceUnavailable, LedgerUnavailable.
    """
    recorded = 0 if record is None else record.newest()
    if record is not None:
        _check_recorded(trust, record)
    walked: list[WalkedFile] = []
    while len(walked) < MAX_STEPS:
        current = walked[-1].trust if walked else trust
        if recorded and current.number >= recorded:
            return walked
        following = _following(current, sources, record, is_needed=recorded > current.number)
        if following is None:
            break
        walked.append(following)
    newest = walked[-1].trust if walked else trust
    if newest.number < recorded:
        raise TrustRefused(
            Code.TRUST_OUTDATED, f"the council recorded trust file {recorded}, and none after {newest.number} was found"
        )
    return walked


def _following(
    current: Trust, sources: Sequence[TrustSource], record: TrustRecord | None, *, is_needed: bool
) -> WalkedFile | None:
    """Return the file after a trusted one, of all that the sources have; None where none has one.

    What one source serves badly stops the walk only if no other source has a good file. Raises EquivocationRefused for
    two good ones.
    """
    known: WalkedFile | None = None
    refusal: TrustRefused | None = None
    for content in _contents(sources, current.number + 1, is_needed=is_needed):
        try:
            one = checked_successor(current, content, record)
        except TrustRefused as error:
            if isinstance(error, RecordedEquivocationRefused):
                raise
            refusal = refusal or error
            continue
        if known is not None and known.trust.digest != one.trust.digest:
            hashes = f"{to_hex(known.trust.digest)} and {to_hex(one.trust.digest)}"
            message = f"two trust files have number {one.trust.number}: {hashes}"
            raise EquivocationRefused(message, known.content, one.content)
        known = known or one
    if known is None and refusal is not None:
        raise refusal
    return known


def checked_successor(current: Trust, content: bytes, record: TrustRecord | None = None) -> WalkedFile:
    """Read a file and check that it may follow a trusted one. Raises TrustRefused, LedgerUnavailable."""
    try:
        following = parse_trust(read_json(content))
    except JsonRefused as error:
        raise TrustRefused(Code.TRUST_MALFORMED, f"trust file {current.number + 1}: {error}") from error
    try:
        check_successor(current, following)
    except TrustRefused as error:
        if error.code is Code.TRUST_EQUIVOCATION:
            raise EquivocationRefused(str(error), content) from error
        raise
    if record is not None:
        _check_recorded(following, record, content)
    return WalkedFile(following, content)


def _check_recorded(trust: Trust, record: TrustRecord, *contents: bytes) -> None:
    """Check a file against the hash that the council recorded. Raises RecordedEquivocationRefused, LedgerUnavailable."""
    digest = record.digest(trust.number)
    if digest is not None and digest != trust.digest:
        message = f"trust file {trust.number} is {to_hex(trust.digest)}, the council recorded {to_hex(digest)}"
        raise RecordedEquivocationRefused(message, *contents)


def _contents(sources: Sequence[TrustSource], number: int, *, is_needed: bool) -> list[bytes]:
    """Ask every source. One that fails counts only if the file is needed and no other source has one."""
    failure: SourceUnavailable | None = None
    contents: list[bytes] = []
    for source in sources:
        try:
            content = source(number)
        except SourceUnavailable as error:
            failure = failure or error
            continue
        if content is not None and content not in contents:
            contents.append(content)
    if not contents and failure is not None and (is_needed or len(sources) == 1):
        raise failure
    return contents
