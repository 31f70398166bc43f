"""The trail: every act leaves one row in its own transaction, and no row can be tied to a person."""

import io
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from acredita.anchoring.types import Digest
from acredita.contracts import bindings
from acredita.node.custody.erasure import forget
from acredita.node.delivery.links import create_link, use_link
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.node.demo.documents import documents_for, institutions
from acredita.node.issuance.institution import RowOutcome
from acredita.node.recovery.backup import back_up, restore
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage import credentials
from acredita.node.storage.access_tokens import create_token, revoke_token, token_id
from acredita.node.storage.database import Database
from acredita.node.storage.rights import Right
from acredita.node.storage.trail import Action, Event, events, record
from acredita.node.write_path.anchor import anchor_pending
from acredita.registry.credentials.cohort_rows import csv_rows
from acredita.registry.credentials.parse import parse_credential
from acredita.registry.json_documents.strict import read_json
from acredita.registry.programmes.programme import Programme

from tests.simulators.installation import ACT, Installation, Issuer
from tests.simulators.institution import open_institution
from tests.simulators.tenant import new_tenant

NOW = 1_770_000_000
WHO = "operator:maria"


@pytest.fixture
def tenant(installation: Installation, tmp_path: Path) -> Iterator[Tenant]:
    database = Database.create(f"sqlite:///{tmp_path / 'n.db'}")
    yield new_tenant(installation, database, tmp_path)
    database.close()


@pytest.fixture
def programme(tenant: Tenant) -> Programme:
    return documents_for({party.key: tenant.institution.did for party in institutions()}).programme("ind40-fundamentos")


def events_of(database: Database) -> list[Event]:
    with database.read() as connection:
        return list(events(connection))


def issue(tenant: Tenant, programme: Programme, first: int, count: int) -> list[Digest]:
    rows = csv_rows(io.BytesIO(cohort_csv(PLANS[1], first, count, "2025-12-01")))
    reports = list(tenant.institution.acting(WHO).issue(programme, rows))
    return [report.digest for report in reports if report.outcome is RowOutcome.ISSUED and report.digest is not None]


def test_each_act_of_the_staff_leaves_one_row(tenant: Tenant, programme: Programme) -> None:
    staff, database = tenant.institution.acting(WHO), tenant.database
    first, second, third = issue(tenant, programme, 1, 3)
    assert issue(tenant, programme, 1, 3) == [], "what was known before is no act"
    assert staff.suspend(first)
    assert not staff.suspend(first), "nor is a change that changes nothing"
    assert staff.reinstate(first)
    assert staff.revoke(second)
    staff.correct(third, programme, result="Destacado")
    with database.write() as connection:
        token = create_link(
            connection, tenant.issuer, first, now=NOW, days=1, random=secrets.token_bytes, actor=staff.context.actor
        )
    with database.write() as connection:
        assert use_link(connection, token, now=NOW)
    with database.write() as connection:
        assert not use_link(connection, token, now=NOW)
    assert forget(database, tenant.issuer, first, actor=WHO, now=NOW)
    rows = events_of(database)
    assert [event.action for event in rows] == [
        "issued", "suspended", "reinstated", "revoked", "corrected", "link_made", "link_opened", "forgotten",
    ]  # fmt: skip
    assert {event.issuer for event in rows} == {tenant.issuer}
    assert [event.actor for event in rows] == [WHO] * 6 + ["holder", WHO]
    assert rows[0].document()["detail"] == {"count": 3, "programme": f"0x{programme.digest.hex()}"}


def test_a_row_can_be_tied_to_nobody(tenant: Tenant, programme: Programme) -> None:
    """Find neither digest nor id nor position nor any value of the credential in the trail, before and after forget."""
    staff, database = tenant.institution.acting(WHO), tenant.database
    (digest,) = issue(tenant, programme, 1, 1)
    parsed = parse_credential(read_json(staff.credential(digest)))
    with database.read() as connection:
        position = credentials.position_of(connection, tenant.issuer, digest)
    staff.suspend(digest)
    staff.revoke(digest)
    forget(database, tenant.issuer, digest, actor=WHO, now=NOW)
    rows = [f"{event.action} {event.detail}" for event in events_of(database)]
    assert len(rows) == 4
    assert parsed.identity is not None
    traces = [digest.hex(), parsed.id, parsed.identity.salt, parsed.identity.digest.hex(), str(position)]
    for trace in (*traces, parsed.result.value, *(row for row in cohort_csv(PLANS[1], 1, 1, "").decode().split(","))):
        if len(trace) > 2:
            assert not any(trace in row for row in rows), "a trace of the person"


def test_an_act_that_fails_leaves_no_row(tenant: Tenant, programme: Programme) -> None:
    (digest,) = issue(tenant, programme, 1, 1)
    before = events_of(tenant.database)
    with pytest.raises(ZeroDivisionError), tenant.database.write() as connection:
        record(connection, tenant.issuer, WHO, Action.REVOKED, now=NOW)
        assert 1 / 0
    assert events_of(tenant.database) == before
    assert digest


def test_tokens_backup_and_restore(tenant: Tenant, tmp_path: Path) -> None:
    database = tenant.database
    with database.write() as connection:
        token = create_token(
            connection,
            label="escolar",
            rights=[Right.ISSUE],
            issuer=tenant.issuer,
            now=NOW,
            expires=None,
            random=secrets.token_bytes,
            actor=WHO,
        )
        assert revoke_token(connection, token_id(token), NOW, WHO)
    back_up(database, tmp_path / "b", tmp_path / "keys.db", now=NOW, actor=WHO)
    assert [event.action for event in events_of(database)] == ["token_made", "token_ended", "backed_up"]
    assert "escolar" not in "".join(event.detail for event in events_of(database))
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    restore(tmp_path / "b", tmp_path / "keys.db", url, now=NOW + 1, actor=WHO)
    restored = Database.open(url)
    assert [event.action for event in events_of(restored)] == ["token_made", "token_ended", "restored"]
    restored.close()


def test_what_the_write_path_decides_by_itself(installation: Installation, ut: Issuer, database: Database) -> None:
    """Record a batch refused by the contract, with its count and code."""
    institution = open_institution(installation, ut, database)
    institution.issue(1, 2)
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    installation.decide(registry.suspend(ut.id, ACT))
    anchor_pending(institution.writer, force=True)
    (event,) = events_of(database)
    assert (event.actor, event.action) == ("node", "refused")
    assert event.document()["detail"] == {"count": 2, "code": "ISSUER_NOT_ACTIVE"}


def test_rows_since_a_moment_and_of_one_institution(database: Database, ut: Issuer) -> None:
    with database.write() as connection:
        record(connection, None, WHO, Action.BACKED_UP, now=NOW)
        record(connection, ut.id, WHO, Action.REVOKED, now=NOW + 1)
    with database.read() as connection:
        assert [event.action for event in events(connection, ut.id)] == ["revoked"]
        assert [event.action for event in events(connection, since=NOW + 1)] == ["revoked"]
        assert len(list(events(connection))) == 2


@pytest.mark.parametrize("actor", ["", "x" * 129])
def test_an_actor_has_a_name_of_some_length(database: Database, actor: str) -> None:
    with pytest.raises(ValueError, match="actor"), database.write() as connection:
        record(connection, None, actor, Action.REVOKED, now=NOW)
