"""Documents sent to a node and fetched from one, by commands and over real sockets: each party sends what its acts name."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from acredita.anchoring.ledger import Block, Ledger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.http.app import create_app
from acredita.node.http.dependencies import NodeDependencies
from acredita.node.index.follower import IndexFollower
from acredita.node.ledger.passing import PassingLedger
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.registry.json_documents.jcs import jcs

from tests.cli.test_council import DAY, propose, recognise
from tests.cli.test_parties import programme, scope
from tests.node.http.test_server import running
from tests.simulators.several_hands import ISSUER_DID, SeveralHands, apply, found


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    """Recognise the agency, and let the institution apply and be reviewed."""
    hands = found(tmp_path_factory.mktemp("documents") / "world")
    recognise(hands)
    apply(hands)
    return hands


@pytest.fixture(scope="module")
def node(hands: SeveralHands, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a node that reads the chain of the parties, with a folder of its own."""
    folder = tmp_path_factory.mktemp("node")
    database, trust = Database.create(f"sqlite:///{folder / 'node.db'}"), read_trust(hands.trust)
    with Chain.open(hands.chain, read_only=True) as chain:
        ledger = FollowingLedger(RpcLedger(EmbeddedProvider(Rpc(chain))), chain)

        def clock() -> int:
            return int(ledger.head().time)

        assert IndexFollower(database, Leases(database, "index"), ledger, trust, clock).advance().fault is None
        app = create_app(NodeDependencies(database, TrustFolder(folder), trust, ledger, clock, "https://nodo.example"))
        with running(app) as port:
            yield f"http://127.0.0.1:{port}"
    database.close()


class FollowingLedger(PassingLedger):
    """A ledger on a chain folder into which other processes mine."""

    def __init__(self, ledger: Ledger, chain: Chain) -> None:
        super().__init__(ledger)
        self._chain = chain

    def head(self) -> Block:
        self._chain.refresh()
        return super().head()


@contextmanager
def host(content: bytes) -> Iterator[str]:
    """Serve these bytes under every address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_each_party_sends_what_its_act_names(hands: SeveralHands, node: str, tmp_path: Path) -> None:
    """Let a member see a proposal and its act by the node alone, and let the documents of an accreditation follow."""
    own_scope = scope(hands)
    options = ["--did", ISSUER_DID, "--until", DAY, "--scope", own_scope, "--publish", node]
    number, _, act, text = propose(hands, "activate", *options)
    name = sha256(act.read_bytes())
    assert f"sent to {node}: {name}" in text
    assert f"sent to {node}: {number}" in text
    seen, seen_act = tmp_path / "propuesta.json", tmp_path / "acto.txt"
    assert hands.run("documents", "get", number, "--node", node, "--out", seen, trust=False)[0] == 0
    assert hands.run("documents", "get", f"0x{name}", "--node", node, "--out", seen_act, trust=False)[0] == 0
    assert seen_act.read_bytes() == act.read_bytes()
    words = ["--proposal", seen, "--act", seen_act]
    assert hands.run("council", "approve", number, *words, *hands.by("beto"))[0] == 0

    assert hands.run("documents", "put", own_scope, "--node", node, trust=False)[0] == 1, "nothing names the scope yet"
    assert hands.run("council", "execute", number, "--proposal", seen, *hands.by("carla"))[0] == 0
    code, text = hands.run("documents", "put", own_scope, seen, "--node", node, lang="es", trust=False)
    form = jcs(json.loads(own_scope.read_text()))
    assert code == 0, text
    assert text.splitlines() == [f"{own_scope}: enviado como {sha256(form)}", f"{seen}: el nodo ya tenía {number}"]

    file = programme(hands)
    code, text = hands.run(
        "programme", "submit", "--programme", file, "--scope", own_scope, "--publish", node, *hands.by("ut")
    )
    assert code == 0, text
    report = hands.act_file("agencia", "un informe inventado")
    words = ["--programme", file, "--favourable", "--report", report, "--publish", node]
    code, text = hands.run("programme", "review", *words, *hands.by("agencia"))
    assert (code, f"sent to {node}: {sha256(report.read_bytes())}" in text) == (0, True), text
    copy = tmp_path / "programa.json"
    name = sha256(jcs(json.loads(file.read_text())))
    assert hands.run("documents", "get", name, "--node", node, "--out", copy, trust=False)[0] == 0
    assert sha256(copy.read_bytes()) == name


def test_what_is_not_sent_is_said_in_one_sentence(hands: SeveralHands, node: str, tmp_path: Path) -> None:
    """Send what nobody named, in any size, and a proposal that is not the chain's."""
    unnamed, large, empty = tmp_path / "otro.txt", tmp_path / "grande.bin", tmp_path / "vacio.txt"
    unnamed.write_text("un archivo cualquiera")
    large.write_bytes(b"a" * (2 << 20))
    empty.write_bytes(b"")
    too_large = tmp_path / "demasiado.bin"
    too_large.write_bytes(b"a" * ((2 << 20) + 1))
    number, out, _, _ = propose(hands, "revoke", "--did", ISSUER_DID, "--anyway")
    other = tmp_path / "otra.json"
    document = json.loads(out.read_text())
    other.write_text(json.dumps(document | {"calldata": document["calldata"][:-2] + "00"}))
    named = [
        (unnamed, "DOCUMENT_NOT_NAMED: ningún registro nombra 0x"),
        (large, "DOCUMENT_NOT_NAMED"),
        (too_large, "DOCUMENT_SIZE: se esperan de 1 a 2097152 bytes, se encontraron 2097153"),
        (empty, "DOCUMENT_SIZE"),
        (other, "CALLDATA_MISMATCH"),
    ]
    for file, sentence in named:
        code, text = hands.run("documents", "put", file, "--node", node, lang="es", trust=False)
        assert (code, len(text.splitlines())) == (1, 1), text
        assert text.startswith(f"acredita: {file}: ") and sentence in text, text
    code, text = hands.run("documents", "put", tmp_path / "nada.txt", unnamed, "--node", node, "--json", trust=False)
    assert (code, '"error": "no such file or directory"' in text) == (1, True), text
    assert hands.run("documents", "put", unnamed, "--node", "http://127.0.0.1:1", trust=False)[0] == 3
    assert hands.run("documents", "put", unnamed, "--node", "ftp://x.example", trust=False)[0] == 2
    assert number


def test_what_a_node_gives_out_is_checked(hands: SeveralHands, node: str, tmp_path: Path) -> None:
    out = tmp_path / "documento.bin"
    for name, sentence in (("0" * 64, "NOT_FOUND"), ("999", "NOT_FOUND")):
        code, text = hands.run("documents", "get", name, "--node", node, "--out", out, trust=False)
        assert (code, sentence in text) == (1, True)
    with host(b"otros bytes") as hostile:
        code, text = hands.run("documents", "get", "0" * 64, "--node", hostile, "--out", out, lang="es", trust=False)
        assert (code, "el nodo da otros bytes" in text) == (1, True), text
        assert hands.run("documents", "get", "7", "--node", hostile, "--out", out, trust=False)[0] == 3
    with host(b"a" * ((2 << 20) + 1)) as endless:
        assert hands.run("documents", "get", "0" * 64, "--node", endless, "--out", out, trust=False)[0] == 3
    assert hands.run("documents", "get", "abc", "--node", node, "--out", out, trust=False)[0] == 2
    assert not out.exists()
    out.write_text("aquí ya hay algo")
    assert hands.run("documents", "get", "0" * 64, "--node", node, "--out", out, trust=False)[0] == 2
    assert out.read_text() == "aquí ya hay algo"
