"""The evidence of one credential, as plain values: the credential as it was read, and what travels with it.

`Evidence` travels with a credential or lies beside it. Nobody need be trusted for it, because every part is checked. This
module does no I/O: files are read by `registry.evidence.bundle` and by the node.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Digest
from acredita.registry.codes import Code
from acredita.registry.credentials.parse import ParsedCredential, ProfileError, parse_credential
from acredita.registry.json_documents.strict import ReadingError, read_json
from acredita.registry.keys.did import DidError, parse_did
from acredita.registry.programmes.programme import Programme
from acredita.registry.programmes.scope import Scope


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
        raise ProfileError(("issuer", "id"), Code.PROFILE_VALUE, "a did:key or did:web, in its one spelling") from None


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
