"""The Compose file of a network, read by docker-compose: a service a validator, a version of Besu that is pinned."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from acredita.cli.main import main

from tests.left_out import Want, leave_out

pytestmark = pytest.mark.interop

LEAST_VERSION = (26, 2)


def written(folder: Path, demo: bool) -> Path:
    """Write the files of a network and return its Compose file."""
    words = ["--period", "5", "--allow", "0x" + "ab" * 20, "--out", str(folder / "net")]
    if demo:
        assert main(["network", "init", "--demo-keys", "4", "--chain-id", "31337", *words]) == 0
        return folder / "net" / "compose.yaml"
    for place in range(4):
        key = ["network", "key", f"v{place}", "--host", f"10.0.0.{place + 1}", "--out", str(folder / f"v{place}")]
        assert main(key) == 0
        words += ["--validator", str(folder / f"v{place}" / "validator.json")]
    assert main(["network", "init", "--chain-id", "4711", *words]) == 0
    return folder / "net" / "compose.yaml"


@pytest.mark.parametrize("demo", [False, True], ids=["validators", "demo"])
def test_docker_compose_reads_the_file(tmp_path: Path, demo: bool) -> None:
    path = shutil.which("docker-compose")
    if path is None:
        leave_out(Want.SERVICE_PROGRAMS, "a network's Compose file")
    file = written(tmp_path, demo)
    read = subprocess.run([path, "--file", str(file), "config"], capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr
    services = yaml.safe_load(read.stdout)["services"]
    assert len(services) == 4
    for service in services.values():
        version = re.fullmatch(r"hyperledger/besu:(\d+)\.(\d+)\.\d+", service["image"])
        assert version is not None
        assert (int(version[1]), int(version[2])) >= LEAST_VERSION
