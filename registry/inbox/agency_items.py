"""List the things that wait for a quality agency. One whose recognition ended has nothing to review: it would be refused."""

from collections.abc import Iterator

from acredita.anchoring.types import IssuerId, to_hex
from acredita.registry.acts.shapes import Text
from acredita.registry.inbox.items import InboxItem, InboxKind
from acredita.registry.inbox.member_items import is_renewal_due
from acredita.registry.inbox.whole_registry import SubmittedProgramme
from acredita.registry.inbox.wording import InboxView, open_review
from acredita.registry.ledger_facts.histories import PartyHistory, PartyState, ProgrammeState

_REVIEWING = "--favourable --report FILE"


def items_of_agency(view: InboxView, agency: IssuerId) -> Iterator[InboxItem]:
    """Yield what waits for an agency."""
    until = view.registry.parties[agency].recognitions[-1][1]
    if until <= view.now or view.ends_soon(until):
        yield _recognition(view, agency, until)
    if until <= view.now:
        return
    for party in view.registry.institutions:
        yield from _institution(view, party, agency)
    for programme in view.registry.programmes:
        yield from _programme(view, programme, agency)


def _recognition(view: InboxView, agency: IssuerId, until: int) -> InboxItem:
    did = view.name(agency)
    words = Text("your recognition ends; the council renews it", "su reconocimiento vence; el consejo lo renueva")
    if until <= view.now:
        words = Text(
            "your recognition ended, and your reviews are refused; the council renews it",
            "su reconocimiento venció y sus revisiones se rechazan; el consejo lo renueva",
        )
    command = f"acredita agency show {did}"
    return InboxItem(InboxKind.RECOGNITION_ENDS, to_hex(agency), words, until, command)


def _institution(view: InboxView, party: PartyHistory, agency: IssuerId) -> Iterator[InboxItem]:
    did, last = view.name(party.subject), party.transitions[-1]
    command = f"acredita agency review --did {did} {_REVIEWING}"
    reviewed_since = any(each.agency == agency and each.time >= last.time for each in party.reviews)
    if view.state(party) is PartyState.QA_ATTESTED and not reviewed_since:
        words = Text(
            f"{did} applied and attests its quality: review it", f"{did} solicitó y declara su calidad: revísela"
        )
        yield InboxItem(InboxKind.APPLICATION_TO_REVIEW, to_hex(party.subject), words, None, command)
    elif is_renewal_due(view, party) and open_review(party) is None and not reviewed_since:
        words = Text(
            f"the accreditation of {did} ends, and its renewal needs a review",
            f"la acreditación de {did} vence, y su renovación necesita una revisión",
        )
        until = party.at(view.now).until
        yield InboxItem(InboxKind.APPLICATION_TO_REVIEW, to_hex(party.subject), words, until, command)


def _programme(view: InboxView, programme: SubmittedProgramme, agency: IssuerId) -> Iterator[InboxItem]:
    is_open = programme.history.state_at(view.now) is ProgrammeState.SUBMITTED
    if not is_open or any(review.agency == agency for review in programme.reviews):
        return
    name = view.version_name(programme)
    yield InboxItem(
        InboxKind.PROGRAMME_TO_REVIEW,
        name,
        Text(
            f"programme version {name} is submitted: review it",
            f"la versión de programa {name} está presentada: revísela",
        ),
        None,
        f"acredita programme review --programme {name} {_REVIEWING}",
    )
