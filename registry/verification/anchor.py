"""Steps 6 and 7: the pinned chain holds the receipt's checkpoint, and that checkpoint holds the credential.

A receipt proves nothing by itself. Step 6 compares its checkpoint with the word the chain stores, step 7 its entry with
the root of that checkpoint.
"""

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest, to_hex
from acredita.registry.codes import CODES, Code
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.verification.case import Case
from acredita.registry.verification.results import StepOutcome, StepResult, failed, not_checked, passed, waits

# --- 6 chain ---


def chain_step(case: Case, digest: Digest | None, binding: StepResult) -> StepResult:
    """Check that the receipt names the pinned chain, and that this chain holds its checkpoint and has not voided it.

    `digest`: the credential's digest if its proof holds. It is used only to look for the entry of a missing receipt.
    """
    receipt, ledger = case.receipt, case.ledger
    if receipt is None:
        return _no_receipt(ledger, digest)
    if not isinstance(case.trust, Missing) and _pinned(case.trust) != _named(receipt):
        return failed(
            6, Code.WRONG_CHAIN, expected=_chain_name(*_pinned(case.trust)), found=_chain_name(*_named(receipt))
        )
    if receipt.issuer != case.issuer:  # the facts are about the issuer's own log
        return waits(6, binding)
    if isinstance(ledger, Missing):
        return not_checked(6, ledger.code, found=ledger.detail)
    if _is_beyond(case, ledger, receipt.checkpoint.time):
        return not_checked(6, Code.ANCHORED_LATER, found="the checkpoint is younger than what was asked about")
    return _stored(receipt, ledger)


def _stored(receipt: Receipt, ledger: LedgerFacts) -> StepResult:
    """Compare the receipt's checkpoint with the word the chain stores, and with the last good one of a closed epoch."""
    word = receipt.checkpoint.word()
    if ledger.stored_word != word:
        stored = to_hex(ledger.stored_word) if ledger.stored_word else "no checkpoint of that number"
        return failed(6, Code.ANCHOR_NOT_FOUND, expected=to_hex(word), found=stored)
    if ledger.last_good is not None and receipt.checkpoint.number > ledger.last_good:
        return failed(
            6,
            Code.CHECKPOINT_VOID,
            expected=f"number at most {ledger.last_good} in epoch {receipt.epoch}",
            found=str(receipt.checkpoint.number),
        )
    return passed(6)


def _is_beyond(case: Case, ledger: LedgerFacts, time: int) -> bool:
    """Return whether a checkpoint is younger than the moment asked about, or than the block a bundle ends at.

    Such a checkpoint is not there yet, which is not the same as missing.
    """
    return (case.moment.given and time > case.now) or (ledger.offline and time > ledger.block_time)


def _no_receipt(ledger: LedgerFacts | Missing, digest: Digest | None) -> StepResult:
    """Tell "not anchored yet" from "receipt not shown". Only the issuer's whole log can."""
    if isinstance(ledger, Missing) or digest is None or isinstance(ledger.log, Missing):
        return not_checked(6, Code.RECEIPT_MISSING)
    if ledger.log.holds(digest) is not False:
        return not_checked(6, Code.RECEIPT_MISSING, found="the log may hold the digest; its receipt is not at hand")
    return not_checked(6, Code.PENDING_ANCHOR, found="the issuer's log up to the chain's head has no such entry")


def _pinned(trust: Trust) -> tuple[int, bytes, bytes]:
    return trust.chain_id, trust.genesis, trust.credential_log


def _named(receipt: Receipt) -> tuple[int, bytes, bytes]:
    return receipt.chain_id, receipt.genesis, receipt.contract


def _chain_name(chain_id: int, genesis: bytes, contract: bytes) -> str:
    return f"chain {chain_id}, genesis {to_hex(genesis)}, contract {to_hex(contract)}"


# --- 7 inclusion ---


def inclusion_step(receipt: Receipt | None, digest: Digest, chain: StepResult) -> StepResult:
    """Check that the entry holds this digest and is in the tree of the first checkpoint that covers it."""
    if receipt is None or chain.outcome is StepOutcome.FAILED:
        return waits(7, chain)
    if receipt.entry.kind is not EntryKind.ISSUED or receipt.entry.digest != digest:
        return failed(7, Code.LEAF_MISMATCH, expected=to_hex(digest), found=to_hex(receipt.entry.digest))
    code = receipt.inclusion_fault()
    if code:
        return failed(7, CODES[code], expected=f"entry {receipt.index} first covered by this checkpoint")
    return passed(7)
