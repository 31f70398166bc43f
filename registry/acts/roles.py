"""Read which roles an account has on the ledger. One account has one role: the contracts refuse some mixtures, tools all.

A party account is one that the issuer registry ever bound: a control account, an anchoring account, a custodian, an agency's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from acredita.anchoring.ledger import Ledger
from acredita.contracts.abi import Deployment
from acredita.contracts.answers import AccountPurpose, AccountRecord, IssuerState
from acredita.contracts.bindings import NO_SUBJECT, Council, IssuerRegistry
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code


@dataclass(frozen=True, slots=True)
class AccountRoles:
    """The roles of one account at the newest block. `record`: as the issuer registry has it."""

    account: bytes
    is_member: bool
    is_recovery_holder: bool
    record: AccountRecord

    @property
    def is_party(self) -> bool:
        """True where the issuer registry bound the account to a party."""
        return self.record.purpose is not AccountPurpose.NONE


def roles_of(ledger: Ledger, contracts: Deployment, account: bytes) -> AccountRoles:
    """Read the roles of an account. Raises LedgerUnavailable."""
    council = Council(contracts.council)
    return AccountRoles(
        account,
        ledger.read(council.is_member(account)),
        account in ledger.read(council.recovery_members()),
        ledger.read(IssuerRegistry(contracts.issuer_registry).account(account)),
    )


def check_member(roles: AccountRoles) -> None:
    """Check that an account may act as a member: it is one, and nothing else. Raises RegistryActRefused."""
    if not roles.is_member:
        raise RegistryActRefused(Code.ACCOUNT_ROLE, f"0x{roles.account.hex()} is no member of the council")
    _check_no_party(roles)


def check_recovery_holder(roles: AccountRoles) -> None:
    """Check that an account may act as a recovery holder. Raises RegistryActRefused."""
    if not roles.is_recovery_holder:
        raise RegistryActRefused(Code.ACCOUNT_ROLE, f"0x{roles.account.hex()} is no holder of the recovery set")
    if roles.is_member:
        raise RegistryActRefused(Code.ACCOUNT_ROLE, f"0x{roles.account.hex()} is a member of the council")
    _check_no_party(roles)


def check_future_members(ledger: Ledger, contracts: Deployment, accounts: Iterable[bytes]) -> None:
    """Check that accounts may become members: none belongs to a party or to the recovery set. Raises RegistryActRefused."""
    for account in accounts:
        roles = roles_of(ledger, contracts, account)
        if roles.is_recovery_holder:
            raise RegistryActRefused(Code.ACCOUNT_ROLE, f"0x{account.hex()} is a holder of the recovery set")
        _check_no_party(roles)


def check_party_account(ledger: Ledger, contracts: Deployment, account: bytes) -> None:
    """Check that an account may be bound to a party: it has no role in the council. Raises RegistryActRefused."""
    check_outside_council(roles_of(ledger, contracts, account))


def check_known(ledger: Ledger, contracts: Deployment, party: bytes) -> None:
    """Check that the registry knows an institution, in whatever state. Raises RegistryActRefused, LedgerUnavailable."""
    if party == NO_SUBJECT:
        raise RegistryActRefused(Code.ACCOUNT_ROLE, "the account that is named belongs to no institution")
    if ledger.read(IssuerRegistry(contracts.issuer_registry).issuer_now(party)).state is IssuerState.UNKNOWN:
        raise RegistryActRefused(
            Code.ISSUER_UNKNOWN,
            f"the registry does not know 0x{party.hex()}: first acredita institution apply --did DID",
        )


def check_control(roles: AccountRoles, party: bytes) -> None:
    """Check that an account is a party's control account, and nothing else. Raises RegistryActRefused."""
    if roles.record.purpose is not AccountPurpose.CONTROL or roles.record.subject != party:
        raise RegistryActRefused(
            Code.ACCOUNT_ROLE, f"0x{roles.account.hex()} is not the control account of 0x{party.hex()}"
        )
    check_outside_council(roles)


def check_agency(roles: AccountRoles) -> None:
    """Check that an account is an agency's, and nothing else; its recognition is not read. Raises RegistryActRefused."""
    if roles.record.purpose is not AccountPurpose.AGENCY:
        raise RegistryActRefused(Code.ACCOUNT_ROLE, f"0x{roles.account.hex()} is no account of an agency")
    check_outside_council(roles)


def check_outside_council(roles: AccountRoles) -> None:
    """Check that an account has no role in the council. Raises RegistryActRefused."""
    if roles.is_member:
        raise RegistryActRefused(Code.ACCOUNT_ROLE, f"0x{roles.account.hex()} is a member of the council")
    if roles.is_recovery_holder:
        raise RegistryActRefused(Code.ACCOUNT_ROLE, f"0x{roles.account.hex()} is a holder of the recovery set")


def _check_no_party(roles: AccountRoles) -> None:
    if roles.is_party:
        raise RegistryActRefused(
            Code.ACCOUNT_ROLE, f"0x{roles.account.hex()} is an account of a party, and cannot be a member as well"
        )
