"""Keep the alarms of a monitor in one file, so that each is told once until it clears, also after a restart.

A check that could not be made clears nothing: its alarms stay as they are. An alarm that a channel could not deliver is
delivered in a later round. The file is replaced whole and is on the disk before the round ends; a monitor that is killed
between a delivery and the writing tells that alarm a second time, with the same id.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from acredita.anchoring.types import FormatRefused
from acredita.node.publication.durable_files import write_durably
from acredita.node.publication.trust_folder import FileRefused, read_json_file
from acredita.registry.json_documents.members import object_of

FORMAT: Final = "acredita-monitor-state/1"
STATE_FILE: Final = "monitor.json"
_MEMBERS: Final = frozenset({"format", "last_success", "last_look", "newest", "answered", "alarms"})


@dataclass(frozen=True)
class Alarm:
    """A condition that somebody must know of. `where`: institution, log, source or contract."""

    code: str
    where: str
    detail: str

    @property
    def id(self) -> str:
        """The same for the same condition; the detail may change while it lasts."""
        return hashlib.sha256(f"{self.code}\n{self.where}".encode()).hexdigest()[:32]


@dataclass
class RaisedAlarm:
    """An alarm that lasts. `since`: Unix seconds; `delivered_by`: the channels that have delivered it."""

    alarm: Alarm
    check: str
    since: int
    delivered_by: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class BlockSighting:
    """The newest block seen. `first_seen`: by the monitor's own clock."""

    number: int
    hash: str
    time: int
    first_seen: int


@dataclass
class MonitorState:
    """The state of a monitor. `answered`: by source, when it answered last; `last_success`: of a whole
    round; `last_look`: of any round."""

    last_success: int = 0
    last_look: int | None = None
    newest: BlockSighting | None = None
    answered: dict[str, int] = field(default_factory=dict)
    raised: dict[str, RaisedAlarm] = field(default_factory=dict)

    def take(self, check: str, alarms: Iterable[Alarm] | None, now: int) -> list[RaisedAlarm]:
        """Take the result of a check, None where it could not be made. Returns the alarms that it cleared."""
        if alarms is None:
            return []
        lasting = {alarm.id: alarm for alarm in alarms}
        own = {name for name, raised in self.raised.items() if raised.check == check}
        cleared = [self.raised.pop(name) for name in sorted(own - lasting.keys())]
        for name, alarm in lasting.items():
            self.raised.setdefault(name, RaisedAlarm(alarm, check, now))
        return cleared

    def write(self, base: Path) -> None:
        """Write the file; it is on the disk when this returns. Raises OSError."""
        document = {
            "format": FORMAT,
            "last_success": self.last_success,
            "last_look": self.last_look,
            "newest": None if self.newest is None else asdict(self.newest),
            "answered": self.answered,
            "alarms": [asdict(raised) for raised in self.raised.values()],
        }
        write_durably(base / STATE_FILE, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())


def read_state(base: Path) -> MonitorState:
    """Read the state of a monitor; a new one where there is none. Raises FileRefused, OSError."""
    path = base / STATE_FILE
    if not path.is_file():
        return MonitorState()
    try:
        body = object_of(read_json_file(path), "", _MEMBERS)
        if body["format"] != FORMAT:
            raise FormatRefused("/format", f'"{FORMAT}" expected')
        return _state(body)
    except FormatRefused as error:
        raise FileRefused(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileRefused(f'{path}: "{FORMAT}" expected') from error


def _state(body: Mapping[str, Any]) -> MonitorState:
    alarms = [
        RaisedAlarm(Alarm(**row["alarm"]), str(row["check"]), int(row["since"]), [*map(str, row["delivered_by"])])
        for row in body["alarms"]
    ]
    return MonitorState(
        int(body["last_success"]),
        None if body["last_look"] is None else int(body["last_look"]),
        None if body["newest"] is None else BlockSighting(**body["newest"]),
        {str(name): int(moment) for name, moment in body["answered"].items()},
        {raised.alarm.id: raised for raised in alarms},
    )
