"""A node over the folder a demonstration leaves: every file gets the verdict and code its summary names, over HTTP
too.
"""

import json
import time
from pathlib import Path

import pytest
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.demo.run import run_demonstration
from acredita.node.http.app import NodeDependencies, create_app
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.storage.database import Database

from tests.node.http.two_institution_node import Client, body

LEARNERS = 200


@pytest.mark.slow
def test_every_file_gets_over_http_what_the_summary_says(tmp_path: Path) -> None:
    out, now = tmp_path / "d", int(time.time())
    run_demonstration(out, LEARNERS, now, lambda event: None, lambda done, of: None)
    files = json.loads((out / "summary.json").read_text())["files"]
    assert sum(name.startswith("credentials/") for name in files) > LEARNERS // 2
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    with Chain.open(out / "chain", read_only=True) as chain:
        dependencies = NodeDependencies(
            database=database,
            folder=TrustFolder(out),
            trust=read_trust(out / "trust.json"),
            ledger=RpcLedger(EmbeddedProvider(Rpc(chain))),
            clock=lambda: now + 60,  # the stage's clock has gone a few seconds beyond its first moment
            base="https://registro.example",
        )
        with Client(create_app(dependencies)) as client:
            found = {name: ask(client, out, name) for name in files}
    database.close()
    assert found == {name: (row["verdict"], row["code"]) for name, row in files.items()}


def ask(client: Client, out: Path, name: str) -> tuple[str, str | None]:
    receipt = out / "receipts" / Path(name).name
    more = {"receipt": json.loads(receipt.read_bytes())} if receipt.exists() else {}
    credential = (out / name).read_bytes()
    answer = client.post("/v1/verify", content=body(credential, **more))
    assert answer.status_code == 200
    return answer.json()["verdict"], answer.json()["code"]
