"""Deploy the contracts anew on an embedded chain that replaces a lost one, if one operator holds all keys.

This repeats contracts, agency, one institution's accreditation and its programmes, and the note that names the
predecessor. The new trust file is written last: from then on the new contracts count. A crash before it leaves
contracts that no file names, and the next run deploys others. They are deployed by an account that is made for it and
thrown away. They therefore never have an old address, and nothing that was signed for the old contracts is valid for
the new ones.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.sender import Sender
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address, Digest, to_hex
from acredita.contracts.abi import Deployment
from acredita.node.administration.single_operator import Operator
from acredita.node.publication.trust_folder import write_bytes
from acredita.node.recovery.migration_ledgers import MigrationRefused, MigrationRequest, check_genesis
from acredita.node.recovery.migration_record import final_state, predecessor_folder, write_record
from acredita.node.recovery.migration_survey import former_credentials
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.tenant import Tenant, ledger_identity
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope

EMBEDDED_DEPTH: Final = 0
_SECRET_BYTES: Final = 32


@dataclass(frozen=True)
class AccreditationTerms:
    """The authority's decision, made again: the institution's scope, and the end of its accreditation (Unix seconds)."""

    scope: Scope
    until: int


def needs_deployment(node: RunningNode) -> bool:
    """Decide whether the trust file still names contracts that are not on the chain that answers."""
    if isinstance(node.trust, Missing):
        return True
    genesis = node.ledger.block(0)
    if genesis is None:
        raise LedgerUnavailable("the ledger has no block 0")
    return (node.trust.chain_id, node.trust.genesis) != (node.ledger.chain_id(), genesis.hash)


def redeploy(
    node: RunningNode, operator: Operator, tenant: Tenant, request: MigrationRequest, terms: AccreditationTerms
) -> None:
    """Put on the chain what must be there before the log is moved.

    Raises MigrationRefused, ContractRefused, LedgerUnavailable.
    """
    if node.configuration.ledger.rpc:
        raise MigrationRefused(
            Code.TRUST_OTHER_LEDGER, "--redeploy is for the embedded chain; elsewhere the authority deploys"
        )
    if isinstance(node.trust, Missing):
        raise MigrationRefused(node.trust.code, "the old trust file names the next one's number: put it back first")
    check_genesis(node, tenant, request)
    needed = {programme for programme, _ in former_credentials(node, tenant).needs.values()}
    programmes = [_document(node, digest) for digest in sorted(needed)]
    _keep_trust(node, tenant)
    contracts = operator.establish(
        Sender(node.ledger, LocalAccount(secrets.token_bytes(_SECRET_BYTES)), depth=EMBEDDED_DEPTH)
    )
    _name_predecessor(node, operator, tenant, node.trust, contracts)
    operator.accredit(contracts, tenant.keystore, terms.scope, terms.until)
    for programme in programmes:
        operator.approve(contracts, tenant.keystore, programme)
    # From this line on the new contracts are those of the installation.
    operator.record_trust(contracts, operator.write_trust(contracts, node.trust.number + 1))


def _document(node: RunningNode, digest: Digest) -> Programme:
    programme = node.folder.programme(digest)
    if programme is None:
        raise MigrationRefused(Code.DOCUMENT_MISSING, f"programme {to_hex(digest)} is not in documents/")
    return programme


def _keep_trust(node: RunningNode, tenant: Tenant) -> None:
    """Keep the old trust file as it was signed, for an audit of a copy of the old chain."""
    kept = predecessor_folder(node.folder.base, tenant.writer.identity) / "trust.json"
    if not kept.is_file():
        write_bytes(kept, node.configuration.trust_file.read_bytes())


def _name_predecessor(
    node: RunningNode, operator: Operator, tenant: Tenant, trust: Trust, contracts: Deployment
) -> None:
    old, new = tenant.writer.identity, ledger_identity(node.ledger, Address(contracts.credential_log))
    digest = write_record(node, old, new)
    operator.name_predecessor(contracts, trust.contracts, final_state(node, old), digest)
