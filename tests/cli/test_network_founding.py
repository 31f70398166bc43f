"""A founding: contracts from an account without rights, rebuilt by each member, and every planted difference found."""

import json
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.transaction import LocalAccount, sign
from acredita.anchoring.types import Address
from acredita.cli.main import main
from acredita.contracts.bindings import deploy_data
from acredita.devnet.chain import Chain
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.trust_draft import add_signature
from acredita.registry.ledger_facts.trust_file import read_trust_file
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIGNER = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))
MEMBERS = ["0x" + f"{place:02x}" * 20 for place in (1, 2, 3)]
HOLDERS = ["0x" + f"{place:02x}" * 20 for place in (4, 5)]
FOUNDER = LocalAccount(b"\x08" * 32)


def account_set(members: list[str], threshold: int = 2) -> dict[str, object]:
    return {"format": "acredita-council/1", "members": members, "threshold": threshold}


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def founding(folder: Path, *more: object) -> int:
    words = ["--council", folder / "council.json", "--recovery", folder / "recovery.json", "--trust-threshold", 1]
    words += ["--trust-key", encode_multibase(SIGNER.multikey), "--chain", folder / "chain", "--lang", "en"]
    words += ["--out", folder / "deployment.json", "--draft", folder / "draft.json", *more]
    return main(["network", "found", *map(str, words)])


def verifying(folder: Path, deployment: Path, *more: object) -> int:
    return main(["network", "verify", *map(str, [deployment, "--chain", folder / "chain", "--lang", "en", *more])])


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deploy an installation on an embedded chain; the tests read it."""
    folder = tmp_path_factory.mktemp("founded")
    write(folder / "council.json", account_set(MEMBERS))
    write(folder / "recovery.json", account_set(HOLDERS))
    Chain.open(folder / "chain").close()
    assert founding(folder, "--source", "https://espejo.example") == 0
    return folder


def head(folder: Path) -> int:
    with Chain.open(folder / "chain", read_only=True) as chain:
        return int(chain.head.number)


def test_each_member_rebuilds_what_was_deployed(founded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--council", founded / "council.json", "--recovery", founded / "recovery.json"]
    assert verifying(founded, founded / "deployment.json", *files, "--draft", founded / "draft.json", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["council"]["members"], answer["recovery"]["members"]) == (MEMBERS, HOLDERS)
    draft = json.loads((founded / "draft.json").read_text())
    assert {name: pins["address"] for name, pins in draft["contracts"].items()} == answer["contracts"]
    assert (draft["signatures"], draft["sources"]) == ([], ["https://espejo.example"])
    assert verifying(founded, founded / "deployment.json", "--lang", "es") == 0
    shown = capsys.readouterr().out
    assert f"\n  miembros: {', '.join(MEMBERS)}\n  umbral: 2\n" in shown
    assert f"\n  registro de emisores: {answer['contracts']['issuer_registry']}\n" in shown
    trust = read_trust_file(json.dumps(add_signature(draft, SIGNER)).encode())
    assert (trust.number, "0x" + trust.digest.hex()) == (1, answer["draft_sha256"])


@pytest.mark.parametrize("where", ["members", "threshold", "recovery"])
def test_a_council_that_was_not_agreed_is_found(
    founded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    other = account_set(HOLDERS if where == "recovery" else MEMBERS, 3 if where == "threshold" else 2)
    other["members"] = [*HOLDERS[:1], "0x" + "77" * 20] if where == "recovery" else other["members"]
    other["members"] = [*MEMBERS[:2], "0x" + "77" * 20] if where == "members" else other["members"]
    option = "--recovery" if where == "recovery" else "--council"
    assert verifying(founded, founded / "deployment.json", option, write(tmp_path / "other.json", other)) == 1
    assert f"DEPLOYMENT_DIFFERS: {option}: other accounts" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["council", "issuer_registry", "programme_registry", "credential_log"])
def test_a_draft_of_other_contracts_is_found(
    founded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for key, value in (("address", "0x" + "77" * 20), ("code_hash", "0x" + "77" * 32)):
        draft = json.loads((founded / "draft.json").read_text())
        draft["contracts"][name][key] = value
        assert verifying(founded, founded / "deployment.json", "--draft", write(tmp_path / "d.json", draft)) == 1
        assert "DEPLOYMENT_DIFFERS: the trust draft names other contracts" in capsys.readouterr().err


@pytest.mark.parametrize("place", range(4))
def test_a_creation_code_that_is_not_ours_is_found(
    founded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: int
) -> None:
    """Put in a creation code with one byte more: the runtime code could be ours and the storage another's."""
    document: dict[str, Any] = json.loads((founded / "deployment.json").read_text())
    arguments = [Address(b"\x01" * 20)]
    codes = [
        b"\x00" + deploy_data("Council", arguments, 1, arguments, 1),
        deploy_data("IssuerRegistry", arguments[0]),
        deploy_data("ProgrammeRegistry", arguments[0], arguments[0]),
        deploy_data("CredentialLog", arguments[0], arguments[0]),
    ]
    planted = sign(None, signer=FOUNDER, chain_id=31337, nonce=0, gas=10**7, creation_code=codes[place])
    document["transactions"][place] = "0x" + planted.raw.hex()
    assert verifying(founded, write(tmp_path / "d.json", document)) == 1
    assert "another creation code, or other constructor arguments" in capsys.readouterr().err


def test_a_record_that_the_chain_does_not_hold_is_not_believed(
    founded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Deploy on another chain with the same accounts: the transactions are whole, and this chain has none of them."""
    other = tmp_path / "other"
    other.mkdir()
    write(other / "council.json", account_set(MEMBERS))
    write(other / "recovery.json", account_set(HOLDERS))
    Chain.open(other / "chain").close()
    assert founding(other) == 0
    capsys.readouterr()
    document = json.loads((other / "deployment.json").read_text())
    document["genesis"] = json.loads((founded / "deployment.json").read_text())["genesis"]
    assert verifying(founded, write(tmp_path / "d.json", document)) == 3
    assert "its transaction is in no block" in capsys.readouterr().err
    document["genesis"] = "0x" + "77" * 32
    assert verifying(founded, write(tmp_path / "d.json", document)) == 1
    assert "the endpoint's chain is another" in capsys.readouterr().err


def test_what_cannot_be_founded_sends_nothing(
    founded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = head(founded)
    out = ["--out", tmp_path / "deployment.json", "--draft", tmp_path / "draft.json"]
    both = write(tmp_path / "both.json", account_set(MEMBERS[:2]))
    twice = write(tmp_path / "twice.json", account_set([MEMBERS[0]] * 2))
    refused = [
        (founding(founded), 2, "exists already"),
        (founding(founded, *out, "--trust-threshold", 2), 2, "TRUST_MALFORMED"),
        (founding(founded, *out, "--recovery", both), 1, "ACCOUNT_ROLE"),
        (founding(founded, *out, "--source", "no address"), 2, "/sources/0"),
        (founding(founded, *out, "--council", twice), 2, "/members: each account once expected"),
        (founding(founded, *out, "--period", 5), 2, "--validator for each validator, and --period, expected"),
        (founding(founded, *out, "--rpc", "http://127.0.0.1:1"), 2, "either --rpc or --chain expected"),
    ]
    said = capsys.readouterr().err.splitlines()
    assert [code for code, _, _ in refused] == [code for _, code, _ in refused]
    assert [words for (_, _, words), line in zip(refused, said, strict=True) if words not in line] == []
    assert head(founded) == before
    assert not (tmp_path / "deployment.json").exists()


def test_validators_go_into_the_draft(founded: Path, tmp_path: Path) -> None:
    second = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x06" * 32))
    out = ["--out", tmp_path / "deployment.json", "--draft", tmp_path / "draft.json", "--trust-threshold", 2]
    validators = [word for member in MEMBERS for word in ("--validator", member)]
    words = [*out, "--trust-key", encode_multibase(second.multikey), *validators, "--period", 5]
    assert founding(founded, *words) == 2  # a made-up authority is for trials alone
    authority = {"did": "did:web:aut.example", "name": {"es": "Autoridad ficticia"}, "url": "https://aut.example"}
    assert founding(founded, *words, "--authority", write(tmp_path / "authority.json", authority)) == 0
    draft = add_signature(add_signature(json.loads((tmp_path / "draft.json").read_text()), SIGNER), second)
    trust = read_trust_file(json.dumps(draft).encode())
    assert trust.chain.open_set is not None
    assert ["0x" + address.hex() for address in trust.chain.open_set.addresses] == MEMBERS
    assert (trust.chain.period, trust.is_demo_chain, trust.authority.did) == (5, False, "did:web:aut.example")
