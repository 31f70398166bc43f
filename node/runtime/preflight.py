"""Check, before a cohort is signed, that the programme is approved and in scope.

The contract cannot see which programme an entry belongs to, so a careful node asks the ledger first. When the ledger does
not answer, credentials are signed and wait in the queue: nothing is lost, and the verifier will ask the same question.
"""

from collections.abc import Callable

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Digest, to_hex
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.tenant import Tenant
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.histories import PartyHistory, PartyState, ProgrammeState
from acredita.registry.ledger_facts.log_entries import EntriesAtHand
from acredita.registry.ledger_facts.observer import Observer, observe
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope, in_scope

ScopeOf = Callable[[Digest], Scope | None]


def approval_fault(node: RunningNode, tenant: Tenant, programme: Programme) -> Missing | None:
    """Find why credentials of this programme would not be recognised if anchored now; None where nothing is known."""
    if isinstance(node.trust, Missing):
        return node.trust
    if programme.issuer != tenant.institution.did:
        return _not_theirs(programme)
    observer = observe(node.ledger, node.trust, lambda issuer: EntriesAtHand())
    if isinstance(observer, Missing):
        return observer if observer.code is Code.GENESIS_CHANGED else None
    try:
        return recognition_fault(observer, node.folder.scope, tenant, programme)
    except LedgerUnavailable:
        return None


def recognition_fault(observer: Observer, scope_of: ScopeOf, tenant: Tenant, programme: Programme) -> Missing | None:
    """Find the fault in one view of the ledger. Raises LedgerUnavailable."""
    if programme.issuer != tenant.institution.did:
        return _not_theirs(programme)
    now = observer.block.time
    party, history = observer.party(tenant.issuer), observer.programme(tenant.issuer, programme.digest)
    if party is None:
        return Missing(Code.ISSUER_UNKNOWN, "the registry does not know this institution")
    state = party.at(now).state
    if state is not PartyState.ACTIVE:
        return Missing(Code.ISSUER_NOT_ACTIVE, f"the institution is {state.value}{_since(party)}")
    if history is None or history.state_at(now) is not ProgrammeState.APPROVED:
        state_now = "unknown" if history is None else history.state_at(now).value
        return Missing(Code.PROGRAMME_NOT_APPROVED_NOW, f"the programme version is {state_now}")
    digest = party.scope_at(now)
    scope = scope_of(digest) if digest is not None else None
    code = in_scope(programme, scope) if scope is not None else None
    return Missing(code, "outside the institution's scope") if code is not None else None


def _not_theirs(programme: Programme) -> Missing:
    return Missing(Code.PROGRAMME_NOT_OF_ISSUER, f"the programme belongs to {programme.issuer}")


def _since(party: PartyHistory) -> str:
    """Name the party of the last record and its time; empty where there is no record."""
    if not party.transitions:
        return ""
    last = party.transitions[-1]
    return f" by the record of {time_text(last.time)}, made by {to_hex(last.actor)}, act {to_hex(last.act)}"
