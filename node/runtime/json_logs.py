"""Log lines as JSON, one object a line, that cannot hold a person's data.

Only a message's fixed text is written, never its arguments, and of what a caller adds only the fields named here; of an
exception its type and the places it passed, never its text. So no slip elsewhere can put a learner's value into a log.
"""

import json
import logging
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

FIELDS: Final = (
    "route", "method", "status", "milliseconds", "kind", "place", "code", "issuer", "profile", "epoch", "number",
    "step", "issued", "changes", "refused", "label", "host", "port", "expires", "command",
)  # fmt: skip
MAX_FIELD_CHARS: Final = 128


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message", …}`; times in UTC with milliseconds."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record as one line of JSON."""
        line: dict[str, object] = {
            "time": _time(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        line |= {name: _field(getattr(record, name)) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["places"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def write_json_lines(stream: TextIO, level: int = logging.INFO) -> logging.Handler:
    """Write everything logged in this process to a stream as JSON lines; return the handler, to remove it by."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    return handler


def _time(created: float) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(created))
    return f"{seconds}.{int(created * 1000) % 1000:03d}Z"


def _field(value: object) -> object:
    return value if isinstance(value, bool | int | float) else str(value)[:MAX_FIELD_CHARS]


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
