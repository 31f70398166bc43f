"""Accounts that may send without a signature: the development accounts, whose keys are public, and impersonated ones."""

from __future__ import annotations

from acredita.devnet.accounts import DevAccount, dev_accounts
from eth_typing import Address


class UnlockedAccounts:
    """The accounts that may send without a signature."""

    def __init__(self) -> None:
        self.own: dict[Address, DevAccount] = {account.address: account for account in dev_accounts()}
        self._impersonated: set[Address] = set()
        self.impersonate_all = False

    def impersonate(self, address: Address) -> None:
        """Let an account send without a signature."""
        self._impersonated.add(address)

    def stop_impersonating(self, address: Address) -> None:
        """End that for an account."""
        self._impersonated.discard(address)

    def is_impersonated(self, address: Address) -> bool:
        """Return True if the account is impersonated."""
        return self.impersonate_all or address in self._impersonated

    def addresses(self) -> list[Address]:
        """List the development accounts, then the impersonated ones."""
        return [*self.own, *sorted(self._impersonated - set(self.own))]
