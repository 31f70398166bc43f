"""Read and write `acredita-transaction/1`: a call that is prepared here, signed elsewhere and sent.

A prepared file names chain id, genesis, sender, contract, calldata, nonce and gas; a signed one has the bytes as well. Both
fees are 0. The bytes count where they are the signature of exactly what the file names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from acredita.anchoring.raw_transaction import MAX_RAW_BYTES, read_transaction
from acredita.anchoring.transaction import SignedTransaction, UnsignedTransaction
from acredita.anchoring.types import Address, BlockHash, FormatRefused, from_hex, to_hex
from acredita.contracts.abi import Call
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.party_names import dids_of
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.members import count_of, data_of, object_of

FORMAT: Final = "acredita-transaction/1"
MAX_CALLDATA_BYTES: Final = 1 << 15
MAX_GAS: Final = 30_000_000  # a block's
_REQUIRED: Final = frozenset({"format", "chain_id", "genesis", "from", "contract", "calldata", "nonce", "gas"})
_OPTIONAL: Final = frozenset({"dids", "raw"})


@dataclass(frozen=True, slots=True)
class PreparedTransaction:
    """A call of one account. `raw`: its signed bytes, None before it is signed."""

    genesis: BlockHash
    sender: Address
    unsigned: UnsignedTransaction
    dids: tuple[str, ...] = ()
    raw: bytes | None = None

    def document(self) -> dict[str, object]:
        """Return the file's JSON value."""
        document: dict[str, object] = {
            "format": FORMAT,
            "chain_id": self.unsigned.chain_id,
            "genesis": to_hex(self.genesis),
            "from": to_hex(self.sender),
            "contract": to_hex(self.unsigned.call.to),
            "calldata": to_hex(self.unsigned.call.data),
            "nonce": self.unsigned.nonce,
            "gas": self.unsigned.gas,
        }
        if self.dids:
            document["dids"] = list(self.dids)
        return document if self.raw is None else document | {"raw": to_hex(self.raw)}

    def signed(self, transaction: SignedTransaction) -> "PreparedTransaction":
        """Return the file with the signed bytes."""
        return replace(self, raw=transaction.raw)

    def check_installation(self, installation: InstallationName) -> None:
        """Check that the call is for this chain and one of its contracts. Raises RegistryActRefused."""
        installation.check_chain(self.unsigned.chain_id, self.genesis)

    def transaction(self) -> SignedTransaction:
        """Return the signed transaction after checking that it is the one that was prepared.

        Raises RawTransactionRefused, RegistryActRefused.
        """
        if self.raw is None:
            raise RegistryActRefused(Code.TRANSACTION_MISMATCH, "the file has no signature yet: acredita account sign")
        read = read_transaction(self.raw)
        if read.unsigned.chain_id != self.unsigned.chain_id:
            raise RegistryActRefused(
                Code.TRANSACTION_OTHER_CHAIN,
                f"a signature for chain {self.unsigned.chain_id} expected, found one for chain {read.unsigned.chain_id}",
            )
        if read.unsigned != self.unsigned:
            raise RegistryActRefused(
                Code.TRANSACTION_MISMATCH, "the signature is over another call than the file names"
            )
        if read.signed.sender != self.sender:
            raise RegistryActRefused(
                Code.SIGNATURE_FOREIGN,
                f"a signature of 0x{self.sender.hex()} expected, found one of 0x{read.signed.sender.hex()}",
            )
        return read.signed


def prepared(
    installation: InstallationName, sender: Address, unsigned: UnsignedTransaction, dids: Sequence[str] = ()
) -> PreparedTransaction:
    """Return a call of an account, ready to be signed elsewhere."""
    return PreparedTransaction(installation.genesis, sender, unsigned, tuple(dict.fromkeys(dids)))


def parse_transaction(value: object) -> PreparedTransaction:
    """Parse a prepared or signed transaction's JSON value. Raises FormatRefused with the place and the rule."""
    body = object_of(value, "", _REQUIRED, _OPTIONAL)
    if body["format"] != FORMAT:
        raise FormatRefused("/format", f'"{FORMAT}" expected')
    gas = count_of(body["gas"], "/gas")
    if gas > MAX_GAS:
        raise FormatRefused("/gas", f"at most {MAX_GAS} expected")
    call = Call(from_hex(body["contract"], 20, "/contract"), data_of(body["calldata"], "/calldata", MAX_CALLDATA_BYTES))
    chain_id, nonce = count_of(body["chain_id"], "/chain_id"), count_of(body["nonce"], "/nonce")
    return PreparedTransaction(
        BlockHash(from_hex(body["genesis"], 32, "/genesis")),
        Address(from_hex(body["from"], 20, "/from")),
        UnsignedTransaction(chain_id, nonce, gas, call),
        dids_of(body.get("dids", []), "/dids"),
        data_of(body["raw"], "/raw", MAX_RAW_BYTES) if "raw" in body else None,
    )
