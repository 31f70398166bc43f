"""The log over HTTP, read by a program written against the C2SP text alone, with pymerkle as its judge of roots."""

import json
import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from acredita.node.http.app import create_app, node_of
from acredita.node.storage.stored_checkpoints import newest_of_epoch

from tests.left_out import Want, leave_out
from tests.node.http.test_server import running
from tests.node.http.two_institution_node import TwoInstitutionNode, open_two_institution_node
from tests.node.stored_log import fill

pytestmark = pytest.mark.interop

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".oracles" / "merkle" / "bin" / "python"
READER = Path(__file__).parent / "tiles" / "reader.py"
SEED = 9162
RANDOM = sorted(random.Random(SEED).sample(range(300, 65_000), 6))
SIZES = [2, 255, 256, 257, *RANDOM, 65_536, 65_537]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> TwoInstitutionNode:
    return open_two_institution_node(tmp_path_factory.mktemp("node"))


def test_an_independent_reader_comes_to_the_same_roots(node: TwoInstitutionNode) -> None:
    if not PYTHON.exists():
        leave_out(Want.ORACLES, "the independent reader of tiles")
    tenant = node.demo.tenants["demo-bt"]  # nobody has issued there yet
    fill(node.dependencies.database, tenant.issuer, SIZES, beyond=300)
    app = create_app(replace(node.dependencies, base="http://registro.example"))
    notary = node_of(app).notary(tenant.issuer)
    assert notary is not None
    with running(app) as port:
        prefix = f"http://127.0.0.1:{port}/log/{tenant.issuer.hex()}/1"
        sizes = ",".join(str(size) for size in [1, *SIZES])
        done = subprocess.run(
            [PYTHON, "-I", READER, prefix, notary.key(1).to_text(), sizes, str(SEED)],
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    head = json.loads(done.stdout)
    with node.dependencies.database.read() as connection:
        newest = newest_of_epoch(connection, tenant.issuer, 1)
    assert newest is not None
    assert (head["size"], head["root"]) == (65_537, newest.checkpoint.root.hex())
    assert head["extensions"][0] == f"acredita-number {newest.checkpoint.number}"
    assert head["proved"] == 16
    node.demo.close()


def test_the_reader_has_no_acredita() -> None:
    if not PYTHON.exists():
        leave_out(Want.ORACLES, "the independent reader of tiles")
    done = subprocess.run([PYTHON, "-I", "-c", "import acredita"], capture_output=True, check=False)
    assert done.returncode != 0
