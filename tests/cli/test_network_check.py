"""`acredita network check` as an operator runs it: over HTTP, in both languages, with a report that stays."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.bodies.act_options import SignerOptions
from acredita.cli.bodies.network_check import CheckFiles, check
from acredita.cli.exit_codes import ArgumentRefused
from acredita.cli.main import main
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.server import serving
from acredita.node.network_check.check import SUBJECTS
from acredita.node.verification.language import Language
from acredita.registry.keys.account_file import write_account
from eth_typing import Address

from tests.house.documents import ROOT
from tests.simulators.checked_network import FOUNDER, founded_network, genesis_document
from tests.simulators.installation import account
from tests.simulators.qbft import QbftNetwork
from tests.simulators.qbft_dialects import UNAUTHORISED
from tests.simulators.qbft_endpoint import QbftEndpoint

BLOCKS = 80
SECRET = account("founder")._key.secret


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the founder's account, and the genesis.json of the simulated network."""
    folder = tmp_path_factory.mktemp("check")
    write_account(folder / "account.json", SECRET, b"una clave", n=4_096)
    (folder / "pass").write_text("una clave\n")
    (folder / "pass").chmod(0o600)
    (folder / "genesis.json").write_text(json.dumps(genesis_document()))
    return folder


def signing(folder: Path) -> SignerOptions:
    return SignerOptions(folder / "pass", None, None, folder / "account.json", None, None)


NOBODY = SignerOptions(None, None, None, None, None, None)


@pytest.fixture(scope="module")
def network() -> QbftNetwork:
    return founded_network(BLOCKS)


@pytest.fixture
def url(network: QbftNetwork) -> Iterator[str]:
    with QbftEndpoint(network, 0).listening() as address:
        yield address


def run(url: str, network: QbftNetwork, files: CheckFiles, options: SignerOptions, lang: Language = Language.EN) -> int:
    """Check by the clock of a network; waiting lets its blocks pass."""
    return check(url, files, False, lang, options, lambda: network.clock.now, network.pass_period)


def test_a_sound_network_is_found_sound_and_recorded(
    network: QbftNetwork, url: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "report.json"
    files = CheckFiles(None, folder / "genesis.json", record)
    assert run(url, network, files, signing(folder)) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == len(SUBJECTS) + 1
    assert shown[-1] == "fine 23, note 0, FAULT 0, could not tell 0, not checked 2"
    document = json.loads(record.read_text())
    assert (document["format"], document["outcome"]) == ("acredita-network-check/1", "fine")
    assert document["time"] == "2026-01-01T00:07:00Z"  # 84 blocks of 5 s
    (endpoint,) = document["endpoints"]
    assert endpoint["lines"]["client"]["seen"] == "besu/v26.2.0/linux-x86_64/openjdk-java-21"
    before = record.read_bytes()
    with pytest.raises(ArgumentRefused, match="exists already"):
        run(url, network, files, signing(folder))
    assert record.read_bytes() == before


def test_a_fault_is_exit_1_in_the_readers_language(
    network: QbftNetwork, url: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network.chain.allow_list, allowed = None, network.chain.allow_list
    try:
        assert run(url, network, CheckFiles(None, folder / "genesis.json", None), NOBODY, Language.ES) == 1
    finally:
        network.chain.allow_list = allowed
    shown = capsys.readouterr().out
    assert "FALLA  de quién son las transacciones: 0x" in shown
    assert "ACCOUNTS_OPEN: El servidor aceptó la transacción de un desconocido" in shown
    assert "no se revisó  precio cero: ACCOUNT_WANTED: Esto necesita una cuenta" in shown


def test_an_endpoint_that_wants_a_token_is_a_fault(
    network: QbftNetwork, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with QbftEndpoint(network, 1, UNAUTHORISED).listening() as url:
        assert main(["network", "check", "--rpc", url, "--lang", "en"]) == 1
        shown = capsys.readouterr().out
        assert "FAULT  who may ask: eth_chainId: HTTP 401" in shown
        assert "ENDPOINT_UNAUTHORISED" in shown
        (tmp_path / "token").write_text(f"{UNAUTHORISED.token}\n".replace(" ", "-"))
        (tmp_path / "token").chmod(0o600)
        (tmp_path / "rpc.toml").write_text(f'[ledger]\nrpc = [{{url = "{url}", token_file = "token"}}]\n')
        assert main(["network", "check", "--rpc", str(tmp_path / "rpc.toml"), "--lang", "en"]) == 1
        assert "ENDPOINT_UNAUTHORISED" in capsys.readouterr().out


def test_no_variable_of_the_environment_makes_an_account_send(
    url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACREDITA_ACCOUNT", str(folder / "account.json"))
    monkeypatch.setenv("ACREDITA_PASSPHRASE_FILE", str(folder / "pass"))
    monkeypatch.setenv("ACREDITA_RPC", url)
    assert main(["network", "check", "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["endpoints"][0]["lines"]
    assert (lines["free_price"]["code"], lines["head"]["code"]) == ("ACCOUNT_WANTED", None)


def test_a_token_that_nobody_asks_for_is_a_fault(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "token").write_text("made-up\n")
    (tmp_path / "token").chmod(0o600)
    (tmp_path / "rpc.toml").write_text(f'[ledger]\nrpc = [{{url = "{url}", token_file = "token"}}]\n')
    assert main(["network", "check", "--rpc", str(tmp_path / "rpc.toml"), "--lang", "en"]) == 1
    assert "FAULT  who may ask: ENDPOINT_OPEN" in capsys.readouterr().out


def test_endpoints_of_a_file_are_told_apart(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rpc.toml").write_text(f'[ledger]\nrpc = ["{url}", "http://127.0.0.1:1"]\nagree = 1\n')
    assert main(["network", "check", "--rpc", str(tmp_path / "rpc.toml"), "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["outcome"] == "unknown"
    first, second = document["endpoints"]
    assert first["lines"]["head"]["outcome"] == "fine"
    assert {line["code"] for line in second["lines"].values()} <= {
        "LEDGER_UNREACHABLE",
        "NOTHING_EXPECTED",
        "VALIDATORS_UNKNOWN",
        "ACCOUNT_WANTED",
    }
    assert {line["outcome"] for line in second["lines"].values()} == {"unknown", "not_checked"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"config": 7}, "/config: an object expected"),
        ({"extraData": "0x00"}, "/: a first block of QBFT expected"),
        ({"gasLimit": "many"}, "/: a first block of QBFT expected"),
        ({"timestamp": 7}, "/timestamp: a text with a hexadecimal value expected"),
    ],
)
def test_a_genesis_file_of_another_form_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], sentence: str
) -> None:
    file = tmp_path / "genesis.json"
    file.write_text(json.dumps(genesis_document() | change))
    words = ["network", "check", "--rpc", "http://127.0.0.1:1", "--expect", str(file), "--lang", "en"]
    assert main(words) == 2
    assert f"{file}: {sentence}" in capsys.readouterr().err


def test_the_embedded_chain_with_an_allow_list_is_sound(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--account", str(folder / "account.json"), "--passphrase-file", str(folder / "pass"), "--json"]
    allowed = frozenset({Address(bytes(FOUNDER.address))})
    with Chain.open(None, allow_list=allowed, balances={}) as chain, serving(Rpc(chain)) as url:
        assert main(["network", "check", "--rpc", url, *words]) == 0
    lines = json.loads(capsys.readouterr().out)["endpoints"][0]["lines"]
    assert {line["outcome"] for line in lines.values()} == {"fine", "note", "not_checked"}
    assert lines["logs_beyond_head"]["code"] == "LOGS_BEYOND_HEAD"
    assert lines["free_price"]["outcome"] == lines["allow_list"]["outcome"] == "fine"
    with Chain.open(None) as chain, serving(Rpc(chain)) as url:
        assert main(["network", "check", "--rpc", url, *words]) == 1
    assert json.loads(capsys.readouterr().out)["endpoints"][0]["lines"]["allow_list"]["code"] == "ACCOUNTS_OPEN"


def test_the_page_names_every_subject_and_its_codes() -> None:
    page = (ROOT / "docs" / "network.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", page, re.MULTILINE)
    assert [name for name, _ in rows] == [subject.name for subject in SUBJECTS]
    sources = (ROOT / "node" / "network_check").glob("*.py")
    named = {code for path in sources for code in re.findall(r"Code\.([A-Z_0-9]+)", path.read_text())}
    assert named - set(re.findall(r"`([A-Z_0-9]+)`", page)) == set()
