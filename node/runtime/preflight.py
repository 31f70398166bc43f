"""Check, before a cohort is signed, that the institution may issue now and that the programme is approved and in scope.

The contract cannot see which programme an entry belongs to, so a careful node asks the ledger first. When the ledger does
not answer, credentials are signed and wait in the queue: nothing is lost, and the verifier will ask the same question. The
command that signed them then ends with 3.

The present is the later of the clock and the newest block: an accreditation ends by the clock where no block follows, and a
suspension counts from its block on where the clock is behind.
"""

from collections.abc import Callable
from typing import Final

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.types import Digest, to_hex
from acredita.node.ledger.accreditation_watch import trusted_head
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.tenant import Tenant
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.accreditation import accreditation_of
from acredita.registry.ledger_facts.facts import COULD_NOT_TELL, Missing
from acredita.registry.ledger_facts.histories import ProgrammeState
from acredita.registry.ledger_facts.log_entries import EntriesAtHand
from acredita.registry.ledger_facts.observer import Observer, observe
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trust_succession import recorded_fault
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope, in_scope

UNTOLD: Final = COULD_NOT_TELL | {
    Code.LEDGER_STALLED,
    Code.LEDGER_AHEAD_OF_CLOCK,
    Code.TRUST_OUTDATED,
    Code.TRUST_EQUIVOCATION,
}
"""The codes that say that the ledger could not tell: it may later, or by another endpoint."""

ScopeOf = Callable[[Digest], Scope | None]


def approval_fault(node: RunningNode, tenant: Tenant, programme: Programme) -> Missing | None:
    """Find why credentials of this programme would not be recognised if anchored now; None where nothing hinders them.

    A code of `UNTOLD` says that the ledger could not tell.
    """
    if isinstance(node.trust, Missing):
        return node.trust
    if programme.issuer != tenant.institution.did:
        return _not_theirs(programme)
    observer = newest_ledger(node)
    if isinstance(observer, Missing):
        return observer
    try:
        fault = recognition_fault(observer, node.folder.scope, tenant, programme, node.clock())
    except LedgerUnavailable as error:
        return Missing.of(error)
    return fault or recorded_trust_fault(node.trust, observer)


def recorded_trust_fault(trust: Trust, observer: Observer) -> Missing | None:
    """Find why the node's trust file is not the one that the council recorded last; None where it is."""
    try:
        recorded = observer.recorded_trust
    except LedgerUnavailable as error:
        return Missing.of(error)
    fault = recorded_fault(trust, recorded)
    if fault is None or recorded is None:
        return None
    return Missing(
        fault,
        f"the council recorded trust file {recorded.number}, {to_hex(recorded.digest)}: acredita node join --trust URL",
    )


def newest_ledger(node: RunningNode) -> Observer | Missing:
    """Observe the pinned ledger at its newest block; Missing where it does not answer, or its newest block is too old."""
    if isinstance(node.trust, Missing):
        return node.trust
    observer = observe(node.reading_ledger, node.trust, lambda issuer: EntriesAtHand())
    return trusted_head(observer, node.clock())


def recognition_fault(
    observer: Observer, scope_of: ScopeOf, tenant: Tenant, programme: Programme, clock: int
) -> Missing | None:
    """Find the fault in one view of the ledger. Raises LedgerUnavailable."""
    if programme.issuer != tenant.institution.did:
        return _not_theirs(programme)
    now = max(clock, observer.block.time)
    accreditation = accreditation_of(observer, tenant.issuer, clock)
    if not accreditation.is_active:
        is_known = accreditation.code in (Code.ISSUER_UNKNOWN, Code.ACCREDITOR_NOT_ACTIVE_NOW)
        code = accreditation.code if is_known and accreditation.code is not None else Code.ISSUER_NOT_ACTIVE
        return Missing(code, accreditation.sentence(observer.contracts.council))
    party, history = observer.party(tenant.issuer), observer.programme(tenant.issuer, programme.digest)
    if history is None or history.state_at(now) is not ProgrammeState.APPROVED:
        state_now = "unknown" if history is None else history.state_at(now).value
        return Missing(Code.PROGRAMME_NOT_APPROVED_NOW, f"the programme version is {state_now}")
    digest = None if party is None else party.scope_at(now)
    scope = scope_of(digest) if digest is not None else None
    code_of_scope = in_scope(programme, scope) if scope is not None else None
    return Missing(code_of_scope, "outside the institution's scope") if code_of_scope is not None else None


def _not_theirs(programme: Programme) -> Missing:
    return Missing(Code.PROGRAMME_NOT_OF_ISSUER, f"the programme belongs to {programme.issuer}")
