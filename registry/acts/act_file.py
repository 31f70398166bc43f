"""Hash the document of an act: JSON in its JCS form, any other file by its bytes.

A file counts as JSON by its content and not by its name, so that two readers give it one hash.
"""

import hashlib
from typing import Final

from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import JcsRefused, jcs_digest
from acredita.registry.json_documents.strict import JsonRefused, read_json

MAX_ACT_BYTES: Final = 2 << 20  # what a node takes of a document


def act_digest(content: bytes) -> bytes:
    """Return the SHA-256 by which an act's document is recorded. Raises RegistryActRefused for one too large."""
    if not 0 < len(content) <= MAX_ACT_BYTES:
        raise RegistryActRefused(Code.ACT_FILE_MISMATCH, f"1 to {MAX_ACT_BYTES} bytes expected, found {len(content)}")
    try:
        return jcs_digest(read_json(content, max_bytes=MAX_ACT_BYTES))
    except (JsonRefused, JcsRefused):
        return hashlib.sha256(content).digest()


def check_act_file(content: bytes, digest: bytes) -> None:
    """Check that a file is the act of this SHA-256. Raises RegistryActRefused."""
    found_digest = act_digest(content)
    if found_digest != digest:
        raise RegistryActRefused(
            Code.ACT_FILE_MISMATCH, f"an act with SHA-256 0x{digest.hex()} expected, found 0x{found_digest.hex()}"
        )
