"""The ten accounts every development chain has: Anvil's default mnemonic, 10,000 ether each.

Their keys are public. Nothing that must stay secret may ever be signed with one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from acredita.devnet.blocks import ACCESS_LIST, LEGACY, Transaction
from eth_account import Account
from eth_account.hdaccount import key_from_seed, seed_from_mnemonic
from eth_account.signers.local import LocalAccount
from eth_typing import Address

MNEMONIC = "test test test test test test test test test test test junk"
ACCOUNT_COUNT = 10
ETHER = 10**18
BALANCE = 10_000 * ETHER
# BIP-44: coin type 60 is Ether, account 0, external chain.
DERIVATION_PATH = "m/44'/60'/0'/0/{}"


@dataclass(frozen=True)
class DevAccount:
    """A development account; its key is public."""

    address: Address
    private_key: bytes = field(repr=False)

    @property
    def signer(self) -> LocalAccount:
        """eth-account's signer of this key."""
        signer: LocalAccount = Account.from_key(self.private_key)
        return signer

    def sign(self, unsigned: Transaction) -> bytes:
        """Sign a transaction and return its bytes."""
        fields: dict[str, Any] = {
            "nonce": unsigned.nonce,
            "gas": unsigned.gas,
            "to": unsigned.to,
            "value": unsigned.value,
            "data": unsigned.data,
            "chainId": unsigned.chain_id,
        }
        if unsigned.type_id == LEGACY:
            return bytes(self.signer.sign_transaction(fields | {"gasPrice": unsigned.gas_price}).raw_transaction)
        slots = [(address, [key.to_bytes(32, "big") for key in keys]) for address, keys in unsigned.access_list]
        fields |= {"accessList": slots, "type": unsigned.type_id}
        if unsigned.type_id == ACCESS_LIST:
            fields["gasPrice"] = unsigned.gas_price
        else:
            fields["maxFeePerGas"] = unsigned.max_fee_per_gas
            fields["maxPriorityFeePerGas"] = unsigned.max_priority_fee_per_gas
        return bytes(self.signer.sign_transaction(fields).raw_transaction)


@cache
def dev_accounts(count: int = ACCOUNT_COUNT, mnemonic: str = MNEMONIC) -> tuple[DevAccount, ...]:
    """Derive the first `count` accounts of a mnemonic."""
    seed = seed_from_mnemonic(mnemonic, "")
    keys = [key_from_seed(seed, DERIVATION_PATH.format(index)) for index in range(count)]
    return tuple(DevAccount(Address(bytes.fromhex(Account.from_key(key).address[2:])), bytes(key)) for key in keys)
