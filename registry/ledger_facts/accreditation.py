"""State whether the registry lets an institution issue now, and by which record.

The contract takes new entries of an institution that is active, with every accreditor above it active and entitled to
accredit. The first party of that chain that does not carry it decides, by its newest record. An accreditation that ends by
its time has no record of its end: the record that set the end is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId, to_hex
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.histories import (
    PartyHistory,
    PartyState,
    StateTransition,
    accreditation_chain,
)
from acredita.registry.ledger_facts.observer import Observer

ACCREDITATION_NOTICE_SECONDS: Final = 90 * 24 * 3600  # before its end, an accreditation is to be renewed
_STOPPING: Final[Mapping[PartyState, Code]] = {
    PartyState.SUSPENDED: Code.ISSUER_SUSPENDED_NOW,
    PartyState.UNDER_REVIEW: Code.ISSUER_UNDER_REVIEW,
    PartyState.EXPIRED: Code.ISSUER_ACCREDITATION_EXPIRED_NOW,
    PartyState.REVOKED: Code.ISSUER_REVOKED_NOW,
    PartyState.REJECTED: Code.ISSUER_NOT_ACTIVE,
}


@dataclass(frozen=True)
class AccreditationNow:
    """An institution's accreditation at one time. `code`: None where it is active and its end is far away.

    `accreditor`: the party above it that stops it, None where it is its own state. `record`: of the party that decides.
    """

    code: Code | None
    state: PartyState
    until: int
    record: StateTransition | None
    accreditor: IssuerId | None = None

    @property
    def is_stop(self) -> bool:
        """True where the registry takes nothing new: the institution, or one above it, was stopped or has expired."""
        return self.accreditor is not None or self.state in _STOPPING

    @property
    def is_active(self) -> bool:
        """True where the contract takes new entries now."""
        return self.accreditor is None and self.state is PartyState.ACTIVE

    def sentence(self, council: bytes) -> str:
        """Return in words what the accreditation is, and by which record. `council`: the address of its contract."""
        if self.state is PartyState.UNKNOWN:
            return "the registry does not know this institution"
        return f"{self._subject()} {self._state_words()}{self._record_words(council)}"

    def document(self, council: bytes) -> dict[str, object]:
        """Return the JSON form. `by`: the account of the record; `by_council`: whether it is the council's contract."""
        record = self.record
        return {
            "state": self.state.value,
            "until": time_text(self.until) if self.until else None,
            "lapses": time_text(record.lapses) if record is not None and record.lapses else None,
            "code": self.code,
            "accreditor": None if self.accreditor is None else to_hex(self.accreditor),
            "since": None if record is None else time_text(record.time),
            "by": None if record is None else to_hex(record.actor),
            "by_council": None if record is None else record.actor == council,
            "act": None if record is None else to_hex(record.act),
        }

    def _subject(self) -> str:
        return "the institution is" if self.accreditor is None else f"its accreditor {to_hex(self.accreditor)} is"

    def _state_words(self) -> str:
        match self.state:
            case PartyState.ACTIVE if self.accreditor is not None:
                return "not entitled to accredit"
            case PartyState.ACTIVE:
                return f"accredited until {time_text(self.until)}"
            case PartyState.EXPIRED:
                return f"accredited no more since {time_text(self.until)}"
            case PartyState.UNDER_REVIEW if self.record is not None:
                return f"suspended at once until {time_text(self.record.lapses)}"
        return self.state.value.replace("_", " ")

    def _record_words(self, council: bytes) -> str:
        if self.record is None:
            return ""
        by = to_hex(self.record.actor)
        who = f"the council {by}" if self.record.actor == council else by
        return f" by the record of {time_text(self.record.time)}, made by {who}, act {to_hex(self.record.act)}"


def accreditation_now(parties: Mapping[IssuerId, PartyHistory], issuer: IssuerId, now: int) -> AccreditationNow:
    """Return the accreditation of an issuer at a time (Unix seconds), from the histories of it and of all above it."""
    own = parties.get(issuer)
    if own is None or not own.transitions:
        return AccreditationNow(Code.ISSUER_UNKNOWN, PartyState.UNKNOWN, 0, None)
    then, record = own.at(now), own.transitions[-1]
    if then.state is not PartyState.ACTIVE:
        code = _STOPPING.get(then.state, Code.ISSUER_NOT_ACTIVE)
        return AccreditationNow(code, then.state, then.until, record)
    for above in list(accreditation_chain(parties, own, now))[1:]:
        stopping = _stopping(above, now)
        if stopping is not None:
            return stopping
    ends_soon = then.until <= now + ACCREDITATION_NOTICE_SECONDS
    return AccreditationNow(Code.ACCREDITATION_ENDS_SOON if ends_soon else None, then.state, then.until, record)


def accreditation_of(observer: Observer, issuer: IssuerId, clock: int) -> AccreditationNow:
    """Return an institution's accreditation at the present: the later of the clock and the newest block.

    So it ends by the clock where no block follows, and a suspension counts from its block on where the clock is behind.
    `clock`: Unix seconds. Raises LedgerUnavailable.
    """
    return accreditation_now(observer.parties(issuer), issuer, max(clock, observer.block.time))


def _stopping(above: PartyHistory | None, now: int) -> AccreditationNow | None:
    """Return how an accreditor stops those below it; None where it carries them."""
    code = Code.ACCREDITOR_NOT_ACTIVE_NOW
    if above is None:
        return AccreditationNow(code, PartyState.UNKNOWN, 0, None, IssuerId(bytes(32)))
    then = above.at(now)
    if then.state is PartyState.ACTIVE and then.delegates:
        return None
    record = above.transitions[-1] if above.transitions else None
    return AccreditationNow(code, then.state, then.until, record, above.subject)
