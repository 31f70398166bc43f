"""Write files that hold credentials or keys: only the user of this process may read them, whatever the umask is.

A folder that is made for them is closed to others too. A folder that exists keeps its mode, because it belongs to the
user who made it.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600
OWNER_FOLDER: Final = 0o700


def write_private(path: Path, content: bytes) -> None:
    """Replace a file whole, with mode 0600; a failure leaves the older file. Missing folders are made with mode 0700."""
    make_private_folder(path.parent)
    partial = path.with_name(path.name + ".part")
    partial.unlink(missing_ok=True)
    with os.fdopen(_created(partial), "wb") as file:
        file.write(content)
    partial.replace(path)


def create_private(path: Path) -> None:
    """Make an empty file with mode 0600 if there is none, for a library that opens files itself."""
    with suppress(FileExistsError):
        os.close(_created(path))


def make_private_folder(folder: Path) -> None:
    """Make a folder and its missing parents with mode 0700."""
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        with suppress(FileExistsError):  # another process has made it
            missing.mkdir(OWNER_FOLDER)


def _created(path: Path) -> int:
    """Create a file that does not exist and return its descriptor."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, OWNER_ONLY)
