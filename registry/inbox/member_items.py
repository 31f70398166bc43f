"""List the things that wait for a member of the council, and for a holder of the recovery set."""

from collections.abc import Iterator

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.registry.acts.shapes import Text
from acredita.registry.inbox.council_history import PendingProposal, RunningRecovery
from acredita.registry.inbox.items import NOTICE_SECONDS, InboxItem, InboxKind
from acredita.registry.inbox.wording import (
    InboxView,
    accreditation_ends,
    open_review,
    programmes_to_approve,
    proposing,
)
from acredita.registry.ledger_facts.histories import PartyHistory, PartyState


def items_of_member(view: InboxView, account: bytes) -> Iterator[InboxItem]:
    """Yield what waits for a member."""
    yield from _proposals(view, account)
    for party in view.registry.institutions:
        yield from _urgent(view, party)
    for party in view.registry.institutions:
        if party.at(view.now).accreditor is None or not view.is_carried(party):
            yield from _accreditation(view, party)
    yield from programmes_to_approve(view)
    yield from _recognitions(view)
    for recovery in view.registry.council.running_recoveries(view.now):
        number = recovery.number
        command = f"acredita council recovery cancel {number} --act FILE --title TEXT --out FILE"
        yield _recovery(recovery, Text("only a proposal cancels it", "solo una propuesta la cancela"), command)


def items_of_holder(view: InboxView, account: bytes) -> Iterator[InboxItem]:
    """Yield what waits for a holder of the recovery set."""
    for recovery in view.registry.council.running_recoveries(view.now):
        number = recovery.number
        if recovery.ready and view.now >= recovery.ready:
            words = Text("it can be executed", "ya se puede ejecutar")
            yield _recovery(recovery, words, f"acredita council recovery execute {number} --recovery FILE")
        elif not recovery.ready and account not in recovery.approved_by:
            words = Text("it waits for your approval", "espera su aprobación")
            yield _recovery(recovery, words, f"acredita council recovery approve {number} --recovery FILE")


def _proposals(view: InboxView, account: bytes) -> Iterator[InboxItem]:
    council = view.registry.council
    for proposal in council.open_proposals(view.now):
        approvals = council.approvals(proposal)
        count = f"{approvals}/{council.threshold}"
        if approvals >= council.threshold:
            words = Text(f"can be executed ({count})", f"se puede ejecutar ({count})")
            command = f"acredita council execute {proposal.number} --proposal FILE"
            yield _proposal(view, proposal, InboxKind.PROPOSAL_TO_EXECUTE, words, command)
        elif account not in proposal.approved_by:
            words = Text(f"waits for your approval ({count})", f"espera su aprobación ({count})")
            command = f"acredita council approve {proposal.number} --proposal FILE --act FILE"
            yield _proposal(view, proposal, InboxKind.PROPOSAL_TO_APPROVE, words, command)


def _proposal(view: InboxView, proposal: PendingProposal, kind: InboxKind, words: Text, command: str) -> InboxItem:
    number, contract = proposal.number, view.contract_name(proposal.target)
    title = view.titles.get(proposal.calldata_hash)
    named = "" if title is None else f" {title!r}"
    by, act = to_hex(proposal.proposer), to_hex(proposal.act)
    en = f"proposal {number}{named} {words.en}; it calls {contract}, by {by}, act {act}"
    es = f"la propuesta {number}{named} {words.es}; llama a {contract}, de {by}, resolución {act}"
    return InboxItem(kind, str(number), Text(en, es), proposal.ends, command)


def _urgent(view: InboxView, party: PartyHistory) -> Iterator[InboxItem]:
    if view.state(party) is not PartyState.UNDER_REVIEW:
        return
    last, did = party.transitions[-1], view.name(party.subject)
    yield InboxItem(
        InboxKind.URGENT_SUSPENSION,
        to_hex(party.subject),
        Text(
            f"the urgent suspension of {did} by {to_hex(last.actor)} lapses unless the council confirms it",
            f"la suspensión urgente de {did}, de {to_hex(last.actor)}, caduca si el consejo no la confirma",
        ),
        last.lapses,
        proposing("suspend", "--did", did),
    )


def _accreditation(view: InboxView, party: PartyHistory) -> Iterator[InboxItem]:
    did, then = view.name(party.subject), party.at(view.now)
    if then.state is PartyState.REVIEWED:
        yield application_to_decide(view, party, proposing("activate", "--did", did, "--until DAY --scope FILE"))
    elif is_renewal_due(view, party):
        yield accreditation_ends(view, party, proposing("renew", "--did", did, "--until DAY"))


def is_renewal_due(view: InboxView, party: PartyHistory) -> bool:
    """Return whether an accreditation ends within the time of notice, or ended no longer ago than that."""
    then = party.at(view.now)
    if then.state is PartyState.ACTIVE:
        return view.ends_soon(then.until)
    return then.state is PartyState.EXPIRED and view.now - then.until <= NOTICE_SECONDS


def application_to_decide(view: InboxView, party: PartyHistory, command: str) -> InboxItem:
    """Return the line about an application that an agency reviewed favourably."""
    did, agency = view.name(party.subject), open_review(party)
    by = "" if agency is None else view.name(agency)
    words = (
        Text(f"reviewed favourably by {by}", f"con revisión favorable de {by}")
        if by
        else Text("its favourable review was taken back", "su revisión favorable se retiró")
    )
    return InboxItem(
        InboxKind.APPLICATION_TO_DECIDE,
        to_hex(party.subject),
        Text(f"the application of {did} is {words.en}", f"la solicitud de {did} está {words.es}")
        if by
        else Text(f"the application of {did}: {words.en}", f"la solicitud de {did}: {words.es}"),
        None,
        command,
    )


def _recognitions(view: InboxView) -> Iterator[InboxItem]:
    for agency in view.registry.agencies:
        _, until, account = agency.recognitions[-1]
        if view.ends_soon(until):
            did = view.name(agency.subject)
            options = f"--account-address {to_hex(account)} --until DAY"
            yield InboxItem(
                InboxKind.RECOGNITION_ENDS,
                to_hex(agency.subject),
                Text(f"the recognition of the agency {did} ends", f"el reconocimiento de la agencia {did} vence"),
                until,
                proposing("recognise-agency", "--did", did, options),
            )


def _recovery(recovery: RunningRecovery, words: Text, command: str) -> InboxItem:
    count, number = len(recovery.approved_by), recovery.number
    since = time_text(recovery.proposed)
    begins = Text("", "")
    if recovery.ready:
        begins = Text(
            f", executable from {time_text(recovery.ready)}", f", ejecutable desde {time_text(recovery.ready)}"
        )
    en = f"recovery {number} of {since} replaces the members ({count} agree{begins.en}); {words.en}"
    es = f"la recuperación {number} del {since} reemplaza a los miembros ({count} de acuerdo{begins.es}); {words.es}"
    return InboxItem(InboxKind.RECOVERY, str(number), Text(en, es), recovery.ready or None, command)
