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
from acredita.anchoring.types import Digest
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.http.app import create_app
from acredita.node.http.dependencies import NodeDependencies
from acredita.node.index.follower import IndexFollower
from acredita.node.ledger.passing import PassingLedger
from acredita.node.mirroring.document_copies import DocumentCopies, NamedDocument
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.mirroring.sources import AskedSource, FolderSource, named_source
from acredita.node.mirroring.withheld_copy import mirror_withheld
from acredita.node.publication.trust_folder import TrustFolder, read_trust, write_bytes
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.keys.keystore import Keystore, KeystorePurpose
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.scrypt_cost import LEAST_N
from acredita.registry.ledger_facts.trust_draft import add_signature

from tests.cli.test_council import DAY, propose, recognise
from tests.cli.test_parties import programme, scope
from tests.node.http.test_server import running
from tests.simulators.several_hands import ISSUER_DID, PASSPHRASE, SeveralHands, apply, found

SIGNERS = ("firma-1", "firma-2")


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    """Recognise the agency, and let the institution apply and be reviewed."""
    hands = found(tmp_path_factory.mktemp("documents") / "world")
    sign_by_two(hands)
    recognise(hands)
    apply(hands)
    return hands


def sign_by_two(hands: SeveralHands) -> None:
    """Put the trust file under two keys in keystores of their own, both of which must sign."""
    document: dict[str, object] = json.loads(hands.trust.read_text())
    signers = []
    for name in SIGNERS:
        (hands.base / name).mkdir()
        secret = hands.base / name / "pass"
        secret.touch(mode=0o600)
        secret.write_bytes(PASSPHRASE)
        keystore = Keystore.create(hands.base / name / "firma.keystore", PASSPHRASE, n=LEAST_N)
        keystore.generate("trust", KeystorePurpose.TRUST)
        signers.append(keystore.signer("trust"))
    keys = sorted(encode_multibase(signer.multikey) for signer in signers)
    document |= {"keys": keys, "threshold": 2, "signatures": []}
    for signer in signers:
        document = add_signature(document, signer)
    hands.trust.write_text(json.dumps(document))


def sign_list(hands: SeveralHands, file: Path, name: str) -> tuple[int, str]:
    """Sign a list of withheld documents with the key of a signer."""
    folder = hands.base / name
    by = ["--keystore", folder / "firma.keystore", "--passphrase-file", folder / "pass"]
    return hands.run("documents", "sign", file, *by)


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
    fetched = ["documents", "get", number, "--node", node, "--out", seen, "--act", seen_act]
    code, text = hands.run(*fetched, trust=False)
    assert (code, text) == (0, f"{seen}, {seen_act}: fetched from {node}\n")
    other_act = tmp_path / "otra vez.txt"
    assert hands.run("documents", "get", f"0x{name}", "--node", node, "--out", other_act, trust=False)[0] == 0
    assert seen_act.read_bytes() == other_act.read_bytes() == act.read_bytes()
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


def test_a_member_sees_and_decides_by_a_node_that_is_not_believed(
    hands: SeveralHands, node: str, tmp_path: Path
) -> None:
    number, out, act, _ = propose(hands, "record-trust", "--trust-file", hands.trust, "--publish", node)
    code, text = hands.run("council", "show", number, lang="es")
    assert (code, f"acredita council show {number} --node URL" in text, "Cambiará:" in text) == (0, True, False)
    code, text = hands.run("council", "list", "--node", node)
    assert (code, "Acto record-trust" in text or "trust file" in text) == (0, True), text
    waiting = hands.ask("inbox", "--as", hands.account_file("beto"), "--node", node)["items"]
    assert any("'Acto record-trust'" in item["what"] for item in waiting)

    seen_act = tmp_path / "acto.txt"
    code, text = hands.run("council", "show", number, "--node", node, "--act", seen_act, lang="es")
    assert (code, "Cambiará:" in text, seen_act.read_bytes()) == (0, True, act.read_bytes()), text

    head, document = hands.head(), json.loads(out.read_text())
    lie = document | {"calldata": document["calldata"][:-2] + "ff"}
    for content, expected in ((jcs(lie), "CALLDATA_MISMATCH"), (b"[]", "SOURCE_UNREACHABLE")):
        with host(content) as liar:
            for command in (["show"], ["approve"], ["execute"]):
                by = [] if command == ["show"] else hands.by("beto")
                words = ["council", *command, number, "--node", liar, *by]
                code, text = hands.run(*words, *([] if command == ["execute"] else ["--act", act]))
                assert (code, expected in text) == (1 if expected == "CALLDATA_MISMATCH" else 3, True), text
            if content != b"[]":
                titles = [
                    item["what"]
                    for item in hands.ask("inbox", "--as", hands.account_file("beto"), "--node", liar)["items"]
                ]
                assert not any("'Acto record-trust'" in title for title in titles)
    with host(jcs(document)) as liar:
        code, text = hands.run("council", "approve", number, "--node", liar, *hands.by("beto"))
        assert (code, "DOCUMENT_DIGEST_MISMATCH" in text) == (1, True), text
    code, text = hands.run("council", "approve", number, *hands.by("beto"), lang="es")
    assert (code, text.strip().splitlines()[-1]) == (
        2,
        "acredita: se espera --proposal o --node: la cadena solo tiene el hash de la propuesta",
    )
    assert hands.head() == head

    code, text = hands.run("council", "approve", number, "--node", node, *hands.by("beto"), lang="es")
    assert (code, f"acredita council execute {number} --proposal ARCHIVO, o --node URL" in text) == (0, True), text
    code, text = hands.run("council", "approve", number, "--node", node, *hands.by("beto"), lang="es")
    assert (code, text.splitlines()) == (
        1,
        ["acredita: SAME_ACTOR: este miembro ya aprobó la propuesta (council: already approved)"],
    )
    assert hands.run("council", "execute", number, "--node", node, *hands.by("carla"))[0] == 0
    code, text = hands.run("council", "show", number, "--node", node)
    assert (code, "Will change:" in text, "would refuse" in text) == (0, False, False), text


def test_acts_of_one_member_are_sent_too(hands: SeveralHands, node: str, tmp_path: Path) -> None:
    """Let a member send the act of an urgent suspension, and the cancelling of a recovery."""
    act = hands.act_file("carla", "una suspensión urgente")
    words = ["council", "suspend", ISSUER_DID, "--act", act, "--publish", node]
    code, text = hands.run(*words, *hands.by("carla"))
    assert (code, f"sent to {node}: {sha256(act.read_bytes())}" in text) == (0, True), text
    named = [word for name in ("nadie", "ana", "carla") for word in ("--member", hands.address(name))]
    words = ["council", "recovery", "propose", *named, "--threshold", 2, "--out", tmp_path / "r.json"]
    code, text = hands.run(*words, *hands.by("rita"))
    assert code == 0, text
    words = ["council", "recovery", "cancel", 1, "--act", act, "--title", "No hace falta", "--out", tmp_path / "p.json"]
    code, text = hands.run(*words, "--publish", node, *hands.by("carla"))
    number = json.loads((tmp_path / "p.json").read_text())["proposal"]
    assert (code, text.splitlines()[-1]) == (0, f"sent to {node}: {number}"), text


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
    act = tmp_path / "acto.txt"
    words = ["documents", "get", "7", "--out", out, "--act", act]
    with host(b'{"format": "acredita-proposal/1"}') as hostile:
        assert hands.run(*words, "--node", hostile, trust=False)[0] == 3
    words[2] = "0" * 64
    code, text = hands.run(*words, "--node", node, lang="es", trust=False)
    assert (code, "--act va con el número de una propuesta" in text) == (2, True), text
    assert not act.exists()
    assert not out.exists()
    out.write_text("aquí ya hay algo")
    assert hands.run("documents", "get", "0" * 64, "--node", node, "--out", out, trust=False)[0] == 2
    assert out.read_text() == "aquí ya hay algo"


def test_two_signers_withhold_an_act(hands: SeveralHands, node: str, tmp_path: Path) -> None:
    """Draft, sign twice, send, mirror; then release it by the next list. Fewer signatures change nothing."""
    number, _, act, _ = propose(hands, "suspend", "--did", ISSUER_DID, "--anyway", "--publish", node)
    assert number
    name, lists = sha256(act.read_bytes()), [tmp_path / f"lista-{count}.json" for count in (1, 2)]
    code, text = hands.run("documents", "withhold", name, "--out", lists[0])
    assert (code, "list 1, 2 signatures missing" in text) == (0, True), text
    for signer, missing in zip(SIGNERS, (1, 0), strict=True):
        code, text = hands.run("documents", "put", lists[0], "--node", node, lang="es", trust=False)
        assert (code, "WITHHELD_SIGNATURES_TOO_FEW" in text) == (1, True), text
        assert hands.run("documents", "get", name, "--node", node, "--out", tmp_path / signer, trust=False)[0] == 0
        code, text = sign_list(hands, lists[0], signer)
        assert (code, f"0x{name}" in text, f"{missing} signatures missing" in text) == (0, True, True), text
    assert hands.run("documents", "put", lists[0], "--node", node, trust=False)[0] == 0
    code, text = hands.run("documents", "get", name, "--node", node, "--out", tmp_path / "no", lang="es", trust=False)
    assert (code, "DOCUMENT_WITHHELD: el servidor lo retiene" in text) == (1, True), text
    assert hands.run("documents", "put", act, "--node", node, trust=False)[0] == 1

    mirrored(hands, node, tmp_path / "espejo", act.read_bytes())

    in_force = tmp_path / "rige.json"
    assert hands.run("documents", "get", "withheld", "--node", node, "--out", in_force, trust=False)[0] == 0
    assert hands.run("documents", "withhold", name, "--last", in_force, "--out", lists[1])[0] == 2, "nothing changes"
    assert hands.run("documents", "withhold", "--last", in_force, "--release", name, "--out", lists[1])[0] == 0
    for signer in SIGNERS:
        assert sign_list(hands, lists[1], signer)[0] == 0
    assert hands.run("documents", "put", lists[1], "--node", node, trust=False)[0] == 0
    code, text = hands.run("documents", "put", lists[0], "--node", node, trust=False)
    assert (code, "WITHHELD_LIST_OLDER" in text) == (1, True), text
    assert hands.run("documents", "get", name, "--node", node, "--out", tmp_path / "acto", trust=False)[0] == 0


def mirrored(hands: SeveralHands, node: str, base: Path, act: bytes) -> None:
    """Copy the list of a node into a mirror, which removes the document that it has and does not ask for it again."""
    trust, report = read_trust(hands.trust), MirrorReport()
    named = NamedDocument(Digest(hashlib.sha256(act).digest()), is_json=False)
    copies = DocumentCopies(base)
    write_bytes(base / named.name, act)
    unsigned = base / "other"
    write_bytes(unsigned / "withheld.json", b'{"format": "acredita-withheld/1"}')
    sources = [AskedSource(FolderSource(unsigned)), AskedSource(named_source(node))]
    copies.withheld = mirror_withheld(base, trust, sources, report)
    assert [finding.code for finding in report.findings] == ["WITHHELD_MALFORMED"]
    assert copies.withheld == {named.digest}
    requests = sources[1].requests
    assert copies.fetch(named, sources, report, 0)
    assert (copies.has(named), sources[1].requests) == (False, requests)
    assert TrustFolder(base).withheld(trust) is not None
    assert mirror_withheld(base, trust, [], report) == {named.digest}, "the folder keeps it"


def test_a_list_is_drafted_and_signed_for_one_network(hands: SeveralHands, tmp_path: Path) -> None:
    """Refuse a key that is none of the trust file, a list of another chain, and one that names a hash twice."""
    out, name = tmp_path / "lista.json", "ab" * 32
    assert hands.run("documents", "withhold", name, "--out", out)[0] == 0
    stranger = hands.base / "nadie"
    Keystore.create(stranger / "firma.keystore", PASSPHRASE, n=LEAST_N).generate("trust", KeystorePurpose.TRUST)
    before = out.read_bytes()
    code, text = sign_list(hands, out, "nadie")
    assert (code, "no key of the trust file: nothing was signed" in text, out.read_bytes()) == (1, True, before), text
    document = json.loads(before)
    for change, code, sentence in (
        ({"genesis": "0x" + "11" * 32}, 1, "WITHHELD_OTHER_LEDGER: list 1 is for another chain"),
        ({"documents": [f"0x{name}"] * 2}, 2, "WITHHELD_MALFORMED: /documents"),
    ):
        out.write_text(json.dumps(document | change))
        exit_code, text = sign_list(hands, out, SIGNERS[0])
        assert (exit_code, sentence in text) == (code, True), text
    assert hands.run("documents", "withhold", "--release", name, "--out", tmp_path / "otra.json")[0] == 2
    assert hands.run("documents", "withhold", name, "--out", out)[0] == 2, "it is not written over"
