"""What a verification may rely on, as plain values: the credential's own evidence and what a ledger said.

`Evidence` travels with a credential or lies beside it; nobody need be trusted for it, every part is checked.
`LedgerFacts` is the answer of one ledger at one block B; whether that ledger is the right one is asked in step 6.
Reading them from sockets and files happens elsewhere (`gather.py`, `evidence.py`); this module does no I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from acredita.anchoring.receipts import Receipt
from acredita.anchoring.status import Status
from acredita.anchoring.types import BlockHash, Digest, IssuerId, Word
from acredita.registry.credentials.parse import ParsedCredential, ProfileError, parse_credential
from acredita.registry.credentials.shapes import PROFILE_VALUE
from acredita.registry.json_documents.strict import ReadingError, read_json
from acredita.registry.keys.did import DidError, parse_did
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope


class LogAtHead(Protocol):
    """The issuer's log as the latest checkpoint at B has it, rebuilt or proven, never as somebody claims it."""

    @property
    def time(self) -> int:
        """Block time of that checkpoint, 0 for a log nobody has anchored yet."""

    def bits(self, position: int) -> Status:
        """The three bits of a position; clear where no list of that number exists."""

    def holds(self, digest: Digest) -> bool | None:
        """Whether an `issued` entry names the digest; None where only single leaves were proven."""


@dataclass(frozen=True)
class Missing:
    """Something that is not at hand, and the code that says why."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Reading:
    """A credential's bytes as read: the document with its fields, or the fault that kept it from being read."""

    document: Mapping[str, Any]
    parsed: ParsedCredential | None
    fault: ReadingError | ProfileError | None = None


def read_credential(data: bytes) -> Reading:
    """Step 1 of a verification: strict JSON, then our profile. What it cannot read it does not raise but keeps."""
    try:
        document = read_json(data)
    except ReadingError as error:
        return Reading({}, None, error)
    return read_document(document)


def read_document(document: object) -> Reading:
    """The same for a JSON value that was read strictly already, as part of a larger file."""
    try:
        parsed = parse_credential(document)
        _check_issuer(parsed)
    except ProfileError as error:
        return Reading({}, None, error)
    return Reading(cast(Mapping[str, Any], document), parsed)  # the profile takes nothing but an object


def _check_issuer(parsed: ParsedCredential) -> None:
    """An issuer has one id on the ledger only where its DID is of a method, and a spelling, that is read here."""
    try:
        parse_did(parsed.issuer)
    except DidError:
        raise ProfileError(("issuer", "id"), PROFILE_VALUE, "a did:key or did:web, in its one spelling") from None


@dataclass(frozen=True)
class Evidence:
    """What is known about one credential without asking a ledger.

    `status_list`: the list credential at hand as read, None where there is none; step 10 checks its proof.
    `programmes` and `scopes` by SHA-256 of their JCS form, which parsing them computed. `dids`: DID documents by DID,
    for did:web.
    """

    credential: Reading
    receipt: Receipt | None = None
    programmes: Mapping[Digest, Programme] = field(default_factory=dict)
    scopes: Mapping[Digest, Scope] = field(default_factory=dict)
    dids: Mapping[str, object] = field(default_factory=dict)
    status_list: object = None


@dataclass(frozen=True)
class LedgerFacts:
    """What one ledger says at block B. Times are Unix seconds; `has_period`: blocks come by the clock, not on demand.

    `code_hashes`: contract name → keccak-256 of its runtime code. `stored_word`: the word the contract holds for the
    receipt's (issuer, epoch, number), None where the slot is empty or nothing was asked. `last_good`: of the receipt's
    epoch when that is closed. `offline`: the facts come from a bundle, so their age counts.
    """

    chain_id: int
    genesis: BlockHash
    code_hashes: Mapping[str, bytes]
    block_number: int
    block_time: int
    parties: Mapping[IssuerId, PartyHistory]
    programmes: Mapping[Digest, ProgrammeHistory]
    stored_word: Word | None
    last_good: int | None
    log: LogAtHead | Missing
    has_period: bool = False
    offline: bool = False
