"""The files of a network: whole, without private keys, with keys that Besu knows, and refused where a part is wrong."""

import json
import shlex
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
import rlp
from acredita.anchoring.qbft import genesis_extra_data
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address
from acredita.cli.main import main

from tests.house.documents import ROOT
from tests.simulators.qbft import VALIDATORS, extra_data

ALLOWED = "0x" + "ab" * 20
VECTOR = json.loads((ROOT / "tests" / "vectors" / "qbft.json").read_text())
COUNT = 4


def make_validators(folder: Path) -> list[Path]:
    """Make validators, each in a folder of its own, and return their public files."""
    for place in range(COUNT):
        making = ["network", "key", f"v{place}", "--host", f"10.0.0.{place + 1}", "--out", str(folder / f"v{place}")]
        assert main(making) == 0
    return [folder / f"v{place}" / "validator.json" for place in range(COUNT)]


def init(out: Path, *words: object, allow: str = ALLOWED, chain: int = 4711, period: int = 5) -> int:
    """Run `acredita network init` in English."""
    given = ["--period", period, "--chain-id", chain, "--allow", allow, "--out", out, "--lang", "en", *words]
    return main(["network", "init", *map(str, given)])


def naming(files: list[Path]) -> list[object]:
    return [word for file in files for word in ("--validator", file)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make four validators and the files of their network."""
    folder = tmp_path_factory.mktemp("network")
    assert init(folder / "net", *naming(make_validators(folder))) == 0
    return folder


def settings(folder: Path) -> list[dict[str, Any]]:
    return [tomllib.loads(path.read_text()) for path in sorted(folder.glob("v*.toml"))]


def test_a_validator_keeps_its_key_and_hands_over_the_rest(made: Path) -> None:
    for place in range(COUNT):
        key = made / f"v{place}" / "key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        account = LocalAccount(bytes.fromhex(key.read_text().strip()))
        document = json.loads((key.parent / "validator.json").read_text())
        assert document["address"] == "0x" + account.address.hex()
        assert document["enode"].endswith(f"@10.0.0.{place + 1}:30303")
        again = ["network", "key", "v0", "--host", "10.0.0.1", "--out", str(key.parent)]
        before = key.read_bytes()
        assert main(again) == 2
        assert key.read_bytes() == before


def test_the_files_agree_and_hold_no_private_key(made: Path) -> None:
    net = made / "net"
    documents = [json.loads((made / f"v{place}" / "validator.json").read_text()) for place in range(COUNT)]
    enodes = [document["enode"] for document in documents]
    permissions = tomllib.loads((net / "permissions.toml").read_text())
    assert json.loads((net / "static-nodes.json").read_text()) == enodes == permissions["nodes-allowlist"]
    assert permissions["accounts-allowlist"] == [ALLOWED]
    genesis = json.loads((net / "genesis.json").read_text())
    named = rlp.decode(bytes.fromhex(genesis["extraData"][2:]))[1]
    assert ["0x" + address.hex() for address in named] == sorted(document["address"] for document in documents)
    assert (genesis["config"]["chainId"], genesis["config"]["qbft"]["blockperiodseconds"]) == (4711, 5)
    assert genesis["config"]["zeroBaseFee"] is True
    assert genesis["config"]["shanghaiTime"] == 0
    for each, document in zip(settings(net), documents, strict=True):
        assert document["enode"].endswith(f"@{each['p2p-host']}:{each['p2p-port']}")
        assert each["target-gas-limit"] == int(genesis["gasLimit"], 16)
    files = [path for path in net.rglob("*") if path.is_file()]
    keys = [(made / f"v{place}" / "key").read_text().strip() for place in range(COUNT)]
    assert [path for path in files for key in keys if key in path.read_text()] == []


def test_besu_knows_every_key_of_the_files(made: Path, published: Path) -> None:
    config = published / "besu" / "config"
    known = tomllib.loads((config / "everything_config.toml").read_text())
    profile = tomllib.loads((config / "enterprise-private.toml").read_text())
    genesis = json.loads((made / "net" / "genesis.json").read_text())
    assert settings(made / "net")
    for each in settings(made / "net"):
        assert {name: type(value) for name, value in each.items()} == {name: type(known[name]) for name in each}
        assert profile.items() <= each.items()
    for name in ("qbft-london.json", "genesis_validator_contract_shanghai.json"):
        theirs = json.loads((config / name).read_text().replace("\n", ""))
        assert theirs["mixHash"] == genesis["mixHash"]
        assert theirs["difficulty"] == genesis["difficulty"]
        assert set(theirs) - {"number", "gasUsed", "parentHash", "config"} <= set(genesis)
    london = json.loads((config / "qbft-london.json").read_text())["config"]
    assert set(genesis["config"]["qbft"]) < set(london["qbft"])
    contract = json.loads((config / "genesis_validator_contract_shanghai.json").read_text())
    assert "0x" + genesis_extra_data([]).hex() == contract["extraData"]


def test_the_extra_data_is_besus() -> None:
    parts = rlp.decode(bytes.fromhex(VECTOR["extra_data"][2:]))
    listed = [Address(bytes(address)) for address in parts[1]]
    assert len(listed) == 2
    assert genesis_extra_data(listed[::-1]) == rlp.encode([bytes(32), parts[1], [], b"", []])
    assert genesis_extra_data([each.address for each in VALIDATORS]) == extra_data(VALIDATORS)


def test_all_keys_are_made_on_a_development_chain_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(tmp_path / "net", "--demo-keys", COUNT) == 2
    assert "31337" in capsys.readouterr().err
    assert not (tmp_path / "net").exists()
    assert init(tmp_path / "net", "--demo-keys", COUNT, chain=31337) == 0
    genesis = json.loads((tmp_path / "net" / "genesis.json").read_text())
    keys = sorted((tmp_path / "net").glob("*/key"))
    made = {LocalAccount(bytes.fromhex(key.read_text().strip())).address for key in keys}
    assert set(rlp.decode(bytes.fromhex(genesis["extraData"][2:]))[1]) == made
    assert len(made) == COUNT
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": "acredita-validator/2"}, "/: an object of the format acredita-validator/1"),
        ({"extra": 1}, "/: an object of the format acredita-validator/1"),
        ({"name": "../v0"}, "/name: 1 to 40 of a-z"),
        ({"address": ALLOWED}, "/address: the address of the enode's key expected"),
        ({"enode": "enode://" + "ff" * 64 + "@10.0.0.1:30303"}, "/enode: a public key of secp256k1 expected"),
        ({"enode": "enode://" + "ff" * 64 + "@nodo.example:30303"}, "/enode: enode://, 128"),
        ({"enode": 7}, "/enode: enode://, 128"),
    ],
)
def test_a_wrong_validator_file_is_refused(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object], sentence: str
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(json.loads((made / "v0" / "validator.json").read_text()) | change))
    assert init(tmp_path / "net", "--validator", wrong) == 2
    said = capsys.readouterr().err
    assert f"{wrong}: {sentence}" in said
    assert not (tmp_path / "net").exists()


def test_what_no_network_can_be_is_refused(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, out = made / "v0" / "validator.json", tmp_path / "net"
    refused = [
        (init(out, *naming([one, one])), "two validators share"),
        (init(out, *naming([one]), period=0), "--period: seconds from 1 to 60"),
        (init(out, *naming([one]), chain=0), "--chain-id: a number from 1"),
        (init(out, *naming([one]), allow="0x12"), "--allow 0x12: an address of 40 hex digits"),
        (init(out), "either --validator or --demo-keys"),
        (init(out, *naming([one]), "--demo-keys", 2), "either --validator or --demo-keys"),
        (init(out, "--demo-keys", 0, chain=31337), "--demo-keys: a number from 1"),
        (init(made / "net", *naming([one])), "exists already"),
        (
            main(["network", "key", "x", "--host", "0.0.0.0", "--out", str(out), "--lang", "en"]),
            "--host: an IP address",
        ),
        (main(["network", "key", "x", "--host", "casa", "--out", str(out), "--lang", "en"]), "takes no names"),
    ]
    said = capsys.readouterr().err.splitlines()
    assert [code for code, _ in refused] == [2] * len(refused)
    assert [sentence for (_, sentence), line in zip(refused, said, strict=True) if sentence not in line] == []
    assert not out.exists()


def test_the_page_of_a_network_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fences = (ROOT / "docs" / "network.md").read_text(encoding="utf-8").split("```bash\n")[1:]
    lines = [line for fence in fences for line in fence.split("```")[0].splitlines()]
    assert len(lines) == COUNT + 2
    for line in lines:
        assert main(shlex.split(line)[1:]) == 0, line
    assert (tmp_path / "red" / "genesis.json").is_file()
    assert (tmp_path / "prueba" / "validator-4" / "key").is_file()
