"""Identify the chain and the contracts that an index belongs to, and order the contracts."""

import hashlib
from functools import lru_cache
from typing import Final

from acredita.anchoring.types import Address, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment, View
from acredita.registry.ledger_facts.trust_file import CONTRACTS, Trust

INDEX_FORMAT: Final = b"acredita/index/1"
INDEX_LEASE: Final = IssuerId(hashlib.sha256(INDEX_FORMAT).digest())  # no institution's
KEPT_DEPLOYMENTS: Final = 16  # a process has one; tests have several
EMPTY_TOTALS: Final = (bindings.EMPTY_HISTORY,) * len(CONTRACTS)


def identity_of(trust: Trust) -> bytes:
    """Return the hash of chain id, genesis and the four addresses."""
    chain = trust.chain_id.to_bytes(32, "big") + trust.genesis
    return hashlib.sha256(INDEX_FORMAT + chain + b"".join(addresses_of(trust.contracts))).digest()


@lru_cache(maxsize=KEPT_DEPLOYMENTS)
def addresses_of(contracts: Deployment) -> tuple[Address, ...]:
    """Return the addresses of the four contracts in their order."""
    return tuple(Address(getattr(contracts, name)) for name in CONTRACTS)


def totals_of(contracts: Deployment) -> tuple[View[bytes], ...]:
    """Return the views of the four totals in the order of the contracts."""
    return (
        bindings.Council(contracts.council).total(),
        bindings.IssuerRegistry(contracts.issuer_registry).total(),
        bindings.ProgrammeRegistry(contracts.programme_registry).total(),
        bindings.CredentialLog(contracts.credential_log).total(),
    )
