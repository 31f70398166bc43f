"""Read request bodies: bytes within limits of size and time, then strict JSON, then the keys that a route knows.

The size is checked before anything is parsed. A problem's message never contains a value.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Annotated, Any, cast

from acredita.anchoring.receipts import read_time
from acredita.anchoring.types import Digest, FormatRefused, IssuerId
from acredita.node.http.dependencies import MAX_BODY_BYTES
from acredita.node.http.problems import RequestRefused, reading_problem
from acredita.registry.codes import Code
from acredita.registry.json_documents.schema_faults import pointer
from acredita.registry.json_documents.strict import JsonRefused, read_json
from fastapi import Depends, Path, Request
from starlette.requests import ClientDisconnect

BODY_SECONDS = 55.0  # a little less than a connection has for its request, so that the sender gets an answer
UPLOAD_RATE = 1_024  # bytes a second: a body that comes at this rate may take longer


async def read_body(request: Request) -> bytes:
    """Read the whole body; raises 413 if it is too large and 408 if it is too slow."""
    return await read_at_most(request, request.app.state.node.dependencies.max_body_bytes)


async def read_at_most(request: Request, most: int, code: Code = Code.BODY_TOO_LARGE) -> bytes:
    """Read the whole body of at most `most` bytes; raises 413 with a code if it is larger and 408 if it is too slow."""
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdecimal() and int(announced) > most:
        raise _too_large(most, code)
    received = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS) as deadline:
            begun = asyncio.get_running_loop().time()
            async for part in request.stream():
                received += part
                if len(received) > most:
                    raise _too_large(most, code)
                deadline.reschedule(begun + max(BODY_SECONDS, len(received) / UPLOAD_RATE))
    except TimeoutError:
        raise RequestRefused(
            408,
            Code.BODY_TOO_SLOW,
            f"the body took longer than {BODY_SECONDS:.0f} seconds, at less than 1 KiB a second",
        ) from None
    except ClientDisconnect:
        raise RequestRefused(400, Code.BODY_MALFORMED, "the connection ended before the body") from None
    return bytes(received)


def _too_large(most: int, code: Code) -> RequestRefused:
    return RequestRefused(413, code, f"at most {most} bytes")


Body = Annotated[bytes, Depends(read_body)]
Hex64 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


def json_object(body: bytes, *, required: Collection[str], optional: Collection[str] = ()) -> Mapping[str, Any]:
    """Parse the body as an object of known keys; raises 400 or 413 with the pointer."""
    try:
        value = read_json(body, max_bytes=MAX_BODY_BYTES)
    except JsonRefused as error:
        raise reading_problem(error, {*required, *optional}) from None
    return known_object(value, required=required, optional=optional)


def known_object(value: object, *, required: Collection[str], optional: Collection[str] = ()) -> Mapping[str, Any]:
    """Check that a JSON value is an object with these keys and no others; raises 400 with the pointer."""
    if not isinstance(value, dict):
        raise RequestRefused(400, Code.BODY_MALFORMED, "a JSON object expected", pointer="")
    for key in required:
        if key not in value:
            raise RequestRefused(400, Code.KEY_MISSING, "a required key is missing", pointer=pointer([key]))
    if not set(value) <= {*required, *optional}:
        known = ", ".join(sorted([*required, *optional]))
        raise RequestRefused(400, Code.KEY_UNKNOWN, f"only these keys: {known}", pointer="")
    return cast(Mapping[str, Any], value)


def text_of(document: Mapping[str, Any], key: str, most: int) -> str:
    """Return the string of a key, of 1 to `most` characters; raises 400."""
    value = document[key]
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise RequestRefused(
            400, Code.VALUE_MALFORMED, f"a string of 1 to {most} characters expected", pointer=pointer([key])
        )
    return value


def optional_text(document: Mapping[str, Any], key: str, most: int) -> str | None:
    """Return the string of a key, or None if the key is absent; raises 400."""
    return text_of(document, key, most) if key in document else None


def time_of(document: Mapping[str, Any], key: str) -> int:
    """Return the Unix seconds of an RFC 3339 time in UTC; raises 400."""
    try:
        return read_time(document[key], key)
    except FormatRefused as error:
        raise RequestRefused(400, Code.TIME_MALFORMED, error.rule, pointer=pointer([key])) from None


def digest_of(text: str) -> Digest:
    """Return the digest in a path; `Hex64` has checked its form."""
    return Digest(bytes.fromhex(text))


def issuer_of(text: str) -> IssuerId:
    """Return the issuer id in a path; `Hex64` has checked its form."""
    return IssuerId(bytes.fromhex(text))
