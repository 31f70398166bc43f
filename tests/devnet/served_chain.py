"""A chain served by a process of its own, which notes in a shared byte whether it is writing a block.

Run by tests: `python -m tests.devnet.served_chain FOLDER [FLAG]`. Prints its address once it takes requests.
"""

import mmap
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from acredita.devnet.chain import Chain
from acredita.devnet.database import ChainDatabase
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.server import claim, serve_on

GENESIS_TIME = 1_767_225_600  # 2026-01-01T00:00:00Z
IDLE, WRITING = 0, 1


def note_writes(flag: Path) -> None:
    """Set the shared byte while a block is being written; the writing itself is untouched."""
    with flag.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), 1)
    append = ChainDatabase.append

    def noted(self: ChainDatabase, *arguments: Any) -> None:
        shared[0] = WRITING
        append(self, *arguments)
        shared[0] = IDLE

    ChainDatabase.append = noted  # type: ignore[method-assign]


def main(arguments: Sequence[str]) -> None:
    folder = Path(arguments[0])
    if len(arguments) > 1:
        note_writes(Path(arguments[1]))
    with Chain.open(folder, genesis_time=GENESIS_TIME, extra_data=bytes(32)) as chain:
        serve_on(claim(port=0), Rpc(chain), ready=lambda address: print(address, flush=True))
    print("closed", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
