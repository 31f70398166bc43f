"""Alive, ready, measured: what each says when something is wrong, and that it says nothing else."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from acredita.anchoring.ledger import Block, LedgerUnavailable, LogAheadError
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.types import Address, BlockHash
from acredita.contracts.bindings import IssuerRegistry
from acredita.node.index.follower import IndexFollower
from acredita.node.ledger.endpoint_watch import EndpointWatch
from acredita.node.storage import institutions
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trusted_chain import ValidatorSet, qbft_chain

from tests.node.http.two_institution_node import Client, TwoInstitutionNode, altered
from tests.simulators.ledger import Lagging, WrappedLedger

DAY_SECONDS = 86_400


class SilentLedger(WrappedLedger):
    """A ledger that does not answer."""

    def head(self) -> Block:
        raise LedgerUnavailable("no answer")


def trust(node: TwoInstitutionNode) -> Trust:
    assert isinstance(node.dependencies.trust, Trust)
    return node.dependencies.trust


def checks(client: Client) -> tuple[int, dict[str, str]]:
    answer = client.get("/readyz")
    assert answer.json()["ready"] is (answer.status_code == 200)
    return answer.status_code, answer.json()["checks"]


def test_ready(node: TwoInstitutionNode, client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert checks(client) == (200, {"storage": "ok", "ledger": "ok", "trust": "ok"})
    states = {row["profile"]: row["state"] for row in client.get("/readyz").json()["writing"]}
    assert states["demo-ut"] == "open"


def test_the_index_is_reported_and_does_not_make_the_node_unready(node: TwoInstitutionNode, tmp_path: Path) -> None:
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    ledger, clock = node.demo.ledger, node.demo.clock
    follower = IndexFollower(database, Leases(database, "test"), ledger, trust(node), clock)
    with node.client(database=database) as client:
        assert client.get("/readyz").json()["index"]["block"] is None
        assert "\nacredita_index_block " not in client.get("/metrics").text
        follower.advance()
        report = client.get("/readyz").json()
        assert (report["ready"], report["index"]["block"], report["index"]["code"]) == (
            True,
            ledger.head().number,
            None,
        )
        lagging = Lagging(ledger, 3)
        IndexFollower(database, Leases(database, "other"), lagging, trust(node), clock).advance()
        report, text = client.get("/readyz").json(), client.get("/metrics").text
        assert (report["ready"], report["index"]["code"]) == (True, "LEDGER_BEHIND")
        assert report["index"]["head"] == lagging.head().number
        assert f"acredita_index_block {float(ledger.head().number)}" in text
        assert "acredita_index_behind_blocks 0.0" in text
        assert 'acredita_index_fault{code="LEDGER_BEHIND"} 1.0' in text
    database.close()


def test_a_ledger_that_does_not_answer(node: TwoInstitutionNode) -> None:
    with node.client(ledger=SilentLedger(node.demo.ledger)) as client:
        assert checks(client) == (503, {"storage": "ok", "ledger": "LEDGER_UNREACHABLE"})
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/issuers").status_code == 503


def test_another_chain_than_the_pinned_one(node: TwoInstitutionNode) -> None:
    changed = replace(trust(node), genesis=BlockHash(b"\x55" * 32))
    with node.client(trust=changed) as client:
        assert checks(client)[1]["ledger"] == "GENESIS_CHANGED"


def test_other_code_than_the_pinned_one(node: TwoInstitutionNode) -> None:
    changed = replace(trust(node), code_hashes={**trust(node).code_hashes, "council": b"\x55" * 32})
    with node.client(trust=changed) as client:
        assert checks(client)[1]["ledger"] == "CODE_CHANGED"


def test_trust_that_has_run_out_or_never_was(node: TwoInstitutionNode) -> None:
    with node.client(trust=replace(trust(node), expires=node.demo.clock())) as client:
        assert checks(client) == (503, {"storage": "ok", "ledger": "ok", "trust": "TRUST_EXPIRED"})
    with node.client(trust=Missing("TRUST_MISSING")) as client:
        assert checks(client) == (503, {"storage": "ok", "ledger": "TRUST_MISSING"})


def test_a_chain_that_has_stopped(node: TwoInstitutionNode) -> None:
    validators = [ValidatorSet(0, None, (Address(bytes(20)),))]
    qbft = replace(trust(node), chain=qbft_chain(validators, period=2, idle=30))
    head = node.demo.ledger.head().time
    for clock, code in (
        (head + 91, "LEDGER_STALLED"),
        (head + 90, "ok"),
        (head - 60, "ok"),
        (head - 61, "LEDGER_AHEAD_OF_CLOCK"),
    ):
        with node.client(trust=qbft, clock=partial(int, clock)) as client:
            assert checks(client)[1]["ledger"] == code
    with node.client(clock=lambda: head + 91) as client:  # blocks come on demand
        assert checks(client)[1]["ledger"] == "ok"


def test_storage_that_is_gone(node: TwoInstitutionNode, tmp_path: Path) -> None:
    broken = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    (tmp_path / "node.db").unlink()
    (tmp_path / "node.db").mkdir()
    with node.client(database=broken) as client:
        assert checks(client)[1]["storage"] == "STORAGE_UNAVAILABLE"
        answer = client.get(f"/v1/receipts/{'0' * 64}")
        assert (answer.status_code, answer.json()["code"]) == (503, "STORAGE_UNAVAILABLE")
        assert "acredita_storage_available 0.0" in client.get("/metrics").text
    broken.close()


def test_a_stopped_institution_is_named_and_holds_up_nobody(node: TwoInstitutionNode, client: Client) -> None:
    with node.dependencies.database.write() as connection:
        institutions.record_stop(
            connection, node.tenant.issuer, LogAheadError("epoch 1", "checkpoint 2", "checkpoint 3"), now=1
        )
    try:
        answer = client.get("/readyz")
        row = next(row for row in answer.json()["writing"] if row["profile"] == "demo-ut")
        assert (answer.status_code, row["state"], row["code"]) == (200, "stopped", "LOG_AHEAD")
        assert "acredita node " in row["command"], "the command for it is named"
        name = f'acredita_stopped{{code="LOG_AHEAD",issuer="{node.tenant.issuer.hex()}"}} 1.0'
        assert name in client.get("/metrics").text
    finally:
        with node.dependencies.database.write() as connection:
            institutions.clear_stop(connection, node.tenant.issuer)


def value(client: Client, name: str, **labels: str) -> float:
    """Return one sample of the exposition, 0 where it is missing."""
    labelled = ",".join(f'{key}="{text}"' for key, text in sorted(labels.items()))
    for line in client.get("/metrics").text.splitlines():
        if line.startswith(f"{name}{{{labelled}}} "):
            return float(line.rsplit(" ", 1)[1])
    return 0.0


def test_metrics_count_what_happens(node: TwoInstitutionNode) -> None:
    with node.client() as client:
        issuer: dict[str, Any] = {"issuer": node.tenant.issuer.hex()}
        node.anchor()
        node.issue(400, 401)
        assert value(client, "acredita_backlog_entries", **issuer, kind="issued") == 2
        node.demo.clock.now += 30
        assert value(client, "acredita_backlog_age_seconds", **issuer, kind="issued") == 30
        client.post("/v1/batches/" + issuer["issuer"], headers=node.bearer("anchor"))
        assert value(client, "acredita_backlog_entries", **issuer, kind="issued") == 0
        assert value(client, "acredita_batches_total", **issuer, step="anchored") == 1
        assert value(client, "acredita_batch_entries_sum", **issuer) == 2
        assert value(client, "acredita_anchor_delay_seconds_sum", **issuer, kind="issued") >= 60
        client.post("/v1/verify", content=node.credential(node.digests[0]))
        client.post("/v1/verify", content=altered(node.credential(node.digests[0])))
        client.post("/v1/verify", content=b"{}")  # holds no credential: no verdict to count
        assert value(client, "acredita_verdicts_total", code="", verdict="recognised") == 1
        assert value(client, "acredita_verdicts_total", code="PROOF_INVALID", verdict="invalid") == 1
        assert value(client, "acredita_http_requests_total", method="POST", route="/v1/verify", status="200") == 2
        assert value(client, "acredita_http_requests_total", method="POST", route="/v1/verify", status="422") == 1


def test_metrics_name_routes_and_never_paths(node: TwoInstitutionNode) -> None:
    with node.client() as client:
        digest = node.digests[0].hex()
        client.get(f"/v1/receipts/{digest}")
        client.get(f"/nowhere/{digest}")
        client.request("BREW", f"/v1/receipts/{digest}")
        text = client.get("/metrics").text
        assert digest not in text
        assert 'route="/v1/receipts/{digest}"' in text
        assert 'route="unmatched"' in text
        assert "BREW" not in text


def test_the_endpoints_are_reported_as_they_were_last_seen(node: TwoInstitutionNode) -> None:
    ledger = node.demo.ledger
    watch = EndpointWatch(QuorumLedger([ledger, SilentLedger(ledger)]), None, node.demo.clock)
    with node.client(endpoints=watch) as client:
        assert client.get("/readyz").json()["endpoints"] is None
        assert "acredita_endpoint_up{" not in client.get("/metrics").text
        watch.look()
        answer, text = client.get("/readyz"), client.get("/metrics").text
    told = [(row["endpoint"], row["state"], row["head"]) for row in answer.json()["endpoints"]]
    assert told == [(1, "ok", ledger.head().number), (2, "LEDGER_UNREACHABLE", None)]
    assert answer.json()["ready"], "what an endpoint says of itself decides nothing"
    assert 'acredita_endpoint_up{endpoint="1"} 1.0' in text
    assert 'acredita_endpoint_up{endpoint="2"} 0.0' in text
    assert f'acredita_endpoint_block{{endpoint="1"}} {float(ledger.head().number)}' in text
    assert 'acredita_endpoint_block{endpoint="2"}' not in text


def test_the_registry_s_word_on_each_institution(node: TwoInstitutionNode) -> None:
    issuer = node.tenant.issuer
    until = node.demo.ledger.read(IssuerRegistry(trust(node).contracts.issuer_registry).issuer_now(issuer)).until
    for now, state, code in (
        (until - 91 * DAY_SECONDS, "active", None),
        (until - DAY_SECONDS, "active", "ACCREDITATION_ENDS_SOON"),
        (until, "expired", "ISSUER_ACCREDITATION_EXPIRED_NOW"),
    ):
        with node.client(clock=lambda now=now: now) as client:
            rows = {row["profile"]: row["registry"] for row in client.get("/readyz").json()["writing"]}
            text = client.get("/metrics").text
        assert (rows["demo-ut"]["state"], rows["demo-ut"]["code"]) == (state, code)
        ends = text.split(f'acredita_accreditation_ends_seconds{{issuer="{issuer.hex()}"}} ')[1]
        assert float(ends.splitlines()[0]) == until
        stopped = f'acredita_registry_stopped{{code="{code}",issuer="{issuer.hex()}"}} 1.0'
        assert (stopped in text) is (state == "expired")


def test_metrics_ask_no_ledger_and_an_unanswered_look_says_so(node: TwoInstitutionNode) -> None:
    issuer = node.tenant.issuer
    with node.client(ledger=SilentLedger(node.demo.ledger)) as client:
        assert "acredita_registry_unknown{" not in client.get("/metrics").text
        [code] = {row["registry"]["code"] for row in client.get("/readyz").json()["writing"]}
        assert code == "LEDGER_UNREACHABLE"
        unknown = f'acredita_registry_unknown{{code="{code}",issuer="{issuer.hex()}"}} 1.0'
        assert unknown in client.get("/metrics").text
