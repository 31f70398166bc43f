"""Find the roles of an account in the records: nothing but whole records is asked."""

from dataclasses import dataclass

from acredita.anchoring.types import Address, IssuerId, to_hex
from acredita.registry.acts.party_names import Names
from acredita.registry.acts.shapes import Text
from acredita.registry.inbox.whole_registry import WholeRegistry
from acredita.registry.ledger_facts.histories import CONTROL


@dataclass(frozen=True)
class InboxRoles:
    """The roles of one account. `controls`: the institution whose control account it is; `serves`: of which it is an
    anchoring account or a custodian; `agency`: the quality agency whose account it was at its newest recognition.
    """

    account: bytes
    is_member: bool
    is_holder: bool
    controls: IssuerId | None
    serves: IssuerId | None
    agency: IssuerId | None

    @property
    def is_none(self) -> bool:
        """True for an account without any role."""
        parties = (self.controls, self.serves, self.agency)
        return not self.is_member and not self.is_holder and all(party is None for party in parties)

    def words(self, names: Names, language: str) -> list[str]:
        """Return the roles in words."""
        parties = (
            (self.controls, Text("control account of", "cuenta de control de")),
            (self.serves, Text("account of", "cuenta de")),
            (self.agency, Text("account of the agency", "cuenta de la agencia")),
        )
        words = [Text("member of the council", "miembro del consejo").said(language)] if self.is_member else []
        words += (
            [Text("holder of the recovery set", "del grupo de recuperación").said(language)] if self.is_holder else []
        )
        return [
            *words,
            *(f"{text.said(language)} {names.get(party) or to_hex(party)}" for party, text in parties if party),
        ]


def roles_in(registry: WholeRegistry, account: bytes, now: int) -> InboxRoles:
    """Return the roles that an account has at a time (Unix seconds)."""
    controls = serves = agency = None
    for party in registry.parties.values():
        window = party.accounts.get(Address(account))
        if window is not None and window.holds(now):
            if window.purpose == CONTROL:
                controls = party.subject
            else:
                serves = party.subject
        if party.recognitions and party.recognitions[-1][2] == account:
            agency = party.subject
    is_member = account in registry.council.members
    return InboxRoles(account, is_member, account in registry.holders, controls, serves, agency)
