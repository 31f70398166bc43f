"""Record the calls of named functions while a block runs, in this thread and in threads started meanwhile.

Nothing is replaced: the interpreter's profiling hook reports each call with its arguments.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from acredita.registry.credentials.parse import parse_credential
from acredita.registry.json_documents.strict import read_json
from acredita.registry.proofs.data_integrity import verify_proofs


@dataclass(frozen=True)
class Call:
    """One call of a function: its name and the arguments it began with."""

    function: str
    arguments: dict[str, Any]


@contextmanager
def recorded_calls(*functions: Callable[..., Any]) -> Iterator[list[Call]]:
    """Record every call of these functions."""
    names = {function.__code__: function.__name__ for function in functions}
    calls: list[Call] = []

    def record(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code in names:
            calls.append(Call(names[frame.f_code], dict(frame.f_locals)))

    before = sys.getprofile()
    threading.setprofile(record)
    sys.setprofile(record)
    try:
        yield calls
    finally:
        sys.setprofile(before)
        threading.setprofile(before)


@dataclass(frozen=True)
class Work:
    """Counts for one credential: parses of its text, readings of its profile, verifications of its proof."""

    parsed: int
    read: int
    verified: int


ONCE = Work(parsed=1, read=1, verified=1)


@contextmanager
def recorded_work() -> Iterator[Callable[[str], Work]]:
    """Record what is done with credentials; the result counts it for the credential of one id."""
    with recorded_calls(read_json, parse_credential, verify_proofs) as calls:

        def work_on(credential_id: str) -> Work:
            return Work(
                parsed=sum(credential_id.encode() in call.arguments.get("data", b"") for call in calls),
                read=_documents(calls, parse_credential, credential_id),
                verified=_documents(calls, verify_proofs, credential_id),
            )

        yield work_on


def _documents(calls: list[Call], function: Callable[..., Any], credential_id: str) -> int:
    documents = [call.arguments["document"] for call in calls if call.function == function.__name__]
    return sum(isinstance(document, dict) and document.get("id") == credential_id for document in documents)
