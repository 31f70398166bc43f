"""Run `acredita` commands as processes of their own without importing the package anew for each.

`forking_process` imports the package once and forks for every command line that comes over a Unix socket, with the caller's
arguments, folder, environment and standard streams. `install` writes the program `acredita` that asks it. The package takes
two seconds to import, and a page has two hundred commands; nothing else is shared between two commands.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.waiting import PATIENCE_SECONDS, wait_for

_PROCESS: Final = Path(__file__).with_name("forking_process.py")
_PROGRAM = """#!{python} -IS
import json, os, signal, socket, sys
asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
asked.connect({address!r})
request = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(asked, [request], [0, 1, 2])
process = int(asked.recv(64))
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda received, _: os.kill(process, received))
sys.exit(int(asked.recv(64) or b"9"))
"""


def install(folder: Path, address: Path) -> None:
    """Write the program `acredita`, which lets the server at this address run its command line."""
    program = folder / "acredita"
    program.write_text(_PROGRAM.format(python=sys.executable, address=str(address)))
    program.chmod(0o755)


@contextmanager
def command_server(folder: Path, python: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    """Run the server as a process group of its own, with the package that this Python has and these variables.

    Yield a folder for PATH. Its commands end with it.
    """
    address, programs = folder / "commands.sock", folder / "bin"
    programs.mkdir()
    install(programs, address)
    words = [python, "-I", _PROCESS, address]
    process = subprocess.Popen(words, cwd=folder, env=variables, start_new_session=True)
    try:
        wait_for(address.exists, "a server of commands")
        yield programs
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)
