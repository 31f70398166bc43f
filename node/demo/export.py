"""Write the folder that a demonstration leaves: the public part of an installation, as `trust_folder` reads it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from acredita.anchoring.entries import Entry, encode
from acredita.anchoring.ledger import Block
from acredita.anchoring.log import MemoryNodes
from acredita.anchoring.merkle import Frontier, leaf_hash, root_at
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import BlockHash, IssuerId, Root, to_hex
from acredita.node.demo.environment import DemoEnvironment
from acredita.node.ledger.single_operator_acts import code_hashes
from acredita.node.publication.public_files import log_folder, publish
from acredita.node.publication.tile_files import TileFolder
from acredita.node.publication.tile_names import TILE_HEIGHT, Tile, bundle_of
from acredita.node.publication.trust_folder import publish_trust, write_json
from acredita.node.storage import stored_checkpoints, stored_log
from acredita.node.storage.private_files import write_private
from acredita.registry.canonicalisation.contexts import ACREDITA_V1, bundled
from acredita.registry.keys.signer import Signer
from acredita.registry.ledger_facts.trust_draft import sign_trust
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trusted_chain import development_chain


@dataclass(frozen=True)
class DemoFolder:
    """The folder of the demonstration. Every file is written whole or not at all."""

    base: Path

    def credential(self, folder: str, name: str, document: bytes, receipt: Receipt | None) -> str:
        """Write a credential and its receipt, if it has one. Returns the credential's path in the folder."""
        path = self.base / folder / f"{name}.json"
        write_private(path, document)
        if receipt is not None:
            write_json(self.base / "receipts" / f"{name}.json", receipt.to_document())
        return f"{folder}/{name}.json"


def write_trust(demo: DemoEnvironment, folder: DemoFolder, signer: Signer) -> Block:
    """Write the authority's trust file for this chain and return its newest block, which the file names."""
    head, genesis = demo.ledger.head(), demo.ledger.block(0)
    assert genesis is not None
    document = sign_trust(
        number=1,
        issued=demo.clock(),
        chain_id=demo.ledger.chain_id(),
        genesis=BlockHash(genesis.hash),
        contracts=demo.deployed,
        code_hashes=code_hashes(demo.ledger, demo.deployed),
        chain=development_chain({genesis.number: genesis.hash, head.number: head.hash}),
        signers=[signer],
    )
    publish_trust(folder.base, document)
    return head


def record_trust(demo: DemoEnvironment, trust: Trust) -> Block:
    """Record a trust file by the council, and return the newest block then."""
    act = demo.legal_act(f"Archivo de confianza {trust.number}")
    demo.council.do("record-trust", {"trust-file": (trust.number, trust.digest)}, act)
    return demo.ledger.head()


def write_documents(demo: DemoEnvironment, folder: DemoFolder) -> None:
    """Write programmes and scopes by digest, legal acts, key statements, contexts, and DID documents."""
    documents = folder.base / "documents"
    for programme in demo.texts.programmes:
        write_json(documents / f"{programme.digest.hex()}.json", programme.document)
    for scope in demo.texts.scopes.values():
        write_json(documents / f"{scope.digest.hex()}.json", scope.document)
    for name, content in demo.public.items():
        (documents / name).write_bytes(content)
    write_json(folder.base / "contexts.json", {ACREDITA_V1: bundled(ACREDITA_V1)})
    write_json(folder.base / "dids.json", {})


def write_logs(demo: DemoEnvironment, folder: DemoFolder, foreign_entries: dict[IssuerId, Entry]) -> None:
    """Write the tiles of each epoch up to its last checkpoint that is not void, and the published status lists.

    `foreign_entries`: by issuer, an entry that was anchored without the node.
    """
    publish(demo.database, folder.base)
    for issuer, entry in foreign_entries.items():
        with demo.database.read() as connection:
            epoch, size = max(stored_checkpoints.confirmed_sizes(connection, issuer).items())
            entries = list(stored_log.read_entries(connection, issuer, epoch, 0, size))
        TileFolder(log_folder(folder.base, issuer, epoch)).extend(_ForeignLog([*entries, encode(entry)]))


class _ForeignLog:
    """A log with an entry that the node's storage does not have."""

    def __init__(self, entries: list[bytes]) -> None:
        self._entries = entries
        self._nodes, frontier = MemoryNodes(), Frontier()
        for index, entry in enumerate(entries):
            completed = frontier.append(leaf_hash(entry))
            self._nodes.put([(level, index >> level, node) for level, node in enumerate(completed)])

    @property
    def size(self) -> int:
        return len(self._entries)

    def sizes(self, above: int) -> list[int]:
        return [self.size] if above < self.size else []

    def root(self, size: int) -> Root:
        return root_at(size, self._nodes.node)

    def content(self, tile: Tile) -> bytes:
        end = tile.first + tile.width
        if tile.level is None:
            return bundle_of(self._entries[tile.first : end])
        return b"".join(self._nodes.node(tile.level * TILE_HEIGHT, index) for index in range(tile.first, end))


def log_paths(demo: DemoEnvironment, foreign_entries: dict[IssuerId, Entry]) -> list[dict[str, object]]:
    """Return for the summary the path and the size of each log."""
    return [
        {
            "issuer": to_hex(tenant.issuer),
            "name": tenant.institution.name,
            "epoch": epoch,
            "entries": size + (tenant.issuer in foreign_entries),
            "path": f"log/{tenant.issuer.hex()}/{epoch}",
        }
        for tenant in demo.tenants.values()
        for epoch, size in _sizes(demo, tenant.issuer).items()
    ]


def _sizes(demo: DemoEnvironment, issuer: IssuerId) -> dict[int, int]:
    with demo.database.read() as connection:
        return stored_checkpoints.confirmed_sizes(connection, issuer)


def check_place(out: Path) -> None:
    """Refuse a folder that has files but no earlier demonstration. Raises OSError."""
    if not out.exists():
        return
    if not out.is_dir():
        raise NotADirectoryError(20, "not a folder", str(out))
    names = {path.name for path in out.iterdir()}
    if names and not {"trust.json", "summary.json"} <= names:
        raise FileExistsError(17, "the folder is not empty and holds no earlier demonstration", str(out))


def move_into_place(built: Path, out: Path) -> None:
    """Replace an earlier demonstration, if any, by the finished folder."""
    if out.exists():
        shutil.rmtree(out)
    shutil.move(built, out)
