"""Write the folder that a demonstration leaves: the public part of an installation, as `trust_folder` reads it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from acredita.anchoring.entries import Entry, encode
from acredita.anchoring.ledger import Block
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import BlockHash, IssuerId, to_hex
from acredita.contracts import bindings
from acredita.node.demo.environment import DemoEnvironment
from acredita.node.ledger.single_operator_acts import code_hashes
from acredita.node.publication.public_files import confirmed_entries, publish
from acredita.node.publication.trust_folder import publish_trust, write_json
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
    record = bindings.Council(demo.deployed.council).record_trust(trust.number, trust.digest)
    demo.council.decide(record, demo.legal_act(f"Archivo de confianza {trust.number}"))
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
    """Write each epoch's entries up to its last checkpoint that is not void, and the published status lists.

    `foreign_entries`: by issuer, an entry that was anchored without the node.
    """
    publish(demo.database, folder.base)
    for issuer, entry in foreign_entries.items():
        newest = max((folder.base / "log" / issuer.hex()).iterdir(), key=lambda path: int(path.name))
        with (newest / "entries.bin").open("ab") as file:
            file.write(encode(entry))


def log_paths(demo: DemoEnvironment, foreign_entries: dict[IssuerId, Entry]) -> list[dict[str, object]]:
    """Return for the summary the path and the size of each log."""
    return [
        {
            "issuer": to_hex(tenant.issuer),
            "name": tenant.institution.name,
            "epoch": epoch,
            "entries": len(entries) + (tenant.issuer in foreign_entries),
            "path": f"log/{tenant.issuer.hex()}/{epoch}/entries.bin",
        }
        for tenant in demo.tenants.values()
        for epoch, entries in confirmed_entries(demo.database, tenant.issuer).items()
    ]


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
