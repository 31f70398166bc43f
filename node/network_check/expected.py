"""Read from trust file and genesis.json what the chain must be; each may be missing.

Invariant: nothing here comes from the endpoint that is checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.qbft import genesis_validators
from acredita.anchoring.rpc_answers import MAX_BLOCK_TIME, MAX_EXACT, read_data, read_quantity
from acredita.anchoring.state_proof import StateProofRefused
from acredita.anchoring.types import Address, BlockHash, FormatRefused
from acredita.registry.json_documents.members import count_of
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trusted_chain import LEAST_STALL_SECONDS, STALL_INTERVALS

MAX_GENESIS_BYTES: Final = 1 << 20
_EMPTY_TRIE: Final = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
_COMPARED: Final = ("timestamp", "extraData", "gasLimit")


@dataclass(frozen=True, slots=True)
class GenesisFile:
    """The content of a genesis.json. `first_block`: field of block 0 → value, lower-case; `sha256`: of the file."""

    chain_id: int
    first_block: Mapping[str, str]
    validators: frozenset[Address]
    period: int
    contract_size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ExpectedChain:
    """The chain as trust file and genesis.json name it."""

    trust: Trust | None = None
    genesis_file: GenesisFile | None = None

    def check(self) -> None:
        """Check that both are of one chain. Raises FormatRefused."""
        named = {each.chain_id for each in (self.trust, self.genesis_file) if each is not None}
        if len(named) > 1:
            raise FormatRefused("/config/chainId", "the chain id of the trust file expected")

    @property
    def chain_id(self) -> int | None:
        """The chain id; None where nothing names it."""
        if self.trust is not None:
            return self.trust.chain_id
        return None if self.genesis_file is None else self.genesis_file.chain_id

    @property
    def blocks(self) -> Mapping[int, BlockHash]:
        """Blocks that are named, height → hash."""
        return {} if self.trust is None else {0: self.trust.genesis, **self.trust.blocks}

    @property
    def validators(self) -> frozenset[Address] | None:
        """The validators in force; None where nothing names them."""
        if self.trust is not None and self.trust.chain.open_set is not None:
            return frozenset(self.trust.chain.open_set.addresses)
        return None if self.genesis_file is None else self.genesis_file.validators

    def sealers_at(self, number: int, time: int) -> frozenset[Address] | None:
        """Return the validators whose seals count for a block; None where none are known."""
        if self.trust is not None and self.trust.chain.open_set is not None:
            in_force = self.trust.chain.sealers_at(number, time)
            return None if in_force is None else frozenset(in_force)
        return None if self.genesis_file is None or number == 0 else self.genesis_file.validators

    @property
    def period(self) -> int | None:
        """Seconds between blocks; None where nothing names them."""
        if self.trust is not None and self.trust.chain.period is not None:
            return self.trust.chain.period
        return None if self.genesis_file is None else self.genesis_file.period

    @property
    def longest_interval(self) -> int | None:
        """Seconds between blocks where nothing happens."""
        idle = None if self.trust is None else self.trust.chain.idle
        return self.period if idle is None else idle

    @property
    def stalled_after(self) -> int | None:
        """Age of the newest block, in seconds, at which the chain has stopped."""
        interval = self.longest_interval
        return None if interval is None else max(STALL_INTERVALS * interval, LEAST_STALL_SECONDS)

    def document(self) -> dict[str, object]:
        """Return what was expected, for the report."""
        return {
            "trust": None if self.trust is None else {"number": self.trust.number, "sha256": self.trust.digest.hex()},
            "genesis_sha256": None if self.genesis_file is None else self.genesis_file.sha256,
        }


def parse_genesis_file(document: object, data: bytes) -> GenesisFile:
    """Read a genesis.json as `acredita network init` writes it. Raises FormatRefused."""
    config, qbft = _table(document, "config"), _table(_table(document, "config"), "qbft", "/config")
    assert isinstance(document, Mapping)
    for name in _COMPARED:
        if not isinstance(document.get(name), str):
            raise FormatRefused(f"/{name}", "a text with a hexadecimal value expected")
    try:
        first_block = {
            "timestamp": hex(read_quantity(document["timestamp"], "timestamp", MAX_BLOCK_TIME)),
            "extraData": "0x" + read_data(document["extraData"], "extraData").hex(),
            "gasLimit": hex(read_quantity(document["gasLimit"], "gasLimit", MAX_EXACT)),
        }
        validators = genesis_validators(bytes.fromhex(first_block["extraData"][2:]))
    except (LedgerUnavailable, StateProofRefused) as error:
        raise FormatRefused("/", f"a first block of QBFT expected: {error}") from error
    if document.get("alloc") == {}:
        first_block["stateRoot"] = _EMPTY_TRIE
    return GenesisFile(
        chain_id=count_of(config.get("chainId"), "/config/chainId"),
        first_block=first_block,
        validators=validators,
        period=count_of(qbft.get("blockperiodseconds"), "/config/qbft/blockperiodseconds"),
        contract_size=count_of(config.get("contractSizeLimit"), "/config/contractSizeLimit"),
        sha256=sha256(data).hexdigest(),
    )


def _table(value: object, name: str, where: str = "") -> Mapping[str, Any]:
    member = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(member, Mapping):
        raise FormatRefused(f"{where}/{name}", "an object expected")
    return member
