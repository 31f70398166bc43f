"""A change of status in the next answer of every process: two servers and a read node on one database, and commands.

The read node has no passphrase and a folder of its own.
"""

import base64
import gzip
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.main import main
from acredita.node.storage.credentials import digests
from acredita.node.write_path.anchor import anchor_pending
from sqlalchemy import create_engine, text

from tests.left_out import Want, leave_out
from tests.node.conftest import POSTGRES, STORAGE_ON_IT, postgres_schema
from tests.simulators.one_operator import PROFILE, write_cohort
from tests.waiting import PATIENCE_SECONDS, wait_for

ROOT = Path(__file__).resolve().parents[2]
RUN = [sys.executable, "-c", "from acredita.cli.main import run; run()"]
COUNT = 12


@dataclass
class Servers:
    """Two servers of one node and a read node beside them, the credentials they have anchored, and a token."""

    folder: Path
    config: Path
    urls: list[str]
    reader: str
    database: str
    token: str
    client: httpx.Client
    unchanged: list[tuple[str, bytes]]

    def change(self, server: int, digest: str, action: str) -> httpx.Response:
        answer = self.client.post(
            f"{self.urls[server]}/v1/credentials/{digest}/status",
            json={"action": action},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert answer.status_code == 202, answer.text
        return answer

    def each(self, ask: Callable[[str], Any]) -> Any:
        """Return the answer of all three servers, which must be the same."""
        first, *others = (ask(url) for url in (*self.urls, self.reader))
        assert others == [first, first]
        return first

    def verdict(self, credential: bytes, **more: str) -> tuple[str, str | None]:
        """Return verdict and code of `POST /v1/verify`, the same of all servers."""
        body = {"credential": json.loads(credential), **more}

        def ask(url: str) -> tuple[str, str | None]:
            answer = self.client.post(f"{url}/v1/verify", json=body).json()
            return answer["verdict"], answer["code"]

        verdict: tuple[str, str | None] = self.each(ask)
        return verdict

    def page(self, credential: bytes) -> str:
        """Return which of the words REVOCADA, SUSPENDIDA, SUSTITUIDA, RECONOCIDA the page begins its answer with."""
        words = ("REVOCADA", "SUSPENDIDA", "SUSTITUIDA", "RECONOCIDA")

        def ask(url: str) -> str:
            page = self.client.post(f"{url}/verificar", data={"credencial": credential.decode()}).text
            return next(word for word in words if word in page)

        return str(self.each(ask))

    def status(self, digest: str) -> str:
        return str(self.each(lambda url: self.client.get(f"{url}/v1/credentials/{digest}").json()["status"]))

    def bit(self, credential: bytes) -> bool:
        """Return the credential's bit in the published list."""
        entry = json.loads(credential)["credentialStatus"]
        path = entry["statusListCredential"].split("/status/")[1]

        def ask(url: str) -> bool:
            answer = self.client.get(f"{url}/status/{path}")
            assert "no-cache" in answer.headers["cache-control"]
            encoded = answer.json()["credentialSubject"]["encodedList"]
            bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
            index = int(entry["statusListIndex"])
            return bool(bits[index >> 3] & (0x80 >> (index & 7)))

        return bool(self.each(ask))


def is_answering(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=PATIENCE_SECONDS).status_code == 200
    except httpx.ConnectError:
        return False


@contextmanager
def serving(config: Path) -> Iterator[str]:
    """Run `acredita node run` in a process of its own; yield its address."""
    with subprocess.Popen(
        [*RUN, "node", "run", "--config", str(config)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if line.startswith("listening on "))
            url = f"http://{line.removeprefix('listening on ').split(',')[0].strip()}"
            wait_for(lambda: is_answering(url), "a server that answers")  # its address is told before it accepts
            yield url
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def servers(
    request: pytest.FixtureRequest, accredited_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("servers") / "node"
    shutil.copytree(accredited_folder, folder)
    if request.param == "sqlite":
        yield from _servers(folder, None)
        return
    if POSTGRES is None:
        leave_out(Want.POSTGRESQL, STORAGE_ON_IT)
    for url in postgres_schema(POSTGRES):
        yield from _servers(folder, url)


def _servers(folder: Path, database: str | None) -> Iterator[Servers]:
    config = folder / "data" / "acredita.toml"
    settings = re.sub(r"(?m)^port = \d+\n", "", config.read_text()).replace('data = "."', 'data = "."\nport = 0')
    if database is not None:
        settings += f"\n[database]\nurl = {json.dumps(database)}\n"
    config.write_text(settings)
    of = ["--config", str(config)]
    issue = ["issue", str(write_cohort(folder, COUNT)), "--profile", PROFILE]
    assert main([*issue, "--programme", str(folder / "programme.json"), *of]) == 0
    with open_configured_node(config) as node:
        tenant = node.tenant(PROFILE)
        anchor_pending(tenant.writer, force=True)
        with node.database.read() as connection:
            issued = {
                digest.hex(): tenant.institution.credential(digest) for digest in digests(connection, tenant.issuer)
            }
    token = io.StringIO()
    with redirect_stdout(token):
        assert main(["node", "token", "new", "--label", "staff", "--right", "revoke", "--profile", PROFILE, *of]) == 0
    url = database or f"sqlite:///{folder / 'data' / 'node.db'}"
    with (
        serving(config) as first,
        serving(config) as second,
        serving(read_node(folder, url)) as reader,
        httpx.Client(timeout=PATIENCE_SECONDS) as client,
    ):
        secret = token.getvalue().split()[0]
        yield Servers(folder, config, [first, second], reader, url, secret, client, list(issued.items()))


def read_node(folder: Path, database: str, replica: str | None = None) -> Path:
    """Write the configuration of a node without a passphrase that reads this database, in a folder of its own."""
    data = folder / "reader"
    data.mkdir()
    of_writer = folder / "data"
    lines = ["[node]", 'data = "."', "port = 0", "[database]", f"url = {json.dumps(database)}"]
    lines += [f"replica = {json.dumps(replica)}"] if replica is not None else []
    lines += ["[ledger]", f"chain = {json.dumps(str(of_writer / 'chain'))}", "read_only = true"]
    lines += [f"trust = {json.dumps(str(of_writer / 'trust.json'))}"]
    (data / "acredita.toml").write_text("\n".join(lines))
    return data / "acredita.toml"


@pytest.fixture
def credential(servers: Servers) -> tuple[str, bytes]:
    """Return a credential that no other test has changed: its digest and its bytes."""
    return servers.unchanged.pop()


GOOD = ("recognised", None)
REVOKED = ("invalid", "CREDENTIAL_REVOKED")
SUSPENDED = ("invalid", "CREDENTIAL_SUSPENDED")
REPLACED = ("invalid", "SUPERSEDED")


@pytest.mark.parametrize("by", range(2))
def test_a_revocation_is_in_the_first_answer_of_every_process(
    servers: Servers, credential: tuple[str, bytes], by: int
) -> None:
    digest, document = credential
    assert (servers.verdict(document), servers.bit(document), servers.status(digest)) == (GOOD, False, "good")
    servers.change(by, digest, "revoke")
    assert (servers.verdict(document), servers.bit(document), servers.status(digest)) == (REVOKED, True, "revoked")
    assert servers.page(document) == "REVOCADA"


def test_a_suspension_lasts_until_its_reinstatement_is_anchored(
    servers: Servers, credential: tuple[str, bytes]
) -> None:
    digest, document = credential
    servers.change(0, digest, "suspend")
    assert (servers.verdict(document), servers.status(digest), servers.bit(document)) == (SUSPENDED, "suspended", False)
    assert servers.page(document) == "SUSPENDIDA"
    servers.change(1, digest, "reinstate")
    assert (servers.verdict(document), servers.status(digest)) == (GOOD, "good"), "neither was anchored"


def test_a_correction_by_a_command_is_in_the_first_answer_of_both_servers(
    servers: Servers, credential: tuple[str, bytes]
) -> None:
    digest, document = credential
    correct = ["correct", digest, "--profile", PROFILE, "--programme", str(servers.folder / "programme.json")]
    assert main([*correct, "--result", "Destacado", "--config", str(servers.config)]) == 0
    assert (servers.verdict(document), servers.bit(document), servers.status(digest)) == (REPLACED, True, "replaced")
    assert servers.page(document) == "SUSTITUIDA"


def test_each_version_of_a_list_is_newer_than_the_last(servers: Servers) -> None:
    """Revoke several credentials within a second, by both processes in turn."""
    moments = []
    for by in range(4):
        digest, document = servers.unchanged.pop()
        servers.change(by % 2, digest, "revoke")
        path = json.loads(document)["credentialStatus"]["statusListCredential"].split("/status/")[1]
        moments.append(
            servers.each(lambda url, path=path: servers.client.get(f"{url}/status/{path}").json()["validFrom"])
        )
    assert len(set(moments)) == 4
    assert moments == sorted(moments, key=_instant)


def test_the_read_node_says_so_and_takes_no_write(servers: Servers, credential: tuple[str, bytes]) -> None:
    digest, document = credential
    answer = servers.client.get(f"{servers.reader}/readyz")
    [row] = answer.json()["writing"]
    assert (answer.status_code, row["profile"], row["state"]) == (200, PROFILE, "read-only")
    assert answer.json()["database"]["role"] == "primary"
    bearer = {"Authorization": f"Bearer {servers.token}"}
    path = f"{servers.reader}/v1/credentials/{digest}/status"
    refused = servers.client.post(path, json={"action": "revoke"}, headers=bearer)
    assert (refused.status_code, refused.json()["code"]) == (503, "STORAGE_READ_ONLY")
    assert (servers.verdict(document), servers.bit(document)) == (GOOD, False)


def test_every_server_answers_a_list_under_one_tag(servers: Servers, credential: tuple[str, bytes]) -> None:
    digest, document = credential
    path = json.loads(document)["credentialStatus"]["statusListCredential"].split("/status/")[1]

    def tag(url: str) -> str:
        return servers.client.get(f"{url}/status/{path}").headers["etag"]

    before = servers.each(tag)
    known = {"If-None-Match": before}
    assert servers.each(lambda url: servers.client.get(f"{url}/status/{path}", headers=known).status_code) == 304
    servers.change(0, digest, "revoke")
    assert servers.each(lambda url: servers.client.get(f"{url}/status/{path}", headers=known).status_code) == 200
    assert servers.each(tag) != before


@pytest.mark.parametrize("other", ["0004", "9999"])
def test_a_read_node_beside_another_schema_is_not_ready_and_migrates_nothing(
    servers: Servers, credential: tuple[str, bytes], other: str
) -> None:
    engine = create_engine(servers.database)

    def schema(version: str | None = None) -> str:
        with engine.begin() as connection:
            if version is not None:
                connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())

    def ready() -> tuple[int, str]:
        answer = servers.client.get(f"{servers.reader}/readyz")
        return answer.status_code, answer.json()["checks"]["storage"]

    own, body = schema(), {"credential": json.loads(credential[1])}
    schema(other)
    try:
        assert ready() == (503, "SCHEMA_MISMATCH")
        refused = servers.client.post(f"{servers.reader}/v1/verify", json=body)
        assert (refused.status_code, refused.json()["code"]) == (503, "SCHEMA_MISMATCH")
        assert schema() == other
    finally:
        schema(own)
    assert ready() == (200, "ok")
    assert servers.client.post(f"{servers.reader}/v1/verify", json=body).json()["verdict"] == "recognised"
    engine.dispose()


def _instant(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
