"""Scenarios of the domain by their codes, as an institution types them: a cohort, a reorganisation, a suspension."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.receipts import parse_receipt
from acredita.cli.main import main
from acredita.registry.credentials.parse import schema_errors

from tests.simulators import one_operator
from tests.simulators.one_operator import PROFILE

COHORT = 8


@dataclass(frozen=True)
class AccreditedNode:
    """A node of one operator whose institution is accredited and has an approved programme."""

    folder: Path
    config: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, Any, str]:
        self.capsys.readouterr()
        code = main([*arguments, "--config", str(self.config)])
        output = self.capsys.readouterr()
        return code, json.loads(output.out) if output.out.startswith(("{", "[")) else None, output.err + output.out

    def issue(self, count: int, out: str, *more: str, first: int = 1) -> tuple[int, Any, str]:
        cohort = one_operator.write_cohort(self.folder, count, first)
        programme = ["--programme", str(self.folder / "programme.json"), "--profile", PROFILE]
        return self.run("issue", str(cohort), *programme, "--out", str(self.folder / out), "--json", *more)

    def verify(self, credential: Path, *more: str) -> tuple[int, str, str | None]:
        self.capsys.readouterr()
        trust = ["--trust", str(self.config.parent / "trust.json")]
        code = main(["verify", str(credential), *trust, "--json", *more])
        answer = json.loads(self.capsys.readouterr().out)
        return code, answer["verdict"], answer["code"]

    def credentials(self, out: str) -> list[Path]:
        return sorted((self.folder / out / "credentials").iterdir())


@pytest.fixture
def node(accredited_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AccreditedNode:
    folder = Path(shutil.copytree(accredited_folder, tmp_path / "node"))
    return AccreditedNode(folder, folder / "data" / "acredita.toml", capsys)


def test_i2_eight_people_one_root_and_receipts_that_verify(node: AccreditedNode) -> None:
    code, answer, _ = node.issue(COHORT, "out")
    assert (code, answer["counts"]) == (0, {"issued": COHORT})
    credentials = [json.loads(path.read_bytes()) for path in node.credentials("out")]
    assert len(credentials) == COHORT
    assert [schema_errors(credential) for credential in credentials] == [[]] * COHORT
    receipts = [parse_receipt(json.loads(path.read_bytes())) for path in (node.folder / "out" / "receipts").iterdir()]
    assert len({receipt.checkpoint.root for receipt in receipts}) == 1
    assert [receipt.inclusion_fault() for receipt in receipts] == [None] * COHORT
    assert node.verify(node.credentials("out")[0]) == (0, "recognised", None)


def test_r4_a_reorganisation_takes_the_anchor_and_the_receipt_is_made_anew(node: AccreditedNode) -> None:
    """Continue the chain from before the anchor with other blocks: the old receipt's checkpoint is not on it."""
    chain = node.config.parent / "chain"
    shutil.copytree(chain, node.folder / "fork")
    assert node.issue(COHORT, "before")[0] == 0
    credential = node.credentials("before")[0]
    assert node.verify(credential)[1] == "recognised"

    shutil.rmtree(chain)
    shutil.copytree(node.folder / "fork", chain)
    for act in ("suspend", "reinstate"):
        assert node.run("registry", act, "--profile", PROFILE, "--reason", "reorganización")[0] == 0
    assert node.verify(credential)[1:] == ("pending_anchor", "PENDING_ANCHOR")
    code, answer, output = node.issue(COHORT, "after")
    assert (code, answer["counts"]) == (0, {"known": COHORT}), output
    assert "anchored in 1 checkpoint, at " in answer["anchoring"]
    assert node.verify(credential)[1:] == ("recognised", None), "by the log: the old receipt is of a block that is gone"
    assert node.verify(node.credentials("after")[0]) == (0, "recognised", None)
    old, new = (
        json.loads((node.folder / out / "receipts" / credential.name).read_bytes()) for out in ("before", "after")
    )
    assert old["transaction"] == new["transaction"], "the same bytes went out again"
    assert old["block_hash"] != new["block_hash"]


def test_i10_a_suspended_institution_is_told_by_whom_and_since_when(node: AccreditedNode) -> None:
    reason = "revisión extraordinaria"
    assert node.issue(COHORT, "before", "--no-anchor")[0] == 0
    assert node.run("registry", "suspend", "--profile", PROFILE, "--reason", reason)[0] == 0

    # What was queued before is refused by the contract, and nothing of it is anchored.
    _, answer, _ = node.run("suspend", str(node.credentials("before")[0]), "--profile", PROFILE, "--json")
    assert "issuer: not active" in answer["anchoring"]
    assert not (node.folder / "before" / "receipts").exists()
    (row,) = node.run("status", "--json")[1]
    assert row["refused"] == COHORT

    # Nothing new is signed, and the sentence names the record: moment, account, act.
    code, _, output = node.issue(1, "after", first=50)
    assert code == 1
    assert "ISSUER_NOT_ACTIVE: the institution is suspended by the record of 20" in output
    act = output.rsplit("act 0x", 1)[1].strip()
    kept = (node.config.parent / "documents" / f"{act}.txt").read_bytes()
    assert reason in kept.decode()
    assert hashlib.sha256(kept).hexdigest() == act
