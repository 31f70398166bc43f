"""Write files so that they outlive a power failure, and keep other processes out of a folder.

A file is on the disk before its name is there. A name is on the disk once its folder is synchronised.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_synced(path: Path, content: bytes) -> None:
    """Replace a file whole: its bytes are on the disk before its name is there. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file whole; it and its folder's name are on the disk when this returns. Raises OSError."""
    write_synced(path, content)
    sync_folder(path.parent)
    sync_folder(path.parent.parent)


@contextmanager
def only_process(lock_file: Path, busy: Exception) -> Iterator[None]:
    """Keep other processes out while this lasts. The lock ends with its process. Raises `busy` where another has it."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise busy from error
        yield
