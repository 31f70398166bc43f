"""Build the wheel of the checkout and install it in an environment of its own, beside everything the project depends on."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

from tests.house.documents import ROOT

PACKAGES: Final = ("anchoring", "cli", "contracts", "devnet", "node", "registry")


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that ends well; return what it printed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout


def install_wheel(folder: Path) -> Path:
    """Build the wheel, install it under a folder, and return the Python of that environment."""
    source = folder / "source"  # a copy, because an older build beside the checkout would get into the wheel
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, cwd=source)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    executable = folder / "venv" / "bin" / "python"
    [wheel] = folder.glob("*.whl")
    installing = ["--python", executable, "install", "-q", "--no-deps", "--no-index", wheel]
    run(sys.executable, "-m", "pip", *installing, cwd=folder)
    # After the environment's own packages; path files of the folder added here are not read, so neither is the checkout.
    packages = Path(sysconfig.get_path("purelib", vars={"base": folder / "venv", "platbase": folder / "venv"}))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return executable
