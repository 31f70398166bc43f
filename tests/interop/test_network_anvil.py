"""A founding on the real Anvil, verified by a member, and an endpoint's check of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from acredita.cli.main import main
from acredita.node.network_check.check import SUBJECTS
from acredita.registry.keys.account_file import write_account
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.devnet.client import Client, anvil

pytestmark = pytest.mark.interop

SIGNER = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))
MEMBERS = ["0x" + f"{place:02x}" * 20 for place in (1, 2, 3)]
HOLDERS = ["0x" + f"{place:02x}" * 20 for place in (4, 5)]
LOG_BLOCKS = 5_000


@pytest.fixture
def client() -> Iterator[Client]:
    with anvil() as started:
        yield started


def test_a_registry_is_founded_and_verified(client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, accounts in (("council", MEMBERS), ("recovery", HOLDERS)):
        document = {"format": "acredita-council/1", "members": accounts, "threshold": 2}
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    sets = ["--council", str(tmp_path / "council.json"), "--recovery", str(tmp_path / "recovery.json")]
    words = ["--trust-key", encode_multibase(SIGNER.multikey), "--trust-threshold", "1", "--rpc", client.address]
    files = ["--out", str(tmp_path / "d.json"), "--draft", str(tmp_path / "t.json")]
    assert main(["network", "found", *sets, *words, *files]) == 0
    verifying = ["network", "verify", str(tmp_path / "d.json"), *sets, "--draft", str(tmp_path / "t.json")]
    assert main([*verifying, "--rpc", client.address]) == 0
    capsys.readouterr()
    council = json.loads((tmp_path / "t.json").read_text())["contracts"]["council"]["address"]
    client.ask("anvil_setCode", council, "0x00")
    assert main([*verifying, "--rpc", client.address, "--lang", "en"]) == 1
    assert "DEPLOYMENT_DIFFERS: Council: another code" in capsys.readouterr().err


def test_anvil_is_checked(client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_account(tmp_path / "account.json", b"\x08" * 32, b"una clave", n=4_096)
    (tmp_path / "pass").write_text("una clave\n")
    (tmp_path / "pass").chmod(0o600)
    client.ask("anvil_mine", hex(LOG_BLOCKS))
    signing = ["--account", str(tmp_path / "account.json"), "--passphrase-file", str(tmp_path / "pass")]
    assert main(["network", "check", "--rpc", client.address, *signing, "--json"]) == 1
    (endpoint,) = json.loads(capsys.readouterr().out)["endpoints"]
    assert list(endpoint["lines"]) == [subject.name for subject in SUBJECTS]
    outcomes = {name: (line["outcome"], line["code"]) for name, line in endpoint["lines"].items()}
    assert {name: line for name, line in outcomes.items() if line[0] not in ("fine", "not_checked")} == {
        "logs_beyond_head": ("note", "LOGS_BEYOND_HEAD"),
        "state_window": ("note", "STATE_FORGOTTEN"),
        "allow_list": ("fault", "ACCOUNTS_OPEN"),
    }
    assert {code for outcome, code in outcomes.values() if outcome == "not_checked"} == {
        "NOTHING_EXPECTED",
        "VALIDATORS_UNKNOWN",
    }
