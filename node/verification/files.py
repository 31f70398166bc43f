"""Verification of files: find trust, ledger, receipt and documents when only a path is given.

- A badge, a PDF and a delivered ZIP carry their receipt (`unpack`); an evidence bundle carries everything but the trust
  file.
- The receipt of `credentials/x.json` is `receipts/x.json` beside that folder, or in the delivered folder itself.
- Chain, log, documents and lists are beside the trust file (`trust_folder`).

Everything is opened read-only. A missing part becomes `Missing` with its code: a sound credential is then
indeterminate, and a broken signature is invalid all the same.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.receipts import Receipt, parse_receipt
from acredita.anchoring.types import FormatRefused
from acredita.devnet.errors import ChainFolderError
from acredita.node.config import ConfigurationError
from acredita.node.ledger.records_node import RecordsBesideLedger, RecordsNode
from acredita.node.ledger.view import NodeObserver
from acredita.node.mirroring.mirror import Mirror
from acredita.node.mirroring.refusals import MirrorFinding
from acredita.node.mirroring.sources import named_source, pinned_sources
from acredita.node.publication.did_documents import LedgerFolder
from acredita.node.publication.log_copies import check_address, open_copies
from acredita.node.publication.trust_folder import FileRefused, TrustFolder, read_json_file, read_trust
from acredita.node.verification.answers import own_receipt, proven_name, verify_opened
from acredita.node.verification.carried_parts import (
    CREDENTIAL_NAME,
    MAX_FILE_BYTES,
    Carried,
    UnpackingRefused,
    part_name,
)
from acredita.node.verification.pinned_trust import configuration_folder, read_pinned_trust
from acredita.node.verification.report import Answer
from acredita.node.verification.seen_blocks import FILE_NAME, SeenFile
from acredita.node.verification.sourced_folder import Copies, SourcedFolder
from acredita.node.verification.unpack import unpack
from acredita.node.verification.verifier import Verifier
from acredita.registry.codes import Code
from acredita.registry.evidence.build_bundle import EvidenceUnavailable, build_bundle, bundle_block
from acredita.registry.evidence.bundle import MAX_PACKED_BYTES, Bundle, EvidenceRefused, read_bundle, write_bundle
from acredita.registry.evidence.credential import CheckedCredential
from acredita.registry.evidence.open_document import DocumentRefused, open_document
from acredita.registry.evidence.proven_ledger import ProvenLedger
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.keys.did import issuer_id
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.log_entries import EntriesOf
from acredita.registry.ledger_facts.observed_block import SeenBlocks, head_fault, is_vouched, observed_block
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused
from acredita.registry.verification.case import Moment
from acredita.registry.verification.proven_bundle import prove_bundle

BUNDLE_SUFFIX = ".acredita"
COPIES = "copies"
"""The folder below the pin folder in which a user's copies are kept, by genesis."""


@dataclass(frozen=True)
class Sources:
    """Trust, ledger and document source of one invocation, for as many files as are named.

    `open_verifier` opens the ledger. It is called once, by the first file that needs one. `is_proven`: its state is read by
    proof alone.
    """

    trust: Trust | Missing
    folder: TrustFolder
    open_verifier: Callable[[], Verifier]
    is_proven: bool

    @property
    def findings(self) -> list[MirrorFinding]:
        """The refusals of what sources served; empty where no source was asked."""
        return self.folder.copies.findings if isinstance(self.folder, SourcedFolder) else []

    @cached_property
    def verifier(self) -> Verifier:
        """The verifier of files that need a ledger."""
        return self.open_verifier()

    def verify(self, file: Path, receipt: Path | None, moment: Moment, identifier: str | None) -> Answer:
        """Verify one file. Raises FileRefused, DocumentRefused or OSError if it, or its receipt, cannot be read."""
        carried = _carried(file)
        if file.suffix == BUNDLE_SUFFIX or carried.bundle is not None:
            return self._verify_bundle(carried.bundle or self._read_bundle(file), moment, identifier)
        opened = open_document(carried.credential)
        receipt_of = own_receipt(_receipt(file, receipt, carried.receipt), opened)
        return verify_opened(self.verifier, opened, receipt_of, moment, identifier)

    def _verify_bundle(self, bundle: Bundle, moment: Moment, identifier: str | None) -> Answer:
        """Verify a bundle by the trust file alone: its own proofs replace the ledger."""
        proven = prove_bundle(bundle, self.trust)
        fault = proven.credential.reading.fault
        if fault is not None and fault.code == Code.NOT_A_CREDENTIAL:  # a bundle around none has no verdict either
            raise DocumentRefused(fault.code, str(fault))
        report = proven.verify(self.trust, moment, identifier)
        parsed, evidence = proven.credential.reading.parsed, proven.evidence
        demo = not isinstance(self.trust, Missing) and self.trust.is_demo_chain
        if parsed is None:
            return Answer(report, None, None, None, demo)
        name = proven_name(proven.facts, parsed.issuer, report.checked_at, evidence.scopes.get)
        return Answer(report, parsed, evidence.programmes.get(parsed.programme), name, demo)

    def _read_bundle(self, file: Path) -> Bundle:
        with file.open("rb") as opened:
            content = opened.read(MAX_PACKED_BYTES + 1)
        try:
            return read_bundle(content)
        except EvidenceRefused as error:
            raise FileRefused(f"{file}: {error.code}: {error}") from error

    def bundle(self, file: Path, receipt: Path | None) -> bytes:
        """Build an evidence bundle of an anchored credential, as of the newest block the trust file names.

        Raises FileRefused, EvidenceUnavailable, LedgerUnavailable.
        """
        carried, trust, observer = _carried(file), self.trust, self.verifier.observer
        anchor_receipt = _receipt(file, receipt, carried.receipt)
        if isinstance(trust, Missing):
            raise EvidenceUnavailable(trust.code, trust.detail)
        if isinstance(observer, Missing):
            raise EvidenceUnavailable(observer.code, observer.detail)
        credential = self.verifier.read(carried.credential)
        at_block = replace(observer, block=bundle_block(observer.ledger, trust), asked_at=None)
        anchor_receipt = _receipt_from_log(at_block, credential, anchor_receipt)
        if anchor_receipt is None:
            raise EvidenceUnavailable(Code.RECEIPT_MISSING, f"{file}: neither its receipt nor its entry is at hand")
        facts = at_block.facts(anchor_receipt.issuer, anchor_receipt.entry.programme, anchor_receipt)
        scopes = [self.folder.scope(digest) for party in facts.parties.values() for _, digest in party.scopes]
        return write_bundle(
            build_bundle(
                at_block,
                trust,
                credential.reading,
                anchor_receipt,
                programme=self.folder.programme(anchor_receipt.entry.programme),
                scopes=[scope for scope in scopes if scope is not None],
                dids=self.verifier.document_source.dids,
            )
        )


def _receipt_from_log(observer: Observer, credential: CheckedCredential, shown: Receipt | None) -> Receipt | None:
    """Return the receipt that the issuer's log gives, else the one that was shown. Raises LedgerUnavailable."""
    parsed, digest = credential.reading.parsed, credential.digest
    log = None if parsed is None else observer.log(issuer_id(parsed.issuer))
    from_log = None if log is None or isinstance(log, Missing) or digest is None else log.receipt(digest, shown)
    if from_log is not None and not from_log.transaction:  # of a record, which names no transaction
        return None
    return from_log or shown


@contextmanager
def open_sources(
    trust: Path | None,
    rpc: str | None,
    chain: Path | None,
    moment: Moment,
    *,
    proofs: bool | None = None,
    log: str | None = None,
    records: str | None = None,
    sources: Sequence[str] = (),
    through: Callable[[Ledger], Ledger] | None = None,
) -> Iterator[Sources]:
    """Open what `verify` needs, and close it afterwards.

    Raises ChainFolderError, CopyAddressRefused, FileRefused, TrustRefused, OSError.

    `rpc`: a JSON-RPC address, or a TOML file whose [ledger] section names endpoints.
    `proofs`: read the ledger's state by proof alone; None where the trust file names validators. `log`: a folder or an
    address with the logs; None for those beside the trust file. `records`: the address of a node whose records are asked for
    where the ledger's own logs are not whole. `sources`: addresses or folders that complete the files beside the trust file,
    with those that a pinned trust file names. `through`: makes of the ledger the one that is read, below any proof.

    A ledger that is named is opened at once, so that a wrong name is an error. Any other ledger is opened by the first file
    that needs one.
    """
    if records is not None:
        check_address(records)
    trusted, folder = _trust(trust)
    # A file that is named pins nothing, so nothing is remembered of its chain either.
    seen = None if trust is not None else SeenFile(configuration_folder() / FILE_NAME)
    with ExitStack() as stack:
        folder = _completed(stack, trusted, folder, sources, is_named=trust is not None)
        entries_of = folder.entries_of if log is None else open_copies(log)
        named = None if chain is None else _open_chain(stack, chain)
        if rpc is not None:
            named = _over_http(rpc)
        beside = folder.base / "chain"
        default = beside if named is None and beside.is_dir() else None
        is_proven = not isinstance(trusted, Missing) and _by_proof(trusted, proofs)

        def open_verifier() -> Verifier:
            ledger = named
            if default is not None:
                ledger = _open_readable_chain(stack, default)
            if ledger is not None and through is not None:
                ledger = through(ledger)
            if ledger is not None and records is not None and not isinstance(trusted, Missing):
                ledger = RecordsBesideLedger(ledger, RecordsNode(records, trusted.contracts))
            if ledger is not None and not isinstance(trusted, Missing) and is_proven:
                ledger = ProvenLedger(ledger, trusted)
            observer = observe(trusted, entries_of, ledger, moment, seen)
            if isinstance(folder, SourcedFolder) and not isinstance(observer, Missing):
                folder.copies.observer = observer
            return Verifier(trusted, observer, LedgerFolder(folder, observer))

        yield Sources(trusted, folder, open_verifier, is_proven)


def sources_alone(
    trust: Trust, folder: TrustFolder, ledger: Ledger, moment: Moment, proofs: bool | None = None
) -> Sources:
    """Return sources that ask nobody: a trust file, a folder, and a ledger that was opened before."""
    is_proven = _by_proof(trust, proofs)

    def open_verifier() -> Verifier:
        read = ProvenLedger(ledger, trust) if is_proven else ledger
        observer = observe(trust, folder.entries_of, read, moment)
        return Verifier(trust, observer, LedgerFolder(folder, observer))

    return Sources(trust, folder, open_verifier, is_proven)


def _completed(
    stack: ExitStack, trust: Trust | Missing, folder: TrustFolder, named: Sequence[str], *, is_named: bool
) -> TrustFolder:
    """Return the folder with the sources that may be asked; the folder itself where there are none.

    The sources of a named trust file are asked only if it is the pinned one. Raises CopyAddressRefused, FileRefused.
    """
    if isinstance(trust, Missing) or not (named or trust.sources):
        return folder
    sources = [*map(named_source, named), *(pinned_sources(trust) if not is_named or _is_pinned(trust) else ())]
    if not sources:
        return folder

    def mirror_of(base: Path) -> Mirror:
        return Mirror(base, sources, lambda: int(time.time()), trust=trust)

    def spare() -> Path:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="acredita-copies-")))

    kept = configuration_folder() / COPIES / trust.genesis.hex()
    return SourcedFolder(folder.base, Copies(mirror_of(kept), mirror_of, spare))


def _is_pinned(trust: Trust) -> bool:
    pinned = read_pinned_trust(configuration_folder())
    return pinned is not None and pinned.trust.digest == trust.digest


def open_ledger(stack: ExitStack, trust: Trust, rpc: str | None, chain: Path | None) -> Ledger | None:
    """Open a ledger that was named, if one was, until the stack closes; it must be the one the trust file pins.

    Raises TrustRefused where it is another one; ChainFolderError, FileRefused, LedgerUnavailable.
    """
    if chain is None and rpc is None:
        return None
    ledger = _open_chain(stack, chain) if chain is not None else _over_http(str(rpc))
    if not trust.is_demo_chain:
        ledger = ProvenLedger(ledger, trust)
    fault = head_fault(ledger, trust, ledger.head())
    if fault is not None:
        raise TrustRefused(Code.TRUST_OTHER_LEDGER, fault.detail)
    return ledger


def _by_proof(trust: Trust, proofs: bool | None) -> bool:
    return not trust.is_demo_chain if proofs is None else proofs


def _over_http(rpc: str) -> Ledger:
    """Open the ledger behind an address or a file of endpoints. Raises FileRefused."""
    from acredita.node.ledger.read_only import ledger_over_http

    try:
        return ledger_over_http(rpc)
    except ConfigurationError as error:
        raise FileRefused(f"--rpc: {error}") from error


def _open_chain(stack: ExitStack, path: Path) -> Ledger:
    """Open an embedded chain until the stack closes. The chain's modules are imported here, because a bundle needs none."""
    from acredita.node.ledger.read_only import chain_folder_ledger

    return stack.enter_context(chain_folder_ledger(path))


def _open_readable_chain(stack: ExitStack, path: Path) -> Ledger | None:
    """Open a chain that nobody named. One that cannot be read is missing: a broken signature is invalid all the same."""
    try:
        return _open_chain(stack, path)
    except ChainFolderError:
        return None


def _trust(path: Path | None) -> tuple[Trust | Missing, TrustFolder]:
    if path is not None:
        return read_trust(path), TrustFolder(path.resolve().parent)
    pinned = read_pinned_trust(configuration_folder())
    if pinned is None:
        return Missing(Code.TRUST_MISSING, "no --trust and nothing pinned"), TrustFolder(Path("/nonexistent"))
    return pinned.trust, pinned.folder


def observe(
    trust: Trust | Missing,
    entries_of: EntriesOf,
    ledger: Ledger | None,
    moment: Moment,
    seen: SeenBlocks | None = None,
) -> NodeObserver | Missing:
    """Observe the ledger that files are verified against: at its newest block, or at the newest not after the moment."""
    if isinstance(trust, Missing):
        return trust
    if ledger is None:
        return Missing(Code.LEDGER_MISSING, "no --rpc, no --chain and no readable chain/ beside the trust file")
    observed = observed_block(ledger, trust, moment.at if moment.given else None, seen)
    if isinstance(observed, Missing):
        return observed
    observer = NodeObserver(
        ledger,
        trust.contracts,
        observed.block,
        entries_of,
        stalled_after=trust.chain.stalled_after,
        asked_at=observed.asked_at,
        on_whole=None if seen is None else partial(seen.note, trust.genesis, observed.head),
    )
    try:
        fault = observer.pin_fault(trust)
        if fault is None and seen is not None and is_vouched(ledger, trust, observed.head):
            seen.note(trust.genesis, observed.head)
        return fault or observer
    except LedgerUnavailable as error:
        return Missing.of(error)


def _carried(file: Path) -> Carried:
    """Take the credential out of a file: JSON, a baked badge, a PDF, a ZIP."""
    with file.open("rb") as opened:
        content = opened.read(MAX_FILE_BYTES + 1)
    try:
        return unpack(content)
    except UnpackingRefused as error:
        if error.code == Code.NOT_A_CREDENTIAL:
            raise DocumentRefused(error.code, str(error)) from error
        raise FileRefused(f"{file}: {error.code}: {error}") from error


def _receipt(file: Path, named: Path | None, carried: bytes | None) -> Receipt | None:
    """Read the receipt that is named, else the one the file carries, else the one beside it."""
    path = named or (file if carried is not None else _beside(file))
    if path is None:
        return None
    try:
        return parse_receipt(read_json(carried) if carried is not None and named is None else read_json_file(path))
    except JsonRefused as error:
        raise FileRefused(f"{path}: its receipt: {error}") from error
    except FormatRefused as error:
        raise FileRefused(f"{path}: {error}") from error


def _beside(file: Path) -> Path | None:
    """Find `receipts/x.json` of `credentials/x.json`, or the receipt in the same delivered folder."""
    folder = file.resolve().parent
    places = [folder.parent / "receipts" / f"{file.stem}.json"]
    if (
        part_name(file.name) == CREDENTIAL_NAME
    ):  # of a second download, `credencial (1).json`, the receipt has the same number
        at = file.name.casefold().index("credencial")
        places.append(folder / (file.name[:at] + "comprobante" + file.name[at + len("credencial") :]))
    return next((place for place in places if place.is_file()), None)
