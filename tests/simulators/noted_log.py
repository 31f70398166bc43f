"""An institution with a log of a few checkpoints, and its note key: for what reads signed checkpoints."""

import base64
import shutil
from dataclasses import dataclass
from pathlib import Path

from acredita.anchoring.note import NoteKey, NoteSigner, sign_note
from acredita.anchoring.types import IssuerId
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.main import main
from acredita.node.publication.public_files import publish
from acredita.node.publication.tiles import Notary
from acredita.node.storage.credentials import digests
from acredita.node.storage.stored_checkpoints import confirmed_checkpoints
from acredita.node.write_path.anchor import anchor_pending
from acredita.registry.keys.multikey import parse_multikey

from tests.simulators.one_operator import PROFILE, write_cohort

HOST = "registro.example"


@dataclass(frozen=True)
class NotedLog:
    """The folder of a node. `notes`: the signed note of each checkpoint, by its number."""

    data: Path
    issuer: IssuerId
    notes: dict[int, bytes]
    key: NoteKey
    signer: NoteSigner
    credentials: tuple[bytes, ...]

    @property
    def place(self) -> str:
        """The path of the log below a source."""
        return f"log/{self.issuer.hex()}/1"

    @property
    def options(self) -> list[str]:
        """The options of a command that name trust file and chain."""
        return ["--trust", str(self.data / "trust.json"), "--chain", str(self.data / "chain")]

    def served(self, folder: Path, number: int | bytes) -> Path:
        """Copy the public files to a folder, with the note of one checkpoint, or with any other note."""
        for part in ("log", "documents", "status"):
            shutil.copytree(self.data / part, folder / part)
        content = number if isinstance(number, bytes) else self.notes[number]
        (folder / self.place / "checkpoint").write_bytes(content)
        return folder

    def forged(self, number: int, root: bytes) -> bytes:
        """Return a note that the institution's key signed over another root than the anchored one."""
        lines = self.notes[number].decode().split("\n\n")[0].split("\n")
        lines[2] = base64.b64encode(root).decode()
        return sign_note("\n".join(lines) + "\n", self.key, self.signer)


def noted_log(accredited: Path, folder: Path) -> NotedLog:
    """Issue, anchor, revoke and anchor in a copy of an accredited node's folder."""
    shutil.copytree(accredited, folder)
    config = folder / "data" / "acredita.toml"
    issue = ["issue", str(write_cohort(folder, 3)), "--profile", PROFILE, "--config", str(config)]
    assert main([*issue, "--programme", str(folder / "programme.json")]) == 0
    with open_configured_node(config) as node:
        anchor_pending(node.tenant(PROFILE).writer, force=True)
        with node.database.read() as connection:
            [*_, revoked] = digests(connection, node.tenant(PROFILE).issuer)
    assert main(["revoke", revoked.hex(), "--profile", PROFILE, "--config", str(config)]) == 0
    with open_configured_node(config) as node:
        tenant = node.tenant(PROFILE)
        anchor_pending(tenant.writer, force=True)
        publish(node.database, node.folder.base)
        signer = tenant.keys.note()
        notary = Notary(HOST, tenant.issuer, parse_multikey(signer.multikey).raw, signer)
        with node.database.read() as connection:
            stored = list(confirmed_checkpoints(connection, tenant.issuer, 1))
            named = [tenant.institution.credential(digest) for digest in digests(connection, tenant.issuer)]
        notes = {each.checkpoint.number: notary.note(each) for each in stored}
        return NotedLog(folder / "data", tenant.issuer, notes, notary.key(1), signer, tuple(named))
