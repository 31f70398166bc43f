"""Answer for the logs of this node's own institutions from its storage, without reading them.

The write path has stored each entry with its digest and the hashes above it. So the log at any head costs its status
entries since the head before, and each answer the logarithm of its length, also after a start. Root and status root must be
those of the ledger's checkpoints all the same, and a receipt must lead to its root.
"""

from dataclasses import dataclass

from acredita.anchoring.merkle import inclusion_path, root_at
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Digest, IssuerId, Root
from acredita.node.storage import stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.stored_checkpoints import newest_confirmed
from acredita.node.storage.stored_log import StoredNodes
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.entries_in_memory import IssuedEntry
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.issuer_log import IssuerLog, LogName
from acredita.registry.ledger_facts.log_chain import LinkedEpoch, LogChain
from sqlalchemy import Connection


@dataclass(frozen=True)
class StoredContent:
    """Entries and hashes of an institution's log in storage; `epochs`: how many it has."""

    database: Database
    issuer: IssuerId
    epochs: int

    def issued(self, digest: Digest) -> tuple[IssuedEntry, ...]:
        """Return the `issued` entries of a digest, oldest first."""
        with self.database.read() as connection:
            return tuple(
                IssuedEntry(epoch, index)
                for epoch in range(1, self.epochs + 1)
                for index in stored_log.issued_at(connection, self.issuer, epoch, [digest])
            )

    def encoded(self, epoch: int, index: int) -> bytes:
        """Return the 70 bytes of an entry."""
        with self.database.read() as connection:
            (entry,) = stored_log.read_entries(
                connection, self.issuer, epoch, index, index + 1
            )  # to the end: it closes
        return entry

    def path(self, epoch: int, index: int, size: int) -> tuple[bytes, ...]:
        """Return the inclusion path of an entry in the tree of `size` entries."""
        with self.database.read() as connection:
            return tuple(inclusion_path(index, size, StoredNodes(connection, self.issuer, epoch).node))


@dataclass(frozen=True)
class OwnLogs:
    """The logs of the institutions that this node writes for."""

    database: Database

    def at(self, name: LogName, chain: LogChain, earlier: IssuerLog | None) -> IssuerLog | Missing | None:
        """Return the log at a chain's head; None for an institution that this node does not write for.

        `earlier`: the same log at a head that the chain continues. Raises StorageUnavailable.
        """
        content = StoredContent(self.database, name.issuer, len(chain.epochs))
        with self.database.read() as connection:
            if newest_confirmed(connection, name.issuer) is None:
                return None
            status, sizes = StatusBits(), dict[int, int]()
            if earlier is not None and isinstance(earlier.content, StoredContent):
                status = earlier.status.copy()
                sizes = {epoch.number: epoch.last.size for epoch in earlier.chain.epochs}
            for linked in chain.epochs:
                old = sizes.get(linked.number, 1)  # the opening moves no bit
                if linked.last.size > old and (fault := _fault(connection, name.issuer, linked, old, status)):
                    return fault
        return IssuerLog(name, chain, status, content)


def _fault(
    connection: Connection, issuer: IssuerId, linked: LinkedEpoch, old: int, status: StatusBits
) -> Missing | None:
    """Return why storage does not have the log up to the last checkpoint of an epoch. `status` continues from `old` on."""
    epoch, checkpoint = linked.number, linked.last
    root = _root(connection, issuer, epoch, checkpoint.size)
    if root is None:
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: {checkpoint.size} entries wanted, fewer at hand")
    if root != checkpoint.root:
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: the entries at hand are not those the contract holds")
    status.replay(stored_log.read_status_entries(connection, issuer, epoch, old, checkpoint.size))
    if status.root() != checkpoint.status_root:
        return Missing(Code.LOG_MISSING, f"epoch {epoch}: the status root is not the one its entries give")
    return None


def _root(connection: Connection, issuer: IssuerId, epoch: int, size: int) -> Root | None:
    try:
        return root_at(size, StoredNodes(connection, issuer, epoch).node)
    except KeyError:
        return None
