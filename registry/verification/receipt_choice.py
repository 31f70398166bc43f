"""Choose the receipt that steps 5 to 9 rest on. A receipt that was handed in is a hint.

1. With the issuer's log at hand the receipt is made from it: of the first entry of the digest that counts.
2. Without such an entry or log, the receipt that was handed in is checked by steps 6 and 7. One of another chain, log or
   leaf counts as none; so does one that the log at hand contradicts, unless it proves that its checkpoint is void.

The choice never makes a verdict milder, because whatever is chosen is checked against the ledger.
"""

from dataclasses import dataclass
from typing import Final

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.registry.ledger_facts.facts import LedgerFacts, LogAtHead, Missing
from acredita.registry.ledger_facts.trust_file import Trust


@dataclass(frozen=True)
class ReceiptChoice:
    """The receipt to rest on, and why the one that was handed in is not it.

    `from_log`: made from the log at hand, so its checkpoint is on the chain and holds the entry. `other_chain`: the one
    that was handed in names another chain or contract than the pinned one.
    """

    receipt: Receipt | None
    from_log: bool = False
    ignored: str | None = None
    other_chain: bool = False


NO_RECEIPT: Final = ReceiptChoice(None)


def choose_receipt(
    shown: Receipt | None,
    digest: Digest | None,
    issuer: IssuerId,
    trust: Trust | Missing,
    ledger: LedgerFacts | Missing,
) -> ReceiptChoice:
    """Choose the receipt of a credential. `shown`: the one that was handed in. `digest`: None if the proof does not hold."""
    log = None if isinstance(ledger, Missing) or isinstance(ledger.log, Missing) else ledger.log
    from_log = log.receipt(digest, shown) if log is not None and digest is not None else None  # 1
    if from_log is not None:
        is_other = shown is not None and shown is not from_log
        reason = f"the log's own receipt is of entry {from_log.index} in epoch {from_log.epoch}"
        return ReceiptChoice(from_log, from_log=True, ignored=reason if is_other else None)
    if shown is None:
        return NO_RECEIPT
    if not isinstance(trust, Missing) and _pinned(trust) != _named(shown):  # 2
        return ReceiptChoice(None, ignored=f"of another chain: {chain_name(*_named(shown))}", other_chain=True)
    fault = _of_another(shown, digest, issuer)
    if fault is None and log is not None and digest is not None:
        fault = _contradicted(shown, digest, log, ledger)
    return ReceiptChoice(shown) if fault is None else ReceiptChoice(None, ignored=fault)


def _of_another(shown: Receipt, digest: Digest | None, issuer: IssuerId) -> str | None:
    """Return how a receipt is of another log or leaf; None if it is of this credential's."""
    if shown.issuer != issuer:
        return f"of another log: {to_hex(shown.issuer)}"
    if shown.entry.kind is not EntryKind.ISSUED or (digest is not None and shown.entry.digest != digest):
        return f"of another credential: {to_hex(shown.entry.digest)}"
    return None


def _contradicted(shown: Receipt, digest: Digest, log: LogAtHead, ledger: LedgerFacts | Missing) -> str | None:
    """Return how the log at hand contradicts a receipt; None where it cannot, or where the checkpoint is proven void."""
    if log.holds(digest) is not False or isinstance(ledger, Missing):
        return None
    if shown.checkpoint.time > ledger.block_time or _is_proven_void(shown, ledger):
        return None
    return "the issuer's log up to the chain's head has no such entry"


def _is_proven_void(shown: Receipt, ledger: LedgerFacts) -> bool:
    above = ledger.last_good is not None and shown.checkpoint.number > ledger.last_good
    return above and ledger.stored_word == shown.checkpoint.word() and shown.inclusion_fault() is None


def _pinned(trust: Trust) -> tuple[int, bytes, bytes]:
    return trust.chain_id, trust.genesis, trust.credential_log


def _named(receipt: Receipt) -> tuple[int, bytes, bytes]:
    return receipt.chain_id, receipt.genesis, receipt.contract


def chain_name(chain_id: int, genesis: bytes, contract: bytes) -> str:
    """Name a chain and its log contract for people."""
    return f"chain {chain_id}, genesis {to_hex(genesis)}, contract {to_hex(contract)}"
