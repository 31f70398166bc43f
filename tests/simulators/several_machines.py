"""Run the fenced commands of a page as one shell script, in which each folder is the machine of one party.

Every `acredita` of the script is a process of its own. The costs of passphrases and the ports are the only things that differ
from the page.
"""

import os
import re
import socket
import subprocess
from dataclasses import dataclass
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


def script_of(page: Path, until: str | None = None) -> str:
    """Return the commands of the page's bash fences, of those before the heading `until` alone."""
    text = page.read_text(encoding="utf-8")
    if until is not None:
        text, heading, _ = text.partition(f"\n## {until}\n")
        assert heading, f"{page.name}: no heading {until}"
    return "set -euo pipefail\n" + "\n".join(fence.split("```")[0] for fence in text.split("```bash\n")[1:])


def run_script(script: str, folder: Path) -> Ran:
    """Run a script in a new folder. Raises AssertionError with the end of what it printed where a command fails."""
    base, printed = folder / "machines", folder / "printed"
    base.mkdir()
    for command, cost in _LIGHT.items():
        script = script.replace(f"acredita {command}", f"acredita {command} --scrypt-n {cost}")
    ports = {port: str(_free_port()) for port in sorted(set(_PORT.findall(script)))}
    (folder / "script").write_text(_PORT.sub(lambda port: ports[port[0]], script))
    with command_server(folder) as programs, printed.open("wb") as output:
        variables = {name: value for name, value in os.environ.items() if not name.startswith("ACREDITA_")}
        variables["EXAMPLES"] = str(ROOT / "docs" / "examples")
        variables["PATH"] = f"{programs}{os.pathsep}{variables['PATH']}"
        words = ["bash", "-x", str(folder / "script")]
        code = subprocess.run(words, cwd=base, env=variables, stdout=output, stderr=output, check=False).returncode
    text = printed.read_text(encoding="utf-8")
    assert code == 0, text[-_TAIL:]
    return Ran(base, text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
