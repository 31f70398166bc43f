"""Modules that take long to import, and a way to see which of them a command loads: names hold the start, not times."""

import json
import subprocess
import sys
from collections.abc import Sequence

VERIFY_DOES_WITHOUT = (
    "acredita.devnet.chain",
    "aiohttp",
    "alembic",
    "apscheduler",
    "eth",
    "eth_abi",
    "eth_account",
    "eth_utils",
    "fastapi",
    "jsonschema",
    "jwt",
    "markdown_it",
    "prometheus_client",
    "pypdf",
    "rlp",
    "segno",
    "sqlalchemy",
    "starlette",
    "trie",
    "typst",
    "uvicorn",
    "web3",
)
"""Modules that verification of a bundle does without. A module of ours stands for the chain on py-evm."""
HELP_DOES_WITHOUT = (
    *(name for name in VERIFY_DOES_WITHOUT if name != "markdown_it"),  # it comes with the boxes of the help
    "acredita.anchoring",
    "acredita.contracts",
    "acredita.registry.codes",
    "coincurve",
    "Crypto",
    "cryptography",
    "pyld",
    "requests",
)
"""Modules that the help of any command does without."""

_PROGRAM = """
import json, sys
from acredita.cli.main import main
lines, names = json.loads(sys.argv[1]), json.loads(sys.argv[2])
found = []
for line in lines:
    code = main(line)
    found.append([code, [name for name in names if name in sys.modules]])
print()
print(json.dumps(found))
"""


def run_and_look(lines: Sequence[Sequence[str]], names: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Run commands one after another in a new process. Return the exit code and the loaded modules after each."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, json.dumps(lines), json.dumps(names)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [(code, heavy) for code, heavy in json.loads(ended.stdout.splitlines()[-1])]
