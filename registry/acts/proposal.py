"""Read and write `acredita-proposal/1`: what a member proposes, public before anybody approves it.

The file names the council and its chain, the target and calldata of the call, and the act by SHA-256 and title. It may name
the DIDs of the parties, so that a reader sees names. Nothing in it is believed: calldata and act count where the chain's
proposal has their hashes, a DID where its keccak-256 is a subject of the calldata.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from acredita.anchoring.types import BlockHash, FormatRefused, from_hex, to_hex
from acredita.contracts.abi import Call
from acredita.contracts.answers import StoredProposal
from acredita.contracts.bindings import Council
from acredita.registry.acts.calldata import calldata_hash
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.party_names import dids_of
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.members import count_of, data_of, object_of, text_of

FORMAT: Final = "acredita-proposal/1"
MAX_CALLDATA_BYTES: Final = 12_960  # what the council executes
MAX_TITLE_CHARS: Final = 500
_REQUIRED: Final = frozenset({"format", "council", "chain_id", "genesis", "target", "calldata", "act"})
_OPTIONAL: Final = frozenset({"proposal", "dids"})


@dataclass(frozen=True, slots=True)
class ActProposal:
    """A proposal as its file has it. `number`: of the council, None before it is on the chain."""

    council: bytes
    chain_id: int
    genesis: BlockHash
    call: Call
    act: bytes
    title: str
    dids: tuple[str, ...] = ()
    number: int | None = None

    def document(self) -> dict[str, object]:
        """Return the file's JSON value."""
        document: dict[str, object] = {
            "format": FORMAT,
            "council": to_hex(self.council),
            "chain_id": self.chain_id,
            "genesis": to_hex(self.genesis),
            "target": to_hex(self.call.to),
            "calldata": to_hex(self.call.data),
            "act": {"sha256": to_hex(self.act), "title": self.title},
        }
        if self.dids:
            document["dids"] = list(self.dids)
        return document if self.number is None else document | {"proposal": self.number}

    def numbered(self, number: int) -> "ActProposal":
        """Return the proposal with its number on the chain."""
        return replace(self, number=number)

    def proposing(self) -> Call:
        """Return the call that proposes it."""
        return Council(self.council).propose(self.call.to, calldata_hash(self.call), self.act)

    def approving(self, number: int) -> Call:
        """Return the call that approves it. It binds target, calldata and act as they are in this file."""
        return Council(self.council).approve(number, self.call.to, calldata_hash(self.call), self.act)

    def executing(self, number: int) -> Call:
        """Return the call that executes it."""
        return Council(self.council).execute(number, self.call.data)


def new_proposal(
    installation: InstallationName, call: Call, act: bytes, title: str, dids: Sequence[str] = ()
) -> ActProposal:
    """Return the proposal of a call, for the council of an installation."""
    return ActProposal(
        installation.contracts.council,
        installation.chain_id,
        installation.genesis,
        call,
        act,
        title[:MAX_TITLE_CHARS],
        tuple(dict.fromkeys(dids)),
    )


def parse_proposal(value: object) -> ActProposal:
    """Parse a proposal's JSON value. Raises FormatRefused with the place and the rule."""
    body = object_of(value, "", _REQUIRED, _OPTIONAL)
    if body["format"] != FORMAT:
        raise FormatRefused("/format", f'"{FORMAT}" expected')
    act = object_of(body["act"], "/act", frozenset({"sha256", "title"}))
    return ActProposal(
        council=from_hex(body["council"], 20, "/council"),
        chain_id=count_of(body["chain_id"], "/chain_id"),
        genesis=BlockHash(from_hex(body["genesis"], 32, "/genesis")),
        call=Call(from_hex(body["target"], 20, "/target"), data_of(body["calldata"], "/calldata", MAX_CALLDATA_BYTES)),
        act=from_hex(act["sha256"], 32, "/act/sha256"),
        title=_line(act["title"], "/act/title", MAX_TITLE_CHARS),
        dids=dids_of(body.get("dids", []), "/dids"),
        number=count_of(body["proposal"], "/proposal") if "proposal" in body else None,
    )


def check_installation(proposal: ActProposal, installation: InstallationName) -> None:
    """Check that a proposal belongs to an installation's council and chain. Raises RegistryActRefused."""
    installation.check_chain(proposal.chain_id, proposal.genesis)
    if proposal.council != installation.contracts.council:
        raise RegistryActRefused(
            Code.ACT_OTHER_LEDGER,
            f"a proposal to the council 0x{installation.contracts.council.hex()} expected, "
            f"found one to 0x{proposal.council.hex()}",
        )


def check_on_chain(proposal: ActProposal, number: int, stored: StoredProposal) -> None:
    """Check that the chain's proposal of this number is the one of the file. Raises RegistryActRefused."""
    if not stored.proposed:
        raise RegistryActRefused("PROPOSAL_UNKNOWN", f"the council has no proposal {number}")
    if proposal.number not in (None, number):
        raise RegistryActRefused("PROPOSAL_MISMATCH", f"the file is proposal {proposal.number}, not {number}")
    if stored.calldata_hash != calldata_hash(proposal.call):
        raise RegistryActRefused(
            "CALLDATA_MISMATCH", f"the calldata of the file is not that of proposal {number} on the chain"
        )
    if stored.target != proposal.call.to:
        raise RegistryActRefused("PROPOSAL_MISMATCH", f"proposal {number} calls 0x{stored.target.hex()}")
    if stored.act != proposal.act:
        raise RegistryActRefused(
            "PROPOSAL_MISMATCH", f"proposal {number} names the act 0x{stored.act.hex()}, the file another"
        )


def _line(value: object, where: str, most: int) -> str:
    text = text_of(value, where)
    if len(text) > most or not text.isprintable():
        raise FormatRefused(where, f"at most {most} printable characters expected")
    return text
