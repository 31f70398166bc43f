"""The process that runs `acredita` command lines for `command_server`: one that imports the package once and forks.

It is run by its path in any environment that has the package, so it imports nothing of the tests.
"""

import json
import os
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from acredita.cli.main import run

_MAX_REQUEST: Final = 1 << 20
_HEAVY: Final = [f"acredita.cli.bodies.{name}" for name in ("council_propose", "issue", "node", "verify")]


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
