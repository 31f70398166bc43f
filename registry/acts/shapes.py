"""Name the parts of an act: fields with their kinds, who may act, texts in two languages.

This module and the tables import nothing of ours, so that the help of a command can be made of them. A test compares every
act with the artifact's ABI.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

SPANISH = "es"


class Text(NamedTuple):
    """One sentence or phrase in both languages."""

    en: str
    es: str

    def said(self, language: str) -> str:
        """Return the text in `es` or `en`."""
        return self.es if language == SPANISH else self.en


class FieldKind(StrEnum):
    """Kinds of an act's fields. A kind decides how a value is entered, encoded and said."""

    PARTY = "party"  # an institution or agency: its DID, keccak-256 of which is the subject
    PARTY_OR_COUNCIL = "party_or_council"  # zeros stand for the council
    ACCOUNT = "account"
    ACCOUNTS = "accounts"
    NUMBER = "number"
    DIGEST = "digest"  # 32 bytes of any kind
    STATEMENT = "statement"  # SHA-256 of a key's statement
    FILE = "file"  # SHA-256 of a document: JSON in JCS form, another file by its bytes
    ACT = "act"  # the same for the act's own document
    SCOPE = "scope"  # SHA-256 of a scope document in JCS form
    TRUST_FILE = "trust_file"  # number and SHA-256 of a trust file
    VERSION = "version"  # owner and document digest of a programme version
    VERSIONS = "versions"
    DOCUMENT_OR_NONE = "document_or_none"  # zeros stand for none
    END = "end"  # Unix seconds at which a window ends
    OPEN_END = "open_end"  # the same; 0 stands for no end
    SINCE = "since"  # Unix seconds
    FLAG = "flag"
    KEY_PURPOSE = "key_purpose"
    ACCOUNT_PURPOSE = "account_purpose"
    CONSENT = "consent"  # deadline and signature of the bound account
    CALLDATA = "calldata"
    CHECKPOINT = "checkpoint"  # fixed, root, status root and word of a checkpoint
    HASHES = "hashes"  # a list of hashes


class ActingRole(StrEnum):
    """Roles that may send the call of an act."""

    COUNCIL = "council"  # by an executed proposal
    MEMBER = "member"
    RECOVERY = "recovery"
    CONTROL = "control"
    AGENCY = "agency"
    ANCHORING = "anchoring"
    ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class ActField:
    """One field of an act; `name` is that of the option on a command line. `help` is a whole sentence."""

    name: str
    kind: FieldKind
    help: Text


@dataclass(frozen=True, slots=True)
class ActShape:
    """One act: a contract's function with fields in the order of its arguments. `title` is a whole sentence."""

    name: str
    contract: str
    function: str
    roles: tuple[ActingRole, ...]
    title: Text
    fields: tuple[ActField, ...]
