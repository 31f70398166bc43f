"""Keep the list of withheld documents that is in force on this node, and answer whether a document is withheld.

Invariant: the number of the list in force only rises, whichever processes take lists at once.
"""

from collections.abc import Callable

from acredita.anchoring.types import Digest
from acredita.node.publication.trust_folder import FileState, TrustFolder
from acredita.node.storage import withheld_lists
from acredita.node.storage.database import Database
from acredita.node.storage.documents import lock
from acredita.node.storage.trail import OPERATOR, Action, record
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import read_json
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.named_documents import NamedDocumentRefused
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.withheld_list import (
    MAX_LIST_BYTES,
    WithheldList,
    WithheldListRefused,
    parse_withheld,
)


class WithheldStore:
    """The withheld documents of one node."""

    def __init__(
        self, database: Database, folder: TrustFolder, trust: Trust | Missing, clock: Callable[[], int]
    ) -> None:
        self._database = database
        self._folder = folder
        self._trust = trust
        self._clock = clock
        self._known: WithheldList | None = None
        self._copied: tuple[FileState, WithheldList | None] | None = None

    def in_force(self) -> WithheldList | None:
        """Return the list of the highest number: one that was sent, or a mirror's copy. Raises StorageUnavailable."""
        lists = [withheld for withheld in (self._stored(), self._copy()) if withheld is not None]
        return max(lists, key=lambda withheld: withheld.number, default=None)

    def _stored(self) -> WithheldList | None:
        with self._database.read() as connection:
            number = withheld_lists.newest_number(connection)
            if number is None:
                return None
            known = self._known
            if known is not None and known.number == number:
                return known
            content = withheld_lists.read_list(connection, number)
        self._known = parse_withheld(read_json(content, max_bytes=MAX_LIST_BYTES))
        return self._known

    def _copy(self) -> WithheldList | None:
        """Return the list in the node's folder, read again when the file has changed."""
        state = self._folder.withheld_state()
        if state is None or isinstance(self._trust, Missing):
            return None
        if self._copied is None or self._copied[0] != state:
            self._copied = (state, self._folder.withheld(self._trust))
        return self._copied[1]

    def keep_copy(self) -> None:
        """Store a mirror's copy that is newer, so that it stays in force after its keys were replaced.

        Raises StorageUnavailable.
        """
        copy, stored = self._copy(), self._stored()
        if copy is None or isinstance(self._trust, Missing) or (stored is not None and stored.number >= copy.number):
            return
        try:
            self.store(copy, self._trust)
        except WithheldListRefused:
            return  # another process has taken a newer one meanwhile

    def check(self, digest: Digest) -> None:
        """Check that a document is not withheld. Raises NamedDocumentRefused, StorageUnavailable."""
        if self.holds(digest):
            raise NamedDocumentRefused(Code.DOCUMENT_WITHHELD, f"0x{digest.hex()} is withheld")

    def holds(self, digest: Digest) -> bool:
        """Return whether a document is withheld. Raises StorageUnavailable."""
        withheld = self.in_force()
        return withheld is not None and digest in withheld.documents

    def store(self, withheld: WithheldList, trust: Trust) -> bool:
        """Put a list in force. Return whether it is new. Raises WithheldListRefused, StorageUnavailable."""
        withheld.check(trust)
        with self._database.write() as connection:
            lock(connection)
            number = withheld_lists.newest_number(connection)
            if number is not None and number >= withheld.number:
                if number == withheld.number and _is_same(withheld_lists.read_list(connection, number), withheld):
                    return False
                raise WithheldListRefused(
                    Code.WITHHELD_LIST_OLDER, f"a list with a number above {number} expected, found {withheld.number}"
                )
            now, count = self._clock(), len(withheld.documents)
            withheld_lists.insert_list(connection, withheld.number, withheld.content, now)
            record(connection, None, OPERATOR, Action.WITHHELD, now=now, number=withheld.number, documents=count)
        return True


def _is_same(content: bytes, withheld: WithheldList) -> bool:
    """Return whether a stored list withholds the same since the same moment; who signed does not matter."""
    stored = parse_withheld(read_json(content, max_bytes=MAX_LIST_BYTES))
    return (stored.issued, stored.documents) == (withheld.issued, withheld.documents)
