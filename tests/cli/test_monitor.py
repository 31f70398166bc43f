"""`acredita monitor`: each fault is told once to a mailbox and a webhook on loopback, and survives a restart."""

import hashlib
import hmac
import json
import shutil
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.bodies.monitor import open_monitor
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.main import main
from acredita.node.monitor.monitor import Monitor
from acredita.node.publication.public_files import publish_lists
from acredita.node.storage.credentials import digests
from acredita.node.verification.language import Language
from acredita.registry.keys.scrypt_cost import LEAST_N

from tests.simulators.endpoint import listening
from tests.simulators.noted_log import NotedLog, noted_log
from tests.simulators.one_operator import PROFILE

SECRET = b"secreto compartido"
INTERVAL = 60


@dataclass
class Receivers:
    """A mailbox and a webhook. `refuse`: the webhook answers 503."""

    mails: list[str] = field(default_factory=list)
    posts: list[tuple[str, bytes]] = field(default_factory=list)
    refuse: bool = False
    smtp_port: int = 0
    url: str = ""

    def codes(self) -> tuple[Counter[str], Counter[str]]:
        """Return how often each code came by e-mail, and by webhook."""
        subjects = [line for mail in self.mails for line in mail.splitlines() if line.startswith("Subject: ")]
        return (
            Counter(line.split()[2] for line in subjects),
            Counter(json.loads(body)["code"] for _, body in self.posts),
        )


@contextmanager
def receiving() -> Iterator[Receivers]:
    """Serve a relay that keeps what it gets (RFC 5321, as little as a client needs), and a webhook."""
    received = Receivers()

    class Relay(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 relay\r\n")
            for line in self.rfile:
                verb = line[:4].upper().strip()
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    received.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
                if verb == b"QUIT":
                    return

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not received.refuse:
                received.posts.append((self.headers["Acredita-Signature"], body))
            self.send_response(503 if received.refuse else 204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Write nothing."""

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as relay, listening(Hook) as url:
        thread = threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        received.smtp_port, received.url = relay.server_address[1], f"{url}/alarmas"
        try:
            yield received
        finally:
            relay.shutdown()
            thread.join()


@dataclass
class Watched:
    """A monitor of a copy of an institution's node. `source`: what it publishes; `now`: the monitor's clock."""

    log: NotedLog
    source: Path
    config: Path
    receivers: Receivers
    now: int

    def monitor(self) -> Monitor:
        """Open the monitor as a start of the program does."""
        return open_monitor(self.config, Language.EN, lambda: self.now)[1]

    def rounds(self, count: int) -> Monitor:
        """Take rounds an interval apart, each by a program that was just started."""
        for _ in range(count):
            opened = self.monitor()
            opened.round()
            self.now += INTERVAL
        return opened

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.config.parent / "m" / "monitor.json").read_text())
        return state


@pytest.fixture(scope="module")
def world(accredited_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> NotedLog:
    return noted_log(accredited_folder, tmp_path_factory.mktemp("noted") / "ut")


@pytest.fixture
def watched(world: NotedLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    shutil.copytree(world.data.parent, tmp_path / "ut")
    log = NotedLog(tmp_path / "ut" / "data", world.issuer, world.notes, world.key, world.signer, world.credentials)
    source = log.served(tmp_path / "source", 2)
    for name, secret in (("pass", b"testigo"), ("secret", SECRET)):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_bytes(secret)
    key = ["--folder", str(tmp_path / "w"), "--passphrase-file", str(tmp_path / "pass")]
    assert main(["witness", "key", "new", *key, "--name", "testigo.example/w1", "--scrypt-n", str(LEAST_N)]) == 0
    with receiving() as receivers:
        config = tmp_path / "monitor.toml"
        config.write_text(
            f'[monitor]\nfolder = "m"\ntrust = "ut/data/trust.json"\nchain = "ut/data/chain"\nsources = ["{source}"]\n'
            f'interval_seconds = {INTERVAL}\nmetrics = "m/acredita.prom"\n'
            '[witness]\nfolder = "w"\npassphrase_file = "pass"\n'
            f'[webhook]\nurl = "{receivers.url}"\nsecret_file = "secret"\n'
            f'[mail]\nhost = "127.0.0.1"\nport = {receivers.smtp_port}\nsecurity = "none"\n'
            'sender = "monitor@example.org"\nrecipients = ["guardia@example.org"]\n'
        )
        yield Watched(log, source, config, receivers, head_time(log))


def head_time(log: NotedLog) -> int:
    """Return the time of the newest block, which the monitor's clock begins with."""
    with open_configured_node(log.data / "acredita.toml") as node:
        return node.ledger.head().time


def test_a_planted_equivocation_is_told_once(watched: Watched) -> None:
    watched.rounds(1)
    assert watched.receivers.codes() == (Counter(), Counter())
    (watched.source / watched.log.place / "checkpoint").write_bytes(watched.log.forged(2, bytes(32)))
    watched.rounds(2)
    mails, posts = watched.receivers.codes()
    assert mails == posts
    assert (posts["LOG_EQUIVOCATION"], posts["LOG_NOTE_NOT_ANCHORED"]) == (1, 1)


def test_a_stopped_institution_is_told_once(watched: Watched) -> None:
    """Publish a revocation that is never anchored."""
    config = watched.log.data / "acredita.toml"
    with open_configured_node(config) as node, node.database.read() as connection:
        [first, *_] = digests(connection, node.tenant(PROFILE).issuer)
    assert main(["revoke", first.hex(), "--profile", PROFILE, "--no-anchor", "--config", str(config)]) == 0
    with open_configured_node(config) as node:
        publish_lists(node.database, node.tenant(PROFILE).issuer, watched.source)
    watched.now += 301 + 120
    watched.rounds(3)
    mails, posts = watched.receivers.codes()
    assert (mails["MONITOR_INSTITUTION_STOPPED"], posts["MONITOR_INSTITUTION_STOPPED"]) == (1, 1)


def test_a_block_time_that_is_off_is_told_once(watched: Watched) -> None:
    watched.now -= 400
    watched.rounds(2)
    mails, posts = watched.receivers.codes()
    assert (mails["MONITOR_BLOCK_TIME"], posts["MONITOR_BLOCK_TIME"]) == (1, 1)


def test_a_silent_chain_is_told_once_within_two_intervals(watched: Watched) -> None:
    watched.rounds(2)
    assert watched.receivers.codes()[1]["MONITOR_CHAIN_SILENT"] == 0
    watched.rounds(3)
    mails, posts = watched.receivers.codes()
    assert (mails["MONITOR_CHAIN_SILENT"], posts["MONITOR_CHAIN_SILENT"]) == (1, 1)


def test_a_chain_that_cannot_be_opened_is_told_and_no_success_is_claimed(watched: Watched) -> None:
    watched.rounds(1)
    success = watched.state["last_success"]
    shutil.rmtree(watched.log.data / "chain")
    watched.rounds(3)
    assert watched.receivers.codes()[1]["MONITOR_CHAIN_SILENT"] == 1
    assert watched.state["last_success"] == success


def test_a_silent_source_is_told_once(watched: Watched) -> None:
    with listening(type("Nothing", (BaseHTTPRequestHandler,), {})) as url:
        gone = url
    watched.config.write_text(watched.config.read_text().replace("sources = [", f'sources = ["{gone}", '))
    watched.rounds(4)
    assert watched.receivers.codes()[1]["MONITOR_SOURCE_SILENT"] == 1


def test_an_audit_that_cannot_tell_accuses_nobody_and_claims_no_success(watched: Watched) -> None:
    documents = sorted(watched.source.glob("documents/*.json"))
    assert documents
    for document in documents:
        document.rename(document.with_suffix(".away"))
    watched.rounds(1)
    assert (watched.state["last_success"], watched.receivers.codes()) == (0, (Counter(), Counter()))
    for document in documents:
        document.with_suffix(".away").rename(document)
    watched.rounds(1)
    assert watched.state["last_success"] == watched.now - INTERVAL


def test_an_alarm_that_clears_is_told_again_when_it_comes_back(watched: Watched) -> None:
    note = watched.source / watched.log.place / "checkpoint"
    good, forged = note.read_bytes(), watched.log.forged(2, bytes(32))
    for content in (forged, good, forged):
        note.write_bytes(content)
        watched.rounds(1)
    posts = [json.loads(body) for _, body in watched.receivers.posts]
    ids = [post["id"] for post in posts if post["code"] == "LOG_NOTE_NOT_ANCHORED"]
    assert len(set(ids)) == len(ids) == 2


def test_a_channel_that_fails_is_tried_again_alone(watched: Watched) -> None:
    (watched.source / watched.log.place / "checkpoint").write_bytes(watched.log.forged(2, bytes(32)))
    watched.receivers.refuse = True
    watched.rounds(1)
    assert watched.state["last_success"] == 0
    watched.receivers.refuse = False
    watched.rounds(1)
    mails, posts = watched.receivers.codes()
    assert mails == posts
    assert watched.state["last_success"] == watched.now - INTERVAL


def test_a_webhook_carries_its_hmac(watched: Watched) -> None:
    (watched.source / watched.log.place / "checkpoint").write_bytes(watched.log.forged(2, bytes(32)))
    watched.rounds(1)
    for header, body in watched.receivers.posts:
        moment, mac = (part.split("=")[1] for part in header.split(","))
        assert mac == hmac.new(SECRET, moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def test_metrics_have_the_heartbeat_and_the_alarms(watched: Watched) -> None:
    watched.rounds(1)
    metrics = watched.config.parent / "m" / "acredita.prom"
    values = dict(line.split(" ") for line in metrics.read_text().splitlines() if not line.startswith("#"))
    assert float(values["acredita_monitor_last_success_seconds"]) == watched.state["last_success"]
    assert "acredita_monitor_alarm{" not in metrics.read_text()
    watched.rounds(3)
    assert 'acredita_monitor_alarm{code="MONITOR_CHAIN_SILENT",where="ledger"} 1.0' in metrics.read_text()


def test_the_command_takes_one_round(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    (watched.source / watched.log.place / "checkpoint").write_bytes(watched.log.forged(2, bytes(32)))
    capsys.readouterr()
    assert main(["monitor", "--config", str(watched.config), "--once", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert "LOG_NOTE_NOT_ANCHORED" in {alarm["code"] for alarm in report["alarms"]}


@pytest.mark.parametrize(
    ("setting", "rule"),
    [
        ("[monitor]\nfolder = 3\n", "monitor.folder: a path expected"),
        ("[monitor]\n", "[monitor] folder: must be given"),
        ("[monitor]\nfolder = 'm'\ninterval_seconds = 0\n", "monitor.interval_seconds: 1 to 86400 seconds expected"),
        ("[monitor]\nfolder = 'm'\nintervall = 1\n", "[monitor] intervall: no such setting"),
        ("[monitor]\nfolder = 'm'\n[pager]\n", "unknown section pager"),
        ("[monitor]\nfolder = 'm'\n[webhook]\nurl = 'https://a.example'\n", "webhook: url and secret_file"),
        (
            "[monitor]\nfolder = 'm'\n[mail]\nhost = 'a.example'\nsecurity = 'none'\nsender='a'\nrecipients=['b']",
            "mail.sec",
        ),
    ],
)
def test_a_setting_that_is_wrong_is_named_with_its_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str, rule: str
) -> None:
    config = tmp_path / "monitor.toml"
    config.write_text(setting)
    assert main(["monitor", "--config", str(config), "--once"]) == 2
    error = capsys.readouterr().err
    assert str(config) in error
    assert rule in error
