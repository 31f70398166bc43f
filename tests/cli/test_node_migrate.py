"""R-5 as an operator types it: the chain is lost, the node refuses to go on, and the log moves when both are named."""

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.entries import decode
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import IssuerId, to_hex
from acredita.cli.main import main
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.publication.trust_folder import TrustFolder
from acredita.registry.json_documents.jcs import jcs_digest

from tests.simulators import one_operator
from tests.simulators.one_operator import PROFILE, UNTIL
from tests.waiting import let_run

COUNT = 5
CARRIED = COUNT - 2  # one revoked, one corrected
ENTRY_BYTES = 70
FILES = Path(__file__).resolve().parents[2] / "docs" / "files.md"
COMMAND = [sys.executable, "-c", "import sys; from acredita.cli.main import main; sys.exit(main(sys.argv[1:]))"]
SEED = 20260101
KILLS = 8
LONGEST_LIFE_SECONDS = 6.0


@dataclass(frozen=True)
class Lost:
    """A node whose chain is lost. `out`: what was issued, with its receipts of the old chain."""

    folder: Path
    config: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def data(self) -> Path:
        return self.config.parent

    def run(self, *arguments: str) -> tuple[int, Any, str]:
        return one_operator.run(self.capsys, self.config, *arguments)

    def migrate(self, *more: str, old: str | None = None, new: str | None = None) -> tuple[int, Any, str]:
        named = ["--from", old or self.old, "--to", new or self.new]
        return self.run("node", "migrate", "--profile", PROFILE, *named, "--json", *more)

    def redeploy(self, *more: str) -> tuple[int, Any, str]:
        return self.migrate("--redeploy", "--scope", str(self.folder / "scope.json"), "--until", UNTIL, *more)

    def verify(self, credential: Path, *more: str) -> tuple[int, str, str | None]:
        self.capsys.readouterr()
        code = main(["verify", str(credential), "--trust", str(self.data / "trust.json"), "--json", *more])
        answer = json.loads(self.capsys.readouterr().out)
        return code, answer["verdict"], answer["code"]

    @property
    def old(self) -> str:
        kept = list((self.data / "predecessors").glob("*/trust.json"))
        return str(json.loads((kept[0] if kept else self.data / "trust.json").read_text())["genesis"])

    @property
    def new(self) -> str:
        with Chain.open(self.data / "chain") as chain:
            genesis = RpcLedger(EmbeddedProvider(Rpc(chain))).block(0)
        assert genesis is not None
        return to_hex(genesis.hash)

    def credentials(self) -> list[Path]:
        return sorted((self.folder / "out" / "credentials").iterdir())


@pytest.fixture(scope="module")
def lost_folder(accredited_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Issue five, revoke one, suspend one, correct one; then lose the chain."""
    folder = Path(shutil.copytree(accredited_folder, tmp_path_factory.mktemp("lost") / "node"))
    config, programme = folder / "data" / "acredita.toml", folder / "programme.json"
    of = ["--profile", PROFILE, "--config", str(config)]
    cohort = one_operator.write_cohort(folder, COUNT)
    assert main(["issue", str(cohort), *of, "--programme", str(programme), "--out", str(folder / "out")]) == 0
    revoked, suspended, old, *_ = sorted((folder / "out" / "credentials").iterdir())
    assert main(["revoke", str(revoked), *of]) == 0
    assert main(["suspend", str(suspended), *of]) == 0
    corrected = ["--result", "Destacado", "--out", str(folder / "corrected.json")]
    assert main(["correct", str(old), *of, "--programme", str(programme), *corrected, "--no-anchor"]) == 0
    one_operator.lose_chain(config)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def lost(lost_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Lost:
    folder = Path(shutil.copytree(lost_folder, tmp_path / "node"))
    config = folder / "data" / "acredita.toml"
    return Lost(folder, config, capsys)


def test_r5_a_lost_chain_stops_the_node_and_the_stop_names_the_command(lost: Lost) -> None:
    *_, sound = lost.credentials()
    code, answer, _ = lost.run("suspend", str(sound), "--profile", PROFILE, "--json")
    assert (code, answer["changed"]) == (1, True)
    assert answer["anchoring"].startswith("queued: GENESIS_CHANGED")
    assert "acredita node migrate" in answer["anchoring"]
    _, _, output = lost.run("status")
    assert "STOPPED" in output
    assert "GENESIS_CHANGED" in output
    assert "acredita node migrate" in output


def test_r5_redeployed_and_anchored_again_with_a_recorded_migration(lost: Lost) -> None:
    revoked, suspended, superseded, *sound = lost.credentials()
    code, foreseen, _ = lost.redeploy("--dry-run")
    assert (code, foreseen["migrated"], foreseen["carried"]) == (0, False, CARRIED + 1)
    before = lost.old
    code, answer, output = lost.redeploy()
    assert (code, answer["migrated"], answer["on_ledger"]) == (0, True, True), output
    assert answer["carried"] == CARRIED + 1  # with the correction that had never reached the old chain
    assert answer["left"] == {"CREDENTIAL_REVOKED": 2}
    assert answer["changes"] == {"revoked": 2, "suspended": 1, "replaced": 1}
    assert answer["anchoring"].startswith("anchored in 1")
    assert lost.old == before

    # Old receipts are of a chain that is gone, and the new log is at hand; nothing that was revoked is valid again.
    assert lost.verify(sound[0]) == (0, "recognised", None)
    assert lost.verify(revoked) == (1, "invalid", "CREDENTIAL_REVOKED")
    issue = ["issue", str(lost.folder / "cohort-1.csv"), "--profile", PROFILE]
    issue += ["--programme", str(lost.folder / "programme.json"), "--out", str(lost.folder / "again"), "--json"]
    code, answer, _ = lost.run(*issue)
    assert (code, answer["counts"]) == (0, {"known": COUNT})
    again = lost.folder / "again" / "credentials"
    for credential in sound:
        assert (again / credential.name).read_bytes() == credential.read_bytes()
        assert lost.verify(again / credential.name) == (0, "recognised", None)
    assert lost.verify(again / revoked.name) == (1, "invalid", "CREDENTIAL_REVOKED")
    assert lost.verify(again / superseded.name) == (1, "invalid", "SUPERSEDED")
    assert lost.verify(again / suspended.name) == (1, "invalid", "CREDENTIAL_SUSPENDED")
    assert lost.run("reinstate", str(suspended), "--profile", PROFILE)[0] == 0
    assert lost.verify(again / suspended.name)[:2] == (0, "recognised")
    assert main(["audit", "replay", "--trust", str(lost.data / "trust.json")]) == 0


def test_r5_the_record_and_what_it_speaks_of_are_kept(lost: Lost) -> None:
    published = {path: path.read_bytes() for path in (lost.data / "log").rglob("*") if path.is_file()}
    assert published
    code, answer, _ = lost.redeploy()
    assert code == 0
    record = json.loads((lost.data / "documents" / f"{answer['record'][2:]}.json").read_bytes())
    assert jcs_digest(record).hex() == answer["record"][2:]
    assert (record["predecessor"]["genesis"], record["successor"]["genesis"]) == (lost.old, lost.new)
    (log,) = record["logs"]
    assert log["log"] != log["successor_log"]
    kept = lost.data / "predecessors" / lost.old[2:]
    assert json.loads((kept / "trust.json").read_text())["genesis"] == lost.old
    for path, content in published.items():
        assert (kept / path.relative_to(lost.data)).read_bytes() == content
    size = log["checkpoint"]["size"]
    entries = TrustFolder(kept).entries_of(IssuerId(bytes.fromhex(log["issuer"][2:]))).read(1, 0, size)
    assert len(entries) == ENTRY_BYTES * size
    assert decode(entries[:ENTRY_BYTES]).digest.hex() == log["log"][2:]

    # Run again it changes nothing: one migration, one row of the trail.
    trust, files = (lost.data / "trust.json").read_bytes(), read_log(lost)
    code, again, _ = lost.redeploy()
    assert (code, again["record"], again["anchoring"]) == (0, answer["record"], "nothing to anchor")
    assert ((lost.data / "trust.json").read_bytes(), read_log(lost)) == (trust, files)
    trail = lost.run("node", "trail", "--json")[1]
    (event,) = [event for event in trail["events"] if event["action"] == "migrated"]
    assert event["detail"]["record"] == answer["record"]

    documented = documented_keys()
    for document in (record, answer, trail):
        unknown = {path for path in paths(document) if not any(pattern.fullmatch(path) for pattern in documented)}
        assert unknown == set()


def read_log(lost: Lost) -> list[bytes]:
    return [path.read_bytes() for path in sorted((lost.data / "log").rglob("*")) if path.is_file()]


def paths(value: object, prefix: str = "") -> Iterator[str]:
    """Yield every key of a JSON value by its path, `[]` for the items of an array."""
    if isinstance(value, dict):
        for key, inner in value.items():
            path = f"{prefix}.{key}" if prefix else key
            yield path
            yield from paths(inner, path)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{prefix}[]")


def documented_keys() -> list[re.Pattern[str]]:
    section = FILES.read_text(encoding="utf-8").split("`acredita-migration/1`\n", 1)[1].split("\n## ", 1)[0]
    return [re.compile(re.escape(path).replace(r"\*", ".+")) for path in re.findall(r"`([a-z_.*\[\]]+)`", section)]


def test_r5_nothing_moves_by_accident(lost: Lost) -> None:
    database = (lost.data / "node.db").read_bytes()
    nowhere = f"0x{'11' * 32}"
    assert "GENESIS_UNEXPECTED" in lost.migrate(old=nowhere)[2]
    assert "GENESIS_UNEXPECTED" in lost.migrate(new=nowhere)[2]
    assert "TRUST_OTHER_LEDGER" in lost.migrate()[2]
    assert lost.migrate("--redeploy")[0] == 2, "scope and day are the authority's to say"
    assert lost.migrate(old="0xzz")[0] == 2
    settings = lost.config.read_text()
    lost.config.write_text(re.sub("passphrase_file = .*", "passphrase_descriptor = 3", settings))
    code, _, output = lost.migrate(old=nowhere, new=nowhere)
    assert (code, "more than once" in output) == (2, True)
    lost.config.write_text(settings)
    assert (lost.data / "node.db").read_bytes() == database
    assert not (lost.data / "predecessors").exists()


def test_r5_a_chain_that_answers_is_never_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = one_operator.make_node(tmp_path)
    genesis = one_operator.genesis_of(config)
    scope, _ = one_operator.write_documents(tmp_path, one_operator.did_of(config))
    node = Lost(tmp_path, config, capsys)
    for more in ([], ["--redeploy", "--scope", str(scope), "--until", UNTIL]):
        code, _, output = node.migrate(*more, old=genesis, new=genesis)
        assert code == 1
        assert "LEDGER_NOT_GONE" in output


@pytest.mark.slow
def test_r5_killed_again_and_again_it_ends_the_same(lost: Lost) -> None:
    """Run the real command, kill it at seeded moments from its start on, then let it run to the end."""
    moments = random.Random(SEED)
    arguments = ["node", "migrate", "--profile", PROFILE, "--from", lost.old, "--to", lost.new, "--redeploy"]
    arguments += ["--scope", str(lost.folder / "scope.json"), "--until", UNTIL, "--config", str(lost.config)]
    for _ in range(KILLS):
        with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            let_run(process, moments.uniform(0.5, LONGEST_LIFE_SECONDS))
            process.kill()
    code, answer, output = lost.redeploy()
    assert (code, answer["migrated"], answer["on_ledger"]) == (0, True, True), output
    trail = lost.run("node", "trail", "--json")[1]["events"]
    (event,) = [event for event in trail if event["action"] == "migrated"]
    assert event["detail"] | {"record": ""} == {"carried": CARRIED + 1, "changes": 4, "left": 2, "record": ""}
    size = 1 + CARRIED + 1 + 4
    (issuer,) = (path.name for path in (lost.data / "log").iterdir())
    published = json.loads((lost.data / "log" / issuer / "1" / "published.json").read_text())
    assert published["size"] == size, "each once"
    entries = TrustFolder(lost.data).entries_of(IssuerId(bytes.fromhex(issuer))).read(1, 0, size)
    assert len(entries) == ENTRY_BYTES * size
    assert main(["audit", "replay", "--trust", str(lost.data / "trust.json")]) == 0
