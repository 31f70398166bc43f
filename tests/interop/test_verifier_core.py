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
from acredita.node.http.dependencies import NodeDependencies
from acredita.node.publication.did_documents import did_web_document
from acredita.node.publication.trust_folder import TrustFolder, write_json
from acredita.node.storage.database import Database
from acredita.registry.canonicalisation.contexts import ACREDITA_V1
from acredita.registry.keys.key_statement import make_statement
from acredita.registry.keys.multikey import key_id
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.histories import ASSERTION, ValidityWindow
from acredita.registry.programmes.programme import Programme
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.interop.test_credentials_accepted import NPM, SCRIPTS, Document, Peer
from tests.left_out import Want, leave_out
from tests.node.http.test_server import running
from tests.node.http.test_vc_api_https import certificate
from tests.node.http.two_institution_node import TwoInstitutionNode, body, open_two_institution_node
from tests.registry.world import ACT, DAY, HOUR, Credential, Party, World, party, signer

pytestmark = pytest.mark.interop

NODE_HOST, WEB_HOST = "registro.example", "nodo.example"
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
    files = Tls(folder / "root.pem", folder / "chain.pem", folder / "key.pem")
    files.root.write_bytes(authority.public_bytes(Encoding.PEM))
    files.chain.write_bytes(served.public_bytes(Encoding.PEM))
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


@contextmanager
def asking(tls: Tls, host: str, dependencies: NodeDependencies) -> Iterator[Verify]:
    """Run verifier-core in a process of its own that reaches only this node, under this name."""
    with running(create_app(dependencies), tls.chain, tls.key) as port:
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
        leave_out(Want.ORACLES, "@digitalcredentials/verifier-core")


# --- an institution with a did:key, its lists as the node's own writer publishes them ---


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoInstitutionNode]:
    opened = open_two_institution_node(tmp_path_factory.mktemp("node"))
    yield opened
    opened.demo.close()


@pytest.fixture(scope="module")
def verify(node: TwoInstitutionNode, tls: Tls) -> Iterator[Verify]:
    with asking(tls, NODE_HOST, node.dependencies) as ask:
        now = time_text(node.demo.clock())
        yield lambda document, **more: ask(
            "verify", **{"document": document, "now": now, "registries": [f"https://{NODE_HOST}/registry.json"], **more}
        )


def ours(node: TwoInstitutionNode, digest: Digest, document: Document) -> tuple[str, str | None]:
    """Return our own verdict and code over HTTP, with the receipt of that digest."""
    with node.client() as client:
        data = json.dumps(document).encode()
        answer = client.post("/v1/verify", content=body(data, receipt=node.receipt(digest))).json()
    return answer["verdict"], answer["code"]


def test_a_recognised_credential_passes_every_check(node: TwoInstitutionNode, verify: Verify) -> None:
    document = json.loads(node.credential(node.digests[0]))
    assert ours(node, node.digests[0], document) == ("recognised", None)
    answer = verify(document)
    assert answer == {"steps": GOOD, "issuers": [node.tenant.institution.name], "unchecked": [], "errors": []}


def test_revoked_and_replaced_are_revoked_to_them_too(node: TwoInstitutionNode, verify: Verify) -> None:
    for digest, code in ((node.digests[1], "CREDENTIAL_REVOKED"), (node.digests[3], "SUPERSEDED")):
        document = json.loads(node.credential(digest))
        assert ours(node, digest, document) == ("invalid", code)
        assert verify(document)["steps"] == {**GOOD, "revocation_status": False}
    assert node.corrected is not None
    assert verify(json.loads(node.credential(node.corrected)))["steps"] == GOOD


def test_a_suspended_credential_is_ours_alone_to_tell(node: TwoInstitutionNode, verify: Verify) -> None:
    document = json.loads(node.credential(node.digests[2]))
    assert ours(node, node.digests[2], document) == ("invalid", "CREDENTIAL_SUSPENDED")
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
    node: TwoInstitutionNode, verify: Verify, path: tuple[Any, ...], value: object
) -> None:
    document = json.loads(node.credential(node.digests[0]))
    part = document
    for key in path[:-1]:
        part = part[key]
    assert part[path[-1]] != value
    part[path[-1]] = value
    assert ours(node, node.digests[0], document)[0] == "invalid"
    assert verify(document)["errors"] == ["invalid_signature"]


def test_a_presentation_of_two_is_told_apart(node: TwoInstitutionNode, verify: Verify) -> None:
    held = [json.loads(node.credential(digest)) for digest in (node.digests[0], node.digests[4])]
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


def test_what_cannot_be_asked_is_unchecked_and_never_false(node: TwoInstitutionNode, tls: Tls) -> None:
    document = json.loads(node.credential(node.digests[0]))
    registry, now = f"https://{NODE_HOST}/registry.json", time_text(node.demo.clock())
    with asking(tls, NODE_HOST, replace(node.dependencies, ledger=None)) as ask:
        answer = ask("verify", document=document, registries=[registry], now=now)
    assert answer["unchecked"] == [registry]
    elsewhere = NODE_HOST.replace("registro", "otro")
    with asking(tls, elsewhere, node.dependencies) as ask:
        answer = ask("verify", document=document, registries=[registry], now=now)
    assert answer["unchecked"] == [registry]
    assert answer["steps"]["valid_signature"] is True
    assert answer["steps"]["revocation_status"] == "status_list_not_found"


# --- an institution with a did:web, whose keys and standing change ---


@dataclass(frozen=True)
class DidWebParty(Party):
    """An institution whose methods are named as the node's document of it names them."""

    @property
    def method(self) -> str:
        return f"{self.did}#{self.key.public.multibase}"


@dataclass(frozen=True)
class DidWebNode:
    """A world with a did:web institution, and the folder from which a node of that world serves."""

    world: World
    institution: DidWebParty
    programme: Programme
    folder: Path
    database: Database

    def add_statement(self, key: PrivateKeySigner) -> None:
        """Add the statement to the documents of the node, which builds the did:web document from it."""
        registry = Address(self.world.contracts.issuer_registry)
        chain = self.world.chain.chain_id
        statement = make_statement(chain, registry, self.institution.id, int(KeyPurpose.ASSERTION), key)
        (self.folder / "documents" / f"{statement.digest.hex()}.bin").write_bytes(statement.data)

    def publish(self, signing: DidWebParty, *revoked: int) -> None:
        """Publish the institution's list, signed by this key of it, for both verifiers."""
        published = self.world.status_list(signing, list(revoked), self.world.now)
        self.world.document_source.lists[self.institution.id, 0] = published
        write_json(self.folder / "status" / self.institution.id.hex() / "0.json", published)

    def anchored(self, signing: Party) -> tuple[Credential, Receipt]:
        """Anchor a credential of the institution, valid from just now."""
        credential = self.world.sign(signing, self.programme, valid_from=self.world.pass_time(HOUR))
        [receipt] = self.world.anchor(signing, [credential])
        self.world.pass_time(HOUR)
        return credential, receipt

    def at_hand(self, *keys: PrivateKeySigner) -> None:
        """Give our own verifier the document that theirs fetches."""
        windows = {key_id(key.multikey): (key.public, ValidityWindow(ASSERTION, 0)) for key in keys}
        self.world.document_source.dids[self.institution.did] = did_web_document(self.institution.did, windows)

    def ask(self, tls: Tls, *credentials: Credential) -> list[Document]:
        """Verify each credential by a verifier that has just started, because its resolver caches documents."""
        world = self.world
        served = NodeDependencies(
            self.database, TrustFolder(self.folder), world.trust(), world.ledger, world.clock, f"https://{WEB_HOST}"
        )
        with asking(tls, WEB_HOST, served) as ask:
            more = {"registries": [f"https://{WEB_HOST}/registry.json"], "now": time_text(world.clock.now + 60)}
            return [ask("verify", document=credential.document, **more) for credential in credentials]

    def ours(self, credential: Credential, receipt: Receipt | None) -> tuple[str, str | None]:
        report = self.world.verify(credential.data, receipt)
        return report.verdict.value, report.code


@pytest.fixture(scope="module")
def shared_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DidWebNode]:
    folder, world = tmp_path_factory.mktemp("world"), World()
    institution = DidWebParty("web", f"did:web:{WEB_HOST}:ut", signer("web key"))
    dids = {f"demo-{key}": who.did for key, who in world.parties.items()} | {"demo-up": institution.did}
    programme = documents_for(dids).programme("analitica-ingenieria")
    scope = world.scope(institution, name={"es": "Escuela (DEMO)"})
    world.document_source.programmes[programme.digest] = programme
    world.pass_time(10 * DAY)
    world.accredit(institution, scope)
    world.approve(institution, programme)
    write_json(folder / "documents" / f"{scope.digest.hex()}.json", scope.document)
    web_node = DidWebNode(world, institution, programme, folder, Database.create(f"sqlite:///{folder / 'node.db'}"))
    web_node.add_statement(institution.key)
    yield web_node
    web_node.database.close()


@pytest.fixture
def web_node(shared_node: DidWebNode) -> Iterator[DidWebNode]:
    """Return the shared node, and take back every change of a test. The list is clear, signed by the first key."""
    with shared_node.world.branch():
        shared_node.at_hand(shared_node.institution.key)
        shared_node.publish(shared_node.institution)
        yield shared_node


def test_a_did_web_issuer_passes_every_check(web_node: DidWebNode, tls: Tls) -> None:
    credential, receipt = web_node.anchored(web_node.institution)
    assert web_node.ours(credential, receipt) == ("recognised", None)
    assert web_node.ask(tls, credential) == [
        {"steps": GOOD, "issuers": ["Escuela (DEMO)"], "unchecked": [], "errors": []}
    ]


def test_revoked_under_a_did_web(web_node: DidWebNode, tls: Tls) -> None:
    (gone, gone_receipt), (good, good_receipt) = (
        web_node.anchored(web_node.institution),
        web_node.anchored(web_node.institution),
    )
    web_node.world.anchor(web_node.institution, changes=[(EntryKind.REVOKED, gone.position)])
    web_node.publish(web_node.institution, gone.position)
    assert web_node.ours(gone, gone_receipt) == ("invalid", "CREDENTIAL_REVOKED")
    assert web_node.ours(good, good_receipt) == ("recognised", None)
    answers = web_node.ask(tls, gone, good)
    assert [answer["steps"] for answer in answers] == [{**GOOD, "revocation_status": False}, GOOD]


def test_suspended_and_reinstated_issuer(web_node: DidWebNode, tls: Tls) -> None:
    credential, receipt = web_node.anchored(web_node.institution)
    web_node.world.decide(web_node.world.issuers.suspend(web_node.institution.id, ACT))
    assert web_node.ours(credential, receipt) == ("valid_with_warnings", "ISSUER_SUSPENDED_NOW")
    assert [answer["steps"] for answer in web_node.ask(tls, credential)] == [{**GOOD, "registered_issuer": False}]
    web_node.world.decide(web_node.world.issuers.reinstate(web_node.institution.id, ACT))
    assert web_node.ours(credential, receipt) == ("recognised", None)
    assert [answer["steps"] for answer in web_node.ask(tls, credential)] == [GOOD]


def test_a_key_that_signs_well_is_not_yet_an_accredited_issuer(web_node: DidWebNode, tls: Tls) -> None:
    stranger = party("stranger")
    credential = web_node.world.sign(stranger, web_node.programme, valid_from=web_node.world.now)
    list_of_theirs = web_node.world.status_list(stranger, [], web_node.world.now)
    write_json(web_node.folder / "status" / stranger.id.hex() / "0.json", list_of_theirs)
    assert web_node.ours(credential, None) == ("not_recognised", "ISSUER_UNKNOWN")
    assert [answer["steps"] for answer in web_node.ask(tls, credential)] == [{**GOOD, "registered_issuer": False}]


def test_credentials_of_both_keys_after_a_rotation(web_node: DidWebNode, tls: Tls) -> None:
    old, old_receipt = web_node.anchored(web_node.institution)
    newer = replace(web_node.institution, key=signer("web second key"))
    web_node.add_statement(newer.key)
    web_node.world.add_key(web_node.institution, newer.key)
    web_node.world.act(
        web_node.institution.control,
        web_node.world.issuers.end_key(web_node.institution.id, key_of(web_node.institution)),
    )
    web_node.at_hand(web_node.institution.key, newer.key)
    web_node.publish(newer)
    new, new_receipt = web_node.anchored(newer)
    assert web_node.ours(old, old_receipt) == web_node.ours(new, new_receipt) == ("recognised", None)
    assert [answer["steps"] for answer in web_node.ask(tls, old, new)] == [GOOD, GOOD]


def test_a_compromised_key_has_no_valid_signature_for_who_cannot_ask_when(web_node: DidWebNode, tls: Tls) -> None:
    """Show that their verifier refuses everything by that key; ours keeps earlier anchors, because it can ask the
    ledger.
    """
    before, receipt = web_node.anchored(web_node.institution)
    newer = replace(web_node.institution, key=signer("web second key"))
    web_node.add_statement(newer.key)
    web_node.world.add_key(web_node.institution, newer.key)
    since = web_node.world.now
    web_node.world.act(
        web_node.institution.control,
        web_node.world.issuers.key_compromised(web_node.institution.id, key_of(web_node.institution), since, ACT),
    )
    web_node.at_hand(web_node.institution.key, newer.key)
    web_node.publish(newer)
    after, late_receipt = web_node.anchored(web_node.institution)
    assert web_node.ours(before, receipt) == ("valid_with_warnings", "KEY_COMPROMISED_NOW")
    assert web_node.ours(after, late_receipt) == ("invalid", "KEY_COMPROMISED")
    assert [answer["errors"] for answer in web_node.ask(tls, before, after)] == [["invalid_signature"]] * 2


def test_a_did_web_that_the_registry_does_not_know_resolves_nowhere(web_node: DidWebNode, tls: Tls) -> None:
    stranger = DidWebParty("nobody", f"did:web:{WEB_HOST}:nadie", signer("nobody"))
    web_node.world.document_source.dids[stranger.did] = did_web_document(
        stranger.did, {key_id(stranger.key.multikey): (stranger.key.public, ValidityWindow(ASSERTION, 0))}
    )
    credential = web_node.world.sign(stranger, web_node.programme, valid_from=web_node.world.now)
    assert [answer["errors"] for answer in web_node.ask(tls, credential)] == [["did_web_unresolved"]]
    del web_node.world.document_source.dids[stranger.did]
    assert web_node.ours(credential, None)[0] in ("indeterminate", "not_recognised")


def key_of(institution: DidWebParty) -> bytes:
    return key_id(institution.key.multikey)
