"""A node of two institutions for the HTTP tests: a real chain, keystores, the write path and the application.

Everything is as in a running node, except that there are no sockets and the tests set the clock. Every learner's
identifier holds a canary, so that a test can find every output it leaks into.
"""

import asyncio
import io
import itertools
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from acredita.anchoring.ledger import Ledger
from acredita.anchoring.types import Digest
from acredita.node.demo import export, founding
from acredita.node.demo.environment import BASE, DemoEnvironment
from acredita.node.demo.export import DemoFolder
from acredita.node.demo.founding import AUTHORITY_DID
from acredita.node.http.app import create_app
from acredita.node.http.dependencies import NodeDependencies
from acredita.node.publication.public_files import publish
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage.access_tokens import create_token
from acredita.node.storage.rights import Right
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchReport
from acredita.registry.credentials.cohort_rows import csv_rows
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.facts import Missing
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from tests.waiting import PATIENCE_SECONDS

TODAY = 1_794_744_000  # 2026-11-15T12:00:00Z: the demonstration's own dates, not shifted
CANARY = "CANARIO-Ñandú-7f3a"
PROGRAMME = "ind40-fundamentos"
HEADER = "identificador,did,fecha_otorgamiento,resultado,evidencia_url"


class Client:
    """Requests to an application in this process, one after the other."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE, timeout=PATIENCE_SECONDS)

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, url, **more))

    def get(self, url: str, **more: Any) -> httpx.Response:
        return self.request("GET", url, **more)

    def post(self, url: str, **more: Any) -> httpx.Response:
        return self.request("POST", url, **more)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


@dataclass
class TwoInstitutionNode:
    """The demonstration's chain and tenants, the dependencies, and the credentials issued, in the order of their states."""

    demo: DemoEnvironment
    dependencies: NodeDependencies
    tokens: dict[str, str] = field(default_factory=dict)
    digests: list[Digest] = field(default_factory=list)
    corrected: Digest | None = None
    learners: Iterator[int] = field(default_factory=lambda: itertools.count(1_000_000))

    @property
    def pending(self) -> Digest:
        """A credential just signed, which nobody has anchored yet: another one each time."""
        [digest] = self.issue(next(self.learners))
        return digest

    @property
    def tenant(self) -> Tenant:
        return self.demo.tenants["demo-ut"]

    @property
    def folder(self) -> Path:
        return self.dependencies.folder.base

    def credential(self, digest: Digest) -> bytes:
        return self.tenant.institution.credential(digest)

    def receipt(self, digest: Digest) -> dict[str, object]:
        receipt = self.tenant.institution.receipt(digest)
        assert receipt is not None
        return receipt.to_document()

    def issue(self, *numbers: int, result: str = "Competente") -> list[Digest]:
        """Sign and queue credentials for learners of the `ut` institution."""
        programme = self.demo.texts.programme(PROGRAMME)
        rows = "".join(f"{CANARY} {number},,2026-04-20,{result},\n" for number in numbers)
        file = io.BytesIO(f"{HEADER}\n{rows}".encode())
        return [report.digest for report in self.tenant.institution.issue(programme, csv_rows(file)) if report.digest]

    def anchor(self) -> list[BatchReport]:
        self.demo.clock.now = max(self.demo.clock.now, self.demo.ledger.head().time + 1)
        reports = anchor_pending(self.tenant.writer, force=True)
        publish(self.dependencies.database, self.folder)
        return reports

    def client(self, **changes: Any) -> Client:
        """Open a client of the application, or of one with other dependencies."""
        return Client(create_app(replace(self.dependencies, **changes)))

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[name]}"}

    def token(self, *rights: Right, tenant: Tenant | None = None, expires: int | None = None, label: str = "t") -> str:
        with self.dependencies.database.write() as connection:
            return create_token(
                connection,
                label=label,
                rights=rights,
                issuer=None if tenant is None else tenant.issuer,
                now=self.demo.clock(),
                expires=expires,
                random=secrets.token_bytes,
            )


def open_two_institution_node(folder: Path) -> TwoInstitutionNode:
    """Open a node with two accredited institutions, approved programmes and credentials of every state.

    `digests`: issued, revoked, suspended, replaced by `corrected`, issued, issued.
    """
    public, private = folder / "public", folder / "private"
    public.mkdir(parents=True)
    private.mkdir()
    demo = DemoEnvironment.open(private, public / "chain", TODAY, lambda told: None)
    founding.deploy_contracts(demo)
    founding.open_institutions(demo)
    for key in ("demo-ut", "demo-up"):
        founding.accredit(demo, key)
    for key in ("demo-ut", "demo-up"):
        founding.approve_programmes(demo, key)
    demo.set_day("2026-04-20")
    node = TwoInstitutionNode(demo, _dependencies(demo, public, demo.ledger))
    node.digests = node.issue(1, 2, 3, 4, 5, 6)
    node.anchor()
    staff = node.tenant.institution
    staff.revoke(node.digests[1])
    staff.suspend(node.digests[2])
    node.corrected = staff.correct(node.digests[3], demo.texts.programme(PROGRAMME), result="Destacado")
    node.anchor()
    demo.clock.now += 3600
    _write_public(demo, DemoFolder(public))
    node.dependencies = replace(node.dependencies, trust=read_trust(public / "trust.json"))
    node.tokens = {
        "issue": node.token(Right.ISSUE, tenant=node.tenant),
        "revoke": node.token(Right.REVOKE, tenant=node.tenant),
        "anchor": node.token(Right.ANCHOR, tenant=node.tenant),
        "other": node.token(*Right, tenant=demo.tenants["demo-up"]),
        "node": node.token(*Right),
        "expired": node.token(*Right, tenant=node.tenant, expires=demo.clock() - 1),
    }
    return node


def altered(credential: bytes) -> bytes:
    """Return the credential with another day of award under the same proof."""
    document = json.loads(credential)
    document["awardedDate"] = "2020-01-01T18:00:00Z"
    return json.dumps(document).encode()


def body(credential: bytes, **more: object) -> bytes:
    """Build the body of `/v1/verify` for a credential and its evidence."""
    return json.dumps({"credential": json.loads(credential), **more}).encode()


def _dependencies(demo: DemoEnvironment, public: Path, ledger: Ledger) -> NodeDependencies:
    return NodeDependencies(
        database=demo.database,
        folder=TrustFolder(public),
        trust=Missing("TRUST_MISSING"),
        ledger=ledger,
        clock=demo.clock,
        base=BASE,
        tenants={tenant.issuer: tenant for tenant in demo.tenants.values()},
        authority=AUTHORITY_DID,
    )


def _write_public(demo: DemoEnvironment, folder: DemoFolder) -> None:
    export.write_documents(demo, folder)
    export.write_logs(demo, folder, {})
    export.write_trust(demo, folder, PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x09" * 32)))
