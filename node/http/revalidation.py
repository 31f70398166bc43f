"""Answer a request by its `If-None-Match`: the content, or 304 where the reader has it already (RFC 9110 13.1.2)."""

from collections.abc import Mapping

from fastapi import Response


def content_unless_known(content: bytes, media_type: str, headers: Mapping[str, str], if_none_match: str) -> Response:
    """Return the content with its headers, or 304 with the headers alone. `headers`: with the content's `ETag`."""
    if headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
