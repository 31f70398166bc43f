"""Test delivery on a running node: a received file verifies by itself, and a link opens once."""

import asyncio
import hashlib
import io
import json
import re
import secrets
import zipfile
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from acredita.anchoring.ledger import LedgerUnavailable, LogQuery
from acredita.anchoring.receipts import time_text
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Digest
from acredita.cli.main import main
from acredita.contracts.abi import RawLog
from acredita.node.delivery.links import TOKEN_CHARACTERS, create_link, find_link
from acredita.node.delivery.parcel import (
    DeliveryRefused,
    Parcel,
    ParcelBuilder,
    registered_names,
    write_folder,
    write_zip,
    zip_bytes,
)
from acredita.node.issuance.institution import InstitutionRefused
from acredita.node.ledger.view import NodeObserver
from acredita.node.storage.models import Delivery
from acredita.node.verification.unpack import unpack
from acredita.registry.ledger_facts.facts import Missing
from pypdf import PdfReader
from sqlalchemy import select

from tests.node.http.two_institution_node import BASE, CANARY, Client, TwoInstitutionNode
from tests.waiting import PATIENCE_SECONDS

FILES = [
    "credencial.json", "comprobante.json", "credencial.pdf", "insignia.png", "insignia.svg", "LEEME.txt", "manifiesto.json",
]  # fmt: skip


def builder(node: TwoInstitutionNode) -> ParcelBuilder:
    served_node = node.client().app.state.node
    observer = served_node.observer()
    assert isinstance(observer, NodeObserver)
    staff = node.tenant.institution
    names = registered_names(staff, observer, node.dependencies.folder.scope, demo=True)
    return ParcelBuilder(staff, BASE, node.dependencies.folder.programme, lambda: names)


@pytest.fixture(scope="module")
def parcel(node: TwoInstitutionNode) -> Parcel:
    return builder(node).parcel(node.digests[0])


def link(node: TwoInstitutionNode, digest: Digest, days: int = 1) -> str:
    with node.dependencies.database.write() as connection:
        return create_link(
            connection, node.tenant.issuer, digest, now=node.demo.clock(), days=days, random=secrets.token_bytes
        )


def test_a_parcel_holds_what_its_manifest_lists(node: TwoInstitutionNode, parcel: Parcel) -> None:
    assert [file.name for file in parcel.files] == FILES
    manifest = json.loads(parcel.files[-1].content)
    assert manifest["format"] == "acredita-delivery/1"
    assert manifest["digest"] == "0x" + node.digests[0].hex()
    assert manifest["verify"] == f"{BASE}/verificar#d={node.digests[0].hex()}"
    assert [(row["name"], row["bytes"], row["sha256"]) for row in manifest["files"]] == [
        (file.name, len(file.content), hashlib.sha256(file.content).hexdigest()) for file in parcel.files[:-1]
    ]


def test_the_same_parcel_has_the_same_bytes(node: TwoInstitutionNode, parcel: Parcel) -> None:
    assert zip_bytes(builder(node).parcel(node.digests[0])) == zip_bytes(parcel)


def test_no_file_says_who_it_is_for(parcel: Parcel) -> None:
    for file in parcel.files:
        assert CANARY.encode() not in file.content
    pdf = PdfReader(io.BytesIO(parcel.files[2].content))
    assert "CANARIO" not in pdf.pages[0].extract_text()
    assert re.fullmatch("[0-9a-f]{16}", parcel.name)


def test_the_page_says_what_the_approved_documents_say(node: TwoInstitutionNode, parcel: Parcel) -> None:
    pdf = PdfReader(io.BytesIO(parcel.files[2].content), strict=True)
    [page] = pdf.pages
    text = " ".join(page.extract_text().split())
    programme = node.demo.texts.programme("ind40-fundamentos")
    for said in (programme.title["es"], "Universidad Tecnológica Imaginaria", "Resultados de aprendizaje", "100 horas"):
        assert said in text.replace("\u00a0", " ")
    for outcome in programme.outcomes:
        assert outcome.text["es"] in text
    assert "Hasta el 20 de abril de 2029" in text
    assert "Competente (nivel 3 de 4)" in text
    assert "sin valor oficial" in text


def test_every_form_verifies_by_itself(
    node: TwoInstitutionNode, parcel: Parcel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, archive = write_folder(parcel, tmp_path), write_zip(parcel, tmp_path / "zips")
    assert folder.name == archive.stem == node.digests[0].hex()[:16]
    files = [folder / name for name in ("credencial.json", "credencial.pdf", "insignia.png", "insignia.svg")]
    paths = [str(path) for path in [*files, archive]]
    at = ["--at", time_text(node.demo.clock())]
    capsys.readouterr()
    code = main(["verify", "--json", "--trust", str(node.folder / "trust.json"), *at, *paths])
    answers = json.loads(capsys.readouterr().out)
    assert {answer["verdict"] for answer in answers} == {"recognised"}, answers
    assert code == 0


def test_what_is_carried_is_what_was_signed(node: TwoInstitutionNode, parcel: Parcel) -> None:
    credential, receipt = parcel.files[0].content, parcel.files[1].content
    for file in parcel.files[2:5]:
        carried = unpack(file.content)
        assert json.loads(carried.credential) == json.loads(credential)
        assert carried.receipt == receipt
    archived = unpack(zip_bytes(parcel))
    assert (archived.credential, archived.receipt) == (credential, receipt)


@pytest.mark.parametrize(("which", "code"), [(1, "CREDENTIAL_REVOKED"), (2, "CREDENTIAL_SUSPENDED"), (3, "SUPERSEDED")])
def test_only_what_is_in_force_is_delivered(node: TwoInstitutionNode, which: int, code: str) -> None:
    with pytest.raises(DeliveryRefused) as refused:
        builder(node).parcel(node.digests[which])
    assert refused.value.code == code


def test_what_waits_for_its_anchor_waits_for_delivery(node: TwoInstitutionNode) -> None:
    assert node.pending is not None
    with pytest.raises(DeliveryRefused) as refused:
        builder(node).parcel(node.pending)
    assert refused.value.code == "PENDING_ANCHOR"


def test_without_the_programme_document_nothing_is_printed(node: TwoInstitutionNode) -> None:
    names = registered_names(
        node.tenant.institution, Missing("LEDGER_MISSING"), node.dependencies.folder.scope, demo=False
    )
    assert names.issuer == node.tenant.institution.name
    bare = ParcelBuilder(node.tenant.institution, BASE, lambda digest: None, lambda: names)
    with pytest.raises(DeliveryRefused) as refused:
        bare.parcel(node.digests[0])
    assert refused.value.code == "DOCUMENT_MISSING"
    with pytest.raises(InstitutionRefused):
        bare.parcel(Digest(b"\x01" * 32))


# --- links ---


def test_a_link_shows_and_then_gives_once(node: TwoInstitutionNode, client: Client, parcel: Parcel) -> None:
    address = f"/entrega/{link(node, node.digests[0])}"
    for _ in range(2):  # looking, by a person or a mail reader, changes nothing
        page = client.get(address)
        assert page.status_code == 200
        assert "Universidad Tecnológica Imaginaria (DEMO)" in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
    taken = client.post(address)
    assert taken.status_code == 200
    assert taken.headers["content-type"] == "application/zip"
    assert taken.headers["content-disposition"] == f'attachment; filename="{parcel.name}.zip"'
    assert sorted(zipfile.ZipFile(io.BytesIO(taken.content)).namelist()) == sorted(
        f"{parcel.name}/{name}" for name in FILES
    )
    assert client.post(address).status_code == client.get(address).status_code == 404


def test_of_many_who_take_a_link_at_once_one_gets_it(node: TwoInstitutionNode, client: Client) -> None:
    address = f"/entrega/{link(node, node.digests[0])}"

    async def together() -> list[httpx.Response]:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(client.app), base_url=BASE, timeout=PATIENCE_SECONDS
        ) as opened:
            return list(await asyncio.gather(*(opened.post(address) for _ in range(6))))

    assert sorted(answer.status_code for answer in asyncio.run(together())) == [200, 404, 404, 404, 404, 404]


def test_a_ledger_that_falls_silent_while_the_page_is_made_keeps_nobody_out(node: TwoInstitutionNode) -> None:
    """Show the institution's name from its own storage; the page does not mention ledgers."""
    with node.client(ledger=Forgetful(node.demo.ledger._provider)) as forgetful:
        page = forgetful.get(f"/entrega/{link(node, node.digests[0])}")
    assert page.status_code == 200
    assert node.tenant.institution.name in page.text


class Forgetful(RpcLedger):
    """An endpoint that knows its head and no event any more."""

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        raise LedgerUnavailable("no answer")


def test_the_database_has_only_the_hash_of_a_token(node: TwoInstitutionNode) -> None:
    token = link(node, node.digests[4])
    with node.dependencies.database.read() as connection:
        rows = connection.execute(select(Delivery.token_hash, Delivery.digest)).all()
    assert (hashlib.sha256(token.encode()).digest(), bytes(node.digests[4])) in [tuple(row) for row in rows]
    assert len(token) == TOKEN_CHARACTERS


def test_a_link_ends_with_its_days_and_is_cleared_away(node: TwoInstitutionNode) -> None:
    now = node.demo.clock()
    token = link(node, node.digests[4], days=2)
    with node.dependencies.database.write() as connection:
        assert find_link(connection, token, now + 2 * 86_400 - 1) == (node.tenant.issuer, node.digests[4])
        assert find_link(connection, token, now + 2 * 86_400) is None
        create_link(
            connection, node.tenant.issuer, node.digests[5], now=now + 2 * 86_400, days=1, random=secrets.token_bytes
        )
        rows = connection.execute(select(Delivery.token_hash)).scalars().all()
    assert hashlib.sha256(token.encode()).digest() not in rows


def test_a_credential_revoked_meanwhile_is_not_given_and_its_link_stays(
    node: TwoInstitutionNode, client: Client
) -> None:
    address = f"/entrega/{link(node, node.digests[1])}"
    assert client.post(address).status_code == 409
    assert client.get(address).status_code == 200


def test_an_institution_whose_keys_are_closed_gives_nothing(node: TwoInstitutionNode) -> None:
    token = link(node, node.digests[0])
    with node.client(tenants={}) as closed:
        assert closed.get(f"/entrega/{token}").status_code == closed.post(f"/entrega/{token}").status_code == 503


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 44, "%00", "ñ" * 43])
def test_a_wrong_token_gets_the_answer_of_a_used_one(client: Client, token: str) -> None:
    for answer in (client.get(f"/entrega/{token}"), client.post(f"/entrega/{token}")):
        assert answer.status_code == 404
        assert "ya no está disponible" in answer.text


@pytest.mark.parametrize("days", [0, 91])
def test_a_link_is_good_for_a_named_number_of_days(node: TwoInstitutionNode, days: int) -> None:
    with pytest.raises(ValueError, match="1 to 90 days"):
        link(node, node.digests[0], days=days)
