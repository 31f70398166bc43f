"""The sentences and commands that the inboxes of several kinds of party share.

A party is named by its DID where one is known whose keccak-256 is its subject, else by the subject. Commands take both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import IssuerId, to_hex
from acredita.contracts.abi import Deployment
from acredita.registry.acts.calldata import CONTRACT_MEMBERS
from acredita.registry.acts.party_names import Names
from acredita.registry.acts.shapes import Text
from acredita.registry.inbox.items import NOTICE_SECONDS, InboxItem, InboxKind
from acredita.registry.inbox.whole_registry import SubmittedProgramme, WholeRegistry
from acredita.registry.ledger_facts.histories import PartyHistory, PartyState, ProgrammeState

_PROPOSING = "--act FILE --title TEXT --out FILE"


@dataclass(frozen=True)
class InboxView:
    """The whole registry as one party looks at it. `now`: the present, Unix seconds; `titles`: of proposals whose files are
    at hand, by the keccak-256 of their calldata.
    """

    registry: WholeRegistry
    contracts: Deployment
    names: Names
    titles: Mapping[bytes, str]
    now: int

    def name(self, subject: bytes) -> str:
        """Return a party's DID where it is known, else its subject."""
        return self.names.get(subject) or to_hex(subject)

    def version_name(self, programme: SubmittedProgramme) -> str:
        """Return a programme version as commands take it: its owner and the digest of its document."""
        return f"{self.name(programme.history.owner)}#0x{programme.history.document.hex()}"

    def contract_name(self, address: bytes) -> str:
        """Return what a trust file calls one of the contracts; any other address as it is."""
        names = (name for name, member in CONTRACT_MEMBERS.items() if getattr(self.contracts, member) == address)
        return next(names, to_hex(address))

    def ends_soon(self, until: int) -> bool:
        """Return whether a window ends within the time of notice."""
        return self.now < until <= self.now + NOTICE_SECONDS

    def state(self, party: PartyHistory) -> PartyState:
        """Return the state of a party now."""
        return party.at(self.now).state

    def is_carried(self, party: PartyHistory) -> bool:
        """Return whether the accreditor above a party may act for it. Where it may not, the council alone can."""
        accreditor = self.registry.parties.get(party.at(self.now).accreditor or IssuerId(b""))
        if accreditor is None:
            return False
        then = accreditor.at(self.now)
        return then.state is PartyState.ACTIVE and then.delegates

    def below(self, accreditor: IssuerId) -> Iterator[PartyHistory]:
        """Yield the institutions that an accreditor accredits, or that applied to it."""
        for party in self.registry.institutions:
            if party.at(self.now).accreditor == accreditor:
                yield party


def open_review(party: PartyHistory) -> bytes | None:
    """Return the agency whose favourable review the next activation or renewal uses up; None where there is none.

    An activation and a renewal use it up, and each records an active state with an end of its own. An unfavourable review
    takes back the same agency's favourable one.
    """
    used, until = 0, 0
    for record in party.transitions:
        if record.state is PartyState.ACTIVE and record.until != until:
            used, until = record.time, record.until
    agency: bytes | None = None
    for review in party.reviews:
        if review.time <= used:
            continue
        if review.favourable:
            agency = review.agency
        elif agency == review.agency:
            agency = None
    return agency


def missing_steps(view: InboxView, party: PartyHistory) -> list[InboxItem]:
    """Return what an applicant itself must still do before it may be activated."""
    did = view.name(party.subject)
    keys = any(window.purpose == 1 and window.holds(view.now) for window in party.keys.values())
    accounts = any(window.purpose == 1 and window.holds(view.now) for window in party.accounts.values())
    steps = [
        (
            keys,
            Text("add an assertion key", "agregar una clave que firma credenciales"),
            f"acredita institution keys add --did {did} --statement FILE",
        ),
        (
            accounts,
            Text("add an anchoring account", "agregar una cuenta de anclaje"),
            f"acredita institution accounts add --did {did} --account-address ADDRESS --consent FILE",
        ),
        (
            view.state(party) is not PartyState.APPLIED,
            Text("attest the internal quality", "declarar la calidad interna"),
            f"acredita institution attest --did {did} --attestation FILE",
        ),
    ]
    return [
        InboxItem(InboxKind.APPLICATION_STEP, to_hex(party.subject), _still(step), None, command)
        for is_done, step, command in steps
        if not is_done
    ]


def _still(step: Text) -> Text:
    return Text(f"the application still needs you to {step.en}", f"a la solicitud le falta {step.es}")


def proposing(act: str, option: str, subject: str, more: str = "") -> str:
    """Return the command by which a member proposes an act of the council."""
    return f"acredita council propose {act} {option} {subject} {more}{' ' if more else ''}{_PROPOSING}"


def accreditation_ends(view: InboxView, party: PartyHistory, command: str) -> InboxItem:
    """Return the line about an accreditation that ends or has ended, with what its renewal needs first."""
    did, until = view.name(party.subject), party.at(view.now).until
    has_review = open_review(party) is not None
    ended = until <= view.now
    en, es = ("ended", "venció") if ended else ("ends", "vence")
    need = Text("it can be renewed", "se puede renovar") if has_review else _NEEDS_REVIEW
    return InboxItem(
        InboxKind.ACCREDITATION_ENDS,
        to_hex(party.subject),
        Text(f"the accreditation of {did} {en}; {need.en}", f"la acreditación de {did} {es}; {need.es}"),
        until,
        command,
    )


_NEEDS_REVIEW = Text(
    "a new favourable review by an agency is needed first",
    "antes hace falta una nueva revisión favorable de una agencia",
)


def record_words(party: PartyHistory) -> Text:
    """Return by which record a party has its present state: when, by which account, under which act."""
    last = party.transitions[-1]
    when, who, act = time_text(last.time), to_hex(last.actor), to_hex(last.act)
    return Text(
        f"recorded {when} by {who}, act {act}",
        f"registrado el {when} por {who}, resolución {act}",
    )


def programmes_to_approve(view: InboxView) -> Iterator[InboxItem]:
    """Yield the programme versions that the council has not decided about."""
    for programme in view.registry.programmes:
        state = programme.history.state_at(view.now)
        if state not in (ProgrammeState.SUBMITTED, ProgrammeState.REVIEWED):
            continue
        reviewed = state is ProgrammeState.REVIEWED
        name = view.version_name(programme)
        with_review = Text("favourably reviewed", "con revisión favorable") if reviewed else _UNREVIEWED
        yield InboxItem(
            InboxKind.PROGRAMME_TO_APPROVE,
            name,
            Text(
                f"programme version {name} is submitted, {with_review.en}",
                f"la versión de programa {name} está presentada, {with_review.es}",
            ),
            None,
            proposing("approve-programme", "--programme", name),
        )


_UNREVIEWED = Text("not reviewed", "sin revisión")
