"""Open a registry to be copied or watched: its trust file, the sources that it names, its ledger."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.cli.exit_codes import ActRefused
from acredita.node.ledger.view import NodeObserver, Observations
from acredita.node.mirroring.sources import MirrorSource, named_source, pinned_sources
from acredita.node.publication.trust_folder import TrustFolder, read_json_file, read_trust
from acredita.node.verification.files import open_ledger
from acredita.node.verification.pinned_trust import configuration_folder, read_pinned_trust
from acredita.node.verification.seen_blocks import FILE_NAME, SeenFile
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust


@dataclass(frozen=True)
class WatchedTrust:
    """The trust file of a registry. `is_pinned`: its sources may be asked; `base`: the folder it lies in."""

    trust: Trust
    document: object
    is_pinned: bool
    base: Path

    def sources(self, named: Sequence[str]) -> list[MirrorSource]:
        """Return the sources that are named, and those of a pinned file. Raises CopyAddressRefused."""
        return [*map(named_source, named), *(pinned_sources(self.trust) if self.is_pinned else ())]


def watched_trust(path: Path | None) -> WatchedTrust:
    """Return the named trust file, else the pinned one. A named file that is the pinned one counts as pinned."""
    pinned = read_pinned_trust(configuration_folder())
    if path is None:
        if pinned is None:
            raise ActRefused("no trust file is pinned: acredita trust pin FILE")
        return WatchedTrust(pinned.trust, pinned.document, True, pinned.folder.base)
    trust = read_trust(path)
    is_pinned = pinned is not None and pinned.trust.digest == trust.digest
    return WatchedTrust(trust, read_json_file(path), is_pinned, path.resolve().parent)


def open_observations(
    stack: ExitStack, copies: Path, trusted: WatchedTrust, rpc: str | None, chain: Path | None
) -> tuple[Observations, Ledger]:
    """Open the ledger until the stack closes. `copies`: the folder whose logs are read. Raises LedgerUnavailable."""
    beside = trusted.base / "chain"
    folder = beside if chain is None and rpc is None and beside.is_dir() else chain
    ledger = open_ledger(stack, trusted.trust, rpc, folder)
    if ledger is None:
        detail = "no --rpc, no --chain and no chain/ beside the trust file"
        raise LedgerUnavailable(f"{Code.LEDGER_MISSING}: {detail}")
    seen = SeenFile(configuration_folder() / FILE_NAME) if trusted.is_pinned else None
    return Observations(trusted.trust, ledger, TrustFolder(copies).entries_of, seen), ledger


def observer_now(observations: Observations) -> NodeObserver:
    """Observe the newest block. Raises LedgerUnavailable where the ledger gives no answer that counts."""
    observer = observations.now()
    if isinstance(observer, Missing):
        raise LedgerUnavailable(f"{observer.code}: {observer.detail}")
    return observer
