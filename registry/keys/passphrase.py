"""Read a keystore's passphrase: from a file descriptor, a file only its owner can read, or a systemd credential.

It never comes from a command-line argument or an environment variable, because other users can read those. One line end
at the end and a byte order mark at the beginning are removed, because editors add them; every other byte counts.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from acredita.registry.json_documents.strict import BYTE_ORDER_MARK

MAX_PASSPHRASE_BYTES: Final = 4096

_AROUND: Final = 5  # a mark before and a line end after

# What some shells write before a text. It is refused, because the same words in UTF-8 are another passphrase.
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class PassphraseRefused(Exception):
    """The passphrase cannot be read from there, or others could read it too."""


def from_descriptor(descriptor: int) -> bytes:
    """Read the passphrase from an inherited descriptor, which is closed afterwards. Raises PassphraseRefused."""
    try:
        with os.fdopen(descriptor, "rb") as file:
            return _passphrase(file.read(MAX_PASSPHRASE_BYTES + _AROUND), f"descriptor {descriptor}")
    except OSError as error:
        raise PassphraseRefused(f"descriptor {descriptor}: {error.strerror}") from error


def from_file(path: Path) -> bytes:
    """Read the passphrase from a regular file of this user or root, closed to everybody else (mode 0600 or 0400).

    Raises PassphraseRefused.
    """
    return _from_path(path, forbidden=0o077)


def from_systemd(folder: Path, name: str) -> bytes:
    """Read the credential `name` in the folder that systemd names in CREDENTIALS_DIRECTORY. Raises PassphraseRefused.

    systemd may give the service its right to read by an access list, which shows as group read: that is allowed here.
    """
    if not name or Path(name).name != name:
        raise PassphraseRefused("the name of a systemd credential expected, without a path")
    return _from_path(folder / name, forbidden=0o037)


def check_private(path: Path) -> None:
    """Check that a file with a secret is a regular file of this user or root, closed to everybody else.

    Raises PassphraseRefused.
    """
    with _opened(path, forbidden=0o077):
        return


def _from_path(path: Path, forbidden: int) -> bytes:
    with _opened(path, forbidden) as descriptor:
        return _passphrase(os.read(descriptor, MAX_PASSPHRASE_BYTES + _AROUND), str(path))


@contextmanager
def _opened(path: Path, forbidden: int) -> Iterator[int]:
    try:
        # Without blocking, because a pipe in the place of the file would stop the program.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise PassphraseRefused(f"{path}: {error.strerror}") from error
    try:
        # Check the open file, so that nobody can replace it between the check and the reading.
        _check_owner_only(os.fstat(descriptor), path, forbidden)
        yield descriptor
    finally:
        os.close(descriptor)


def _check_owner_only(status: os.stat_result, path: Path, forbidden: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise PassphraseRefused(f"{path}: a regular file expected")
    if status.st_mode & forbidden:
        raise PassphraseRefused(f"{path}: mode 0600 expected, found {stat.S_IMODE(status.st_mode):04o}")
    if status.st_uid not in (0, os.geteuid()):
        raise PassphraseRefused(f"{path}: a file of this user expected")


def _passphrase(content: bytes, where: str) -> bytes:
    if content.startswith(_UTF16_MARKS):
        raise PassphraseRefused(f"{where}: UTF-8 expected, found UTF-16")
    passphrase = content.removeprefix(BYTE_ORDER_MARK).removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase or len(passphrase) > MAX_PASSPHRASE_BYTES:
        raise PassphraseRefused(f"{where}: 1 to {MAX_PASSPHRASE_BYTES} bytes expected")
    return passphrase
