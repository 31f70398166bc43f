"""Accounts from the command line: files, keystores, prepared acts, external signers, consents; nothing sent where refused."""

import json
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.call_signer import LocalCallSigner
from acredita.anchoring.transaction import LocalAccount, UnsignedTransaction
from acredita.cli.main import main
from acredita.contracts.abi import Call
from acredita.registry.keys.account_file import open_private_key
from acredita.registry.keys.keystore import Keystore, KeystorePurpose
from acredita.registry.keys.scrypt_cost import LEAST_N

from tests.simulators.endpoint import endpoint
from tests.simulators.several_hands import ISSUER_DID, LIGHT_N, PASSPHRASE, SeveralHands, found

RUN = [sys.executable, "-c", "from acredita.cli.main import run; run()"]


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    """Deploy the contracts for several hands; tests copy the folder."""
    return found(tmp_path_factory.mktemp("accounts") / "world")


@pytest.fixture
def hands(founded: SeveralHands, tmp_path: Path) -> SeveralHands:
    return founded.copy(tmp_path / "world")


def proposing(hands: SeveralHands, out: str = "p.json") -> list[object]:
    """Return the words that propose an act which the contracts allow now."""
    act = hands.act_file("ana", "acto")
    file = ["--act", act, "--title", "Acto", "--out", hands.base / "ana" / out]
    return ["council", "propose", "record-trust", "--trust-file", hands.trust, *file]


def test_a_new_account_is_private_and_never_written_over(hands: SeveralHands, tmp_path: Path) -> None:
    path, secret = tmp_path / "new.json", ["--passphrase-file", str(hands.base / "ana" / "pass")]
    making = ["account", "new", str(path), "--scrypt-n", str(LIGHT_N), *secret]
    assert main(making) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert main(making) == 2
    assert path.read_bytes() == before
    shown = hands.ask("account", "show", path)
    assert (shown["roles"], shown["transactions"]) == (["none"], 0)
    assert main(["account", "new", str(tmp_path / "x.json"), "--scrypt-n", "1000", *secret]) == 2
    assert main(["account", "new", str(tmp_path / "x.json")]) == 2  # no passphrase, and nobody to ask
    assert not (tmp_path / "x.json").exists()


def test_an_account_goes_to_a_keystore_and_back(hands: SeveralHands, tmp_path: Path) -> None:
    store, secret = tmp_path / "keystore.json", hands.base / "ana" / "pass"
    Keystore.create(store, PASSPHRASE, n=LEAST_N)
    of_store = ["--keystore", str(store), "--keystore-passphrase-file", str(secret), "--name", "control"]
    account = ["--passphrase-file", str(secret)]
    importing = ["account", "import", str(hands.account_file("ut")), *of_store, *account, "--purpose", "control"]
    assert main(importing) == 0
    assert main(importing) == 2  # the name is taken
    opened = Keystore.open(store, PASSPHRASE)
    assert opened.account("control").address == hands.account("ut").address
    assert opened.family("control")[0].purpose is KeystorePurpose.CONTROL
    out = tmp_path / "out.json"
    exporting = ["account", "export", str(out), *of_store, *account, "--scrypt-n", str(LIGHT_N)]
    assert main(exporting) == 0
    assert open_private_key(out, PASSPHRASE) == open_private_key(hands.account_file("ut"), PASSPHRASE)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_an_act_is_prepared_signed_elsewhere_and_sent(hands: SeveralHands) -> None:
    prepared, words = hands.base / "ana" / "prepared.json", proposing(hands)
    head = hands.head()
    code, text = hands.run(*words, "--from", hands.address("ana"), "--prepare", prepared)
    assert code == 0, text
    document = json.loads(prepared.read_text())
    assert set(document) == {"format", "chain_id", "genesis", "from", "contract", "calldata", "nonce", "gas"}
    sending = [*words, "--send", prepared]
    assert "no signature yet" in hands.run(*sending)[1]
    signing = ["account", "sign", prepared, *hands.by("ana"), "--proposal", hands.base / "ana" / "p.json"]
    code, text = hands.run(*signing, lang="es")
    assert code == 0, text
    assert "Propone un acto al consejo." in text
    assert "El acto propuesto:\nRegistra un archivo de confianza por su número y su SHA-256." in text
    assert hands.head() == head
    code, text = hands.run(*sending)
    assert code == 0, text
    assert hands.head() == head + 1
    assert json.loads((hands.base / "ana" / "p.json").read_text())["proposal"] == 1
    assert hands.run(*sending)[0] == 0  # the same bytes again: nothing is done twice
    assert hands.head() == head + 1


def test_a_prepared_act_for_another_chain_or_account_is_not_signed(hands: SeveralHands) -> None:
    prepared, words = hands.base / "ana" / "prepared.json", proposing(hands)
    assert hands.run(*words, "--from", hands.address("ana"), "--prepare", prepared)[0] == 0
    whole = json.loads(prepared.read_text())
    for change, code, sentence in (
        (
            {"chain_id": 1},
            "ACT_OTHER_LEDGER",
            "se espera un archivo para la cadena 31337, se encontró uno para la cadena 1",
        ),
        ({"genesis": "0x" + "00" * 32}, "ACT_OTHER_LEDGER", "bloque de origen"),
        ({"contract": "0x" + "77" * 20}, "ACT_UNREADABLE", "no es ninguno de los cuatro contratos"),
        ({"calldata": whole["calldata"] + "00"}, "ACT_UNREADABLE", "no se pueden leer"),
        ({"from": hands.address("beto")}, "ACCOUNT_ROLE", "preparado para"),
    ):
        prepared.write_text(json.dumps(whole | change))
        exit_code, text = hands.run("account", "sign", prepared, *hands.by("ana"), lang="es")
        assert (exit_code, code in text, sentence in text) == (1, True, True), text
        assert "raw" not in json.loads(prepared.read_text())
    prepared.write_text(json.dumps(whole | {"nonce": "1"}))
    exit_code, text = hands.run("account", "sign", prepared, *hands.by("ana"))
    assert (exit_code, "/nonce" in text) == (2, True)


def test_a_signature_for_another_chain_is_not_sent(hands: SeveralHands) -> None:
    prepared, words = hands.base / "ana" / "prepared.json", proposing(hands)
    assert hands.run(*words, "--from", hands.address("ana"), "--prepare", prepared)[0] == 0
    whole, head = json.loads(prepared.read_text()), hands.head()
    call = Call(bytes.fromhex(whole["contract"][2:]), bytes.fromhex(whole["calldata"][2:]))
    unsigned = UnsignedTransaction(1, whole["nonce"], whole["gas"], call)
    raw = LocalCallSigner(hands.account("ana")).sign_call(unsigned).raw
    prepared.write_text(json.dumps(whole | {"raw": f"0x{raw.hex()}"}))
    code, text = hands.run(*words, "--send", prepared, lang="es")
    assert (code, "TRANSACTION_OTHER_CHAIN: se espera una firma para la cadena 31337" in text) == (1, True), text
    prepared.write_text(json.dumps(whole | {"raw": "0x02c0"}))
    code, text = hands.run(*words, "--send", prepared, lang="es")
    assert (code, "TRANSACTION_MALFORMED" in text) == (1, True), text
    other = proposing(hands, "other.json")
    other[3:5] = ["--trust-file", hands.trust, "--anyway"]
    other[other.index("--act") + 1] = hands.act_file("ana", "otro acto")
    code, text = hands.run(*other, "--send", prepared, lang="es")
    assert (code, "TRANSACTION_MISMATCH" in text) == (1, True), text
    assert hands.head() == head


@contextmanager
def signer_of(account: LocalAccount, change: dict[str, Any] | None = None) -> Iterator[str]:
    """Serve an external signer that signs what it is asked for, or a changed request."""

    def answer(request: dict[str, Any]) -> tuple[int, bytes]:
        if request["method"] == "eth_signTypedData_v4":
            return 200, json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": "0x" + "11" * 65}).encode()
        asked_for = request["params"][0] | (change or {})
        call = Call(bytes.fromhex(asked_for["to"][2:]), bytes.fromhex(asked_for["data"][2:]))
        numbers = (int(asked_for[name], 16) for name in ("chainId", "nonce", "gas"))
        raw = LocalCallSigner(account).sign_call(UnsignedTransaction(*numbers, call)).raw
        return 200, json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": f"0x{raw.hex()}"}).encode()

    with endpoint(answer) as url:
        yield url


def test_an_external_signer_signs_and_is_not_believed(hands: SeveralHands) -> None:
    words, head = [*proposing(hands), "--from", hands.address("ana"), "--yes"], hands.head()
    for account, change, code in (
        (hands.account("beto"), None, "SIGNATURE_FOREIGN"),
        (hands.account("ana"), {"to": "0x" + "77" * 20}, "SIGNATURE_FOREIGN"),
        (hands.account("ana"), {"nonce": "0x7"}, "SIGNATURE_FOREIGN"),
        (hands.account("ana"), {"chainId": "0x1"}, "SIGNATURE_FOREIGN"),
    ):
        with signer_of(account, change) as url:
            exit_code, text = hands.run(*words, "--signer", url)
        assert (exit_code, code in text) == (1, True), text
    assert hands.run(*words, "--signer", "http://127.0.0.1:9")[0] == 3
    assert hands.head() == head
    with signer_of(hands.account("ana")) as url:
        exit_code, text = hands.run(*words, "--signer", url)
        assert exit_code == 0, text
        consenting = ["account", "consent", "--did", ISSUER_DID, "--purpose", "control", "--from", hands.address("ana")]
        exit_code, text = hands.run(*consenting, "--signer", url, "--out", hands.base / "ana" / "c.json")
        assert (exit_code, "SIGNATURE_FOREIGN" in text) == (1, True), text
    assert not (hands.base / "ana" / "c.json").exists()


def test_a_consent_is_written_for_one_party_and_purpose(hands: SeveralHands) -> None:
    out = hands.base / "nadie" / "consent.json"
    by = hands.by("nadie")[:-1]
    words = ["account", "consent", *by, "--did", ISSUER_DID, "--purpose", "anchoring", "--out", out]
    assert hands.run(*words)[0] == 0
    document = json.loads(out.read_text())
    assert set(document) == {
        *("format", "account", "did", "purpose", "deadline", "chain_id", "registry", "signature"),
    }
    assert (document["account"], document["did"]) == (hands.address("nadie"), ISSUER_DID)
    assert hands.run(*words)[0] == 2  # never written over
    for wrong in (["--purpose", "owner"], ["--days", "46"], ["--did", "no DID"]):
        assert hands.run(*words[:-1], hands.base / "nadie" / "x.json", *wrong)[0] == 2
    assert not (hands.base / "nadie" / "x.json").exists()


def test_the_passphrase_comes_from_a_closed_place(hands: SeveralHands) -> None:
    words = [*proposing(hands), "--account", hands.account_file("ana"), "--yes"]
    code, text = hands.run(*words, lang="es")
    assert (code, "se espera --passphrase-file" in text) == (2, True)
    wrong = hands.base / "ana" / "wrong"
    wrong.touch(mode=0o600)
    wrong.write_bytes(b"otra")
    code, text = hands.run(*words, "--passphrase-file", wrong, lang="es")
    assert (code, "ACCOUNT_PASSPHRASE_WRONG: " in text, "contraseña equivocada" in text) == (2, True, True)
    wrong.chmod(0o644)
    assert hands.run(*words, "--passphrase-file", wrong)[0] == 2
    assert hands.run(*words[:-1], "--passphrase-file", hands.base / "ana" / "pass")[0] == 2  # nobody to ask


def test_another_ledger_than_the_trust_file_s_is_refused(hands: SeveralHands, tmp_path: Path) -> None:
    other = found(tmp_path / "other")
    code, text = hands.run(*proposing(hands), *hands.by("ana"), "--chain", other.chain)
    assert (code, "GENESIS_CHANGED" in text) == (1, True)
    assert other.head() == found(tmp_path / "third").head()


@pytest.mark.parametrize(
    ("answer", "expected", "words"), [("n", 1, "no se firmó"), ("", 1, "no se firmó"), ("sí", 0, "")]
)
def test_a_person_is_asked_before_signing(hands: SeveralHands, answer: str, expected: int, words: str) -> None:
    command = [*proposing(hands), *hands.by("ana")[:-1], "--trust", hands.trust, "--lang", "es"]
    person, terminal = pty.openpty()
    os.write(person, f"{answer}\n".encode())
    ended = subprocess.run([*RUN, *map(str, command)], stdin=terminal, capture_output=True, text=True, check=False)
    os.close(person)
    os.close(terminal)
    assert ended.returncode == expected, ended.stderr
    assert "¿Firmar esto? [s/N]" in ended.stderr
    assert "último archivo de confianza registrado: no hay → 1, 0x" in ended.stderr  # it was shown before
    assert words in ended.stderr


def test_another_ledger_tells_a_reader_nothing(hands: SeveralHands, tmp_path: Path) -> None:
    """Read from a ledger that says it is another one: exit 3, as `verify` has it, because only the endpoint says so."""
    other = found(tmp_path / "other")
    code, text = hands.run("council", "list", "--trust", hands.trust, "--chain", other.chain)
    assert (code, "GENESIS_CHANGED" in text) == (3, True)
