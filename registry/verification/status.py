"""Step 10: the credential is not revoked, suspended or replaced, by the newest checkpoint and a published list.

A bit is published before it is anchored, so published lists run ahead of the chain and never behind. A node also knows
the changes that its own institutions requested. A bit set in any of the three counts; a reinstatement counts once it is
anchored. A bit set on the chain and clear in a younger list means that the list hides it. A position that no
status entry has named is clear. The answer has an age: an old answer is not "still valid".
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.status_bits import Status
from acredita.anchoring.types import IssuerId, to_hex
from acredita.registry.canonicalisation.budget import separate_budget
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import StatusList, StatusListRefused, parse_status_list
from acredita.registry.credentials.status_position import StatusEntry
from acredita.registry.evidence.credential import Evidence
from acredita.registry.keys.did import DidRefused, issuer_id, split_method
from acredita.registry.keys.multikey import KeyId, PublicKey, key_id
from acredita.registry.ledger_facts.facts import LedgerFacts, LogAtHead, Missing
from acredita.registry.proofs.data_integrity import ProofCheck, ProofCheckUnavailable, ProofRefused, verify_proof
from acredita.registry.proofs.resolve_key import key_of_list
from acredita.registry.verification.case import EARLY_SECONDS, Case, Moment, head_age_fault
from acredita.registry.verification.results import StepResult, failed, not_checked, passed

KEPT_LISTS: Final = 32  # some tens of kilobytes each


def status_step(case: Case) -> StepResult:
    """Check that no source says the credential is revoked, suspended or replaced, and that the answer is fresh."""
    parsed, issuer, facts, now = case.parsed, case.issuer, case.ledger, case.now
    if parsed.status_issuer != issuer:
        return failed(10, Code.STATUS_LIST_FOREIGN, expected=to_hex(issuer), found=to_hex(parsed.status_issuer))
    published = _published(parsed.status, parsed.issuer, facts, case.evidence, now)
    early = 0 if case.moment.given else EARLY_SECONDS
    if isinstance(published, StatusList) and published.issued > now + early:
        published = None  # the list is younger than the moment asked about
    if not isinstance(facts, Missing) and not isinstance(facts.log, Missing):
        refused = _on_chain(facts.log, parsed.status, published)
        if refused:
            return refused
    requested = _set(case.evidence.requested_status, "requested at this node, not anchored yet")
    if requested:
        return requested
    if isinstance(published, Missing):
        return not_checked(10, published.code, found=published.detail)
    if published is not None and published.is_set(parsed.status_index):
        return failed(10, Code.CREDENTIAL_REVOKED, expected="clear", found="set in the published list")
    if isinstance(facts, Missing):
        return not_checked(10, facts.code, found=facts.detail)
    if isinstance(facts.log, Missing):
        return not_checked(10, facts.log.code, found=facts.log.detail)
    return _fresh(facts, now, case.moment, published)


StatusOf = Callable[[StatusEntry], Evidence]
"""The published list and the requested changes of a status entry, as evidence."""


def entry_step(entry: StatusEntry, facts: LedgerFacts, evidence: Evidence, now: int) -> StepResult:
    """Check step 10 of one status entry of a party, for a credential of ours in another shape."""
    published = _published(entry, _owner(evidence.status_list, entry.issuer), facts, evidence, now)
    if isinstance(published, StatusList) and published.issued > now + EARLY_SECONDS:
        published = None
    if not isinstance(facts.log, Missing):
        refused = _on_chain(facts.log, entry, published)
        if refused:
            return refused
    requested = _set(evidence.requested_status, "requested at this node, not anchored yet")
    if requested:
        return requested
    if isinstance(published, StatusList) and published.is_set(entry.index):
        return failed(10, Code.CREDENTIAL_REVOKED, expected="clear", found="set in the published list")
    missing = next((part for part in (published, facts.log) if isinstance(part, Missing)), None)
    return passed(10) if missing is None else not_checked(10, missing.code, found=missing.detail)


def _owner(document: object, issuer: IssuerId) -> str | None:
    """Return the DID that a list claims, if it is the DID of that issuer."""
    did = document.get("issuer") if isinstance(document, dict) else None
    try:
        return did if isinstance(did, str) and issuer_id(did) == issuer else None
    except DidRefused:
        return None


def _on_chain(log: LogAtHead, entry: StatusEntry, published: StatusList | Missing | None) -> StepResult | None:
    status = log.bits(entry.position)
    if status.revoked and isinstance(published, StatusList):
        hidden = published.issued >= log.time and not published.is_set(entry.index)
        if hidden:
            return failed(
                10, Code.STATUS_MISMATCH, expected="set, as in the chain", found="clear in a list issued later"
            )
    return _set(status, "set in the latest checkpoint")


def _published(
    entry: StatusEntry, did: str | None, facts: LedgerFacts | Missing, evidence: Evidence, now: int
) -> StatusList | Missing | None:
    """Return the published list if the issuer signed it, None if there is none, or why it does not count.

    Without a list the chain alone answers.
    """
    document = evidence.status_list
    if document is None:
        return None
    if not isinstance(document, dict):
        return Missing(Code.STATUS_LIST_INVALID, "no JSON object")
    text = json.dumps(document, sort_keys=True)
    try:
        status_list = _read_list(text)
        check = _checked_list(text, _key_of(document, entry.issuer, did, facts, evidence.dids, now))
    except StatusListRefused as error:
        return Missing(error.code, str(error))
    except (ProofRefused, ProofCheckUnavailable) as error:
        return Missing(Code.STATUS_LIST_INVALID, str(error))
    signer, _ = split_method(check.verification_method)
    right_list = (status_list.issuer, status_list.url) == (did, entry.list_url)
    if signer != did or not right_list or not _may_sign(key_id(check.multikey), entry.issuer, facts, now):
        return Missing(Code.STATUS_LIST_INVALID, "the list at hand is not this issuer's list of that number")
    return status_list


# The credentials of a cohort name one list. Reading depends on its text alone and checking on text and key, so both are
# done once.


@lru_cache(maxsize=KEPT_LISTS)
def _read_list(text: str) -> StatusList:
    return parse_status_list(json.loads(text))


@lru_cache(maxsize=KEPT_LISTS)
def _checked_list(text: str, key: PublicKey) -> ProofCheck:
    with separate_budget():  # a list of the profile is small, and kept; it must not count for one request alone
        return verify_proof(json.loads(text), lambda _method: key)


def _key_of(
    document: Mapping[str, Any],
    issuer: IssuerId,
    did: str | None,
    facts: LedgerFacts | Missing,
    dids: Mapping[str, object],
    now: int,
) -> PublicKey:
    proof = document.get("proof")
    method = proof.get("verificationMethod") if isinstance(proof, dict) else None
    if not isinstance(method, str):
        raise ProofRefused(Code.PROOF_MALFORMED, "one proof with one verification method expected")
    is_party = not isinstance(facts, Missing) and issuer in facts.parties
    return key_of_list(method, did if is_party else None, dids, now)


def _may_sign(key: KeyId, issuer: IssuerId, facts: LedgerFacts | Missing, now: int) -> bool:
    """Return whether the key may sign a list: an assertion key of the issuer that is not compromised.

    An issuer outside the registry has no keys to compare with.
    """
    party = None if isinstance(facts, Missing) else facts.parties.get(issuer)
    if party is None:
        return True
    window = party.assertion_key(key)
    return window is not None and not window.is_compromised(now)


def _set(status: Status, found: str) -> StepResult | None:
    for is_set, code in (
        (status.replaced, Code.SUPERSEDED),
        (status.revoked, Code.CREDENTIAL_REVOKED),
        (status.suspended, Code.CREDENTIAL_SUSPENDED),
    ):
        if is_set:
            return failed(10, code, expected="clear", found=found)
    return None


def _fresh(facts: LedgerFacts, now: int, moment: Moment, published: StatusList | None) -> StepResult:
    age = now - facts.block_time
    if age < 0:  # a bundle's block after the moment asked about: a suspension may have come and gone
        return not_checked(10, Code.STATUS_LATER, found=f"known at block time {facts.block_time} only")
    if facts.offline and age > moment.stale_after:
        return not_checked(
            10, Code.STATUS_STALE, found=f"as of {age} seconds ago, at most {moment.stale_after} allowed"
        )
    fault = head_age_fault(facts.block_time, now if moment.given else moment.at, facts.stalled_after)
    if fault is not None and not (facts.offline and fault is Code.LEDGER_STALLED):
        return not_checked(10, fault, found=f"the newest block is of {time_text(facts.block_time)}")
    per = "" if published is not None else f", per chain of {time_text(facts.block_time)}"
    return passed(10, found=f"clear at block {facts.block_number}{per}")
