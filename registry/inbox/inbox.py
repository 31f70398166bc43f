"""Gather all that waits for one account, in the order of its urgency."""

from collections.abc import Iterator

from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.inbox.agency_items import items_of_agency
from acredita.registry.inbox.institution_items import accreditation_items, items_of_institution
from acredita.registry.inbox.items import InboxItem
from acredita.registry.inbox.member_items import items_of_holder, items_of_member
from acredita.registry.inbox.party_roles import InboxRoles, roles_in
from acredita.registry.inbox.trust_items import items_of_trust
from acredita.registry.inbox.wording import InboxView
from acredita.registry.ledger_facts.trust_file import Trust


def inbox_of(view: InboxView, trust: Trust, account: bytes) -> tuple[InboxRoles, list[InboxItem]]:
    """Return the roles of an account and what waits for it. Raises RegistryActRefused for an account without a role."""
    roles = roles_in(view.registry, account, view.now)
    if roles.is_none:
        raise RegistryActRefused(Code.ACCOUNT_ROLE, f"0x{account.hex()} has no role in this registry")
    return roles, sorted(_items(view, trust, roles), key=lambda item: item.urgency)


def _items(view: InboxView, trust: Trust, roles: InboxRoles) -> Iterator[InboxItem]:
    if roles.is_member:
        yield from items_of_member(view, roles.account)
    if roles.is_holder:
        yield from items_of_holder(view, roles.account)
    if roles.agency is not None:
        yield from items_of_agency(view, roles.agency)
    if roles.controls is not None:
        yield from items_of_institution(view, roles.controls)
    served = roles.controls or roles.serves
    if served is not None:
        yield from accreditation_items(view, served)
    yield from items_of_trust(view, trust, is_member=roles.is_member)
