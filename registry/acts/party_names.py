"""Name the parties of an act by their DIDs.

A subject on the ledger is the keccak-256 of a DID. A DID is shown only where somebody named it and its hash is the subject;
otherwise the hash itself is shown.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from acredita.anchoring.types import FormatRefused
from acredita.registry.json_documents.members import list_of, text_of
from acredita.registry.keys.did import DidRefused, issuer_id

MAX_DIDS: Final = 256  # in one file; a batch has at most 200 owners

Names = Mapping[bytes, str]
"""Subject → DID."""


def names_of(dids: Iterable[str]) -> dict[bytes, str]:
    """Map the subject of each DID to the DID. Raises DidRefused."""
    return {bytes(issuer_id(did)): did for did in dids}


def subject_words(subject: bytes, names: Names) -> str:
    """Return the DID of a subject where it is known, else its hash."""
    did = names.get(subject)
    return f"0x{subject.hex()}" if did is None else f"{did} (0x{subject.hex()})"


def did_of(value: object, where: str) -> str:
    """Return a DID of a file. Raises FormatRefused."""
    did = text_of(value, where)
    try:
        issuer_id(did)
    except DidRefused as error:
        raise FormatRefused(where, str(error)) from error
    return did


def dids_of(value: object, where: str) -> tuple[str, ...]:
    """Return the DIDs that a file names. Raises FormatRefused."""
    return tuple(did_of(item, f"{where}/{place}") for place, item in enumerate(list_of(value, where, MAX_DIDS)))
