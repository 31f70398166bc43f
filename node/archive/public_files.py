"""Find the files of a public folder that belong to an archive, by their names. Anything else, and every link, is left out."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

PUBLIC_NAME: Final = re.compile(
    r"trust\.json|trust/[1-9][0-9]{0,8}\.json|withheld\.json|dids\.json"
    r"|documents/[0-9a-f]{64}\.(?:json|bin|txt)|status/[0-9a-f]{64}/[0-9]{1,6}\.json"
    r"|log/[0-9a-f]{64}/[1-9][0-9]{0,9}(?:/[a-z0-9][a-z0-9._-]{0,40}){1,8}"
)
"""The names of public files. No segment begins with a dot, so that none leads out of the folder."""
_UNFINISHED: Final = ".part"


def public_files(bases: Sequence[Path]) -> dict[str, Path]:
    """Return name → file. Of a name in several folders the first has it, because later ones only complete it."""
    files: dict[str, Path] = {}
    for base in bases:
        for name, path in _files_below(base):
            files.setdefault(name, path)
    return dict(sorted(files.items()))


def _files_below(base: Path) -> Iterator[tuple[str, Path]]:
    for folder, _, names in os.walk(base):
        for name in names:
            path = Path(folder) / name
            relative = path.relative_to(base).as_posix()
            public = PUBLIC_NAME.fullmatch(relative) and not name.endswith(_UNFINISHED)
            if public and path.is_file() and not path.is_symlink():
                yield relative, path
