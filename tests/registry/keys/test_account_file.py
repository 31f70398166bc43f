"""Account files: geth's own sample, what we write, and what is refused."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.transaction import LocalAccount
from acredita.registry.keys.account_file import (
    AccountFileRefused,
    new_private_key,
    open_account,
    open_private_key,
    read_address,
    write_account,
)
from eth_account import Account

LIGHT_N = 2**12
# "Test Vectors" of the Web3 Secret Storage Definition (PBKDF2), https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage/
PUBLISHED = {
    "address": "008aeeda4d805471df9b2a5b0f38a0c3bcba786b",
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144,
            "dklen": 32,
            "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}
PUBLISHED_KEY = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"


def test_the_published_file_opens(tmp_path: Path) -> None:
    path = tmp_path / "published.json"
    path.write_text(json.dumps(PUBLISHED))
    assert open_private_key(path, b"testpassword").hex() == PUBLISHED_KEY
    assert read_address(path).hex() == PUBLISHED["address"]


def test_what_is_written_is_private_and_read_by_others(tmp_path: Path) -> None:
    path, private = tmp_path / "account.json", new_private_key()
    address = write_account(path, private, "contraseña".encode(), LIGHT_N)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert private.hex() not in path.read_text()
    assert bytes(Account.decrypt(json.loads(path.read_text()), "contraseña")) == private
    assert open_account(path, "contraseña".encode()).address == address == LocalAccount(private).address
    with pytest.raises(AccountFileRefused, match="ACCOUNT_FILE_EXISTS"):
        write_account(path, private, b"other", LIGHT_N)
    with pytest.raises(AccountFileRefused, match="ACCOUNT_PASSPHRASE_WRONG"):
        open_account(path, b"other")


@pytest.mark.parametrize(
    "change",
    [
        {"version": 4},
        {"address": "00" * 20},
        {"address": "xyz"},
        {"crypto": {**PUBLISHED["crypto"], "kdf": "argon2"}},  # type: ignore[dict-item]
        {"crypto": {**PUBLISHED["crypto"], "kdfparams": {"c": 10**9, "dklen": 32}}},  # type: ignore[dict-item]
        {"crypto": {**PUBLISHED["crypto"], "kdf": "scrypt", "kdfparams": {"n": 2**21, "r": 8, "p": 1}}},  # type: ignore[dict-item]
        {"crypto": {**PUBLISHED["crypto"], "kdf": "scrypt", "kdfparams": {"n": 2**18, "r": 2**10, "p": 1}}},  # type: ignore[dict-item]
        {"crypto": {**PUBLISHED["crypto"], "kdf": "scrypt", "kdfparams": {"n": 2**12, "r": 8, "p": 10**6}}},  # type: ignore[dict-item]
        {"crypto": {}},
        {"crypto": "text"},
    ],
)
def test_a_spoiled_file_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "spoiled.json"
    path.write_text(json.dumps(PUBLISHED | change))
    with pytest.raises(AccountFileRefused, match="ACCOUNT_FILE_MALFORMED"):
        open_account(path, b"testpassword")


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_bytes(b"\x00" * 100)
    with pytest.raises(AccountFileRefused, match="ACCOUNT_FILE_MALFORMED"):
        read_address(path)
