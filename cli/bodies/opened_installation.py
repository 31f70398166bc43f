"""Open the ledger that a trust file names, for a party that has no node: read it, or act on it.

The ledger counts only where chain id, genesis and the code of the contracts are the trust file's. On a development chain the
present is the later of this machine's clock and the newest block's time.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.cli.bodies.act_options import ReadingOptions
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.config import ConfigurationError
from acredita.node.ledger.read_only import chain_folder_ledger, ledger_over_http
from acredita.node.ledger.view import NodeObserver
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.verification.files import observe
from acredita.node.verification.pinned_trust import configuration_folder, read_pinned_trust
from acredita.node.verification.seen_blocks import FILE_NAME, SeenFile
from acredita.registry.acts.changes import LedgerView
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.party_names import Names
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.case import Moment

_REFUSES_ACTS = frozenset(
    {Code.GENESIS_CHANGED, Code.CODE_CHANGED}
)  # no act goes to another ledger; a reader is told no fact


@dataclass(frozen=True)
class OpenInstallation:
    """An installation that a trust file names, with its ledger at hand."""

    trust: Trust
    name: InstallationName
    observer: NodeObserver

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self.observer.ledger

    def present(self) -> int:
        """Return the present in Unix seconds: on a development chain the later of clock and head."""
        now = int(time.time())
        return max(now, self.ledger.head().time) if self.trust.is_demo_chain else now

    def view(self, names: Names, language: str) -> LedgerView:
        """Return the ledger at its newest block for a reader."""
        return LedgerView(self.ledger, self.name.contracts, names, language, self.ledger.head().time)


def trust_of(path: Path | None) -> tuple[Trust, TrustFolder, SeenFile | None]:
    """Return the trust file that is named, else the pinned one. Raises FileRefused, TrustRefused, ArgumentRefused."""
    if path is not None:
        return read_trust(path), TrustFolder(path.resolve().parent), None
    pinned = read_pinned_trust(configuration_folder())
    if pinned is None:
        raise ArgumentRefused("no --trust, and no trust file is pinned: acredita trust pin FILE")
    return pinned.trust, pinned.folder, SeenFile(configuration_folder() / FILE_NAME)


@contextmanager
def open_installation(options: ReadingOptions, *, writing: bool) -> Iterator[OpenInstallation]:
    """Open the ledger of an installation, for reading alone or for acts. Raises ArgumentRefused, ActRefused,
    ChainFolderError, LedgerUnavailable.
    """
    trust, folder, seen = trust_of(options.trust)
    with ExitStack() as stack:
        ledger = _ledger(stack, options, folder, writing)
        observer = observe(trust, folder.entries_of, ledger, Moment(int(time.time())), seen)
        if isinstance(observer, Missing):
            if writing and observer.code in _REFUSES_ACTS:
                raise ActRefused(f"{observer.code}: {observer.detail}")
            raise LedgerUnavailable(f"{observer.code}: {observer.detail}")
        yield OpenInstallation(trust, InstallationName.of(trust), observer)


def names_ledger(options: ReadingOptions, folder: TrustFolder) -> bool:
    """Return whether a ledger is named, or lies beside the trust file."""
    return options.rpc is not None or options.chain is not None or (folder.base / "chain").is_dir()


def _ledger(stack: ExitStack, options: ReadingOptions, folder: TrustFolder, writing: bool) -> Ledger:
    if options.rpc is not None:
        try:
            return ledger_over_http(options.rpc)
        except ConfigurationError as error:
            raise ArgumentRefused(f"--rpc: {error}") from error
    path = options.chain or folder.base / "chain"
    if options.chain is None and not path.is_dir():
        raise ArgumentRefused("--rpc or --chain expected: no chain/ lies beside the trust file")
    if not writing:
        return stack.enter_context(chain_folder_ledger(path))
    if not path.is_dir():
        raise ArgumentRefused(f"{path}: the folder of an embedded chain expected")
    rpc = Rpc(stack.enter_context(Chain.open(path)))
    stack.callback(rpc.close)
    return RpcLedger(EmbeddedProvider(rpc))
