"""Name one installation on one chain, as proposals, transactions and consents name it: chain id, genesis, contracts."""

from dataclasses import dataclass

from acredita.anchoring.types import BlockHash
from acredita.contracts.abi import Deployment
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.trust_file import Trust


@dataclass(frozen=True, slots=True)
class InstallationName:
    """One chain and the four contracts on it."""

    chain_id: int
    genesis: BlockHash
    contracts: Deployment

    @classmethod
    def of(cls, trust: Trust) -> "InstallationName":
        """Return the installation that a trust file names."""
        return cls(trust.chain_id, trust.genesis, trust.contracts)

    def check_chain(self, chain_id: int, genesis: bytes) -> None:
        """Check that a file belongs to this chain. Raises RegistryActRefused."""
        if chain_id != self.chain_id:
            raise RegistryActRefused(
                Code.ACT_OTHER_LEDGER, f"a file for chain {self.chain_id} expected, found one for chain {chain_id}"
            )
        if genesis != self.genesis:
            raise RegistryActRefused(
                Code.ACT_OTHER_LEDGER,
                f"a file for genesis 0x{self.genesis.hex()} expected, found one for 0x{genesis.hex()}",
            )
