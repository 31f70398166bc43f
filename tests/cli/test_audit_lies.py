"""An audit over endpoints that lie in one view or one event, and over copies of the logs that are not whole."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.entries import ENTRY_BYTES
from acredita.anchoring.rpc_answers import _header
from acredita.cli.main import main
from acredita.contracts import bindings
from acredita.contracts.abi import View
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.node.publication.trust_folder import read_trust
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.trust_draft import add_signature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_hash.auto import keccak

from tests.simulators.endpoint import endpoint

Lie = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]  # request, honest answer → answer

SUBJECT = bytes(32)
_LOG, _ISSUERS, _PROGRAMMES, _COUNCIL = (
    bindings.CredentialLog(bytes(20)),
    bindings.IssuerRegistry(bytes(20)),
    bindings.ProgrammeRegistry(bytes(20)),
    bindings.Council(bytes(20)),
)
VIEWS: dict[str, tuple[str, View[Any], str]] = {
    "head": ("credential_log", _LOG.head(SUBJECT), "LEDGER_INCOMPLETE"),
    "checkpoint_word": ("credential_log", _LOG.checkpoint_word(SUBJECT, 1, 0), "LEDGER_INCOMPLETE"),
    "last_good": ("credential_log", _LOG.last_good(SUBJECT, 1), "LEDGER_INCOMPLETE"),
    "log total": ("credential_log", _LOG.total(), "LEDGER_INCOMPLETE"),
    "party_count": ("issuer_registry", _ISSUERS.party_count(), "LEDGER_INCOMPLETE"),
    "party history": ("issuer_registry", _ISSUERS.history(SUBJECT), "LEDGER_INCOMPLETE"),
    "programme history": ("programme_registry", _PROGRAMMES.history(SUBJECT), "LEDGER_INCOMPLETE"),
    "trust_file": ("council", _COUNCIL.trust_file(0), "TRUST_EQUIVOCATION"),
    "trust_number": ("council", _COUNCIL.trust_number(), "LEDGER_INCOMPLETE"),
}
VALUES = (0, 1, (65535 << 128) | (2**39 << 88))  # the last: a head far ahead


@pytest.fixture(scope="module")
def rpc(demonstration: Path) -> Iterator[Rpc]:
    with Chain.open(demonstration / "chain", read_only=True) as chain:
        yield Rpc(chain)


@contextmanager
def lying(rpc: Rpc, lie: Lie) -> Iterator[str]:
    """Serve the chain on loopback with each answer as `lie` alters it."""

    def answer(request: Any) -> Any:
        if isinstance(request, list):
            return [answer(each) for each in request]
        return lie(request, rpc.handle(request))

    with endpoint(lambda request: (200, json.dumps(answer(request)).encode())) as url:
        yield url


def audited(capsys: pytest.CaptureFixture[str], folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Run an audit of a folder. Return exit code, document and what was printed on stderr."""
    capsys.readouterr()
    code = main(["audit", "replay", "--trust", str(folder / "trust.json"), "--json", *options])
    output = capsys.readouterr()
    return code, json.loads(output.out) if output.out else {}, output.err


def weights(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["weight"], each["code"]) for each in document["findings"] if each["weight"] != "observation"}


# --- endpoints that contradict themselves ---


@pytest.mark.parametrize("name", VIEWS)
def test_one_false_view_is_never_a_negative_answer(
    demonstration: Path, rpc: Rpc, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Answer that it could not tell, or, for a value that is true or says nothing, as of an honest ledger."""
    contract, view, code = VIEWS[name]
    address = "0x" + getattr(read_trust(demonstration / "trust.json").contracts, contract).hex()
    honest = audited(capsys, demonstration)[1]
    told = []
    for value in VALUES:

        def lie(request: dict[str, Any], answer: dict[str, Any], value: int = value) -> dict[str, Any]:
            if request["method"] != "eth_call":
                return answer
            call = request["params"][0]
            asked = call["to"].lower() == address and call["data"].startswith("0x" + view.data[:4].hex())
            return answer | {"result": f"0x{value:064x}"} if asked else answer

        with lying(rpc, lie) as url:
            exit_code, document, errors = audited(capsys, demonstration, "--rpc", url, "--lang", "en")
        assert exit_code == 3 or (exit_code, document) == (0, honest), (value, document, errors)
        if exit_code == 3 and document:
            assert (document["outcome"], document["clean"], weights(document)) == (
                "unknown",
                False,
                {("unknown", code)},
            )
        elif exit_code == 3:
            told.append(errors)
        told += [each["code"] for each in document.get("findings", [])]
    assert any(code in each for each in told), told


def test_an_event_of_no_contract_with_a_total_that_fits_is_no_answer(
    demonstration: Path, rpc: Rpc, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rename each KeyAdded event, and state totals and histories that fold to it: RECORD_UNKNOWN is the detail."""
    address = read_trust(demonstration / "trust.json").contracts.issuer_registry
    issuers, known = bindings.IssuerRegistry(address), "0x" + bindings.event_topics("IssuerRegistry")["KeyAdded"].hex()
    query = {"fromBlock": "0x0", "toBlock": "latest", "address": ["0x" + address.hex()]}
    logs = rpc.handle({"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [query]})["result"]

    def renamed(log: dict[str, Any]) -> dict[str, Any]:
        return log | {"topics": ["0x" + "ab" * 32, *log["topics"][1:]]} if log["topics"][0] == known else log

    def folded(subject: str | None = None) -> str:
        history = bytes(32)
        for log in map(renamed, logs):
            if subject is None or log["topics"][1][2:] == subject:
                record = "".join(part[2:] for part in (*log["topics"], log["data"]))
                history = bindings.fold_history(history, bytes.fromhex(record))
        return "0x" + history.hex()

    def lie(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if request["method"] == "eth_getLogs":
            return answer | {"result": [renamed(log) for log in answer["result"]]}
        if request["method"] != "eth_call" or request["params"][0]["to"].lower() != "0x" + address.hex():
            return answer
        asked = request["params"][0]["data"][2:]
        if asked == issuers.total().data.hex():
            return answer | {"result": folded()}
        if asked.startswith(issuers.history(SUBJECT).data[:4].hex()):
            return answer | {"result": folded(asked[8:])}
        return answer

    with lying(rpc, lie) as url:
        code, document, _ = audited(capsys, demonstration, "--rpc", url)
        assert code == 3
        assert {("unknown", "LEDGER_INCOMPLETE")} == weights(document)
        assert any(each["detail"].startswith("RECORD_UNKNOWN: ") for each in document["findings"])


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("es", "Las respuestas de la cadena omiten algo o se contradicen."),
        ("en", "The ledger's answers leave something"),
    ],
)
def test_why_there_is_no_audit_is_told_in_the_readers_language(
    demonstration: Path, rpc: Rpc, capsys: pytest.CaptureFixture[str], lang: str, sentence: str
) -> None:
    def without_logs(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        return answer | {"result": []} if request["method"] == "eth_getLogs" else answer

    with lying(rpc, without_logs) as url:
        code, _, errors = audited(capsys, demonstration, "--rpc", url, "--lang", lang)
    assert (code, sentence in errors) == (3, True)
    assert "LEDGER_INCOMPLETE" in errors


# --- copies of the logs ---


def _bundles(copy: Path) -> list[Path]:
    return [path for path in (copy / "log").rglob("*") if path.is_file() and "entries" in path.parts]


def _empty(copy: Path) -> None:
    for path in _bundles(copy):
        path.write_bytes(b"")


def _cut(copy: Path) -> None:
    for path in _bundles(copy):
        path.write_bytes(path.read_bytes()[:-1])


def _shorten(copy: Path) -> None:
    for path in _bundles(copy):
        path.write_bytes(path.read_bytes()[:-ENTRY_BYTES])


def _remove(copy: Path) -> None:
    shutil.rmtree(copy / "log")
    (copy / "log").mkdir()


def _swap(copy: Path) -> None:
    """Put each institution's log in the place of the next one."""
    folders = sorted(path for path in (copy / "log").iterdir() if path.is_dir())
    moved = [folder.rename(copy / f"moved-{number}") for number, folder in enumerate(folders)]
    for folder, source in zip(folders, [*moved[1:], moved[0]], strict=True):
        source.rename(folder)


SPOILED: dict[str, Callable[[Path], None]] = {
    "empty": _empty,
    "cut within an entry": _cut,
    "one entry short": _shorten,
    "removed": _remove,
    "of another institution": _swap,
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_copy_that_is_not_whole_is_never_a_negative_answer(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Answer that it could not tell, and say where the logs were looked for."""
    shutil.copytree(demonstration / "log", tmp_path / "log")
    SPOILED[name](tmp_path)
    code, document, _ = audited(capsys, demonstration, "--log", str(tmp_path))
    assert (code, document["outcome"], weights(document)) == (3, "unknown", {("unknown", "LOG_MISSING")})
    assert all(str(tmp_path) in each["detail"] for each in document["findings"] if each["code"] == "LOG_MISSING")
    capsys.readouterr()
    trust = ["--trust", str(demonstration / "trust.json"), "--log", str(tmp_path)]
    for lang, answer in (("es", "NO SE PUDO DETERMINAR"), ("en", "COULD NOT TELL")):
        assert main(["audit", "replay", *trust, "--lang", lang]) == 3
        assert capsys.readouterr().out.startswith(answer)


# --- files that are not at hand ---


def _spoil(path: Path, files: list[Path], chance: random.Random) -> None:
    """Leave a file as it is, remove it, cut it, or put another file in its place."""
    choice = chance.choice(("leave", "remove", "cut", "swap"))
    if choice == "remove":
        path.unlink()
    elif choice == "cut":
        path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size + 1)])
    elif choice == "swap":
        path.write_bytes(chance.choice(files).read_bytes())


@pytest.mark.parametrize("seed", range(8))
def test_no_state_of_the_files_accuses_anybody(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    """Remove, cut or swap any of the files beside the trust file; the first run has the trust file and the chain alone."""
    chance = random.Random(seed)
    shutil.copy(demonstration / "trust.json", tmp_path)
    for name in ("log", "documents", "status", "dids") if seed else ():
        if (demonstration / name).is_dir():
            shutil.copytree(demonstration / name, tmp_path / name)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file() and path.name != "trust.json")
    for path in files:
        if chance.random() < 0.3:
            _spoil(path, [each for each in files if each.is_file()], chance)
    code, document, _ = audited(capsys, tmp_path, "--chain", str(demonstration / "chain"))
    assert (code, document["outcome"]) == (3, "unknown")
    unknown = [each for each in document["findings"] if each["weight"] == "unknown"]
    assert unknown
    assert all(each["looked_in"] and each["detail"] for each in unknown)
    assert "divergence" not in {each["weight"] for each in document["findings"]}


# --- another ledger than the pinned one ---


def _other_chain_id(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"result": "0x1"} if request["method"] == "eth_chainId" else answer


def _other_genesis(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    if request["method"] != "eth_getBlockByNumber" or request["params"][0] != "0x0":
        return answer
    block = answer["result"] | {"extraData": "0x07"}
    return answer | {"result": block | {"hash": "0x" + keccak(_header(block)).hex()}}


def _other_code(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"result": answer["result"] + "00"} if request["method"] == "eth_getCode" else answer


@pytest.mark.parametrize(
    ("lie", "code"),
    [(_other_chain_id, "GENESIS_CHANGED"), (_other_genesis, "GENESIS_CHANGED"), (_other_code, "CODE_CHANGED")],
)
def test_another_ledger_on_an_endpoints_word_is_no_answer(
    demonstration: Path, rpc: Rpc, capsys: pytest.CaptureFixture[str], lie: Lie, code: str
) -> None:
    with lying(rpc, lie) as url:
        exit_code, _, errors = audited(capsys, demonstration, "--rpc", url)
        assert (exit_code, code in errors) == (3, True)
        exit_code, document, errors = audited(capsys, demonstration, "--rpc", url, "--proofs")
        assert (exit_code, document) == (3, {}) or exit_code == 0, errors  # by proof the lie is nobody's code or chain


def test_another_code_by_proof_is_an_answer(
    demonstration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pin another code than the chain has: on the endpoint's word it could not tell, by proof it does not agree."""
    signer = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))
    document = json.loads((demonstration / "trust.json").read_text())
    document["contracts"]["council"]["code_hash"] = "0x" + "77" * 32
    document |= {"keys": [encode_multibase(signer.multikey)], "threshold": 1, "signatures": []}
    (tmp_path / "trust.json").write_text(json.dumps(add_signature(document, signer)))
    chain = ["--chain", str(demonstration / "chain"), "--lang", "en"]
    for proofs, expected in (("--no-proofs", 3), ("--proofs", 1)):
        code, _, errors = audited(capsys, tmp_path, *chain, proofs)
        assert (code, "CODE_CHANGED" in errors) == (expected, True), errors
