"""Read a proposal and its act from files, else from a node, and compare both with the chain.

Neither a file nor a node is believed: council, target, number, keccak-256 of the calldata and SHA-256 of the act must be the
chain's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.types import Digest, FormatRefused
from acredita.cli.bodies.act_files import read_act, read_file
from acredita.cli.bodies.opened_installation import OpenInstallation
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.document_exchange import fetch_document, fetch_proposal
from acredita.node.publication.trust_folder import write_bytes
from acredita.registry.acts.act_file import check_act_file
from acredita.registry.acts.calldata import calldata_hash
from acredita.registry.acts.council import NumberedProposal
from acredita.registry.acts.proposal import ActProposal, check_installation, check_on_chain, parse_proposal
from acredita.registry.codes import Code

MAX_FETCHED: Final = 64  # proposals that one command asks a node for


@dataclass(frozen=True)
class ProposalSource:
    """The files of a proposal and of its act, and the node that is asked for what is no file."""

    proposal: Path | None
    act: Path | None
    node: str | None

    def checked(self, stored: NumberedProposal, opened: OpenInstallation) -> ActProposal:
        """Return the proposal, compared with the chain. Raises ArgumentRefused where neither file nor node is named."""
        if self.proposal is not None:
            file = read_file(self.proposal, parse_proposal)
        elif self.node is not None:
            file = _fetched(self.node, stored.number)
        else:
            raise ArgumentRefused("--proposal or --node expected: the chain has only the proposal's hash")
        check_installation(file, opened.name)
        check_on_chain(file, stored.number, stored.stored)
        return file

    def check_act(self, stored: NumberedProposal) -> str:
        """Check that the act is the one that the chain names; return where it was read."""
        if self.act is not None:
            check_act_file(read_act(self.act), stored.stored.act)
            return str(self.act)
        if self.node is None:
            raise ArgumentRefused("--act or --node expected: the chain has only the act's hash")
        check_act_file(_act_at(self.node, stored), stored.stored.act)
        return self.node

    def fetch_act(self, stored: NumberedProposal) -> None:
        """Write the act to a file that is named and does not exist yet."""
        if self.act is not None and self.node is not None and not self.act.exists():
            write_bytes(self.act, _act_at(self.node, stored))


def proposals_at(node: str, waiting: Iterable[tuple[int, bytes]]) -> dict[bytes, ActProposal]:
    """Return a node's files of proposals by the keccak-256 of their calldata; those of other calldata are passed over.

    `waiting`: number and calldata's hash, as the chain has them. Raises SourceUnavailable.
    """
    files = {}
    for number, expected in list(waiting)[:MAX_FETCHED]:
        value = fetch_proposal(node, number)
        try:
            file = None if value is None else parse_proposal(value)
        except FormatRefused:
            continue
        if file is not None and calldata_hash(file.call) == expected:
            files[expected] = file
    return files


def _fetched(node: str, number: int) -> ActProposal:
    value = fetch_proposal(node, number)
    if value is None:
        raise ActRefused(f"{Code.NOT_FOUND}: {node} has no proposal {number}")
    try:
        return parse_proposal(value)
    except FormatRefused as error:
        raise SourceUnavailable(Code.SOURCE_UNREACHABLE, f"{node}: {error}") from error


def _act_at(node: str, stored: NumberedProposal) -> bytes:
    content = fetch_document(node, Digest(stored.stored.act))
    if content is None:
        raise ActRefused(f"{Code.NOT_FOUND}: {node} has no document 0x{stored.stored.act.hex()}")
    return content
