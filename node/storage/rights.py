"""Name the rights that an access token may carry."""

from enum import StrEnum


class Right(StrEnum):
    """A right that a token may carry. Each is demanded by a route."""

    ISSUE = "issue"
    REVOKE = "revoke"
    ANCHOR = "anchor"
    ADMIN = "admin"
