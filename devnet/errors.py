"""Errors of the embedded chain, grouped by what the caller should do.

`ChainFolderError`: the data directory cannot be used as asked; nothing was written; tell the operator and stop.
`ChainStorageError`: the disk refused a write; the block was not made and the head is where it was; retry or stop.
`TransactionRefused`: this transaction will not be mined as it stands; it left no trace.
`UnknownBlockRefused`: the question names a block this chain does not have.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path


class ChainFolderError(Exception):
    """The data directory cannot be used as asked."""


class ChainMissingError(ChainFolderError):
    """A read-only opening found no chain."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"no chain in {path}")
        self.path = path


class ChainLockedError(ChainFolderError):
    """Another process writes this chain, or a reader keeps it from being opened for writing."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"the chain in {path} is in use by another process")
        self.path = path


class ChainUnwritableError(ChainFolderError):
    """The directory or its file cannot be created or written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the chain folder {path} cannot be written: {reason}")
        self.path = path


class ChainUnreadableError(ChainFolderError):
    """The directory holds no chain of this version."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the chain in {path} cannot be read: {reason}")
        self.path = path


class OtherChainError(ChainFolderError):
    """The directory holds a chain with another chain id."""

    def __init__(self, path: Path, expected: int, found: int) -> None:
        super().__init__(f"the chain in {path} has chain id {found}, expected {expected}")
        self.expected = expected
        self.found = found


class ChainStorageError(Exception):
    """A write did not reach the disk; the chain stands where it stood before."""


class ReadOnlyRefused(Exception):
    """Something that writes was asked of a chain opened read-only."""


class UnknownBlockRefused(Exception):
    """No block of this number or hash."""

    def __init__(self, block: int | str) -> None:
        super().__init__(f"no block {block}")
        self.block = block


class Refusal(StrEnum):
    """Reasons why a transaction is not mined; the words are those of Anvil where it has them."""

    UNDECODABLE = "Failed to decode transaction"
    WRONG_CHAIN = "invalid chain id for signer"
    BAD_SIGNATURE = "Invalid signature"
    SENDER_NOT_ALLOWED = "sender is not on the allow-list"
    NONCE_TOO_LOW = "nonce too low"
    NONCE_TOO_HIGH = "nonce too high"
    INSUFFICIENT_FUNDS = "Insufficient funds for gas * price + value"
    INTRINSIC_GAS = "intrinsic gas too low"
    GAS_TOO_HIGH = "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit"
    INITCODE_TOO_LARGE = "max initcode size exceeded"
    TIP_ABOVE_FEE = "max priority fee per gas higher than max fee per gas"
    ALREADY_KNOWN = "transaction already imported"
    UNDERPRICED = "replacement transaction underpriced"
    POOL_FULL = "transaction pool is full"


class TransactionRefused(Exception):
    """A transaction was not taken; `refusal` says which rule it breaks."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(f"{refusal.value}: {detail}" if detail else refusal.value)
        self.refusal = refusal


class AddressRefused(Exception):
    """The server cannot listen there: the port is in use, or may not be used, or the host is not ours."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {reason}")
        self.host = host
        self.port = port
