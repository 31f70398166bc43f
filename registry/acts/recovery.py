"""Read and write `acredita-recovery/1`: the members and threshold that the recovery set proposes for the council.

The chain keeps only their hash, so the file carries them to the holders. It counts where the chain's recovery has its hash.
"""

from dataclasses import dataclass, replace
from typing import Final

from acredita.anchoring.types import BlockHash, FormatRefused, from_hex, to_hex
from acredita.contracts.abi import Call
from acredita.contracts.answers import StoredRecovery
from acredita.contracts.bindings import Council, members_hash
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.members import count_of, list_of, object_of

FORMAT: Final = "acredita-recovery/1"
MAX_MEMBERS: Final = 32
_REQUIRED: Final = frozenset({"format", "council", "chain_id", "genesis", "members", "threshold"})


@dataclass(frozen=True, slots=True)
class RecoveryFile:
    """A recovery as its file has it. `number`: of the council, None before it is on the chain."""

    council: bytes
    chain_id: int
    genesis: BlockHash
    members: tuple[bytes, ...]
    threshold: int
    number: int | None = None

    def document(self) -> dict[str, object]:
        """Return the file's JSON value."""
        document: dict[str, object] = {
            "format": FORMAT,
            "council": to_hex(self.council),
            "chain_id": self.chain_id,
            "genesis": to_hex(self.genesis),
            "members": [to_hex(member) for member in self.members],
            "threshold": self.threshold,
        }
        return document if self.number is None else document | {"recovery": self.number}

    def numbered(self, number: int) -> "RecoveryFile":
        """Return the recovery with its number on the chain."""
        return replace(self, number=number)

    @property
    def hash(self) -> bytes:
        """The hash by which the council knows members and threshold."""
        return members_hash(self.members, self.threshold)

    def proposing(self) -> Call:
        """Return the call that proposes it."""
        return Council(self.council).propose_recovery(self.members, self.threshold)

    def approving(self, number: int) -> Call:
        """Return the call that approves it. It binds members and threshold as they are in this file."""
        return Council(self.council).approve_recovery(number, self.hash)

    def executing(self, number: int) -> Call:
        """Return the call that executes it."""
        return Council(self.council).execute_recovery(number, self.members, self.threshold)

    def check_installation(self, installation: InstallationName) -> None:
        """Check that the file belongs to an installation's council and chain. Raises RegistryActRefused."""
        installation.check_chain(self.chain_id, self.genesis)
        if self.council != installation.contracts.council:
            raise RegistryActRefused(Code.ACT_OTHER_LEDGER, "the recovery is for another council")

    def check_on_chain(self, number: int, stored: StoredRecovery) -> None:
        """Check that the chain's recovery of this number is the one of the file. Raises RegistryActRefused."""
        if not any(stored.members_hash):
            raise RegistryActRefused("RECOVERY_UNKNOWN", f"the council has no recovery {number}")
        if self.number not in (None, number) or stored.members_hash != self.hash:
            raise RegistryActRefused("RECOVERY_MISMATCH", f"the file is not recovery {number} on the chain")


def parse_recovery(value: object) -> RecoveryFile:
    """Parse a recovery's JSON value. Raises FormatRefused with the place and the rule."""
    body = object_of(value, "", _REQUIRED, frozenset({"recovery"}))
    if body["format"] != FORMAT:
        raise FormatRefused("/format", f'"{FORMAT}" expected')
    members = list_of(body["members"], "/members", MAX_MEMBERS)
    return RecoveryFile(
        from_hex(body["council"], 20, "/council"),
        count_of(body["chain_id"], "/chain_id"),
        BlockHash(from_hex(body["genesis"], 32, "/genesis")),
        tuple(from_hex(member, 20, f"/members/{place}") for place, member in enumerate(members)),
        count_of(body["threshold"], "/threshold"),
        count_of(body["recovery"], "/recovery") if "recovery" in body else None,
    )
