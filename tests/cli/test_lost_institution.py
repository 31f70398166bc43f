"""One institution's node and disk are deleted: its credentials verify and the audit agrees from the mirrors.

The chain, the institution's node and another node are processes of their own. The trust file names the sources.
"""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from acredita.anchoring.types import to_hex
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.main import main
from acredita.node.storage.credentials import digests
from acredita.node.write_path.anchor import anchor_pending
from acredita.registry.ledger_facts.trust_file import parse_unsigned

from tests.cli.test_status_at_once import GOOD, REVOKED, ROOT, RUN, serving
from tests.simulators.one_operator import PROFILE, write_cohort
from tests.waiting import PATIENCE_SECONDS, wait_for

pytestmark = pytest.mark.slow


@contextmanager
def chain_of(folder: Path) -> Iterator[str]:
    """Serve the embedded chain in a folder by `acredita devnet`, in a process of its own; yield its address."""
    words = [*RUN, "devnet", "--data", str(folder), "--port", "0", "--lang", "en"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            words = (word for line in process.stdout for word in line.split())
            yield next(word for word in words if word.startswith("http://")).rstrip(",")
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_SECONDS)


def over_rpc(config: Path, rpc: str, port: int = 0) -> None:
    """Let a node use the chain behind an address, and listen on a port, or on any."""
    kept = [line for line in config.read_text().splitlines() if not line.startswith("port =")]
    text = "\n".join([*kept, *([] if "[ledger]" in kept else ["[ledger]"])])
    text = text.replace("[node]", f"[node]\nport = {port}")
    config.write_text(text.replace("[ledger]", f'[ledger]\nrpc = ["{rpc}"]\ndepth = 0') + "\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def with_sources(folder: Path, *sources: str) -> Path:
    """Sign the next trust file, which names these sources, with the operator's trust key. Return its path."""
    following = folder / "next.json"
    named = [word for source in sources for word in ("--add-source", source)]
    assert main(["trust", "draft", str(folder / "data" / "trust.json"), "--out", str(following), *named]) == 0
    keys = ["--keystore", str(folder / "data" / "authority.keystore"), "--passphrase-file", str(folder / "pass")]
    last = ["--last", str(folder / "data" / "trust.json")]
    assert main(["trust", "sign", str(following), *keys, *last, "--fingerprint", fingerprint(following)]) == 0
    return following


def fingerprint(trust: Path) -> str:
    return to_hex(parse_unsigned(json.loads(trust.read_bytes())).digest)


@dataclass
class Lost:
    """A world whose institution is gone: what a verifier, an auditor and another node have."""

    credentials: list[bytes]
    trust: Path
    rpc: str
    other: str
    client: httpx.Client

    def verdict(self, credential: bytes) -> tuple[str, str | None]:
        """Return verdict and code of the other node."""
        answer = self.client.post(f"{self.other}/v1/verify", json={"credential": json.loads(credential)}).json()
        return answer["verdict"], answer["code"]

    def mirrored(self) -> dict[str, Any]:
        """Return the state of the other node's mirror; an empty one before its first round."""
        answer = self.client.get(f"{self.other}/mirror/mirror.json")
        return dict(answer.json()) if answer.status_code == 200 else {}


@pytest.fixture(scope="module")
def lost(accredited_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lost]:
    base = tmp_path_factory.mktemp("lost")
    shutil.copytree(accredited_folder, base / "ut")
    config = base / "ut" / "data" / "acredita.toml"
    shutil.move(base / "ut" / "data" / "chain", base / "chain")
    with chain_of(base / "chain") as rpc, httpx.Client(timeout=PATIENCE_SECONDS) as client:
        over_rpc(config, rpc)
        issue = ["issue", str(write_cohort(base / "ut", 3)), "--profile", PROFILE, "--config", str(config)]
        assert main([*issue, "--programme", str(base / "ut" / "programme.json")]) == 0
        with open_configured_node(config) as node:
            tenant = node.tenant(PROFILE)
            anchor_pending(tenant.writer, force=True)
            with node.database.read() as connection:
                found = [tenant.institution.credential(digest) for digest in digests(connection, tenant.issuer)]
                [_, _, digest] = digests(connection, tenant.issuer)
        assert main(["revoke", digest.hex(), "--profile", PROFILE, "--config", str(config)]) == 0
        with ExitStack() as institution:
            port = free_port()
            at_other = f"http://127.0.0.1:{port}"
            trust = with_sources(base / "ut", institution.enter_context(serving(config)), f"{at_other}/mirror")
            other = base / "otro"
            other.mkdir()
            shutil.copy(trust, other / "trust.json")
            settings = f'[node]\ndata = "."\nbase = "{at_other}"\n[mirror]\nseconds = 1\n'
            (other / "acredita.toml").write_text(settings)
            over_rpc(other / "acredita.toml", rpc, port)
            with serving(other / "acredita.toml") as url:
                world = Lost(found, other / "trust.json", rpc, url, client)
                wait_for(lambda: is_whole(world), "a whole mirror", poll_seconds=0.1)
                institution.close()
                shutil.rmtree(base / "ut")
                yield world


def is_whole(world: Lost) -> bool:
    state = world.mirrored()
    kinds = {place.partition("/")[0] for place in state.get("copies", {})}
    return kinds == {"log", "status"} and not state["findings"]


def test_another_node_answers_for_it(lost: Lost) -> None:
    assert [lost.verdict(credential) for credential in lost.credentials] == [GOOD, GOOD, REVOKED]


def test_another_node_says_how_old_its_copies_are(lost: Lost) -> None:
    """Serve copies under a path of their own, with the time of each; no other file of the folder is served."""
    copies = lost.mirrored()["copies"]
    [status] = [place for place in copies if place.startswith("status/")]
    [log] = [place for place in copies if place.startswith("log/")]
    for path in (f"{status}.json", f"{log}/tile/entries/000.p/1"):
        answer = lost.client.get(f"{lost.other}/mirror/{path}")
        assert answer.status_code == 200
        assert answer.headers["acredita-fetched"] >= copies[path.split("/tile")[0].removesuffix(".json")]["fetched"]
    wait_for(lambda: lost.client.get(f"{lost.other}/mirror/{log}/checkpoint").status_code == 200, "a note")
    for private in ("acredita.toml", "node.db", "mirror.lock", "%2e%2e/otro/node.db", f"{log}/published.json"):
        assert lost.client.get(f"{lost.other}/mirror/{private}").status_code == 404


def test_commands_verify_and_audit_from_a_mirror_of_the_mirror(
    lost: Lost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copy the other node's copies into a folder. With it and the chain the verdicts are the same, and the audit agrees."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    out, rpc = tmp_path / "copies", ["--rpc", lost.rpc]
    named = ["--trust", str(lost.trust), *rpc, "--source", f"{lost.other}/mirror"]
    assert main(["mirror", *named, "--out", str(out)]) == 0
    trust = ["--trust", str(out / "trust.json"), *rpc]
    assert verdicts(lost, tmp_path, capsys, *trust) == (1, [GOOD, GOOD, REVOKED])
    assert verdicts(lost, tmp_path, capsys, *trust, "--log", f"{lost.other}/mirror") == (1, [GOOD, GOOD, REVOKED])
    assert outcome(capsys, *trust) == (0, "agrees")


def test_commands_verify_and_audit_with_a_mirror_as_source(
    lost: Lost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Give the same answers from a trust file, the chain and one address; without the address, none."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    shutil.copy(lost.trust, tmp_path / "trust.json")
    trust = ["--trust", str(tmp_path / "trust.json"), "--rpc", lost.rpc]
    missing = ("indeterminate", "RECEIPT_MISSING")
    assert verdicts(lost, tmp_path, capsys, *trust) == (3, [missing] * 3)
    assert outcome(capsys, *trust) == (3, "unknown")
    source = ["--source", f"{lost.other}/mirror"]
    assert verdicts(lost, tmp_path, capsys, *trust, *source) == (1, [GOOD, GOOD, REVOKED])
    assert outcome(capsys, *trust, *source) == (0, "agrees")


def test_a_pinned_trust_file_is_enough(
    lost: Lost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ask the sources that the pinned file names. The first of them is the institution that is gone."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    shutil.copy(lost.trust, tmp_path / "trust.json")
    assert main(["trust", "pin", str(tmp_path / "trust.json"), "--fingerprint", fingerprint(lost.trust)]) == 0
    assert verdicts(lost, tmp_path, capsys, "--rpc", lost.rpc) == (1, [GOOD, GOOD, REVOKED])
    assert outcome(capsys, "--trust", str(tmp_path / "trust.json"), "--rpc", lost.rpc) == (0, "agrees")


def verdicts(
    lost: Lost, folder: Path, capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[int, list[tuple[str, str | None]]]:
    files = [folder / f"{place}.json" for place, _ in enumerate(lost.credentials)]
    for file, credential in zip(files, lost.credentials, strict=True):
        file.write_bytes(credential)
    capsys.readouterr()
    code = main(["verify", "--json", *map(str, files), *options])
    return code, [(each["verdict"], each["code"]) for each in json.loads(capsys.readouterr().out)]


def outcome(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["audit", "replay", "--json", *options])
    return code, json.loads(capsys.readouterr().out)["outcome"]
