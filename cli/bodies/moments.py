"""Read the moment that a verification is for: `--at`, or now."""

import time
from datetime import UTC, datetime

from acredita.cli.exit_codes import ArgumentRefused
from acredita.registry.verification.case import Moment


def read_moment(at: str | None) -> Moment:
    """Return the moment of `--at`, or the present. Raises ArgumentRefused."""
    if at is None:
        return Moment(int(time.time()))
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise ArgumentRefused(f"--at {at}: an RFC 3339 time such as 2026-05-01T12:00:00Z expected") from error
    if moment.tzinfo is None:
        raise ArgumentRefused(f"--at {at}: a time with its zone expected, such as 2026-05-01T12:00:00Z")
    try:
        return Moment(int(moment.astimezone(UTC).timestamp()), given=True)
    except OverflowError as error:
        raise ArgumentRefused(f"--at {at}: a time within the years 1 to 9999 of UTC expected") from error
