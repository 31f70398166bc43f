"""Run `acredita` commands as processes of their own without importing the package anew for each.

`serve` imports the package once and forks for every command line that comes over a Unix socket, with the caller's arguments,
folder, environment and standard streams. `install` writes the program `acredita` that asks it. The package takes two seconds
to import, and a page has two hundred commands; nothing else is shared between two commands.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from acredita.cli.main import run

from tests.waiting import PATIENCE_SECONDS, wait_for

_MAX_REQUEST: Final = 1 << 20
_HEAVY: Final = [f"acredita.cli.bodies.{name}" for name in ("council_propose", "issue", "node", "verify")]
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
def command_server(folder: Path) -> Iterator[Path]:
    """Run the server as a process group of its own; yield a folder for PATH. Its commands end with it."""
    address, programs = folder / "commands.sock", folder / "bin"
    programs.mkdir()
    install(programs, address)
    process = subprocess.Popen([sys.executable, "-m", __name__, str(address)], start_new_session=True)
    try:
        wait_for(address.exists, "a server of commands")
        yield programs
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def serve(address: str) -> None:
    """Import the package, then answer until a signal ends the process."""
    for name in _HEAVY:
        import_module(name)
    signal.signal(signal.SIGTERM, _end)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(f"{address}.new")
    listening.listen(64)
    Path(f"{address}.new").rename(address)
    while True:
        asked, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _answer(asked)
        asked.close()


def _end(number: int, frame: object) -> None:
    """End once every command has ended. They are told at the same time, because they are of one process group."""
    signal.signal(number, signal.SIG_IGN)
    with suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)


def _answer(asked: socket.socket) -> None:
    """Run the command in one more process, and send its process id and its exit code to whoever asked."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the command ends by its own, and is waited for
    request, streams, _, _ = socket.recv_fds(asked, _MAX_REQUEST, 3)
    process = os.fork()
    if process == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        asked.close()
        _become(json.loads(request), streams)
    asked.send(str(process).encode())
    _, status = os.waitpid(process, 0)
    asked.send(str(os.waitstatus_to_exitcode(status) % 256).encode())
    os._exit(0)


def _become(request: list[Any], streams: list[int]) -> None:
    """Run a command line in this process and end it."""
    arguments, folder, variables = request
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["acredita", *arguments]
    try:
        run()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 1)


if __name__ == "__main__":
    serve(sys.argv[1])
