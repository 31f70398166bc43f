"""Compare the two ledgers of a migration: the old one must be gone, the new one must be the one the trust file pins."""

from dataclasses import dataclass

from acredita.anchoring.entries import log_id
from acredita.anchoring.ledger import GenesisChangedError
from acredita.anchoring.types import Address, BlockHash, IssuerId, to_hex
from acredita.contracts.coded_error import CodedError
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.tenant import Tenant, ledger_identity
from acredita.node.storage.institutions import FIRST_EPOCH, LedgerIdentity
from acredita.node.write_path.catch_up import check_identity
from acredita.node.write_path.writer import Writer
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust


class MigrationRefused(CodedError[Code]):
    """A log that is not moved. Nothing was changed."""

    CODE_IN_TEXT = True


@dataclass(frozen=True)
class MigrationRequest:
    """The two genesis blocks that the operator names: the one that is gone, and the one that replaces it."""

    old: BlockHash
    new: BlockHash


def check_genesis(node: RunningNode, tenant: Tenant, request: MigrationRequest) -> None:
    """Refuse unless both chains are the ones the operator has named and the old one is gone.

    Raises MigrationRefused, LedgerUnavailable.
    """
    known, genesis = tenant.writer.identity, _genesis_of_ledger(node)
    if node.reading_only is not None:
        raise MigrationRefused(Code.WRITER_BUSY, node.reading_only)
    if request.old != known.genesis:
        raise MigrationRefused(Code.GENESIS_UNEXPECTED, f"this log is tied to {to_hex(known.genesis)}, not to --from")
    if request.new != genesis:
        raise MigrationRefused(Code.GENESIS_UNEXPECTED, f"the chain that answers is {to_hex(genesis)}, not --to")
    if not is_gone(tenant.writer):
        raise MigrationRefused(Code.LEDGER_NOT_GONE, "the chain of this log answers: there is nothing to migrate")


def is_gone(writer: Writer) -> bool:
    """Decide whether the ledger that answers is not the one on which this log was opened."""
    try:
        check_identity(writer.chain)
    except GenesisChangedError:
        return True
    return False


def _genesis_of_ledger(node: RunningNode) -> BlockHash:
    genesis = node.ledger.block(0)
    if genesis is None:
        raise MigrationRefused(Code.LEDGER_MISSING, "the chain has no block 0")
    return BlockHash(genesis.hash)


def identity_of_new_ledger(node: RunningNode) -> LedgerIdentity:
    """Return the identity of the ledger that answers, if the trust file pins it.

    Raises MigrationRefused for an old trust file, which names a chain that is gone.
    """
    trust = pinned_trust(node)
    identity = ledger_identity(node.ledger, Address(trust.contracts.credential_log))
    pinned = (trust.chain_id, trust.genesis, trust.code_hashes.get("credential_log"))
    if (identity.chain_id, identity.genesis, identity.code_hash) != pinned:
        raise MigrationRefused(
            Code.TRUST_OTHER_LEDGER,
            f"{node.configuration.trust_file} does not name the chain that answers: put the authority's new trust "
            "file there, or deploy anew with --redeploy where one operator holds the authority's keys",
        )
    return identity


def pinned_trust(node: RunningNode) -> Trust:
    """Return the trust file of the node. Raises MigrationRefused if there is none."""
    if isinstance(node.trust, Missing):
        raise MigrationRefused(node.trust.code, node.trust.detail)
    return node.trust


def check_log_is_new(issuer: IssuerId, old: LedgerIdentity, new: LedgerIdentity) -> None:
    """Refuse a new log with the id of the old one: an id names chain id and contract, but not the genesis block."""
    ids = {log_id(one.chain_id, one.contract, issuer, FIRST_EPOCH) for one in (old, new)}
    if len(ids) == 1:
        raise MigrationRefused(
            Code.LOG_ID_REPEATED, "the contracts stand at the old chain id and address: deploy them at another address"
        )
