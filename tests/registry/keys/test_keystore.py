"""The keystore and where its passphrase comes from."""

import json
import os
import random
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from acredita.registry.keys.keystore import (
    Key,
    KeyState,
    Keystore,
    KeystoreChangedError,
    KeystoreEntryError,
    KeystoreError,
    KeystoreMalformedError,
    KeystorePurpose,
    WrongPassphraseError,
)
from acredita.registry.keys.keystore import KeyAlgorithm as KeyKind
from acredita.registry.keys.multikey import parse_multikey
from acredita.registry.keys.passphrase import PassphraseRefused, from_descriptor, from_file, from_systemd

CHEAP = 2**4  # scrypt N for tests: nothing here is secret
PASSPHRASE = b"frase de prueba"


@pytest.fixture
def store(tmp_path: Path) -> Keystore:
    return Keystore.create(tmp_path / "llaves.json", PASSPHRASE, n=CHEAP, random=random.Random(1).randbytes)


def reopened(tmp_path: Path, passphrase: bytes = PASSPHRASE) -> Keystore:
    return Keystore.open(tmp_path / "llaves.json", passphrase, least_n=CHEAP)


def keys_of(store: Keystore) -> tuple[Key, ...]:
    """Return every key of an open keystore, by name."""
    return tuple(key for _, key in sorted(store._keys.items()))


def test_every_kind_of_key_comes_back_and_works(store: Keystore, tmp_path: Path) -> None:
    for kind in (KeyKind.ED25519, KeyKind.P256, KeyKind.P384):
        store.generate(f"firma-{kind}", KeystorePurpose.ASSERTION, kind)
    store.generate("nota", KeystorePurpose.NOTE)
    store.generate("anclaje", KeystorePurpose.ANCHORING)
    store.generate("control", KeystorePurpose.CONTROL)
    again = reopened(tmp_path)
    assert keys_of(again) == keys_of(store)
    for name in ("firma-ed25519", "firma-p256", "firma-p384", "nota"):
        signer = again.signer(name)
        assert signer.multikey == store.signer(name).multikey
        assert parse_multikey(signer.multikey).verifies(signer.sign(b"dato"), b"dato")
    assert again.account("anclaje").address != again.account("control").address
    assert len(again.account("anclaje").sign_hash(b"\x01" * 32)) == 65


def test_mac_and_wrap_hold_only_under_their_key_and_context(store: Keystore, tmp_path: Path) -> None:
    store.generate("idem", KeystorePurpose.IDEMPOTENCY)
    store.generate("datos", KeystorePurpose.DATA)
    store.generate("otros", KeystorePurpose.DATA)
    again = reopened(tmp_path)
    assert again.mac("idem", b"x") == store.mac("idem", b"x") != store.mac("idem", b"y")
    wrapped = store.wrap("datos", b"k" * 32, b"contexto")
    assert again.unwrap("datos", wrapped, b"contexto") == b"k" * 32
    assert store.wrap("datos", b"k" * 32, b"contexto") != wrapped
    for name, text, context in (
        ("otros", wrapped, b"contexto"),
        ("datos", wrapped, b"otro"),
        ("datos", wrapped[:-1] + bytes([wrapped[-1] ^ 1]), b"contexto"),
        ("datos", wrapped[:5], b"contexto"),
        ("datos", b"", b"contexto"),
    ):
        with pytest.raises(KeystoreError):
            again.unwrap(name, text, context)


def test_a_wrong_passphrase_is_named(store: Keystore, tmp_path: Path) -> None:
    with pytest.raises(WrongPassphraseError):
        reopened(tmp_path, b"otra")


def test_no_key_and_no_name_is_in_the_clear(store: Keystore, tmp_path: Path) -> None:
    key = store.generate("nombre-visible", KeystorePurpose.ASSERTION)
    content = (tmp_path / "llaves.json").read_bytes()
    assert b"nombre-visible" not in content
    assert key.private.hex().encode() not in content
    assert key.private.hex() not in repr(key) + repr(keys_of(store)) + str(vars(store)["_seal"])
    assert stat.S_IMODE((tmp_path / "llaves.json").stat().st_mode) == 0o600


def test_every_altered_part_of_the_file_is_noticed(store: Keystore, tmp_path: Path) -> None:
    store.generate("nota", KeystorePurpose.NOTE)
    path = tmp_path / "llaves.json"
    original = json.loads(path.read_bytes())
    salt = original["kdf"]["salt"]
    other_digit = {"0": "1"}.get(salt[-1], "0")
    changes = [
        original | {"ciphertext": original["ciphertext"][:-1] + {"0": "1"}.get(original["ciphertext"][-1], "0")},
        original | {"nonce": "0x" + "00" * 12},
        original | {"kdf": original["kdf"] | {"salt": salt[:-1] + other_digit}},
        original | {"kdf": original["kdf"] | {"n": CHEAP * 2}},
    ]
    for changed in changes:
        path.write_text(json.dumps(changed))
        with pytest.raises(WrongPassphraseError):
            reopened(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"3", b"\xff", b'{"format":"acredita-keystore/1"}', b'{"kdf":{"n":16,"salt":5},"nonce":"0x"}'],
)
def test_what_is_no_keystore_is_malformed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "llaves.json").write_bytes(content)
    with pytest.raises(KeystoreMalformedError):
        reopened(tmp_path)


def test_a_cost_below_the_floor_or_above_the_limit_is_refused(store: Keystore, tmp_path: Path) -> None:
    with pytest.raises(KeystoreMalformedError, match="scrypt N"):
        Keystore.open(tmp_path / "llaves.json", PASSPHRASE)
    for n in (2**21, 3, 0, -16):
        with pytest.raises(KeystoreMalformedError, match="scrypt N"):
            Keystore.create(tmp_path / "otro.json", PASSPHRASE, n=n)
    assert not (tmp_path / "otro.json").exists()


def test_an_existing_file_is_not_written_over(store: Keystore, tmp_path: Path) -> None:
    before = (tmp_path / "llaves.json").read_bytes()
    with pytest.raises(KeystoreError, match="exists already"):
        Keystore.create(tmp_path / "llaves.json", PASSPHRASE, n=CHEAP)
    with pytest.raises(KeystoreError, match="empty passphrase"):
        Keystore.create(tmp_path / "otro.json", b"", n=CHEAP)
    assert (tmp_path / "llaves.json").read_bytes() == before


def test_two_programs_do_not_lose_each_others_keys(store: Keystore, tmp_path: Path) -> None:
    second = reopened(tmp_path)
    second.generate("de-la-segunda", KeystorePurpose.NOTE)
    with pytest.raises(KeystoreChangedError):
        store.generate("de-la-primera", KeystorePurpose.NOTE)
    assert [key.name for key in keys_of(reopened(tmp_path))] == ["de-la-segunda"]
    assert keys_of(store) == ()


def test_a_failed_write_changes_neither_disk_nor_memory(store: Keystore, tmp_path: Path) -> None:
    store.generate("nota", KeystorePurpose.NOTE)
    before = (tmp_path / "llaves.json").read_bytes()
    (tmp_path / "llaves.json.new").mkdir()  # the draft cannot be made
    with pytest.raises(IsADirectoryError):
        store.generate("otra", KeystorePurpose.NOTE)
    assert (tmp_path / "llaves.json").read_bytes() == before
    assert [key.name for key in keys_of(store)] == ["nota"]


def test_a_key_is_used_for_its_purpose_only(store: Keystore) -> None:
    uses: dict[str, tuple[Callable[[str], object], set[str]]] = {
        "signer": (store.signer, {"assertion", "note", "trust", "audit", "witness"}),
        "account": (store.account, {"anchoring", "control"}),
        "mac": (lambda name: store.mac(name, b""), {"idempotency"}),
        "wrap": (lambda name: store.wrap(name, b"", b""), {"data"}),
    }
    for purpose in KeystorePurpose:
        key = store.generate(purpose, purpose)
        assert [known for known in keys_of(store) if known.purpose == purpose] == [key]
    for use, allowed in uses.values():
        for name in [*KeystorePurpose, "no-existe"]:
            if name in allowed:
                use(name)
            else:
                with pytest.raises(KeystoreEntryError):
                    use(name)


def test_keys_that_cannot_be_taken_in(store: Keystore) -> None:
    store.generate("nota", KeystorePurpose.NOTE)
    refused = [
        ("nota", KeystorePurpose.NOTE, KeyKind.ED25519, b"\x01" * 32),
        ("", KeystorePurpose.NOTE, KeyKind.ED25519, b"\x01" * 32),
        ("a", KeystorePurpose.NOTE, KeyKind.P256, b"\x01" * 32),
        ("a", KeystorePurpose.ANCHORING, KeyKind.SECP256K1, b"\x01" * 31),
        ("a", KeystorePurpose.ANCHORING, KeyKind.SECP256K1, bytes(32)),
        ("a", KeystorePurpose.ANCHORING, KeyKind.SECP256K1, b"\xff" * 32),
    ]
    for name, purpose, kind, private in refused:
        with pytest.raises(KeystoreEntryError):
            store.add(name, purpose, kind, private)
    assert [key.name for key in keys_of(store)] == ["nota"]


def test_a_passphrase_from_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "frase"
    path.write_bytes(b" con blancos \r\n")
    path.chmod(0o600)
    assert from_file(path) == b" con blancos "
    path.chmod(0o400)
    assert from_file(path) == b" con blancos "


def test_a_byte_order_mark_is_no_part_of_a_passphrase_and_utf_16_is_named(tmp_path: Path) -> None:
    path = tmp_path / "frase"
    for content in (b"\xef\xbb\xbfcontrase\xc3\xb1a", b"\xef\xbb\xbfcontrase\xc3\xb1a\r\n", b"contrase\xc3\xb1a\n"):
        path.write_bytes(content)
        path.chmod(0o600)
        assert from_file(path) == "contraseña".encode()
    for encoding in ("utf-16-le", "utf-16-be"):
        path.write_bytes("\ufeffcontraseña".encode(encoding))
        with pytest.raises(PassphraseRefused, match="UTF-16"):
            from_file(path)
    path.write_bytes(b"\xef\xbb\xbf" + b"x" * 4096 + b"\r\n")
    assert len(from_file(path)) == 4096


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_passphrase_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "frase"
    path.write_bytes(b"x")
    path.chmod(mode)
    with pytest.raises(PassphraseRefused, match="mode 0600"):
        from_file(path)


def test_a_passphrase_is_not_read_through_a_link_or_from_a_folder(tmp_path: Path) -> None:
    target = tmp_path / "frase"
    target.write_bytes(b"x")
    target.chmod(0o600)
    (tmp_path / "enlace").symlink_to(target)
    os.mkfifo(tmp_path / "tubo", 0o600)
    for path in (tmp_path / "enlace", tmp_path, tmp_path / "tubo", tmp_path / "no-existe"):
        with pytest.raises(PassphraseRefused):
            from_file(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 4097])
def test_an_empty_or_endless_passphrase_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "frase"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(PassphraseRefused):
        from_file(path)


def test_a_passphrase_from_systemd(tmp_path: Path) -> None:
    path = tmp_path / "acredita"
    path.write_bytes(b"secreta\n")
    path.chmod(0o440)
    assert from_systemd(tmp_path, "acredita") == b"secreta"
    path.chmod(0o444)
    with pytest.raises(PassphraseRefused):
        from_systemd(tmp_path, "acredita")
    for name in ("../acredita", "", "a/b"):
        with pytest.raises(PassphraseRefused, match="without a path"):
            from_systemd(tmp_path, name)


def test_a_passphrase_from_a_descriptor() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"por tubo\n")
    os.close(writing)
    assert from_descriptor(reading) == b"por tubo"
    with pytest.raises(PassphraseRefused):
        from_descriptor(reading)


# --- keys that follow each other ---


def test_a_family_is_in_the_order_its_keys_followed_each_other(store: Keystore) -> None:
    for name in ("firma-2", "firma", "firma-10", "firma-1", "firma-otra", "firmante"):
        store.generate(name, KeystorePurpose.ASSERTION)
    assert [key.name for key in store.family("firma")] == ["firma", "firma-2", "firma-10"]


def test_what_has_become_of_a_key_is_on_disk(store: Keystore, tmp_path: Path) -> None:
    store.generate("firma", KeystorePurpose.ASSERTION)
    store.generate("firma-2", KeystorePurpose.ASSERTION, state=KeyState.PENDING)
    store.mark("firma", state=KeyState.IN_USE, retire_after=1_800_000_000)
    store.mark("firma-2", state=KeyState.IN_USE)
    first, second = reopened(tmp_path).family("firma")
    assert (first.state, first.retire_after) == (KeyState.IN_USE, 1_800_000_000)
    assert (second.state, second.retire_after) == (KeyState.IN_USE, None)
    store.mark("firma", state=KeyState.ENDED)
    assert reopened(tmp_path).family("firma")[0].state is KeyState.ENDED
    store.mark("firma", state=KeyState.ENDED)
    with pytest.raises(KeystoreEntryError):
        store.mark("firma", state=KeyState.IN_USE)
    store.mark("firma", state=KeyState.COMPROMISED)
    with pytest.raises(KeystoreEntryError):
        store.mark("firma", state=KeyState.ENDED)
    with pytest.raises(KeystoreEntryError):
        store.mark("otra", state=KeyState.ENDED)


def test_an_open_keystore_takes_over_what_another_program_wrote(store: Keystore, tmp_path: Path) -> None:
    store.generate("firma", KeystorePurpose.ASSERTION)
    reader = reopened(tmp_path)
    assert not reader.refresh()
    store.generate("firma-2", KeystorePurpose.ASSERTION)
    with pytest.raises(KeystoreChangedError):  # what it has not seen it does not write over
        reader.mark("firma", state=KeyState.ENDED)
    assert reader.refresh()
    assert keys_of(reader) == keys_of(store)
    assert not reader.refresh()
    reader.mark("firma", state=KeyState.ENDED)
    assert store.refresh()
    assert store.family("firma")[0].state is KeyState.ENDED


def test_a_keystore_sealed_anew_is_not_taken_over(store: Keystore, tmp_path: Path) -> None:
    store.generate("firma", KeystorePurpose.ASSERTION)
    reader = reopened(tmp_path)
    (tmp_path / "llaves.json").unlink()
    Keystore.create(tmp_path / "llaves.json", b"otra frase", n=CHEAP)
    with pytest.raises(KeystoreChangedError):
        reader.refresh()
    assert [key.name for key in keys_of(reader)] == ["firma"]


def test_a_file_of_before_keys_had_states_reads_as_in_use(store: Keystore, tmp_path: Path) -> None:
    key = store.generate("firma", KeystorePurpose.ASSERTION)
    assert (key.state, key.retire_after) == (KeyState.IN_USE, None)
    assert keys_of(reopened(tmp_path)) == (key,)
