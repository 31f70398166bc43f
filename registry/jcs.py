"""RFC 8785 canonical JSON, and its digest.

A thin name over the rfc8785 package, so that every digest of a document of ours is taken in one place.
Numbers beyond 2^53 − 1, NaN, infinities and lone surrogates have no canonical form: `JcsError`.
"""

import hashlib
from typing import Any, cast

import rfc8785
from acredita.anchoring.types import Digest


class JcsError(ValueError):
    """The value has no RFC 8785 form."""


def jcs(value: object) -> bytes:
    """The RFC 8785 form of a JSON value."""
    try:
        return rfc8785.dumps(cast(Any, value))
    except rfc8785.CanonicalizationError as error:
        raise JcsError(str(error)) from error


def jcs_digest(value: object) -> Digest:
    """SHA-256 of the RFC 8785 form."""
    return Digest(hashlib.sha256(jcs(value)).digest())
