"""Take proposals of the council whose calldata, target and act are the chain's, and give them out.

A title and the names of parties are bound by nothing on the chain. So the first proposal of a number stays, and a DID counts
only where the calldata hold its hash. Whoever approves is shown what the calldata do, in words.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.types import FormatRefused
from acredita.contracts import bindings
from acredita.node.ledger.view import NodeObserver
from acredita.node.storage import proposals
from acredita.node.storage.database import Database
from acredita.node.storage.documents import lock
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.proposal import ActProposal, check_installation, check_on_chain, parse_proposal
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import JcsRefused, jcs
from acredita.registry.json_documents.strict import read_json
from acredita.registry.keys.did import issuer_id

MAX_PROPOSAL_BYTES: Final = 256 * 1024  # 12,960 bytes of calldata in hex, and 256 DIDs


@dataclass(frozen=True)
class StoredProposalText:
    """A proposal in JCS form, with its SHA-256 in hex."""

    content: bytes

    @property
    def tag(self) -> str:
        """SHA-256 of the proposal in hex."""
        return hashlib.sha256(self.content).hexdigest()


class ProposalStore:
    """The proposals of one node."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def read(self, number: int) -> StoredProposalText | None:
        """Return a proposal by its number; None where it is not stored. Raises StorageUnavailable."""
        with self._database.read() as connection:
            content = proposals.read_proposal(connection, number)
        return None if content is None else StoredProposalText(content)

    def store(self, observer: NodeObserver, number: int, body: bytes) -> bool:
        """Store a proposal that is the chain's. Return whether it is new.

        Raises RegistryActRefused, JsonRefused, FormatRefused, LedgerUnavailable, StorageUnavailable.
        """
        proposal = _parse(body)
        chain_id, genesis = observer.identity
        check_installation(proposal, InstallationName(chain_id, genesis, observer.contracts))
        council = bindings.Council(observer.contracts.council)
        check_on_chain(proposal, number, observer.ledger.read(council.proposal(number), observer.block.hash))
        _check_names(proposal)
        content = jcs(proposal.numbered(number).document())
        with self._database.write() as connection:
            lock(connection)
            stored = proposals.read_proposal(connection, number)
            if stored is None:
                proposals.insert_proposal(connection, number, content, self._clock())
            elif stored != content:
                raise RegistryActRefused(
                    Code.PROPOSAL_STORED, f"proposal {number} is stored with another title or other names"
                )
        return stored is None


def _parse(body: bytes) -> ActProposal:
    value = read_json(body, max_bytes=MAX_PROPOSAL_BYTES)
    try:
        jcs(value)
    except JcsRefused as error:
        raise FormatRefused(error.pointer, error.message) from error
    return parse_proposal(value)


def _check_names(proposal: ActProposal) -> None:
    """Check that the calldata hold the hash of each DID. Raises RegistryActRefused."""
    for place, did in enumerate(proposal.dids):
        if bytes(issuer_id(did)) not in proposal.call.data:
            raise RegistryActRefused("PROPOSAL_MISMATCH", f"/dids/{place}: the calldata do not name this party")
