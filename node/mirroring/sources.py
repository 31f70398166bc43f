"""Ask the sources of a mirror: hosts and folders, each within a budget of requests, bytes and time.

A source is a node, or a folder of public files that any static server serves; the two name some files differently. Sources
of a trust file are asked only if the file is pinned, by the rules for addresses in documents (`outbound.fetch`). On a
development chain they may be on this machine or network. A source that an operator named may be there too.

Invariant: one source cannot use up what another may cost. A source that fails three times is left alone for the pass.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from acredita.node.outbound.fetch import (
    AbsentFileUnavailable,
    Fetcher,
    SourceUnavailable,
    is_local_or_public,
    is_public,
)
from acredita.node.outbound.named_host import is_address
from acredita.node.publication.log_copies import CopyAddressRefused, check_address
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.trust_file import Trust

PASS_REQUESTS: Final = 4_096  # of one source in one pass
PASS_BYTES: Final = 64 << 20
PASS_SECONDS: Final = 20.0
ANSWER_SECONDS: Final = 5.0  # for one answer whole; the largest document has 2 MiB
MAX_FAILURES: Final = 3  # in a row
OF_OPERATOR: Final = "operator"
"""The public name of a source that the operator named."""


class MirrorSource(Protocol):
    """A place that serves public files by path."""

    @property
    def name(self) -> str:
        """The address or folder, as it is reported to the operator."""

    @property
    def public_name(self) -> str:
        """The name that others may read: an operator's own address or folder is not told."""

    def get(self, path: str, most: int) -> bytes | None:
        """Return a file of at most `most` bytes; None where there is none. Raises SourceUnavailable."""


@dataclass(frozen=True)
class HostSource:
    """A host below whose address public files are served."""

    name: str
    fetcher: Fetcher
    is_pinned: bool

    @property
    def public_name(self) -> str:
        """The address, if a trust file names it."""
        return self.name if self.is_pinned else OF_OPERATOR

    def get(self, path: str, most: int) -> bytes | None:
        """Fetch a file. Raises SourceUnavailable."""
        try:
            return replace(self.fetcher, most_bytes=most).fetch(f"{self.name}/{path}").content
        except AbsentFileUnavailable:
            return None


@dataclass(frozen=True)
class FolderSource:
    """A folder of public files."""

    base: Path

    @property
    def name(self) -> str:
        """The folder's path."""
        return str(self.base)

    @property
    def public_name(self) -> str:
        """Nothing of the path."""
        return OF_OPERATOR

    def get(self, path: str, most: int) -> bytes | None:
        """Read a file. Raises SourceUnavailable."""
        file = self.base / path
        try:
            if not file.is_file():
                return None
            with file.open("rb") as opened:
                content = opened.read(most + 1)
        except OSError as error:
            raise SourceUnavailable(Code.SOURCE_UNREACHABLE, str(error.strerror)) from error
        if len(content) > most:
            raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"at most {most} bytes")
        return content


@dataclass
class AskedSource:
    """A source during one pass, with what it may still cost."""

    source: MirrorSource
    requests: int = PASS_REQUESTS
    body_bytes: int = PASS_BYTES
    seconds: float = PASS_SECONDS
    most_failures: int = MAX_FAILURES
    on_failure: Callable[[str], object] = lambda name: None
    monotonic: Callable[[], float] = time.monotonic
    is_stopped: Callable[[], bool] = lambda: False
    failures: int = 0
    _deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self._deadline = self.monotonic() + self.seconds

    @property
    def name(self) -> str:
        """The source's name."""
        return self.source.name

    @property
    def public_name(self) -> str:
        """The source's name for others."""
        return self.source.public_name

    @property
    def is_over(self) -> bool:
        """True once the source is not asked any more in this pass."""
        is_spent = self.requests <= 0 or self.body_bytes <= 0 or self.monotonic() >= self._deadline
        return is_spent or self.failures >= self.most_failures or self.is_stopped()

    def get(self, path: str, most: int) -> bytes | None:
        """Ask the source, if it may still be asked. Raises SourceUnavailable."""
        if self.is_over:
            raise SourceUnavailable(Code.MIRROR_BUDGET_SPENT, "not asked again in this pass")
        self.requests -= 1
        try:
            content = self.source.get(path, most)
        except SourceUnavailable:
            self.failures += 1
            self.on_failure(self.name)
            self.body_bytes -= most  # it may have sent as much
            raise
        self.failures = 0
        self.body_bytes -= len(content or b"")
        return content

    def first(self, paths: Sequence[str], most: int) -> bytes | None:
        """Return the first of some names under which a node and a folder have the same file. Raises SourceUnavailable."""
        contents = (self.get(path, most) for path in paths)
        return next((content for content in contents if content is not None), None)


def pinned_sources(trust: Trust) -> list[MirrorSource]:
    """Return the sources of a *pinned* trust file."""
    return [HostSource(base.rstrip("/"), source_fetcher(base, trust), is_pinned=True) for base in trust.sources]


def source_fetcher(base: str, trust: Trust) -> Fetcher:
    """Return the fetcher of one source: https at a public address; on a development chain also http and local ones."""
    return Fetcher(
        frozenset({_host(base)}),
        permitted=is_local_or_public if trust.is_demo_chain else is_public,
        seconds=ANSWER_SECONDS,
        plain=trust.is_demo_chain,
    )


def named_source(place: str) -> MirrorSource:
    """Return the source that an operator named: an http address or a folder. Raises CopyAddressRefused."""
    if not is_address(place):
        folder = Path(place)
        if not folder.is_dir():
            raise CopyAddressRefused(f"{place}: a folder or an http address expected")
        return FolderSource(folder)
    check_address(place)
    base = place.rstrip("/")
    hosts = frozenset({_host(base)})
    fetcher = Fetcher(hosts, permitted=is_local_or_public, seconds=ANSWER_SECONDS, plain=True)
    return HostSource(base, fetcher, is_pinned=False)


def _host(base: str) -> str:
    return (urlsplit(base).hostname or "").lower()
