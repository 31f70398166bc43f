"""The log over HTTP: signed checkpoints, tiles, what may be kept how long, and two epochs."""

import gzip
import hashlib
from typing import Final

from acredita.anchoring.entries import ENTRY_BYTES
from acredita.anchoring.merkle import leaf_hash, root
from acredita.anchoring.note import NoteKey, open_note, parse_checkpoint_text
from acredita.contracts.bindings import CredentialLog
from acredita.node.custody.key_ring import NOTE
from acredita.node.http.dependencies import Node
from acredita.node.http.public_files import accepts_gzip
from acredita.node.storage import stored_checkpoints
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.issuer_log import IssuerLog

from tests.node.http.two_institution_node import Client, TwoInstitutionNode
from tests.simulators.storage_work import counted

PREFIX: Final = b"\x00\x46"


def base(node: TwoInstitutionNode) -> str:
    return f"/log/{node.tenant.issuer.hex()}/1"


def key(node: TwoInstitutionNode, epoch: int = 1) -> NoteKey:
    multikey = node.tenant.keystore.signer(NOTE).multikey
    return NoteKey(f"registro.example/log/{node.tenant.issuer.hex()}/{epoch}", multikey[2:])


def test_a_checkpoint_is_signed_and_says_what_the_chain_holds(node: TwoInstitutionNode, client: Client) -> None:
    answer = client.get(base(node) + "/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "immutable" not in answer.headers["cache-control"]
    found = parse_checkpoint_text(open_note(answer.content, [key(node)]))
    with node.dependencies.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, node.tenant.issuer)
    assert newest is not None
    checkpoint = newest.checkpoint
    assert (found.size, found.root, found.number) == (checkpoint.size, checkpoint.root, checkpoint.number)
    assert found.status_root == checkpoint.status_root
    contract = CredentialLog(node.demo.deployed.credential_log)
    word = node.demo.ledger.read(contract.checkpoint_word(node.tenant.issuer, 1, found.number))
    assert word == checkpoint.word()


def test_entries_and_hashes_lead_to_the_signed_root(node: TwoInstitutionNode, client: Client) -> None:
    found = parse_checkpoint_text(open_note(client.get(base(node) + "/checkpoint").content, [key(node)]))
    assert found.size < 256
    tile = client.get(f"{base(node)}/tile/0/000.p/{found.size}")
    bundle = client.get(f"{base(node)}/tile/entries/000.p/{found.size}")
    leaves = [tile.content[at : at + 32] for at in range(0, len(tile.content), 32)]
    width = len(PREFIX) + ENTRY_BYTES
    entries = [bundle.content[at : at + width] for at in range(0, len(bundle.content), width)]
    assert [leaf_hash(entry[2:]) for entry in entries] == leaves
    assert root(leaves) == found.root
    for answer in (tile, bundle):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_signed_checkpoint_never_shows_what_waits(node: TwoInstitutionNode, client: Client) -> None:
    before = parse_checkpoint_text(open_note(client.get(base(node) + "/checkpoint").content, [key(node)]))
    [digest] = node.issue(300)
    waiting = client.get(base(node) + "/checkpoint")
    assert parse_checkpoint_text(open_note(waiting.content, [key(node)])) == before
    assert client.get(f"{base(node)}/tile/entries/000.p/{before.size + 1}").status_code == 404
    node.anchor()
    after = parse_checkpoint_text(open_note(client.get(base(node) + "/checkpoint").content, [key(node)]))
    assert after.number == before.number + 1
    bundle = client.get(f"{base(node)}/tile/entries/000.p/{after.size}").content
    assert digest in bundle
    kept = client.get(f"{base(node)}/tile/entries/000.p/{before.size}")
    assert kept.status_code == 200
    assert digest not in kept.content


def test_bundles_are_compressed_for_who_asks(node: TwoInstitutionNode, client: Client) -> None:
    size = parse_checkpoint_text(open_note(client.get(base(node) + "/checkpoint").content, [key(node)])).size
    path = f"{base(node)}/tile/entries/000.p/{size}"
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # httpx has unpacked it
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, mtime=0))


def test_accept_encoding() -> None:
    assert accepts_gzip("gzip")
    assert accepts_gzip("br;q=1.0, gzip;q=0.8")
    assert not accepts_gzip("")
    assert not accepts_gzip("identity")
    assert not accepts_gzip("gzip; q=0")


def test_what_is_no_log_or_tile(node: TwoInstitutionNode, client: Client) -> None:
    assert client.get(f"/log/{'0' * 64}/1/checkpoint").status_code == 404
    assert client.get(f"/log/{node.tenant.issuer.hex()}/2/checkpoint").status_code == 404
    assert client.get(f"/log/{node.tenant.issuer.hex()}/0/checkpoint").status_code == 400
    for path in ("0/000", "0/0", "9/000", "entries/001", "0/000.p/256"):
        answer = client.get(f"{base(node)}/tile/{path}")
        assert answer.status_code in (400, 404)
        assert answer.headers.get("cache-control") == "no-store"


def test_without_the_note_key_no_checkpoint_is_signed(node: TwoInstitutionNode) -> None:
    with node.client(tenants={}) as client:
        answer = client.get(base(node) + "/checkpoint")
        assert (answer.status_code, answer.json()["code"]) == (503, "NOTE_KEY_CLOSED")


def test_a_listing_of_checkpoints_gives_words_the_contract_holds(node: TwoInstitutionNode, client: Client) -> None:
    found = client.get(f"/v1/batches/{node.tenant.issuer.hex()}").json()
    contract = CredentialLog(node.demo.deployed.credential_log)
    for row in found["checkpoints"][1:]:  # number 0 of epoch 1 is computed, never stored
        word = node.demo.ledger.read(contract.checkpoint_word(node.tenant.issuer, 1, row["number"]))
        assert row["word"] == "0x" + word.hex()
    page = client.get(f"/v1/batches/{node.tenant.issuer.hex()}", params={"limit": 1, "first": 1}).json()
    assert ([row["number"] for row in page["checkpoints"]], page["next"]) == ([1], 2)


def test_two_notes_of_one_checkpoint_are_the_same(node: TwoInstitutionNode, client: Client) -> None:
    first, second = (client.get(base(node) + "/checkpoint").content for _ in range(2))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def test_what_every_cache_may_keep_every_page_may_read(node: TwoInstitutionNode, client: Client) -> None:
    """Allow pages of other origins to read public answers; a verifier in a browser needs them. Private answers stay
    closed.
    """
    issuer = node.tenant.issuer.hex()
    for public in (
        f"/log/{issuer}/1/checkpoint",
        f"/status/{issuer}/0",
        "/contexts/acredita-v1.jsonld",
        "/registry.json",
    ):
        answer = client.get(public)
        assert answer.status_code == 200, public
        assert answer.headers.get_list("access-control-allow-origin") == ["*"], public
    for own in ("/verificar", "/readyz", "/metrics", f"/v1/credentials/{'0' * 64}"):
        assert "access-control-allow-origin" not in client.get(own).headers, own


def test_a_number_in_an_address_has_one_spelling(node: TwoInstitutionNode, client: Client) -> None:
    issuer = node.tenant.issuer.hex()
    assert client.get(f"/log/{issuer}/1/checkpoint").status_code == 200
    for other in ("01", "%2B1", "1.0", "%EF%BC%91", "1_0", "%201"):
        assert client.get(f"/log/{issuer}/{other}/checkpoint").status_code == 400
        assert client.get(f"/status/{issuer}/{other}").status_code == 400
        for query in (f"epoch={other}", f"first={other}", f"limit={other}"):
            assert client.get(f"/v1/batches/0x{issuer}?{query}").status_code in (400, 404)
            assert client.get(f"/v1/batches/{issuer}?{query}").status_code == 400
        assert client.get(f"/v1/issuers?offset={other}").status_code == 400


def test_every_log_at_hand_is_read_before_a_request_asks(node: TwoInstitutionNode) -> None:
    """Read the logs as the job at the head does. The first question about one finds it, and reads nothing of the log."""
    reading = Node(node.dependencies)
    issuers = reading.dependencies.folder.issuers_with_logs()
    assert set(node.dependencies.tenants) <= {*issuers, *reading.tenants}
    reading.read_logs()
    observer = reading.observer()
    assert not isinstance(observer, Missing)
    with counted(node.dependencies.database.engine) as work:
        log = observer.log(node.tenant.issuer)
    assert isinstance(log, IssuerLog)
    assert work.on("log_entries") == (0, 0)
    assert work.on("tree_nodes") == (0, 0)
