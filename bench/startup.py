"""Measure the start of the command: processor time of `acredita verify` for a bundle and of help, beside another checkout.

The time is user and system time of the whole process, the median of the rounds. Rounds alternate between the checkouts.
Bytecode is compiled in a first run that does not count, as an installation compiles it.

Aims, against the last commit that imported the chain for every command: `verify` at most 1.0 s and 0.4 of it, help of a
command at most 0.5 s and 0.2 of it.

    python -m bench.startup [--other CHECKOUT] [--rounds 5]

CHECKOUT is a folder with its own environment in `.venv`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5
LEARNERS = 50
COMMAND = "from acredita.cli.main import run; run()"


@dataclass(frozen=True)
class Checkout:
    """A Python that has one version of this project installed, and the folder of its bytecode."""

    name: str
    python: Path
    bytecode: Path

    def seconds(self, arguments: Sequence[str]) -> float:
        """Run one command and return its processor seconds. Raises RuntimeError if it does not succeed."""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(self.bytecode)
        process = subprocess.Popen(
            [self.python, "-c", COMMAND, *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            cwd=self.bytecode.parent,  # not a checkout: each Python finds its own installation
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"{self.name}: acredita {' '.join(arguments)} ended with {process.returncode}")
        return usage.ru_utime + usage.ru_stime


def make_bundle(folder: Path) -> tuple[Path, Path]:
    """Return an evidence bundle and the trust file that it needs, of a demonstration in a folder."""
    demonstration, bundle = folder / "demonstration", folder / "x.acredita"
    trust = demonstration / "trust.json"
    run = [sys.executable, "-c", COMMAND]
    learners = ["--learners", str(LEARNERS)]
    subprocess.run([*run, "demo", "--out", demonstration, *learners], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    credential = next(path for path in sorted((demonstration / "credentials").iterdir()) if path.name.startswith("up-"))
    subprocess.run(
        [*run, "bundle", credential, "--trust", trust, "--out", bundle],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
    )
    return bundle, trust


def measure(
    checkouts: Sequence[Checkout], commands: Mapping[str, Sequence[str]], rounds: int
) -> dict[tuple[str, str], float]:
    """Return the median processor seconds by command and checkout."""
    seconds: dict[tuple[str, str], list[float]] = {}
    for number in range(rounds + 1):
        for checkout in checkouts:
            for name, arguments in commands.items():
                taken = checkout.seconds(arguments)
                if number > 0:  # the first run compiles the bytecode
                    seconds.setdefault((name, checkout.name), []).append(taken)
    return {key: statistics.median(values) for key, values in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--other", type=Path, help="another checkout, with its environment in .venv")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        bundle, trust = make_bundle(folder)
        commands = {
            "verify of a bundle": ["verify", str(bundle), "--trust", str(trust)],
            "issue --help": ["issue", "--help"],
            "--help": ["--help"],
        }
        checkouts = [Checkout("this", Path(sys.executable), folder / "this")]
        if arguments.other is not None:
            checkouts.append(Checkout("other", arguments.other.resolve() / ".venv/bin/python", folder / "other"))
        medians = measure(checkouts, commands, arguments.rounds)
    print(f"{'command':20} " + " ".join(f"{checkout.name:>8}" for checkout in checkouts) + "    ratio")
    for name in commands:
        figures = [medians[name, checkout.name] for checkout in checkouts]
        ratio = f"{figures[0] / figures[1]:8.2f}" if len(figures) > 1 else ""
        print(f"{name:20} " + " ".join(f"{figure:6.2f} s" for figure in figures) + ratio)


if __name__ == "__main__":
    main()
