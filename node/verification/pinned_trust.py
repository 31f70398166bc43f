"""The pinned trust: one authority's newest trust file, in the user's configuration folder.

A successor must be the next file, signed by the keys of the pinned one (`trust_succession`). The folder of the trust
file is stored too, so that chain, log and documents are found without `--trust`.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from acredita.node.publication.trust_folder import FileRefused, TrustFolder, read_json_file, read_trust, write_json
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused, parse_trust
from acredita.registry.ledger_facts.trust_succession import check_next

FORMAT = "acredita-pin/1"


@dataclass(frozen=True)
class PinnedTrust:
    """The pinned trust file, and the folder it was pinned from."""

    trust: Trust
    folder: TrustFolder


def configuration_folder(environment: dict[str, str] | None = None) -> Path:
    """Return `$XDG_CONFIG_HOME/acredita`, or `~/.config/acredita`."""
    variables = dict(os.environ) if environment is None else environment
    base = variables.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "acredita"


def read_pinned_trust(configuration: Path) -> PinnedTrust | None:
    """Read the pinned trust; None if nothing is pinned. Raises FileRefused."""
    path = configuration / "trust-pin.json"
    if not path.is_file():
        return None
    document = read_json_file(path)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FileRefused(f"{path}: not a pin of this program")
    try:
        return PinnedTrust(parse_trust(document.get("trust")), TrustFolder(Path(str(document.get("folder")))))
    except TrustRefused as error:
        raise FileRefused(f"{path}: {error}") from error


def pin_trust(configuration: Path, path: Path) -> Trust:
    """Pin the trust file at `path`. Raises TrustRefused for one that may not follow the pinned one."""
    trust = read_trust(path)
    pinned = read_pinned_trust(configuration)
    if pinned is not None:
        check_next(pinned.trust, trust)
    document = {"format": FORMAT, "trust": json.loads(path.read_bytes()), "folder": str(path.resolve().parent)}
    write_json(configuration / "trust-pin.json", document)
    return trust
