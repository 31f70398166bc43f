"""Steps 6 and 7: the pinned chain holds the receipt's checkpoint, and that checkpoint holds the credential.

A receipt proves nothing by itself. Step 6 compares its checkpoint with the word the chain stores, step 7 its entry with
the root of that checkpoint. One that was made from the log at hand is on the chain already.
"""

from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest, to_hex
from acredita.registry.codes import CODES, Code
from acredita.registry.keys.multikey import KeyId, key_id
from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
from acredita.registry.proofs.data_integrity import ProofCheck
from acredita.registry.verification.case import Case
from acredita.registry.verification.receipt_choice import ReceiptChoice, chain_name
from acredita.registry.verification.results import StepOutcome, StepResult, failed, not_checked, passed, waits

# --- 6 chain ---


def chain_step(case: Case, check: ProofCheck | None, status: StepResult) -> StepResult:
    """Check that the pinned chain holds the receipt's checkpoint and has not voided it.

    `check`: the credential's proof if it holds. `status`: step 10, which comes before a receipt of another chain.
    """
    receipt, ledger = case.receipt, case.ledger
    if receipt is None:
        return _other_chain(case, check, status) or _no_receipt(ledger, None if check is None else check.digest)
    if isinstance(ledger, Missing):
        return not_checked(6, ledger.code, found=ledger.detail)
    if case.choice.from_log:  # its words are linked to the head
        return passed(6, found=f"checkpoint {receipt.checkpoint.number} of the issuer's log, epoch {receipt.epoch}")
    if receipt.checkpoint.time > ledger.block_time:
        return not_checked(6, Code.ANCHORED_LATER, found="the checkpoint is younger than the block that was asked")
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


def _other_chain(case: Case, check: ProofCheck | None, status: StepResult) -> StepResult | None:
    """Return that the only anchor shown is on another chain, if status, key and fraud were asked and did not fail."""
    trust, ledger = case.trust, case.ledger
    if not case.choice.other_chain or check is None or not status.ok:
        return None
    if isinstance(ledger, Missing) or isinstance(trust, Missing) or _has_fallen(case, ledger, key_id(check.multikey)):
        return None
    expected = chain_name(trust.chain_id, trust.genesis, trust.credential_log)
    return failed(6, Code.WRONG_CHAIN, expected=expected, found=case.choice.ignored)


def _has_fallen(case: Case, ledger: LedgerFacts, key: KeyId) -> bool:
    """Return whether a fraud of the issuer, or a compromise of the key, is on record."""
    party = ledger.parties.get(case.issuer)
    window = None if party is None else party.assertion_key(key)
    is_void = party is not None and party.void_from is not None
    return is_void or (window is not None and window.is_compromised(case.now))


def _no_receipt(ledger: LedgerFacts | Missing, digest: Digest | None) -> StepResult:
    """Tell "not anchored yet" from "receipt not shown". Only the issuer's whole log can."""
    if isinstance(ledger, Missing) or digest is None or isinstance(ledger.log, Missing):
        return not_checked(6, Code.RECEIPT_MISSING)
    if ledger.log.holds(digest) is not False:
        return not_checked(6, Code.RECEIPT_MISSING, found="the log may hold the digest; its receipt is not at hand")
    return not_checked(6, Code.PENDING_ANCHOR, found="the issuer's log up to the chain's head has no such entry")


# --- 7 inclusion ---


def inclusion_step(choice: ReceiptChoice, chain: StepResult) -> StepResult:
    """Check that the entry is in the tree of the first checkpoint that covers it. It is of this digest by the choice."""
    receipt = choice.receipt
    if receipt is None or chain.outcome is StepOutcome.FAILED:
        return waits(7, chain)
    code = receipt.inclusion_fault()
    if code:
        return failed(7, CODES[code], expected=f"entry {receipt.index} first covered by this checkpoint")
    return passed(7)
