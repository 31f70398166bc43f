"""The pinned trust: one authority's newest trust file, in the user's configuration folder.

A successor must be the next file, signed by the keys of the pinned one (`trust_succession`); any other file is pinned only
by who confirms its hash. The folder of the trust file is stored too, so that chain, log and documents are found without
`--trust`. Two files of one number are both kept, in `trust-equivocation/`: they prove that somebody signed twice.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.types import to_hex
from acredita.node.publication.trust_folder import (
    TRUST_FILE,
    FileRefused,
    TrustFolder,
    read_json_file,
    read_trust,
    write_bytes,
    write_json,
)
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused, parse_trust, parse_unsigned
from acredita.registry.ledger_facts.trust_succession import check_next, check_same

FORMAT: Final = "acredita-pin/1"


@dataclass(frozen=True)
class PinnedTrust:
    """The pinned trust file, and the folder it was pinned from."""

    trust: Trust
    folder: TrustFolder
    document: object


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
    pinned = document.get("trust")
    try:
        return PinnedTrust(parse_trust(pinned), TrustFolder(Path(str(document.get("folder")))), pinned)
    except TrustRefused as error:
        raise FileRefused(f"{path}: {error}") from error


def check_pinnable(configuration: Path, trust: Trust) -> None:
    """Check that a file may take the place of the pinned one without its hash being confirmed anew. Raises TrustRefused."""
    pinned = read_pinned_trust(configuration)
    if pinned is not None:
        check_next(pinned.trust, trust)


def pin_trust(configuration: Path, path: Path) -> Trust:
    """Pin the trust file at `path`, whose hash somebody has confirmed or which follows the pinned one.

    Raises TrustRefused for another file of the pinned number, which is kept beside the pinned one.
    """
    trust, document = read_trust(path), read_json_file(path)
    pinned = read_pinned_trust(configuration)
    if pinned is not None:
        try:
            check_same(pinned.trust, trust)
        except TrustRefused:
            keep_both(configuration, [pinned.document, document])
            raise
    keep_pin(configuration, document, _public_folder(path.resolve().parent))
    return trust


def _public_folder(parent: Path) -> Path:
    """Return the folder that a trust file belongs to, also for one under its number in `trust/`."""
    is_numbered = parent.name == "trust" and (parent.parent / TRUST_FILE).is_file()
    return parent.parent if is_numbered else parent


def keep_pin(configuration: Path, document: object, folder: Path) -> None:
    """Write a trust file as the pinned one."""
    write_json(configuration / "trust-pin.json", {"format": FORMAT, "trust": document, "folder": str(folder)})


def keep_both(configuration: Path, documents: list[object]) -> Path:
    """Keep trust files of one number, each under its number and hash. Returns the folder."""
    folder = configuration / "trust-equivocation"
    for document in documents:
        trust = parse_unsigned(document)
        content = (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
        write_bytes(folder / f"{trust.number}-{trust.digest.hex()}.json", content)
    return folder


def keep_refused(configuration: Path, contents: Sequence[bytes], *trusted: object) -> None:
    """Keep files that contradict each other or a trusted one, beside that. What is no trust file is left out."""
    keep_both(configuration, [*trusted, *(other for other in map(_document, contents) if other is not None)])


def _document(content: bytes) -> object | None:
    try:
        document = read_json(content)
        parse_unsigned(document)
    except (JsonRefused, TrustRefused):
        return None
    return document


def confirmed_hash(text: str) -> bytes:
    """Read the hash that a person confirms, with or without 0x. Raises TrustRefused."""
    digits = text.strip().lower().removeprefix("0x")
    try:
        digest = bytes.fromhex(digits)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise TrustRefused(Code.TRUST_MALFORMED, "--fingerprint: the 64 hex digits of a trust file's hash expected")
    return digest


def fingerprint(trust: Trust) -> str:
    """Return the hash of a trust file, as people compare it."""
    return to_hex(trust.digest)
