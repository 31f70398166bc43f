"""List the things that the trust file asks of a party: nobody renews it by itself, so it is said 14 days before the end."""

from collections.abc import Iterator

from acredita.anchoring.types import Digest, to_hex
from acredita.registry.acts.shapes import Text
from acredita.registry.codes import Code
from acredita.registry.inbox.items import InboxItem, InboxKind
from acredita.registry.inbox.wording import InboxView, proposing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trust_succession import RecordedTrust, recorded_fault
from acredita.registry.verification.case import NOTICE_SECONDS, ends_soon

_UPDATE = "acredita trust update"
_DRAFT = "acredita trust draft trust.json --out FILE"


def items_of_trust(view: InboxView, trust: Trust, *, is_member: bool) -> Iterator[InboxItem]:
    """Yield what waits because of the trust file. Members of the council make the next one, others fetch it."""
    council = view.registry.council.trust
    recorded = None if council is None else RecordedTrust(council[0], Digest(council[1]))
    match recorded_fault(trust, recorded):
        case Code.TRUST_OUTDATED if recorded is not None:
            words = Text(
                f"the council recorded trust file {recorded.number}, and yours is {trust.number}",
                f"el consejo registró el archivo de confianza {recorded.number}, y el suyo es el {trust.number}",
            )
            yield _due(trust, words, None, _UPDATE)
        case Code.TRUST_EQUIVOCATION:
            words = Text(
                f"TRUST_EQUIVOCATION: the council recorded another trust file {trust.number} than yours: trust neither",
                f"TRUST_EQUIVOCATION: el consejo registró otro archivo de confianza {trust.number} que el suyo: "
                "no confíe en ninguno",
            )
            yield _due(trust, words, None, "acredita trust show")
    if ends_soon(trust, view.now):
        over = trust.expires <= view.now
        en, es = ("ended", "venció") if over else ("ends", "vence")
        words = Text(f"trust file {trust.number} {en}", f"el archivo de confianza {trust.number} {es}")
        yield _due(trust, words, trust.expires, _DRAFT if is_member else _UPDATE)
    if is_member:
        yield from _of_members(view, trust, recorded)


def _of_members(view: InboxView, trust: Trust, recorded: RecordedTrust | None) -> Iterator[InboxItem]:
    if recorded is None or recorded.number < trust.number:
        words = Text(
            f"the council has not recorded trust file {trust.number}",
            f"el consejo no ha registrado el archivo de confianza {trust.number}",
        )
        yield _due(trust, words, None, proposing("record-trust", "--trust-file", "FILE"))
    for service in trust.services:
        if view.now >= service.until - NOTICE_SECONDS:
            words = Text(f"the service key for {service.purpose} ends", f"la clave de servicio {service.purpose} vence")
            key = service.key.multibase
            yield InboxItem(InboxKind.KEY_DUE, key, words, service.until, f"{_DRAFT} --remove-service {key}")


def _due(trust: Trust, words: Text, until: int | None, command: str) -> InboxItem:
    return InboxItem(InboxKind.TRUST_FILE_DUE, to_hex(trust.digest), words, until, command)
