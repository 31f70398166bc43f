"""A founding on a simulated network of validators: deployed, verified, signed for, and checked by what was signed."""

import json
from pathlib import Path

import pytest
from acredita.cli.bodies.act_options import SignerOptions
from acredita.cli.bodies.network_check import CheckFiles, check
from acredita.cli.main import main
from acredita.node.verification.language import Language
from acredita.registry.keys.account_file import write_account
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.trust_draft import add_signature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.simulators.checked_network import founded_network, genesis_document
from tests.simulators.installation import account
from tests.simulators.qbft import PERIOD_SECONDS, VALIDATORS, QbftNetwork
from tests.simulators.qbft_dialects import DIALECTS, Dialect
from tests.simulators.qbft_endpoint import Answer, QbftEndpoint

BLOCKS = 3
SIGNERS = [PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(bytes([place]) * 32)) for place in (5, 6)]
AUTHORITY = {"did": "did:web:aut.example", "name": {"es": "Autoridad ficticia"}, "url": "https://aut.example"}
MEMBERS = ["0x" + f"{place:02x}" * 20 for place in (1, 2, 3)]
HOLDERS = ["0x" + f"{place:02x}" * 20 for place in (4, 5)]


class PassingEndpoint(QbftEndpoint):
    """An endpoint whose network makes a block whenever somebody asks for a receipt."""

    def answer(self, method: str, params: list[object]) -> Answer:
        if method == "eth_getTransactionReceipt":
            self.network.pass_period()
        return super().answer(method, params)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files that the parties have agreed on, and the founder's account."""
    folder = tmp_path_factory.mktemp("agreed")
    for name, accounts in (("council", MEMBERS), ("recovery", HOLDERS)):
        document = {"format": "acredita-council/1", "members": accounts, "threshold": 2}
        (folder / f"{name}.json").write_text(json.dumps(document))
    (folder / "authority.json").write_text(json.dumps(AUTHORITY))
    (folder / "genesis.json").write_text(json.dumps(genesis_document()))
    write_account(folder / "account.json", account("founder")._key.secret, b"una clave", n=4_096)
    (folder / "pass").write_text("una clave\n")
    (folder / "pass").chmod(0o600)
    return folder


def founding(files: Path, out: Path, url: str) -> int:
    """Run a founding by the account that the allow-list has."""
    words = ["--council", files / "council.json", "--recovery", files / "recovery.json", "--rpc", url]
    words += ["--authority", files / "authority.json", "--trust-threshold", 2, "--period", PERIOD_SECONDS]
    words += [word for each in SIGNERS for word in ("--trust-key", encode_multibase(each.multikey))]
    words += [word for each in VALIDATORS for word in ("--validator", f"0x{each.address.hex()}")]
    words += ["--account", files / "account.json", "--passphrase-file", files / "pass", "--lang", "en"]
    return main(["network", "found", *map(str, words), "--out", str(out / "d.json"), "--draft", str(out / "t.json")])


def verifying(files: Path, out: Path, url: str) -> int:
    words = ["--council", files / "council.json", "--recovery", files / "recovery.json", "--draft", out / "t.json"]
    return main(["network", "verify", str(out / "d.json"), *map(str, words), "--rpc", url, "--lang", "en"])


@pytest.mark.parametrize("dialect", [each for each in DIALECTS if each.takes_transactions], ids=lambda each: each.name)
def test_a_registry_is_founded_on_each_dialect(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], dialect: Dialect
) -> None:
    network = founded_network(BLOCKS)
    with PassingEndpoint(network, 0, dialect).listening() as url:
        assert founding(files, tmp_path, url) == 0, capsys.readouterr().err
    with QbftEndpoint(network, 1, dialect).listening() as url:  # of another validator, with its own copies of blocks
        assert verifying(files, tmp_path, url) == 0, capsys.readouterr().err


def test_what_was_founded_is_checked_by_what_was_signed(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = founded_network(BLOCKS)
    with PassingEndpoint(network, 0).listening() as url:
        assert founding(files, tmp_path, url) == 0
    draft = json.loads((tmp_path / "t.json").read_text())
    (tmp_path / "trust.json").write_text(json.dumps(add_signature(add_signature(draft, SIGNERS[0]), SIGNERS[1])))
    for _ in range(80):
        network.pass_period()
    capsys.readouterr()
    assert codes_of(network, CheckFiles(tmp_path / "trust.json", files / "genesis.json", None), files, capsys) == {
        "named_blocks": "NOTHING_EXPECTED",  # a first trust file names block 0 alone
        "log_range": "CHAIN_TOO_SHORT",
    }
    other = founded_network(BLOCKS + 1)
    with QbftEndpoint(other, 1).listening() as url:
        assert verifying(files, tmp_path, url) == 3  # the same first block, and none of the transactions
    assert "its transaction is in no block" in capsys.readouterr().err


def codes_of(
    network: QbftNetwork, files: CheckFiles, folder: Path, capsys: pytest.CaptureFixture[str]
) -> dict[str, str | None]:
    """Check a validator's endpoint by the network's clock, and return the code of each line that is not fine."""
    options = SignerOptions(folder / "pass", None, None, folder / "account.json", None, None)
    with QbftEndpoint(network, 2).listening() as url:
        clock = (lambda: network.clock.now, network.pass_period)
        assert check(url, files, True, Language.EN, options, *clock) == 0
    (endpoint,) = json.loads(capsys.readouterr().out)["endpoints"]
    return {name: line["code"] for name, line in endpoint["lines"].items() if line["outcome"] != "fine"}
