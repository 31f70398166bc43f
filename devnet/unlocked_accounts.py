"""Who may send without a signature of their own: the development accounts, whose keys are public, and impersonated ones."""

from __future__ import annotations

from acredita.devnet.accounts import DevAccount, dev_accounts
from eth_typing import Address


class UnlockedAccounts:
    def __init__(self) -> None:
        self.own: dict[Address, DevAccount] = {account.address: account for account in dev_accounts()}
        self._impersonated: set[Address] = set()
        self.impersonate_all = False

    def impersonate(self, address: Address) -> None:
        self._impersonated.add(address)

    def stop_impersonating(self, address: Address) -> None:
        self._impersonated.discard(address)

    def is_impersonated(self, address: Address) -> bool:
        return self.impersonate_all or address in self._impersonated

    def addresses(self) -> list[Address]:
        return [*self.own, *sorted(self._impersonated - set(self.own))]
