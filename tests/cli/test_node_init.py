"""`acredita node init`: a folder for each role, by options or by answers at a terminal, that starts as it stands."""

import json
import os
import pty
import select
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.main import main
from acredita.cli.spanish.sentences import in_spanish
from acredita.node.administration.public_address import parse_address
from acredita.node.config import load
from acredita.node.runtime.open_node import open_node
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.scrypt_cost import LEAST_N
from acredita.registry.ledger_facts.facts import Missing

INSTITUTION = ["--role", "institution", "--profile", "ut", "--name", "UT «Ñandú» (DEMO)"]
ENDPOINT = ["--rpc", "http://127.0.0.1:9", "--depth", "1"]
SECONDS = 60
PASSPHRASE = "secreto de prueba"
OWN = ["--lang", "es", "--data", "d", "--scrypt-n", str(LEAST_N)]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("pass").touch(mode=0o600)
    Path("pass").write_text(PASSPHRASE)
    return tmp_path


def init(*words: str) -> int:
    return main(["node", "init", *OWN, *words])


def settings() -> dict[str, Any]:
    return tomllib.loads(Path("d/acredita.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lang", ["es", "en"])
def test_an_institution_has_a_did_of_its_address_and_no_control_account(
    capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    base = ["--base", "https://UT.example/", "--timezone", "America/Tijuana", *ENDPOINT]
    assert init(*INSTITUTION, *base, "--passphrase-file", "pass", "--json", "--lang", lang) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["base"], facts["did"], facts["warnings"]) == ("https://ut.example", "did:web:ut.example", [])
    assert facts["next"].startswith("acredita node join --config d/acredita.toml")
    written = settings()
    (institution,) = written["institution"]
    assert institution == {
        "profile": "ut",
        "name": "UT «Ñandú» (DEMO)",
        "keystore": "ut.keystore",
        "timezone": "America/Tijuana",
        "did": "did:web:ut.example",
    }
    assert written["ledger"] == {"rpc": ["http://127.0.0.1:9"], "depth": 1}
    keystore = Keystore.open(Path("d/ut.keystore"), PASSPHRASE.encode())
    names = {name for name in ("assertion", "note", "anchoring", "control") if keystore.family(name)}
    assert names == {"assertion", "note", "anchoring"}
    assert not Path("d/chain").exists() and not Path("d/authority.keystore").exists()
    assert stat.S_IMODE(Path("d").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "words",
    [
        [*INSTITUTION, "--base", "https://ut.example", "--passphrase-file", "pass"],
        [*INSTITUTION, "--base", "https://ut.example", "--passphrase-file", "pass", *ENDPOINT],
        ["--role", "authority", "--base", "https://sep.example"],
        ["--role", "mirror", "--base", "https://espejo.example"],
    ],
)
def test_the_configuration_opens_as_it_stands(words: list[str]) -> None:
    """Open what was made: the trust file alone misses, and no chain is begun where the node is to join one."""
    assert init(*words) == 0
    configuration = load(Path("d/acredita.toml"), {})
    with open_node(configuration, {}, serving=True) as node:
        assert isinstance(node.trust, Missing) and not node.tenants
        assert isinstance(node.trust.code, str) and node.trust.code == "TRUST_MISSING"
    assert not Path("d/chain").exists()


def test_an_authority_is_named_in_its_configuration() -> None:
    assert init("--role", "authority", "--base", "https://sep.example/registro") == 0
    node = settings()["node"]
    assert (node["authority"], node["takes_applicants"]) == ("did:web:sep.example:registro", True)
    assert "institution" not in settings()


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("http://127.0.0.1:8081", "esta misma máquina"),
        ("http://localhost:8081", "esta misma máquina"),
        ("https://a.localhost", "esta misma máquina"),
        ("https://0.0.0.0", "esta misma máquina"),
        ("https://[::1]:8443", "esta misma máquina"),
        ("https://10.1.2.3", "una sola red"),
        ("https://nodo", "una sola red"),
        ("http://nodo.example", "no es https"),
    ],
)
def test_an_address_that_is_not_public_falls_short(base: str, words: str) -> None:
    address = parse_address(base, "--base")
    assert address.text == base and address.did_web() == ""
    assert words in in_spanish(address.shortcoming() or "")


def test_an_address_that_is_not_public_is_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    words = [*INSTITUTION, "--base", "http://127.0.0.1:8081", "--passphrase-file", "pass"]
    assert init(*words) == 2
    assert "--did-web HOST o --did-key" in capsys.readouterr().err and not Path("d").exists()
    assert init(*words, "--did-web", "ut.example") == 0
    said = capsys.readouterr().err
    assert "BASE_NOT_PUBLIC" in said and "esta misma máquina" in said
    assert settings()["node"] == {"data": ".", "base": "http://127.0.0.1:8081", "port": 8081}
    (institution,) = settings()["institution"]
    assert institution["did"] == "did:web:ut.example"


@pytest.mark.parametrize(
    ("base", "did"),
    [
        ("https://ut.example", "did:web:ut.example"),
        ("https://ut.example:8443/nodo/a", "did:web:ut.example%3A8443:nodo:a"),
        ("https://ut.example/Nodo", ""),
        ("https://8.8.8.8", ""),
    ],
)
def test_a_public_address_has_a_did_web_if_its_spelling_allows_one(base: str, did: str) -> None:
    address = parse_address(base, "--base")
    assert (address.did_web(), address.shortcoming()) == (did, None)


@pytest.mark.parametrize(
    ("words", "spanish"),
    [
        ([], "--role: es obligatorio donde no se puede preguntar a nadie"),
        (["--role", "institution"], "--base, --profile, --name, --passphrase-file: es obligatorio"),
        (["--role", "mirror"], "--base: es obligatorio"),
        (["--role", "mirror", "--base", "https://e.example", *ENDPOINT[:2]], "--depth: es obligatorio"),
        (["--role", "mirror", "--base", "https://e.example", "--depth", "1"], "--depth va con --rpc"),
        (["--role", "mirror", "--base", "https://e.example", "--profile", "ut"], "--profile: no es una opción de un"),
        (["--role", "mirror", "--base", "https://e.example", "--did-key"], "--did-key: no es una opción de un"),
        (
            ["--role", "mirror", "--base", "ftp://e.example"],
            "--base: se espera una dirección como https://nodo.example",
        ),
        (["--role", "mirror", "--base", "https://a:b@e.example"], "--base: se espera una dirección como"),
        (["--role", "mirror", "--base", "https://e.example/?x"], "--base: se espera una dirección como"),
        (["--role", "mirror", "--base", "https://é.example"], "--base: se espera una dirección como"),
        (["--role", "mirror", "--base", "https://e.example", "--rpc", "nada", "--depth", "1"], "--rpc: ledger.rpc: "),
        (
            [*INSTITUTION, "--base", "https://e.example", "--passphrase-file", "pass", "--timezone", "Mexico"],
            "--timezone: Mexico: se espera una zona horaria",
        ),
        (
            [*INSTITUTION, "--did-key", "--did-web", "e.example", "--passphrase-file", "pass"],
            "se espera --did-web o --did-key",
        ),
        ([*INSTITUTION, "--base", "https://e.example", "--passphrase-file", "nada"], "nada: "),
    ],
)
def test_a_wrong_option_makes_nothing(capsys: pytest.CaptureFixture[str], words: list[str], spanish: str) -> None:
    assert init(*words) == 2
    said = capsys.readouterr().err
    assert spanish in said and said.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["pass"]


def at_terminal(answers: list[str], *words: str) -> tuple[int, str]:
    """Run the command at a terminal of its own, give one answer for each prompt, and return exit code and output."""
    script = "import sys; from acredita.cli.main import main; sys.exit(main(sys.argv[1:]))"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", script, "node", "init", *OWN, *words]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True) as process:
        os.close(theirs)
        shown, unread = "", ""
        while process.poll() is None and select.select([ours], [], [], SECONDS)[0]:
            try:
                part = os.read(ours, 4096).decode(errors="replace")
            except OSError:  # the other end is closed
                break
            shown, unread = shown + part, unread + part
            if unread.rstrip(" ").endswith((":", "]")):
                if not answers:
                    process.kill()
                    break
                os.write(ours, answers.pop(0).encode() + b"\n")
                unread = ""
        code = process.wait(SECONDS)
    os.close(ours)
    return code, shown


def test_answers_at_a_terminal_make_the_same_folder() -> None:
    answers = ["9", "1", "Universidad Ñ (DEMO)", "", "ut.example", "https://ut.example", "", "", ""]
    answers += ["nada", "", "secreto.txt", "s"]
    code, shown = at_terminal(answers)
    assert code == 0, shown
    assert "se espera un número de 1 a 4" in shown and "se espera una dirección como" in shown
    (institution,) = settings()["institution"]
    assert institution["profile"] == "universidad-n-demo" and institution["did"] == "did:web:ut.example"
    assert institution["timezone"] == "America/Mexico_City" and "rpc" not in settings()["ledger"]
    secret = Path("secreto.txt")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600 and len(secret.read_text().strip()) > 40
    Keystore.open(Path("d/universidad-n-demo.keystore"), secret.read_text().strip().encode())


def test_a_passphrase_made_for_a_folder_that_fails_goes_again() -> None:
    Path("d").mkdir()
    words = [*INSTITUTION, "--base", "https://ut.example", "--timezone", "America/Mexico_City"]
    code, shown = at_terminal(["did:key", "", "secreto.txt", "s"], *words)
    assert code == 2 and "ya existe" in shown, shown
    assert not Path("secreto.txt").exists()


def test_a_node_runs_under_one_spelling_of_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert init("--role", "mirror", "--base", "https://espejo.example") == 0
    file = Path("d/acredita.toml")
    for written, said in (
        ("https://espejo.example/", "https://espejo.example expected"),
        ("espejo.example", "https://nodo"),
    ):
        text = file.read_text(encoding="utf-8").replace("https://espejo.example", written)
        Path("d/otra.toml").write_text(text, encoding="utf-8")
        assert main(["node", "run", "--config", "d/otra.toml", "--lang", "en"]) == 2
        assert f"node.base: {said}" in capsys.readouterr().err.replace("an address as ", "")
