"""List the things that wait for an institution by its control account, and for one that accredits others."""

from collections.abc import Iterator
from typing import Final

from acredita.anchoring.types import IssuerId, to_hex
from acredita.registry.acts.shapes import Text
from acredita.registry.acts.state_words import ISSUER_STATES
from acredita.registry.inbox.items import KEY_OVERLAP_SECONDS, InboxItem, InboxKind
from acredita.registry.inbox.member_items import application_to_decide, is_renewal_due
from acredita.registry.inbox.wording import InboxView, accreditation_ends, missing_steps, record_words
from acredita.registry.ledger_facts.histories import ASSERTION, NOTE, PartyHistory, PartyState, ProgrammeState

_APPLYING: Final = (PartyState.APPLIED, PartyState.QA_ATTESTED, PartyState.REVIEWED)
_STOPPED: Final = (
    PartyState.SUSPENDED,
    PartyState.UNDER_REVIEW,
    PartyState.REVOKED,
    PartyState.REJECTED,
)
_STATE_TEXTS: Final = {PartyState[state.name]: text for state, text in ISSUER_STATES.items()} | {
    PartyState.UNDER_REVIEW: Text("suspended at once, under review", "suspendida de inmediato, en revisión")
}
_PURPOSE_TEXTS: Final = {
    ASSERTION: Text("assertion key", "clave que firma credenciales"),
    NOTE: Text("note key", "clave que firma puntos de control"),
}


def items_of_institution(view: InboxView, subject: IssuerId) -> Iterator[InboxItem]:
    """Yield what waits for an institution."""
    party = view.registry.parties[subject]
    state = view.state(party)
    if state in _APPLYING:
        yield from missing_steps(view, party)
    if state not in (PartyState.REVOKED, PartyState.REJECTED, PartyState.WITHDRAWN):
        yield from _keys(view, party)
    yield from _programmes(view, party)
    if party.at(view.now).delegates:
        for below in view.below(subject):
            yield from _accredited(view, below)


def accreditation_items(view: InboxView, subject: IssuerId) -> Iterator[InboxItem]:
    """Yield the lines about an institution's accreditation, which its anchoring accounts are shown as well."""
    party = view.registry.parties[subject]
    state, did = view.state(party), view.name(subject)
    command = f"acredita institution status {did}"
    if state in _STOPPED:
        words, record = _STATE_TEXTS[state], record_words(party)
        until = party.transitions[-1].lapses or None
        what = Text(f"{did} is {words.en}, {record.en}", f"{did} está {words.es}, {record.es}")
        yield InboxItem(InboxKind.ACCREDITATION_STOPPED, to_hex(subject), what, until, command)
    elif state is PartyState.EXPIRED or view.ends_soon(party.at(view.now).until):
        yield accreditation_ends(view, party, command)


def _keys(view: InboxView, party: PartyHistory) -> Iterator[InboxItem]:
    """Yield each key that a later one of its purpose has followed: it is ended once the overlap is over."""
    did = view.name(party.subject)
    for purpose, words in _PURPOSE_TEXTS.items():
        usable = sorted(
            (window.start, key)
            for key, window in party.keys.items()
            if window.purpose == purpose and window.until is None and window.compromised is None
        )
        for _, key in usable[:-1]:
            yield InboxItem(
                InboxKind.KEY_DUE,
                key.hex(),
                Text(
                    f"{words.en} 0x{key.hex()} has a successor; end it once the overlap is over",
                    f"la {words.es} 0x{key.hex()} tiene sucesora; termínela al acabar el traslape",
                ),
                usable[-1][0] + KEY_OVERLAP_SECONDS,
                f"acredita institution keys end --did {did} --key {key.hex()}",
            )
        if purpose == ASSERTION and not usable and view.state(party) not in _APPLYING:
            what = Text("no assertion key is in force: nothing can be issued", "no hay clave que firme credenciales")
            command = f"acredita institution keys add --did {did} --statement FILE"
            yield InboxItem(InboxKind.KEY_DUE, to_hex(party.subject), what, None, command)


def _programmes(view: InboxView, party: PartyHistory) -> Iterator[InboxItem]:
    for programme in view.registry.programmes:
        history = programme.history
        until = history.records[-1].until if history.records else 0
        if history.owner != party.subject or history.state_at(view.now) is not ProgrammeState.APPROVED:
            continue
        if until and view.ends_soon(until):
            name = view.version_name(programme)
            yield InboxItem(
                InboxKind.PROGRAMME_ENDS,
                name,
                Text(f"the approval of {name} ends", f"la aprobación de {name} vence"),
                until,
                f"acredita programme supersede --programme FILE --supersedes {name}",
            )


def _accredited(view: InboxView, party: PartyHistory) -> Iterator[InboxItem]:
    did = view.name(party.subject)
    if view.state(party) is PartyState.REVIEWED:
        command = f"acredita institution accredit --did {did} --until DAY --scope FILE --act FILE"
        yield application_to_decide(view, party, command)
    elif is_renewal_due(view, party):
        yield accreditation_ends(view, party, f"acredita institution renew --did {did} --until DAY --act FILE")
