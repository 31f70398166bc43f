"""Steps 5, 8 and 9 at one time: the key was in force, the issuer accredited, the programme approved.

They are checked twice by the same rules: at the block time of the first checkpoint that contains the credential, and
now. The answers come from the ledger's records, and from scope and programme documents whose digest the ledger names. A
missing document makes the step not checked, never failed. Claimed dates are not used.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from acredita.anchoring.checkpoint import CheckpointKind
from acredita.anchoring.types import Digest, IssuerId, to_hex
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ParsedCredential
from acredita.registry.evidence.credential import Evidence
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.keys.multikey import KeyId
from acredita.registry.ledger_facts.facts import LedgerFacts
from acredita.registry.ledger_facts.histories import (
    PartyHistory,
    PartyState,
    ProgrammeHistory,
    ProgrammeState,
    ValidityWindow,
    accreditation_chain,
    recognised_at,
)
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import in_scope
from acredita.registry.verification.results import StepResult, failed, not_checked, passed


@dataclass(frozen=True)
class CaseAtTime:
    """One case and the time, Unix seconds, for which steps 5, 8 and 9 are checked.

    `agrees`: the credential's achievement is the one its programme document builds. False also without that document.
    """

    issuer: IssuerId
    parsed: ParsedCredential
    facts: LedgerFacts
    evidence: Evidence
    at: int
    agrees: bool

    @property
    def party(self) -> PartyHistory | None:
        """The issuer's history; None for an issuer outside the registry."""
        return self.facts.parties.get(self.issuer)

    @property
    def history(self) -> ProgrammeHistory | None:
        """The history of the programme version the credential names; None if the issuer never submitted it."""
        return self.facts.programmes.get(self.parsed.programme)

    @property
    def programme(self) -> Programme | None:
        """The document of the programme version the credential names, if it is available."""
        return self.evidence.programmes.get(self.parsed.programme)


def achievement_agrees(parsed: ParsedCredential, evidence: Evidence) -> bool:
    """Compare the credential's achievement with the one its programme document builds.

    Equal JSON texts are equal values. Only where the texts differ are the canonical forms compared, because 125 and
    125.0 differ as text and are signed alike. Python's own comparison would take True for 1.
    """
    programme = evidence.programmes.get(parsed.programme)
    if programme is None:
        return False
    if json.dumps(parsed.achievement, sort_keys=True) == programme.achievement_text:
        return True
    return jcs(parsed.achievement) == programme.canonical_achievement


# --- 5 key ---


def key_then(case: CaseAtTime, key: KeyId) -> StepResult:
    """Check that the assertion key was in force when anchored: from ≤ t < until, and not compromised at t or before."""
    window = _window(case, key)
    if window is None:
        return passed(5, found="did:key speaks for itself; the issuer is not in the registry")
    if window.is_compromised(case.at):
        return failed(5, Code.KEY_COMPROMISED, expected="not compromised when anchored")
    if not window.holds(case.at):
        return failed(5, Code.KEY_NOT_VALID_AT_ISSUANCE, expected="a key in force when anchored")
    return passed(5)


def key_now(case: CaseAtTime, key: KeyId, anchored: bool) -> StepResult:
    """Check the key now. With a receipt only a compromise counts: the old signatures of a rotated key stay valid."""
    window = _window(case, key)
    if window is None:
        return passed(5, found="did:key speaks for itself; the issuer is not in the registry")
    if window.is_compromised(case.at):
        return failed(5, Code.KEY_COMPROMISED_NOW if anchored else Code.KEY_COMPROMISED)
    if not anchored and not window.holds(case.at):
        return failed(5, Code.KEY_NOT_VALID_NOW, expected="a key in force now")
    return passed(5)


def _window(case: CaseAtTime, key: KeyId) -> ValidityWindow | None:
    """Return the key's window, or None for an issuer outside the registry. Step 4 has refused an unregistered key."""
    party = case.party
    if party is None:
        return None
    window = party.assertion_key(key)
    if window is None:
        raise RuntimeError("step 5 asked for a key that step 4 has refused")
    return window


# --- 8 issuer ---


@dataclass(frozen=True)
class _IssuerCodes:
    """The code for each state but active, and for an accreditor that no longer carries the issuer."""

    states: Mapping[PartyState, Code]
    accreditor: Code


_THEN = _IssuerCodes(
    dict.fromkeys(PartyState, Code.ISSUER_NOT_ACCREDITED_AT_ISSUANCE)
    | {PartyState.UNDER_REVIEW: Code.ISSUER_UNDER_REVIEW},
    Code.ACCREDITOR_NOT_ACTIVE_AT_ISSUANCE,
)
_NOW = _IssuerCodes(
    dict.fromkeys(PartyState, Code.ISSUER_NOT_ACCREDITED_NOW)
    | {
        PartyState.UNDER_REVIEW: Code.ISSUER_UNDER_REVIEW,
        PartyState.SUSPENDED: Code.ISSUER_SUSPENDED_NOW,
        PartyState.EXPIRED: Code.ISSUER_ACCREDITATION_EXPIRED_NOW,
        PartyState.REVOKED: Code.ISSUER_REVOKED_NOW,
    },
    Code.ACCREDITOR_NOT_ACTIVE_NOW,
)


def issuer_then(case: CaseAtTime, kind: int) -> StepResult:
    """Check that the issuer was active and in scope when anchored, as was each accreditor above it.

    The checkpoint must have been an open one.
    """
    party = case.party
    if party is None:
        return failed(8, Code.ISSUER_UNKNOWN, expected="an issuer of the registry")
    if _is_void(case, party):
        return failed(8, Code.ISSUER_REVOKED_RETROACTIVE, expected=f"anchored before {party.void_from}")
    refused = _not_accredited(case, party, _THEN)
    if refused:
        return refused
    if kind != CheckpointKind.OPEN:
        return failed(8, Code.CHECKPOINT_STATUS_ONLY, expected="an open checkpoint, kind 1", found=f"kind {kind}")
    return _in_scope(case, party)


def issuer_now(case: CaseAtTime, anchored: bool) -> StepResult:
    """Check the issuer as for a credential anchored now.

    For a credential anchored before, a fraud declared since is a warning only.
    """
    party = case.party
    if party is None:
        return failed(8, Code.ISSUER_UNKNOWN, expected="an issuer of the registry")
    refused = _not_accredited(case, party, _NOW)
    if refused:
        return refused
    if _is_void(case, party):
        code = Code.ISSUER_VOID_NOW if anchored else Code.ISSUER_REVOKED_RETROACTIVE
        return failed(8, code, expected=f"anchored before {party.void_from}")
    return _in_scope(case, party)


def _is_void(case: CaseAtTime, party: PartyHistory) -> bool:
    return party.void_from is not None and case.at >= party.void_from


def _not_accredited(case: CaseAtTime, party: PartyHistory, codes: _IssuerCodes) -> StepResult | None:
    """Return the fault of the accreditation chain at t, or None if every link holds."""
    state = party.at(case.at).state
    if state is not PartyState.ACTIVE:
        return failed(8, codes.states[state], expected=PartyState.ACTIVE.value, found=state.value)
    if not recognised_at(case.facts.parties, party.subject, case.at):
        return failed(8, codes.accreditor, expected="every accreditor above the issuer active and entitled")
    return None


def _in_scope(case: CaseAtTime, party: PartyHistory) -> StepResult:
    """Check that the programme is within the scopes in force at t: the issuer's and each accreditor's above it."""
    programme = case.programme
    if programme is None:
        return not_checked(8, Code.DOCUMENT_MISSING, found=f"programme {to_hex(case.parsed.programme)}")
    for link in accreditation_chain(case.facts.parties, party, case.at):
        digest = link.scope_at(case.at) if link else None
        if digest is None:
            return failed(8, Code.SCOPE_MISSING, expected="a scope in force")
        scope = case.evidence.scopes.get(digest)
        if scope is None:
            return not_checked(8, Code.DOCUMENT_MISSING, found=f"scope {to_hex(digest)}")
        code = in_scope(programme, scope)
        if code:
            return failed(8, code, expected=f"programme within scope {to_hex(digest)}")
    return passed(8)


# --- 9 programme ---


def programme_then(case: CaseAtTime, entry_programme: Digest) -> StepResult:
    """Check that the issuer's version was approved when anchored, that its document names this issuer, and that it builds
    this achievement.
    """
    if entry_programme != case.parsed.programme:
        return failed(
            9,
            Code.PROGRAMME_MISMATCH,
            expected=to_hex(entry_programme),
            found=to_hex(case.parsed.programme),
        )
    return _programme(case, _PROGRAMME_THEN)


def programme_now(case: CaseAtTime, anchored: bool) -> StepResult:
    """Check the programme now. A credential anchored under a version keeps it when a newer one supersedes it.

    Without an anchor a superseded version no longer counts, because nothing new may be anchored under it.
    """
    return _programme(case, _PROGRAMME_NOW_ANCHORED if anchored else _PROGRAMME_NOW)


@dataclass(frozen=True)
class _ProgrammeCodes:
    """The states that count as approved, and the code for each other state."""

    good: frozenset[ProgrammeState]
    states: Mapping[ProgrammeState, Code]


_APPROVED = frozenset({ProgrammeState.APPROVED})
_PROGRAMME_THEN = _ProgrammeCodes(_APPROVED, dict.fromkeys(ProgrammeState, Code.PROGRAMME_NOT_APPROVED_AT_ISSUANCE))
_PROGRAMME_NOW = _ProgrammeCodes(
    _APPROVED,
    dict.fromkeys(ProgrammeState, Code.PROGRAMME_NOT_APPROVED_NOW)
    | {
        ProgrammeState.WITHDRAWN: Code.PROGRAMME_WITHDRAWN_NOW,
        ProgrammeState.SUSPENDED: Code.PROGRAMME_SUSPENDED_NOW,
        ProgrammeState.EXPIRED: Code.PROGRAMME_WINDOW_ENDED_NOW,
    },
)
_PROGRAMME_NOW_ANCHORED = replace(_PROGRAMME_NOW, good=_APPROVED | {ProgrammeState.SUPERSEDED})


def _programme(case: CaseAtTime, codes: _ProgrammeCodes) -> StepResult:
    programme = case.programme
    if programme is not None and programme.issuer != case.parsed.issuer:
        return failed(9, Code.PROGRAMME_NOT_OF_ISSUER, expected=case.parsed.issuer, found=programme.issuer)
    history = case.history
    if history is None:
        return failed(9, Code.PROGRAMME_UNKNOWN, expected="a programme version of this issuer in the registry")
    state = history.state_at(case.at)
    if state not in codes.good:
        return failed(9, codes.states[state], expected=ProgrammeState.APPROVED.value, found=state.value)
    if programme is None:
        return not_checked(9, Code.DOCUMENT_MISSING, found=f"programme {to_hex(case.parsed.programme)}")
    if not case.agrees:
        return failed(9, Code.PROGRAMME_MISMATCH, expected="the achievement its programme document builds")
    return passed(9)
