"""Build an evidence bundle for one credential, from a ledger at one block and from documents.

The trust file must vouch for the block, because the reader accepts no other: it names the block or a descendant within
reach, or knows the validators that sealed it and names no higher one. The issuer's log must be available up to the
chain's head, because the status leaf comes from it. A missing part raises EvidenceUnavailable; an incomplete bundle is
never built.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from acredita.anchoring.ledger import AccountProof, Block, Ledger, LedgerUnavailable
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.state_proof import StateProofRefused
from acredita.anchoring.types import Address, IssuerId
from acredita.contracts import bindings, slots
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ParsedCredential
from acredita.registry.evidence.bundle import MAX_HEADERS, Bundle
from acredita.registry.evidence.credential import CredentialReading
from acredita.registry.evidence.proven_facts import proven_facts
from acredita.registry.evidence.vouched_block import BlockRefused, check_sealers_known, vouched_header
from acredita.registry.keys.did import issuer_id
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.issuer_log import IssuerLog
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope

MAX_UNSEALED: Final = 64  # blocks below the head that are tried for one that the known validators sealed


class EvidenceUnavailable(CodedError[Code]):
    """A missing part of a bundle. `code` says which one."""


def bundle_block(ledger: Ledger, trust: Trust) -> Block:
    """Find the newest block of the ledger that the trust file vouches for.

    Raises EvidenceUnavailable, LedgerUnavailable.
    """
    return newest_vouched(ledger, ledger.head(), trust)


def newest_vouched(ledger: Ledger, head: Block, trust: Trust) -> Block:
    """Find the newest block up to a head that the trust file vouches for. Raises EvidenceUnavailable, LedgerUnavailable."""
    if not trust.is_demo_chain and head.number > trust.chain.highest:
        return _newest_sealed(ledger, head, trust)
    newest = head.number
    for number in sorted(trust.blocks, reverse=True):
        block = ledger.block(number) if number <= newest else None
        if block is not None and block.hash == trust.blocks[number]:
            return block
    raise EvidenceUnavailable(Code.BLOCK_NOT_TRUSTED, "the ledger holds none of the blocks the trust file names")


def _newest_sealed(ledger: Ledger, head: Block, trust: Trust) -> Block:
    """Return the head, or the newest of the blocks below it that the known validators sealed: a new set may seal the head.

    Raises EvidenceUnavailable for the head where none is within reach.
    """
    refused: EvidenceUnavailable | None = None
    for number in range(head.number, max(head.number - MAX_UNSEALED - 1, trust.chain.highest), -1):
        block = head if number == head.number else _block(ledger, number)
        try:
            return sealed_block(block, trust)
        except EvidenceUnavailable as error:
            refused = refused or error
    raise refused or EvidenceUnavailable(Code.BLOCK_NOT_TRUSTED, "no block to show")


def sealed_block(block: Block, trust: Trust) -> Block:
    """Return a block above every named one if a quorum sealed it. Raises EvidenceUnavailable."""
    try:
        check_sealers_known(block.number, block.time, trust)
        vouched_header([block.header], trust)
    except BlockRefused as error:
        raise EvidenceUnavailable(error.code, str(error)) from error
    except StateProofRefused as error:
        raise EvidenceUnavailable(Code.BLOCK_NOT_TRUSTED, str(error)) from error
    return block


def build_bundle(
    observer: Observer,
    trust: Trust,
    credential: CredentialReading,
    receipt: Receipt,
    *,
    programme: Programme | None,
    scopes: Iterable[Scope],
    dids: Mapping[str, object],
) -> Bundle:
    """Build the bundle of one anchored credential as of the observer's block.

    Of `scopes` and `dids` it takes those the credential needs. The bundle proves its facts to a reader with the same
    trust file; if not, the ledger's answers were not whole. Raises EvidenceUnavailable, LedgerUnavailable.
    """
    parsed = credential.parsed
    if parsed is None:
        raise EvidenceUnavailable(Code.NOT_A_CREDENTIAL, str(credential.fault))
    if (
        receipt.checkpoint.time > observer.block.time
    ):  # by the checkpoint, because a receipt's block number is not proven
        raise EvidenceUnavailable(
            Code.ANCHORED_LATER, f"anchored after block {observer.block.number}, the one to be shown"
        )
    issuer = issuer_id(parsed.issuer)
    log = observer.log(issuer)
    if not isinstance(log, IssuerLog):
        raise EvidenceUnavailable(Code.LOG_MISSING, f"no log of {parsed.issuer} up to the chain's head at hand")
    parties = _parties(observer, issuer)
    named = {digest for party in observer.parties(issuer).values() for _, digest in party.scopes}
    bundle = Bundle(
        credential=credential.document,
        receipt=receipt,
        latest=observer.newest_checkpoint(issuer).parts(),
        status=log.prove(parsed.position),
        programme=None if programme is None else programme.document,
        scopes=tuple(scope.document for scope in scopes if scope.digest in named),
        dids={parsed.issuer: dids[parsed.issuer]} if parsed.issuer in dids else {},
        parties=parties,
        programme_records=_records(observer, observer.contracts.programme_registry, _version(parsed)),
        header=observer.block.header,
        headers=_headers_between(observer, trust),
        nodes=_nodes(observer, receipt, parsed, parties),
    )
    _check(bundle, parsed, trust)
    return bundle


def _check(bundle: Bundle, parsed: ParsedCredential, trust: Trust) -> None:
    """Check as a reader does that the bundle proves every fact. Raises EvidenceUnavailable."""
    facts = proven_facts(bundle, parsed, trust)
    missing = facts if isinstance(facts, Missing) else facts.log
    if isinstance(missing, Missing):
        raise EvidenceUnavailable(
            Code.LEDGER_INCOMPLETE, f"its answers prove nothing: {missing.code}: {missing.detail}"
        )


def _version(parsed: ParsedCredential) -> bytes:
    return bindings.programme_version(issuer_id(parsed.issuer), parsed.programme)


def _parties(observer: Observer, issuer: IssuerId) -> dict[IssuerId, tuple[bytes, ...]]:
    subjects = {issuer, *observer.parties(issuer)}
    registry = observer.contracts.issuer_registry
    return {subject: _records(observer, registry, subject) for subject in sorted(subjects)}


def _records(observer: Observer, contract: bytes, subject: bytes) -> tuple[bytes, ...]:
    return tuple(bindings.record_of(log) for log in observer.records(contract, subject))


def _headers_between(observer: Observer, trust: Trust) -> tuple[bytes, ...]:
    """Collect the headers after the bundle's block up to the nearest one the trust file names.

    A sealed block above the highest named one needs none.
    """
    first = observer.block.number
    if not trust.is_demo_chain and first > trust.chain.highest:
        sealed_block(observer.block, trust)
        return ()
    last = min((number for number in trust.blocks if number >= first), default=None)
    if last is None or last - first > MAX_HEADERS:
        raise EvidenceUnavailable(Code.BLOCK_NOT_TRUSTED, f"the trust file names no block within reach of {first}")
    blocks = [_block(observer.ledger, number) for number in range(first + 1, last + 1)]
    if (blocks or [observer.block])[-1].hash != trust.blocks[last]:
        raise EvidenceUnavailable(Code.BLOCK_NOT_TRUSTED, f"block {last} is another one than the trust file names")
    return tuple(block.header for block in blocks)


def _block(ledger: Ledger, number: int) -> Block:
    block = ledger.block(number)
    if block is None:
        raise LedgerUnavailable(f"the ledger lost block {number} while it was being read")
    return block


def _nodes(
    observer: Observer, receipt: Receipt, parsed: ParsedCredential, parties: Iterable[IssuerId]
) -> tuple[bytes, ...]:
    """Collect every trie node the proofs need, once each, in sorted order."""
    contracts = observer.contracts
    proofs = (
        _proof(observer, contracts.issuer_registry, [slots.issuer_history(subject) for subject in parties]),
        _proof(observer, contracts.programme_registry, [slots.programme_history(_version(parsed))]),
        _proof(observer, contracts.credential_log, _log_slots(observer, receipt, issuer_id(parsed.issuer))),
    )
    return tuple(sorted({node for proof in proofs for node in _nodes_of(proof)}))


def _log_slots(observer: Observer, receipt: Receipt, issuer: IssuerId) -> list[bytes]:
    head = observer.head(issuer)
    wanted = [slots.head(issuer), slots.checkpoint_word(issuer, head.epoch, head.number)]
    wanted.append(slots.checkpoint_word(issuer, receipt.epoch, receipt.checkpoint.number))
    if receipt.epoch < head.epoch:
        wanted.append(slots.last_good(issuer, receipt.epoch))
    return wanted


def _proof(observer: Observer, contract: bytes, wanted: Sequence[bytes]) -> AccountProof:
    return observer.ledger.proof(Address(contract), wanted, observer.block.hash)


def _nodes_of(proof: AccountProof) -> Iterable[bytes]:
    yield from proof.nodes
    for storage in proof.storage:
        yield from storage.nodes
