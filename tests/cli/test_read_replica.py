"""A read node on a standby: it serves what it has, as of its own state, and never an older list after a newer one."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from acredita.cli.bodies.opened_node import open_configured_node
from acredita.cli.main import main
from acredita.node.storage.credentials import digests
from acredita.node.write_path.anchor import anchor_pending

from tests.cli.test_status_at_once import GOOD, REVOKED, read_node, serving
from tests.simulators.one_operator import PROFILE, write_cohort
from tests.simulators.postgres import FIRST_PORT, Server, servers
from tests.waiting import PATIENCE_SECONDS, wait_for

pytestmark = pytest.mark.slow


@dataclass
class Site:
    """A node that writes to a primary, and a read node on the standby."""

    config: Path
    standby: Server
    primary: Server
    reader: str
    client: httpx.Client
    digest: str
    credential: bytes

    def verdict(self) -> tuple[str, str | None]:
        body = {"credential": json.loads(self.credential)}
        answer = self.client.post(f"{self.reader}/v1/verify", json=body).json()
        return answer["verdict"], answer["code"]

    def served(self) -> httpx.Response:
        path = json.loads(self.credential)["credentialStatus"]["statusListCredential"].split("/status/")[1]
        return self.client.get(f"{self.reader}/status/{path}")

    def ready(self) -> httpx.Response:
        return self.client.get(f"{self.reader}/readyz")


@pytest.fixture
def site(accredited_folder: Path, tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "node"
    shutil.copytree(accredited_folder, folder)
    config = folder / "data" / "acredita.toml"
    with servers() as primary:
        config.write_text(config.read_text() + f"\n[database]\nurl = {json.dumps(primary.url())}\n")
        issue = ["issue", str(write_cohort(folder, 1)), "--profile", PROFILE]
        assert main([*issue, "--programme", str(folder / "programme.json"), "--config", str(config)]) == 0
        with open_configured_node(config) as node:
            tenant = node.tenant(PROFILE)
            anchor_pending(tenant.writer, force=True)
            with node.database.read() as connection:
                [digest] = digests(connection, tenant.issuer)
            credential = tenant.institution.credential(digest)
        standby = primary.standby(FIRST_PORT + 1)
        with (
            serving(read_node(folder, primary.url(), standby.url())) as reader,
            httpx.Client(timeout=PATIENCE_SECONDS) as client,
        ):
            yield Site(config, standby, primary, reader, client, digest.hex(), credential)


def test_a_read_node_on_a_standby(site: Site) -> None:
    wait_for(lambda: site.ready().json()["database"]["behind_seconds"] == 0, "a standby in step")
    assert site.ready().json()["database"]["role"] == "standby"
    assert site.ready().status_code == 200
    assert site.verdict() == GOOD
    before = site.served()
    assert before.headers["cache-control"] == "public, no-cache"

    # While the standby replays nothing, its list is the older one and says so; nothing calls it newer.
    site.standby.ask("SELECT pg_wal_replay_pause()")
    revoke = ["revoke", site.digest, "--profile", PROFILE, "--config", str(site.config)]
    assert main(revoke) == 0
    for _ in range(3):
        behind = site.served()
        assert (behind.headers["etag"], behind.content) == (before.headers["etag"], before.content)

    site.standby.ask("SELECT pg_wal_replay_resume()")
    after = wait_for(
        lambda: (answer := site.served()).headers["etag"] != before.headers["etag"] and answer, "the newer list"
    )
    assert after
    assert after.json()["validFrom"] > before.json()["validFrom"]
    assert site.verdict() == REVOKED

    # The primary dies: what the standby has is served as long as it may be called fresh.
    site.primary.kill()
    assert site.served().content == after.content
    site.standby.promote()
    wait_for(lambda: site.ready().json()["database"]["role"] == "primary", "a promoted server")
    assert site.served().content == after.content
    assert site.verdict() == REVOKED
