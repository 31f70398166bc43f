"""Who holds a lease: a process, told apart from every other one, also from one of the same configured name.

A holder is written as `instance/place/pid/start/token`. The token is random, so that two processes never take each
other's lease for their own. The rest lets a process on the same machine see that a holder has ended, and take over at
once instead of waiting: place is the boot and the process-id namespace, start the process's start in clock ticks since
boot, so a number that was given to another process since is not mistaken. Where any of it cannot be read (another
machine, another system than Linux, another account's process kept from sight) nothing is said to have ended, and the
holder is waited for.
"""

import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

MAX_INSTANCE_CHARACTERS: Final = 48  # of 128 in the column
UNKNOWN: Final = "-"
_PROC: Final = Path("/proc")
_STAT_START: Final = 22  # proc_pid_stat(5): start time, counted from 1


def new_holder(instance: str) -> str:
    """A name for the leases of this process that no other holder has, in this process or elsewhere."""
    name = instance.replace("/", "_")[:MAX_INSTANCE_CHARACTERS]
    pid = os.getpid()
    return f"{name}/{_place()}/{pid}/{_start(_stat(pid) or '') or UNKNOWN}/{secrets.token_hex(8)}"


def has_ended(holder: str) -> bool:
    """True only where it is certain that the holder's process is no more."""
    parts = holder.split("/")
    if len(parts) != 5 or UNKNOWN in parts[1:4] or parts[1] != _place() or not parts[2].isdecimal():
        return False
    pid = int(parts[2])
    told = _stat(pid)
    return _is_nobodys(pid) if told is None else _start(told) != parts[3]


def _place() -> str:
    """The boot of this machine and its process-id namespace: within both a process id means one process."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_bytes()
        namespace = (_PROC / "self/ns/pid").stat().st_ino
    except OSError:
        return UNKNOWN
    return hashlib.sha256(boot + b"%d" % namespace).hexdigest()[:16]


def _is_nobodys(pid: int) -> bool:
    """Whether no process has this id. Another account's may be kept from sight (hidepid), and be at work."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _stat(pid: int) -> str | None:
    """What the system tells of a process; None where there is none, or none it lets us see."""
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None


def _start(told: str) -> str | None:
    """When the process began; None where only its parent has not collected it yet."""
    # The command's name stands in parentheses and may hold anything: fields are counted behind it.
    fields = told.rpartition(")")[2].split()
    if len(fields) <= _STAT_START - 3 or fields[0] in ("Z", "X"):
        return None
    return fields[_STAT_START - 3]
