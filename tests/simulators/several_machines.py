"""Run the fenced commands of a page as one shell script, in which each folder is the machine of one party.

Every `acredita` of the script is a process of its own, of the package that the given Python has. What differs from the page:
the costs of passphrases, the ports, and on another chain the fence that starts the chain.
"""

import os
import re
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from acredita.registry.keys.scrypt_cost import LEAST_N

from tests.house.documents import ROOT
from tests.simulators.command_server import command_server

_LIGHT: Final = {"account new": 2**12, "trust key new": LEAST_N, "node init": LEAST_N}
_PORT: Final = re.compile(r"\b8545\b|\b808\d\b")
_TAIL: Final = 6_000


@dataclass(frozen=True)
class Ran:
    """A script that has ended, with the folder of all machines."""

    base: Path
    output: str

    def machines(self) -> list[Path]:
        """Return the folders of the parties."""
        return sorted(path for path in self.base.iterdir() if (path / "pass").is_file())


def script_of(page: Path) -> str:
    """Return the commands of the page's bash fences."""
    fences = page.read_text(encoding="utf-8").split("```bash\n")[1:]
    return "set -euo pipefail\n" + "\n".join(fence.split("```")[0] for fence in fences)


@dataclass(frozen=True)
class OtherChain:
    """A chain that runs already, in the place of the page's: the lines that name it, and variables of all processes."""

    lines: str
    variables: Mapping[str, str] = field(default_factory=dict)


def on_chain(script: str, chain: OtherChain) -> str:
    """Return the script with the lines of another chain in the place of those that start the page's."""
    before, first, rest = script.partition("export ACREDITA_RPC=")
    _, last, after = rest.partition('until curl -s "$ACREDITA_RPC" > /dev/null; do sleep 0.2; done\n')
    assert first and last, "no lines that start a chain"
    return f"{before}{chain.lines}\n{after}"


def run_script(script: str, folder: Path, python: Path, variables: Mapping[str, str] | None = None) -> Ran:
    """Run a script in a new folder, with the package that this Python has and more variables.

    Raises AssertionError with the end of what it printed where a command fails.
    """
    base, printed = folder / "machines", folder / "printed"
    base.mkdir()
    for command, cost in _LIGHT.items():
        script = script.replace(f"acredita {command}", f"acredita {command} --scrypt-n {cost}")
    ports = {port: str(_free_port()) for port in sorted(set(_PORT.findall(script)))}
    (folder / "script").write_text(_PORT.sub(lambda port: ports[port[0]], script))
    own = {name: value for name, value in os.environ.items() if not name.startswith("ACREDITA_")}
    own |= {"EXAMPLES": str(ROOT / "docs" / "examples"), **(variables or {})}
    with command_server(folder, python, own) as programs, printed.open("wb") as output:
        own["PATH"] = f"{programs}{os.pathsep}{own['PATH']}"
        words = ["bash", "-x", str(folder / "script")]
        code = subprocess.run(words, cwd=base, env=own, stdout=output, stderr=output, check=False).returncode
    text = printed.read_text(encoding="utf-8")
    assert code == 0, text[-_TAIL:]
    return Ran(base, text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
