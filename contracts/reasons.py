"""Reasons of a reverted call: every revert reason of the contracts, its result code, and what a caller should do.

A reason is short and stable and maps to exactly one code; several reasons may share a code. A reason that is not in the
table is `UnexplainedRefused`: it is never turned into a plausible one.
"""

from acredita.contracts.abi import SELECTOR_BYTES, AbiError, decode, selector
from acredita.contracts.coded_error import CodedError

ERROR_SELECTOR = selector("Error(string)")


class ContractRefused(CodedError[str]):
    """A call that a contract reverted. `reason` is the contract's own text, `code` the stable result code."""

    CODE_IN_TEXT = True

    @property
    def reason(self) -> str:
        """The contract's own text."""
        return self.message


class SenderRefused(ContractRefused):
    """The sender may not do this; another account may."""


class StateRefused(ContractRefused):
    """The ledger's present state forbids the act; another act or time may allow it later."""


class InputRefused(ContractRefused):
    """The arguments are wrong and will be refused again."""


class UnexplainedRefused(ContractRefused):
    """Reverted without a reason we know: stop and look."""


UNEXPLAINED_CODE = "REFUSED_UNEXPLAINED"

_SENDER = {
    "council: not a member": "NOT_AUTHORISED",
    "council: not by proposal": "NOT_AUTHORISED",
    "council: already approved": "SAME_ACTOR",
    "council: not approved": "APPROVAL_MISSING",
    "recovery: not a member": "NOT_AUTHORISED",
    "recovery: already approved": "SAME_ACTOR",
    "registry: not the council": "NOT_AUTHORISED",
    "issuer: not the control account": "NOT_AUTHORISED",
    "programme: not the owner": "NOT_AUTHORISED",
    "agency: not recognised": "AGENCY_NOT_RECOGNISED",
    "account: is the authority": "SAME_ACTOR",
    "consent: missing": "CONSENT_MISSING",
    "log: account": "ACCOUNT_NOT_ALLOWED",
    "log: council": "NOT_AUTHORISED",
}

_STATE = {
    "council: executed": "PROPOSAL_EXECUTED",
    "council: void": "PROPOSAL_VOID",
    "council: retracted": "PROPOSAL_RETRACTED",
    "council: expired": "PROPOSAL_EXPIRED",
    "council: too few approvals": "APPROVALS_MISSING",
    "recovery: closed": "RECOVERY_CLOSED",
    "recovery: void": "RECOVERY_VOID",
    "recovery: too few approvals": "APPROVALS_MISSING",
    "recovery: too early": "RECOVERY_TOO_EARLY",
    "recovery: expired": "RECOVERY_EXPIRED",
    "issuer: state": "TRANSITION_NOT_ALLOWED",
    "issuer: not active": "ISSUER_NOT_ACTIVE",
    "issuer: too many": "APPLICANT_LIMIT",
    "key: too many": "KEYS_TOO_MANY",
    "account: too many": "ACCOUNTS_TOO_MANY",
    "issuer: no agency review": "GUARD_AGENCY_DECISION_MISSING",
    "issuer: no assertion key": "GUARD_KEY_MISSING",
    "issuer: no anchoring account": "GUARD_ACCOUNT_MISSING",
    "accreditor: not accredited": "ACCREDITOR_NOT_ACTIVE",
    "accreditor: too deep": "ACCREDITATION_TOO_DEEP",
    "member: suspends again": "SUSPENSION_REPEATED",
    "member: too many open": "SUSPENSIONS_TOO_MANY",
    "predecessor: recorded": "PREDECESSOR_KNOWN",
    "agency: too soon": "REVIEW_TOO_SOON",
    "trust: only upward": "TRUST_NUMBER_NOT_HIGHER",
    "programme: state": "TRANSITION_NOT_ALLOWED",
    "log: time": "CHECKPOINT_TIME",
    "log: previous": "CHECKPOINT_PREVIOUS_MISMATCH",
    "log: epoch": "EPOCH_NOT_CLOSED",
}

_INPUT = {
    "act: missing": "ACT_MISSING",
    "council: unknown proposal": "PROPOSAL_UNKNOWN",
    "council: calldata": "CALLDATA_MISMATCH",
    "council: other proposal": "PROPOSAL_MISMATCH",
    "trust: zero": "VALUE_ZERO",
    "council: no contract": "CONTRACT_MISSING",
    "council: foreign registry": "CONTRACT_FOREIGN",
    "council: members": "COUNCIL_MALFORMED",
    "council: threshold": "COUNCIL_MALFORMED",
    "recovery: unknown": "RECOVERY_UNKNOWN",
    "recovery: other members": "RECOVERY_MISMATCH",
    "registry: no contract": "CONTRACT_MISSING",
    "registry: other council": "CONTRACT_FOREIGN",
    "issuer: unknown": "ISSUER_UNKNOWN",
    "issuer: zero": "VALUE_ZERO",
    "issuer: is an agency": "SAME_ACTOR",
    "agency: unknown": "AGENCY_UNKNOWN",
    "agency: zero": "VALUE_ZERO",
    "agency: is an institution": "SAME_ACTOR",
    "key: zero": "VALUE_ZERO",
    "key: purpose": "KEY_PURPOSE_UNKNOWN",
    "key: known": "KEY_KNOWN",
    "key: unknown": "KEY_UNKNOWN",
    "key: ended": "KEY_ENDED",
    "account: zero": "VALUE_ZERO",
    "account: known": "ACCOUNT_KNOWN",
    "account: unknown": "ACCOUNT_UNKNOWN",
    "account: ended": "ACCOUNT_ENDED",
    "consent: deadline": "CONSENT_DEADLINE",
    "consent: signature": "CONSENT_SIGNATURE",
    "compromise: time": "TIME_OUT_OF_RANGE",
    "compromise: too far back": "COMPROMISE_TOO_FAR_BACK",
    "compromise: only earlier": "ONLY_EARLIER",
    "void: time": "TIME_OUT_OF_RANGE",
    "void: only earlier": "ONLY_EARLIER",
    "until: not later": "WINDOW_INVALID",
    "scope: zero": "VALUE_ZERO",
    "predecessor: zero": "VALUE_ZERO",
    "programme: zero": "VALUE_ZERO",
    "programme: known": "PROGRAMME_KNOWN",
    "programme: unknown": "PROGRAMME_UNKNOWN",
    "programme: no such entry": "PROGRAMME_NO_SUCH_ENTRY",
    "log: registry": "CONTRACT_MISSING",
    "log: kind": "CHECKPOINT_KIND_UNKNOWN",
    "log: size": "BATCH_REPLAY",
    "log: path": "CONSISTENCY_PATH_MALFORMED",
    "log: consistency": "LOG_REWRITTEN",
}

_GROUPS: tuple[tuple[type[ContractRefused], dict[str, str]], ...] = (
    (SenderRefused, _SENDER),
    (StateRefused, _STATE),
    (InputRefused, _INPUT),
)

REASONS: dict[str, str] = {reason: code for _, table in _GROUPS for reason, code in table.items()}


def refused(reason: str) -> ContractRefused:
    """Return the typed refusal of a reason given as text."""
    for kind, table in _GROUPS:
        if reason in table:
            return kind(table[reason], reason)
    return UnexplainedRefused(UNEXPLAINED_CODE, reason)


def refusal(revert_data: bytes) -> ContractRefused:
    """Return the refusal that revert data mean: `Error(string)` or nothing readable. Never raises."""
    if revert_data[:SELECTOR_BYTES] != ERROR_SELECTOR:
        return UnexplainedRefused(UNEXPLAINED_CODE, f"0x{revert_data.hex()}" if revert_data else "")
    try:
        (reason,) = decode(["string"], revert_data[SELECTOR_BYTES:])
    except AbiError:
        return UnexplainedRefused(UNEXPLAINED_CODE, f"0x{revert_data.hex()}")
    return refused(str(reason))
