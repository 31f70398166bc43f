"""The public part of an installation, as files beside its trust file.

    trust.json                          the newest trust file
    trust/<n>.json                      each trust file by its number
    chain/                              the embedded chain, opened read-only
    log/<issuer>/<epoch>/tile/…         the log as tiles: entry bundles and hashes (docs/log-tiles.md)
    documents/<digest>.json             programme and scope documents by SHA-256 of their JCS form
    status/<issuer>/<list>.json         published status lists
    withheld.json                       the list of withheld documents
    dids.json                           DID → DID document, for did:web

No path stands in the trust file: a copy of the folder works anywhere. Nothing is believed for its place: documents
are digested when read, entries are held against the chain, lists carry a proof. A missing document counts as
not available.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

from acredita.anchoring.entries import MAX_LISTS
from acredita.anchoring.status_bits import CLEAR, Status
from acredita.anchoring.types import Digest, IssuerId, read_number
from acredita.node.publication.log_copies import FolderLog
from acredita.registry.json_documents.jcs import JcsRefused, jcs
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.ledger_facts.log_entries import LogEntries
from acredita.registry.ledger_facts.named_documents import MAX_DOCUMENT_BYTES
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused, parse_trust
from acredita.registry.ledger_facts.withheld_list import (
    MAX_LIST_BYTES,
    WithheldList,
    WithheldListRefused,
    parse_withheld,
)
from acredita.registry.programmes.programme import Programme, ProgrammeRefused, parse_programme
from acredita.registry.programmes.scope import Scope, ScopeRefused, parse_scope

T = TypeVar("T")

_TOML: Final = ".toml"  # in which people write programmes and scopes; acts and credentials are made of the JSON

_ISSUER: Final = re.compile(r"[0-9a-f]{64}")

TRUST_FILE: Final = "trust.json"
WITHHELD_FILE: Final = "withheld.json"
RENEWAL: Final = "acredita trust update"
"""The command that replaces a trust file by the newest."""
MAX_STATEMENT_BYTES: Final = 1_024  # domain, ids, a P-384 Multikey and its signature take 280
SETTLED: Final = 1_000_000_000  # nanoseconds; file systems give times in ticks of some milliseconds


class FileRefused(Exception):
    """A file that is there but cannot be used; the message names it and the rule."""


FileState = tuple[int, int, int]
"""Time (nanoseconds), size and inode of a file, by which a change of it is seen."""


def is_settled(state: FileState, now: int) -> bool:
    """Return whether a change after `now` (nanoseconds) must show in the state: a tick is shorter than SETTLED."""
    return now - state[0] > SETTLED


@dataclass(frozen=True)
class TrustFolder:
    """A folder with a trust file, or only the folder where somebody pinned the trust."""

    base: Path

    def trust_file(self, number: int | None) -> bytes | None:
        """Read the trust file of a number, or the newest; None if the folder has none."""
        path = self.base / (TRUST_FILE if number is None else f"trust/{number}.json")
        return path.read_bytes() if path.is_file() else None

    def programme(self, digest: Digest) -> Programme | None:
        """Return the programme whose document has this digest, if the folder has it."""
        return _one(self._programmes, digest, self._document, parse_programme)

    def scope(self, digest: Digest) -> Scope | None:
        """Return the scope whose document has this digest, if the folder has it."""
        return _one(self._scopes, digest, self._document, parse_scope)

    def entries_of(self, issuer: IssuerId) -> LogEntries:
        """Return the issuer's logs in the folder; there may be none."""
        return FolderLog(self.base, issuer)

    def issuers_with_logs(self) -> list[IssuerId]:
        """Return the issuers of whom the folder has a log."""
        folder = self.base / "log"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return [IssuerId(bytes.fromhex(name)) for name in names if _ISSUER.fullmatch(name)]

    def status_list(self, issuer: IssuerId, list_number: int) -> object | None:
        """Read a published list. A file that is no JSON is returned as a text, because an unreadable list is not a
        missing one.
        """
        path = self.base / "status" / issuer.hex() / f"{list_number}.json"
        published = self._json(path)
        return "unreadable" if published is None and path.is_file() else published

    def status_list_state(self, issuer: IssuerId, list_number: int) -> FileState | None:
        """Return the state of a published list's file, which is another one after every change; None without a file."""
        return file_state(self.base / "status" / issuer.hex() / f"{list_number}.json")

    def status_lists(self, issuer: IssuerId) -> Mapping[int, object]:
        """Return the published status lists of an issuer, by list number."""
        folder = self.base / "status" / issuer.hex()
        names = [path.stem for path in folder.glob("*.json")] if folder.is_dir() else []
        numbers = sorted(number for name in names if (number := read_number(name, MAX_LISTS - 1)) is not None)
        return {number: self.status_list(issuer, number) for number in numbers}

    def requested_status(self, issuer: IssuerId, position: int, until: int | None) -> Status:
        """Return no bits: a folder holds what was published, not what was requested."""
        return CLEAR

    def key_statement(self, digest: Digest) -> bytes | None:
        """Read the statement a key was added with, cut at its limit. The caller compares it with its digest."""
        path = self.base / "documents" / f"{digest.hex()}.bin"
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MAX_STATEMENT_BYTES)

    def named_file(self, digest: Digest) -> bytes | None:
        """Return the bytes of this SHA-256 that the folder keeps as they came: a key statement, an act, a report."""
        path = self.base / "documents" / f"{digest.hex()}.bin"
        if not path.is_file():
            return None
        with path.open("rb") as file:
            content = file.read(MAX_DOCUMENT_BYTES + 1)
        return content if hashlib.sha256(content).digest() == digest else None

    def document(self, digest: Digest) -> bytes | None:
        """Return the JSON document of this digest in its JCS form, if the folder has it."""
        value = self._document(digest)
        try:
            content = None if value is None else jcs(value)
        except JcsRefused:
            return None
        return content if content is not None and hashlib.sha256(content).digest() == digest else None

    def withheld(self, trust: Trust) -> WithheldList | None:
        """Return the list of withheld documents, if the folder has one that the trust file's keys have signed."""
        if not self._withheld_file.is_file():
            return None
        with self._withheld_file.open("rb") as file:
            content = file.read(MAX_LIST_BYTES + 1)
        try:
            withheld = parse_withheld(read_json(content, max_bytes=MAX_LIST_BYTES))
            withheld.check(trust)
        except (JsonRefused, WithheldListRefused):
            return None
        return withheld

    def withheld_documents(self, trust: Trust) -> frozenset[Digest]:
        """Return the documents that the list in the folder withholds; none without a list."""
        withheld = self.withheld(trust)
        return frozenset() if withheld is None else withheld.documents

    def withheld_state(self) -> FileState | None:
        """Return the state of the list of withheld documents, by which a change of it is seen; None without a file."""
        return file_state(self._withheld_file)

    @property
    def _withheld_file(self) -> Path:
        return self.base / WITHHELD_FILE

    @cached_property
    def dids(self) -> Mapping[str, object]:
        """The DID documents of `dids.json`, by DID."""
        listed = self._json(self._dids_file)
        return listed if isinstance(listed, dict) else {}

    def dids_state(self) -> tuple[int, int] | None:
        """Return time and size of `dids.json`, by which a change of it is seen; None while there is none."""
        if not self._dids_file.is_file():
            return None
        stat = self._dids_file.stat()
        return stat.st_mtime_ns, stat.st_size

    @property
    def _dids_file(self) -> Path:
        return self.base / "dids.json"

    @cached_property
    def _programmes(self) -> dict[Digest, Programme | None]:
        return {}

    @cached_property
    def _scopes(self) -> dict[Digest, Scope | None]:
        return {}

    def _document(self, digest: Digest) -> object | None:
        return self._json(self.base / "documents" / f"{digest.hex()}.json")

    def _json(self, path: Path) -> object | None:
        """Read a JSON file; None also for an unreadable one, because one spoiled file says nothing about a
        credential.
        """
        try:
            return read_json_file(path) if path.is_file() else None
        except (FileRefused, OSError):
            return None


def file_state(path: Path) -> FileState | None:
    """Return the state of a file, which is another one after every change; None without a file."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def read_json_file(path: Path) -> object:
    """Read strict JSON. FileRefused names the path and the rule; OSError is the caller's."""
    try:
        return read_json(path.read_bytes())
    except JsonRefused as error:
        if path.suffix == _TOML:
            makes = f"acredita programme validate {path} --out {path.with_suffix('.json')}"
            raise FileRefused(
                f"{path}: JSON expected, found TOML; {makes} makes it, of a scope acredita scope validate"
            ) from error
        raise FileRefused(f"{path}: {error}") from error


def read_trust(path: Path) -> Trust:
    """Read the trust file at a path and check its signature."""
    try:
        return parse_trust(read_json_file(path))
    except TrustRefused as error:
        raise TrustRefused(error.code, f"{path}: {error}") from error


def publish_trust(base: Path, document: object, name: str = TRUST_FILE) -> Trust:
    """Write a trust file into the folder, as the newest and under its number. Raises TrustRefused, OSError."""
    trust = parse_trust(document)
    write_json(base / "trust" / f"{trust.number}.json", document)
    write_json(base / name, document)
    return trust


def write_json(path: Path, document: object) -> None:
    """Write a file of ours for people and programs: UTF-8, two spaces, one value, whole or not at all."""
    write_bytes(path, (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file whole; a failure leaves the older file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(content)
    partial.replace(path)


def _one(
    known: dict[Digest, T | None],
    digest: Digest,
    document: Callable[[Digest], object | None],
    parse: Callable[[object], T],
) -> T | None:
    """Return the parsed document of exactly this digest; a file under another document's name is not that document."""
    if digest not in known:
        unparsed = document(digest)
        known[digest] = None if unparsed is None else _parsed(unparsed, digest, parse)
    return known[digest]


def _parsed(document: object, digest: Digest, parse: Callable[[object], T]) -> T | None:
    try:
        parsed = parse(document)
    except (ProgrammeRefused, ScopeRefused):
        return None
    return parsed if getattr(parsed, "digest") == digest else None  # noqa: B009 - both kinds carry their digest
