"""Files for operators, read by the programs that will read them: docker-compose and systemd."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from acredita.node.config import Configuration, load

from tests.left_out import Want, leave_out

pytestmark = pytest.mark.interop

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "packaging" / "compose"
UNITS = sorted((ROOT / "packaging" / "systemd").glob("*.service"))
GIVEN = {
    "ACREDITA_DATABASE_PASSWORD": "secreto",
    "ACREDITA_BASE": "https://nodo.example",
    "ACREDITA_LEDGER": "https://besu.example",
}


def program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        leave_out(Want.SERVICE_PROGRAMS, f"what {name} says of our files")
    return path


def compose(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Read the Compose file as docker-compose does, with these variables only."""
    command = [program("docker-compose"), "--file", str(COMPOSE / "compose.yaml"), "config"]
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    read = compose(GIVEN)
    assert read.returncode == 0, read.stderr
    services: dict[str, Any] = yaml.safe_load(read.stdout)["services"]
    return services


def configured(service: dict[str, Any], file: Path | None) -> Configuration:
    """Load a node's configuration under the environment that its service has."""
    ours = {name: str(value) for name, value in service["environment"].items() if name.startswith("ACREDITA_")}
    return load(file, ours)


def test_compose_starts_a_database_and_two_nodes(services: dict[str, Any]) -> None:
    assert set(services) == {"database", "node", "reader"}
    node, reader = configured(services["node"], None), configured(services["reader"], COMPOSE / "reader.toml")
    assert node.database_url == reader.database_url == "postgresql+psycopg://acredita@database/acredita"
    assert node.node.base == reader.node.base == GIVEN["ACREDITA_BASE"]
    assert node.keys.passphrase_file == Path("/run/secrets/passphrase")
    assert (reader.keys.passphrase_file, reader.institutions) == (None, ())
    assert not services["reader"].get("secrets")


@pytest.mark.parametrize("absent", GIVEN)
def test_compose_names_what_is_not_set(absent: str) -> None:
    read = compose({name: value for name, value in GIVEN.items() if name != absent})
    assert read.returncode != 0
    assert absent in read.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_no_fault_in_a_unit(unit: Path, tmp_path: Path) -> None:
    """Let systemd read the unit with our own program in the place of the installed one, which it looks for."""
    ours = shutil.which("true")
    text = unit.read_text()
    assert "/opt/acredita/bin/acredita" in text
    copy = tmp_path / unit.name
    copy.write_text(text.replace("/opt/acredita/bin/acredita", str(ours)))
    read = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    faults = [line for line in read.stderr.splitlines() if unit.name in line]
    assert (read.returncode, faults) == (0, []), read.stderr


def test_a_fault_in_a_unit_would_be_found(tmp_path: Path) -> None:
    copy = tmp_path / "acredita-node.service"
    copy.write_text("[Service]\nExecStart=/nowhere/acredita\nProtectSystm=strict\n")
    read = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert "ProtectSystm" in read.stderr
    assert read.returncode != 0
