"""`acredita trust`: three signers replace one, a user follows number by number, and nothing else is believed."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from acredita.cli.main import main
from acredita.node.administration.single_operator import Operator
from acredita.node.config import load
from acredita.node.publication.trust_folder import read_trust
from acredita.node.runtime.open_node import open_node
from acredita.node.verification.pinned_trust import configuration_folder, fingerprint, read_pinned_trust
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.scrypt_cost import LEAST_N
from acredita.registry.ledger_facts.trust_file import parse_unsigned


class Signers:
    """A folder with an operator's installation, the keystores of trust signers, and what their commands say."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.data, self.capsys = folder, folder / "data", capsys
        self.secret = folder / "pass"

    def told(self, *arguments: object, code: int = 0) -> str:
        """Run a command and return its whole output."""
        self.capsys.readouterr()
        assert main(["trust", *map(str, arguments)]) == code
        output = self.capsys.readouterr()
        return output.out + output.err

    def answered(self, *arguments: object) -> Any:
        self.capsys.readouterr()
        assert main(["trust", *map(str, arguments), "--json"]) == 0
        return json.loads(self.capsys.readouterr().out)

    def new_key(self, name: str) -> str:
        made = ["key", "new", "--out", self.folder / f"{name}.keystore", "--passphrase-file", self.secret]
        return str(self.answered(*made, "--scrypt-n", LEAST_N)["key"])

    def draft(self, name: str, *options: object) -> Path:
        out = self.folder / name
        self.answered("draft", self.data / "trust.json", "--out", out, *options)
        return out

    def sign(self, file: Path, keystore: Path, *, code: int = 0) -> str:
        last = self.data / "trust.json"
        digest = fingerprint(read_unsigned(file))
        by = ["--keystore", keystore, "--passphrase-file", self.secret, "--last", last]
        return self.told("sign", file, *by, "--fingerprint", digest, code=code)

    def signer(self, name: str) -> Path:
        return self.data / "authority.keystore" if name == "operator" else self.folder / f"{name}.keystore"


def read_unsigned(file: Path) -> Any:
    return parse_unsigned(json.loads(file.read_text()))


@pytest.fixture
def signers(
    accredited_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Signers:
    shutil.copytree(accredited_folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.setenv("ACREDITA_LANG", "en")
    return Signers(tmp_path, capsys)


def pinned_number() -> int:
    pinned = read_pinned_trust(configuration_folder())
    assert pinned is not None
    return pinned.trust.number


def pin(signers: Signers, file: Path) -> None:
    signers.told("pin", file, "--fingerprint", fingerprint(read_trust(file)))


def test_three_signers_take_the_place_of_one_and_a_user_follows(signers: Signers) -> None:
    pin(signers, signers.data / "trust" / "1.json")
    keys = [signers.new_key(name) for name in ("ana", "beto", "carla")]
    old = signers.answered("show", signers.data / "trust.json")
    adding = [option for key in keys for option in ("--add-key", key)]
    file = signers.draft("next.json", *adding, "--remove-key", old["keys"][0], "--threshold", 2)
    number = old["number"] + 1
    for name, missing in (("ana", 1), ("operator", 1), ("beto", 0)):
        assert "TRUST_SIGNATURES_TOO_FEW" in signers.told("publish", file, "--to", signers.data, code=1)
        text = signers.sign(file, signers.signer(name))
        assert f"Signing key: - {old['keys'][0]}" in text
        assert f"missing: {missing}" in text
    signers.told("publish", file, "--to", signers.data)
    assert read_trust(signers.data / "trust" / f"{number}.json").threshold == 2
    signers.told("update")
    assert pinned_number() == number  # from 1, through the operator's renewals, to the file of three signers

    alone = signers.draft("alone.json")
    assert "nothing was signed" in signers.sign(alone, signers.signer("operator"), code=1)
    signers.sign(alone, signers.signer("carla"))
    assert "1 of 2 signatures" in signers.told("publish", alone, "--to", signers.data, code=1)
    signers.sign(alone, signers.signer("beto"))
    signers.told("publish", alone, "--to", signers.data)
    signers.told("update")
    assert pinned_number() == number + 1


def test_nothing_is_signed_or_pinned_unseen(signers: Signers) -> None:
    file, trust = signers.draft("next.json", "--days", 30), read_trust(signers.data / "trust.json")
    before = file.read_bytes()
    by = ["--keystore", signers.signer("operator"), "--passphrase-file", signers.secret, "--last"]
    refused = signers.told("sign", file, *by, signers.data / "trust.json", code=1)
    assert fingerprint(read_unsigned(file)) in refused
    assert "In force: +" in refused
    assert "Vigencia: +" in signers.told("sign", file, *by, signers.data / "trust.json", "--lang", "es", code=1)
    signers.told("sign", file, *by, signers.data / "trust.json", "--fingerprint", "0x" + "0a" * 32, code=1)
    assert file.read_bytes() == before
    first = signers.data / "trust.json"
    assert fingerprint(trust) in signers.told("pin", first, code=1)
    signers.told("pin", first, "--fingerprint", "0a" * 32, code=1)
    signers.told("pin", first, "--fingerprint", "corto", code=2)
    assert read_pinned_trust(configuration_folder()) is None
    pin(signers, first)
    signers.told("pin", signers.data / "trust" / "1.json", code=1)  # it goes back
    assert pinned_number() == trust.number
    pin(signers, signers.data / "trust" / "1.json")  # by hand, of a hash that somebody compared
    assert pinned_number() == 1
    assert "TRUST_NUMBER_SKIPPED" in signers.told("pin", first, code=1)
    signers.told("pin", signers.data / "trust" / "2.json")  # the next file needs no hash
    assert pinned_number() == 2


def test_two_files_of_one_number_are_both_kept(signers: Signers) -> None:
    one, other = signers.draft("one.json"), signers.draft("other.json", "--days", 30)
    for file in (one, other):
        signers.sign(file, signers.signer("operator"))
    pin(signers, one)
    assert "TRUST_EQUIVOCATION" in signers.told("pin", other, code=1)
    assert "TRUST_EQUIVOCATION" in signers.told("pin", other, "--fingerprint", fingerprint(read_trust(other)), code=1)
    kept = sorted((configuration_folder() / "trust-equivocation").iterdir())
    assert {fingerprint(read_trust(path)) for path in kept} == {fingerprint(read_trust(path)) for path in (one, other)}
    assert read_pinned_trust(configuration_folder()).trust == read_trust(one)  # type: ignore[union-attr]


def record(signers: Signers, digest: bytes | None = None, *, ahead: int = 0) -> None:
    """Let the operator's council record the newest trust file of the folder, or another hash or number."""
    with open_node(load(signers.data / "acredita.toml", {}), {}) as node:
        keystore = Keystore.open(signers.data / "authority.keystore", signers.secret.read_bytes())
        trust = read_trust(signers.data / "trust.json")
        named = replace(trust, number=trust.number + ahead, digest=digest or trust.digest)
        Operator(node.ledger, keystore, signers.data, node.clock).record_trust(trust.contracts, named)


def test_a_walk_ends_at_the_file_that_the_council_recorded(signers: Signers) -> None:
    chain = ("--chain", signers.data / "chain")
    pin(signers, signers.data / "trust" / "1.json")
    assert "is the newest" in signers.told("update", *chain)
    record(signers)
    newest = read_trust(signers.data / "trust.json").number
    assert (newest, signers.answered("update", *chain)["number"]) == (3, 3)
    audit = ["audit", "replay", "--trust", str(signers.data / "trust.json")]
    assert main(audit) == 0
    record(signers, ahead=1)
    assert "TRUST_OUTDATED" in signers.told("update", *chain, code=3)
    assert main(audit) == 3
    assert "TRUST_OUTDATED" in signers.capsys.readouterr().err
    old = ["--file", signers.data / "trust.json", "--from", signers.data, *chain]
    assert "TRUST_OUTDATED" in signers.told("update", *old, code=3)


def test_another_hash_than_the_recorded_one_is_an_equivocation(signers: Signers) -> None:
    pin(signers, signers.data / "trust" / "2.json")
    record(signers, bytes([9]) * 32)
    assert "TRUST_EQUIVOCATION" in signers.told("update", "--chain", signers.data / "chain", code=1)
    assert pinned_number() == 2
    kept = [path.name.split("-")[0] for path in (configuration_folder() / "trust-equivocation").iterdir()]
    assert sorted(kept) == ["2", "3"]
    audit = ["audit", "replay", "--trust", str(signers.data / "trust.json")]
    assert main([*audit, "--lang", "es"]) == 3  # the endpoint's word alone
    assert "Dos archivos de confianza distintos" in signers.capsys.readouterr().err


def test_an_update_asks_no_mirror_of_a_file_that_is_not_pinned(signers: Signers) -> None:
    assert "--from" in signers.told("update", "--file", signers.data / "trust" / "1.json", code=2)


def test_the_ledger_of_another_installation_records_nothing_for_this_one(signers: Signers, demonstration: Path) -> None:
    pin(signers, signers.data / "trust" / "1.json")
    assert "TRUST_OTHER_LEDGER" in signers.told("update", "--chain", demonstration / "chain", code=1)


def test_a_draft_that_nobody_could_use_is_not_written(signers: Signers) -> None:
    out = signers.folder / "next.json"
    for options in (
        ["--threshold", 2],
        ["--remove-key", "z6Mk"],
        ["--add-source", "ftp://espejo.example"],
        ["--validator", "0x" + "0a" * 20],
    ):
        signers.told("draft", signers.data / "trust.json", "--out", out, *options, code=2)
    assert not out.exists()


def test_mirrors_and_service_keys_come_and_go(signers: Signers) -> None:
    record(signers)  # the chain has newer blocks than the last file names
    key = signers.new_key("service")
    adding = ["--add-source", "https://espejo.example", "--add-service", f"{key},faces,2099-01-01T00:00:00Z"]
    file = signers.draft("next.json", *adding, "--chain", signers.data / "chain")
    drafted = read_unsigned(file)
    assert drafted.sources == ("https://espejo.example",)
    assert [(service.key.multibase, service.purpose) for service in drafted.services] == [(key, "faces")]
    assert max(drafted.blocks) > max(read_trust(signers.data / "trust.json").blocks)
    text = signers.sign(file, signers.signer("operator"))
    assert f"Service key: + {key} faces 2099-01-01T00:00:00Z" in text
    assert "Mirror: + https://espejo.example" in text
    assert "record-trust" in signers.told("publish", file, "--to", signers.data)
    without = signers.draft("later.json", "--remove-source", "https://espejo.example", "--remove-service", key)
    assert (read_unsigned(without).sources, read_unsigned(without).services) == ((), ())
    signers.told("draft", file, "--out", signers.folder / "x.json", "--add-service", f"{key},faces", code=2)
