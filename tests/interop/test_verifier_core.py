"""npm @digitalcredentials/verifier-core and we agree on signature, revocation and registry.

It knows nothing of ledgers: it fetches over HTTPS the status list that a credential names, the issuer's did:web document, and
a registry of DIDs, all of which our node serves. What it cannot know is asserted, too: it sees no suspension of one
credential, and asks of accreditation only whether it holds now.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.receipts import Receipt, time_text
from acredita.anchoring.types import Address, Digest
from acredita.contracts.bindings import KeyPurpose
from acredita.node.demo.documents import documents_for
from acredita.node.http.app import create_app
from acredita.node.http.dependencies import Parts
from acredita.node.publication.did_documents import did_web_document
from acredita.node.publication.trust_folder import TrustFolder, write_json
from acredita.node.storage.database import Database
from acredita.registry.canonicalisation.contexts import ACREDITA_V1
from acredita.registry.keys.key_statement import make_statement
from acredita.registry.keys.multikey import key_id
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.histories import ASSERTION, Window
from acredita.registry.programmes.programme import Programme
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.interop.test_credentials_accepted import NPM, SCRIPTS, Document, Peer
from tests.node.http.test_server import running
from tests.node.http.test_vc_api_https import certificate
from tests.node.http.town import Town, body, found
from tests.registry.world import ACT, DAY, HOUR, Credential, Party, World, party, signer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

TOWN, WORLD = "registro.example", "nodo.example"
GOOD = {"valid_signature": True, "expiration": True, "revocation_status": True, "registered_issuer": True}
Verify = Callable[..., Document]


@dataclass(frozen=True)
class Tls:
    """An authority of our own that the verifier trusts, and a chain and key of it for the loopback address."""

    root: Path
    chain: Path
    key: Path


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    folder = tmp_path_factory.mktemp("tls")
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate("Authority (DEMO)", authority_key, "Authority (DEMO)", authority_key, authority=True)
    served = certificate("127.0.0.1", key, "Authority (DEMO)", authority_key, authority=False)
    made = Tls(folder / "root.pem", folder / "chain.pem", folder / "key.pem")
    made.root.write_bytes(authority.public_bytes(Encoding.PEM))
    made.chain.write_bytes(served.public_bytes(Encoding.PEM))
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


@contextmanager
def asking(tls: Tls, host: str, parts: Parts) -> Iterator[Verify]:
    """verifier-core in a process of its own, with this node behind this name and nobody else in the world."""
    with running(create_app(parts), tls.chain, tls.key) as port:
        reachable = {
            "addresses": {host: f"127.0.0.1:{port}"},
            "redirects": {ACREDITA_V1: f"https://{host}/contexts/acredita-v1.jsonld"},
        }
        command = ["node", str(SCRIPTS / "verifier_core.mjs"), json.dumps(reachable)]
        peer = Peer(command, NPM, env={**os.environ, "NODE_EXTRA_CA_CERTS": str(tls.root)})
        try:
            yield peer.ask
        finally:
            peer.close()


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if not (NPM / "node_modules" / "@digitalcredentials" / "verifier-core").is_dir() or shutil.which("node") is None:
        pytest.skip("the npm oracles are not installed: @digitalcredentials/verifier-core is left out")


# --- an institution with a did:key, its lists as the node's own writer publishes them ---


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = found(tmp_path_factory.mktemp("town"))
    yield made
    made.stage.close()


@pytest.fixture(scope="module")
def verify(town: Town, tls: Tls) -> Iterator[Verify]:
    with asking(tls, TOWN, town.parts) as ask:
        now = time_text(town.stage.clock())
        yield lambda document, **more: ask(
            "verify", **{"document": document, "now": now, "registries": [f"https://{TOWN}/registry.json"], **more}
        )


def ours(town: Town, digest: Digest, document: Document) -> tuple[str, str | None]:
    """Our own verdict and code, asked over HTTP with the receipt of that digest."""
    with town.client() as client:
        data = json.dumps(document).encode()
        answer = client.post("/v1/verify", content=body(data, receipt=town.receipt(digest))).json()
    return answer["verdict"], answer["code"]


def test_a_recognised_credential_passes_every_check(town: Town, verify: Verify) -> None:
    document = json.loads(town.credential(town.digests[0]))
    assert ours(town, town.digests[0], document) == ("recognised", None)
    answer = verify(document)
    assert answer == {"steps": GOOD, "issuers": [town.tenant.institution.name], "unchecked": [], "errors": []}


def test_revoked_and_replaced_are_revoked_to_them_too(town: Town, verify: Verify) -> None:
    for digest, code in ((town.digests[1], "CREDENTIAL_REVOKED"), (town.digests[3], "SUPERSEDED")):
        document = json.loads(town.credential(digest))
        assert ours(town, digest, document) == ("invalid", code)
        assert verify(document)["steps"] == {**GOOD, "revocation_status": False}
    assert town.corrected is not None
    assert verify(json.loads(town.credential(town.corrected)))["steps"] == GOOD


def test_a_suspended_credential_is_ours_alone_to_tell(town: Town, verify: Verify) -> None:
    document = json.loads(town.credential(town.digests[2]))
    assert ours(town, town.digests[2], document) == ("invalid", "CREDENTIAL_SUSPENDED")
    assert verify(document)["steps"] == GOOD  # Open Badges has room for one status, and that is revocation


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("name",), "Otra"),
        (("credentialStatus", "statusListIndex"), "7"),
        (("validFrom",), "2026-04-19T12:00:00Z"),
        (("credentialSubject", "achievement", "name"), "Otro"),
    ],
)
def test_what_was_changed_has_no_valid_signature(
    town: Town, verify: Verify, path: tuple[Any, ...], value: object
) -> None:
    document = json.loads(town.credential(town.digests[0]))
    place = document
    for key in path[:-1]:
        place = place[key]
    assert place[path[-1]] != value
    place[path[-1]] = value
    assert ours(town, town.digests[0], document)[0] == "invalid"
    assert verify(document)["errors"] == ["invalid_signature"]


def test_a_presentation_of_two_is_told_apart(town: Town, verify: Verify) -> None:
    held = [json.loads(town.credential(digest)) for digest in (town.digests[0], town.digests[4])]
    held[1]["name"] = "Otra"
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": held,
    }
    answer = verify(presentation, kind="presentation")
    assert [credential["steps"] or credential["errors"] for credential in answer["credentials"]] == [
        GOOD,
        ["invalid_signature"],
    ]


def test_what_cannot_be_asked_is_unchecked_and_never_false(town: Town, tls: Tls) -> None:
    document = json.loads(town.credential(town.digests[0]))
    registry, now = f"https://{TOWN}/registry.json", time_text(town.stage.clock())
    with asking(tls, TOWN, replace(town.parts, ledger=None)) as ask:
        answer = ask("verify", document=document, registries=[registry], now=now)
    assert answer["unchecked"] == [registry]
    elsewhere = TOWN.replace("registro", "otro")
    with asking(tls, elsewhere, town.parts) as ask:
        answer = ask("verify", document=document, registries=[registry], now=now)
    assert answer["unchecked"] == [registry]
    assert answer["steps"]["valid_signature"] is True
    assert answer["steps"]["revocation_status"] == "status_list_not_found"


# --- an institution with a did:web, whose keys and standing change ---


@dataclass(frozen=True)
class School(Party):
    """An institution whose methods are named as the node's document of it names them."""

    @property
    def method(self) -> str:
        return f"{self.did}#{self.key.public.multibase}"


@dataclass(frozen=True)
class Place:
    """A world with a school in it, and the folder from which a node of that world serves."""

    world: World
    school: School
    programme: Programme
    folder: Path
    database: Database

    def add_statement(self, key: PrivateKeySigner) -> None:
        """Among the documents of the node, which builds the did:web document from it."""
        registry = Address(self.world.contracts.issuer_registry)
        chain = self.world.chain.chain_id
        statement = make_statement(chain, registry, self.school.id, int(KeyPurpose.ASSERTION), key)
        (self.folder / "documents" / f"{statement.digest.hex()}.bin").write_bytes(statement.data)

    def publish(self, signing: School, *revoked: int) -> None:
        """The school's list, signed by this key of it, at hand for both."""
        made = self.world.status_list(signing, list(revoked), self.world.now)
        self.world.shelf.lists[self.school.id, 0] = made
        write_json(self.folder / "status" / self.school.id.hex() / "0.json", made)

    def anchored(self, signing: Party) -> tuple[Credential, Receipt]:
        """A credential of the school in the log, valid from just now."""
        credential = self.world.sign(signing, self.programme, valid_from=self.world.pass_time(HOUR))
        [receipt] = self.world.anchor(signing, [credential])
        self.world.pass_time(HOUR)
        return credential, receipt

    def at_hand(self, *keys: PrivateKeySigner) -> None:
        """Our own verifier is given the document that theirs fetches."""
        windows = {key_id(key.multikey): (key.public, Window(ASSERTION, 0)) for key in keys}
        self.world.shelf.dids[self.school.did] = did_web_document(self.school.did, windows)

    def ask(self, tls: Tls, *credentials: Credential) -> list[Document]:
        """Each of them, asked of a verifier that has just begun, because its resolver keeps documents."""
        world = self.world
        served = Parts(
            self.database, TrustFolder(self.folder), world.trust(), world.ledger, world.clock, f"https://{WORLD}"
        )
        with asking(tls, WORLD, served) as ask:
            more = {"registries": [f"https://{WORLD}/registry.json"], "now": time_text(world.clock.now + 60)}
            return [ask("verify", document=credential.document, **more) for credential in credentials]

    def ours(self, credential: Credential, receipt: Receipt | None) -> tuple[str, str | None]:
        report = self.world.verify(credential.data, receipt)
        return report.verdict.value, report.code


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, world = tmp_path_factory.mktemp("world"), World()
    school = School("web", f"did:web:{WORLD}:ut", signer("web key"))
    dids = {f"demo-{key}": who.did for key, who in world.parties.items()} | {"demo-up": school.did}
    programme = documents_for(dids).programme("analitica-ingenieria")
    scope = world.scope(school, name={"es": "Escuela (DEMO)"})
    world.shelf.programmes[programme.digest] = programme
    world.pass_time(10 * DAY)
    world.accredit(school, scope)
    world.approve(school, programme)
    write_json(folder / "documents" / f"{scope.digest.hex()}.json", scope.document)
    place = Place(world, school, programme, folder, Database.create(f"sqlite:///{folder / 'node.db'}"))
    place.add_statement(school.key)
    yield place
    place.database.close()


@pytest.fixture
def place(founded: Place) -> Iterator[Place]:
    """Whatever a test does has not happened afterwards; the list is clear, and signed by the first key."""
    with founded.world.branch():
        founded.at_hand(founded.school.key)
        founded.publish(founded.school)
        yield founded


def test_a_did_web_issuer_passes_every_check(place: Place, tls: Tls) -> None:
    credential, receipt = place.anchored(place.school)
    assert place.ours(credential, receipt) == ("recognised", None)
    assert place.ask(tls, credential) == [{"steps": GOOD, "issuers": ["Escuela (DEMO)"], "unchecked": [], "errors": []}]


def test_revoked_under_a_did_web(place: Place, tls: Tls) -> None:
    (gone, gone_receipt), (good, good_receipt) = place.anchored(place.school), place.anchored(place.school)
    place.world.anchor(place.school, changes=[(EntryKind.REVOKED, gone.position)])
    place.publish(place.school, gone.position)
    assert place.ours(gone, gone_receipt) == ("invalid", "CREDENTIAL_REVOKED")
    assert place.ours(good, good_receipt) == ("recognised", None)
    answers = place.ask(tls, gone, good)
    assert [answer["steps"] for answer in answers] == [{**GOOD, "revocation_status": False}, GOOD]


def test_suspended_and_reinstated_issuer(place: Place, tls: Tls) -> None:
    credential, receipt = place.anchored(place.school)
    place.world.decide(place.world.issuers.suspend(place.school.id, ACT))
    assert place.ours(credential, receipt) == ("valid_with_warnings", "ISSUER_SUSPENDED_NOW")
    assert [answer["steps"] for answer in place.ask(tls, credential)] == [{**GOOD, "registered_issuer": False}]
    place.world.decide(place.world.issuers.reinstate(place.school.id, ACT))
    assert place.ours(credential, receipt) == ("recognised", None)
    assert [answer["steps"] for answer in place.ask(tls, credential)] == [GOOD]


def test_a_key_that_signs_well_is_not_yet_an_accredited_issuer(place: Place, tls: Tls) -> None:
    stranger = party("stranger")
    credential = place.world.sign(stranger, place.programme, valid_from=place.world.now)
    list_of_theirs = place.world.status_list(stranger, [], place.world.now)
    write_json(place.folder / "status" / stranger.id.hex() / "0.json", list_of_theirs)
    assert place.ours(credential, None) == ("not_recognised", "ISSUER_UNKNOWN")
    assert [answer["steps"] for answer in place.ask(tls, credential)] == [{**GOOD, "registered_issuer": False}]


def test_credentials_of_both_keys_after_a_rotation(place: Place, tls: Tls) -> None:
    old, old_receipt = place.anchored(place.school)
    newer = replace(place.school, key=signer("web second key"))
    place.add_statement(newer.key)
    place.world.add_key(place.school, newer.key)
    place.world.act(place.school.control, place.world.issuers.end_key(place.school.id, key_of(place.school)))
    place.at_hand(place.school.key, newer.key)
    place.publish(newer)
    new, new_receipt = place.anchored(newer)
    assert place.ours(old, old_receipt) == place.ours(new, new_receipt) == ("recognised", None)
    assert [answer["steps"] for answer in place.ask(tls, old, new)] == [GOOD, GOOD]


def test_a_compromised_key_has_no_valid_signature_for_who_cannot_ask_when(place: Place, tls: Tls) -> None:
    """They refuse everything by that key; we, who can ask the ledger, keep what was anchored before."""
    before, receipt = place.anchored(place.school)
    newer = replace(place.school, key=signer("web second key"))
    place.add_statement(newer.key)
    place.world.add_key(place.school, newer.key)
    since = place.world.now
    place.world.act(
        place.school.control, place.world.issuers.key_compromised(place.school.id, key_of(place.school), since, ACT)
    )
    place.at_hand(place.school.key, newer.key)
    place.publish(newer)
    after, late_receipt = place.anchored(place.school)
    assert place.ours(before, receipt) == ("valid_with_warnings", "KEY_COMPROMISED_NOW")
    assert place.ours(after, late_receipt) == ("invalid", "KEY_COMPROMISED")
    assert [answer["errors"] for answer in place.ask(tls, before, after)] == [["invalid_signature"]] * 2


def test_a_did_web_that_the_registry_does_not_know_resolves_nowhere(place: Place, tls: Tls) -> None:
    stranger = School("nobody", f"did:web:{WORLD}:nadie", signer("nobody"))
    place.world.shelf.dids[stranger.did] = did_web_document(
        stranger.did, {key_id(stranger.key.multikey): (stranger.key.public, Window(ASSERTION, 0))}
    )
    credential = place.world.sign(stranger, place.programme, valid_from=place.world.now)
    assert [answer["errors"] for answer in place.ask(tls, credential)] == [["did_web_unresolved"]]
    del place.world.shelf.dids[stranger.did]
    assert place.ours(credential, None)[0] in ("indeterminate", "not_recognised")


def key_of(school: School) -> bytes:
    return key_id(school.key.multikey)
