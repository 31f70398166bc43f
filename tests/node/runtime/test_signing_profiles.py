"""Signing profiles from a configuration: what is relaxed has to be said, keys are checked, bits of a list are never lost."""

import hashlib
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from acredita.node.config import ConfigurationError, load
from acredita.node.runtime.signing_profiles import SigningPolicy, bundled_only, of_key, open_contexts, open_profiles
from acredita.node.storage.database import Database
from acredita.node.storage.status_lists import read_list
from acredita.node.vc_api.issue import ProfileSigner
from acredita.node.vc_api.status_lists import ProfileStatusLists, SigningRefused, StatusChange
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2
from acredita.registry.credentials.status_list import decode_list, is_set
from acredita.registry.keys.keystore import KeyAlgorithm, Keystore, KeystorePurpose
from acredita.registry.keys.scrypt_cost import LEAST_N
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.cryptosuites import SUITES
from acredita.registry.proofs.resolve_key import did_key_for
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).resolve().parents[3]
NOW = 1_794_744_000
BASE = "http://nodo.example"
OPEN = '[[signing_profile]]\nname = "c"\npolicy = "any"\nopen = true\n'


def configured(folder: Path, text: str) -> Any:
    path = folder / "acredita.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[signing_profile]]\nname = "c"\npolicy = "some"', "policy"),
        ('[[signing_profile]]\nname = "c"\n', "institution: must be given"),
        ('[[signing_profile]]\nname = "c"\npolicy = "any"', "keystore: must be given"),
        (
            '[[institution]]\nprofile = "ut"\nname = "UT"\nkeystore = "ut.json"\n'
            '[[signing_profile]]\nname = "c"\npolicy = "any"\nkeystore = "./ut.json"',
            "one of its own",
        ),
        ('[[signing_profile]]\nname = "c"\npolicy = "any"\nkeystore = "k"\nbinding = "relaxed"', "open profiles only"),
        ('[node]\nhost = "0.0.0.0"\n' + OPEN, "loopback"),
        ('[[signing_profile]]\nname = "c"\ninstitution = "ut"\nopen = true', "policy any"),
        ('[[signing_profile]]\nname = "c"\ninstitution = "ut"\nstatus = ["revocation"]', "the institution's"),
        (OPEN + 'status = ["message"]', "status"),
        (OPEN + 'curve = "P-521"', "curve"),
        (OPEN + OPEN, "each name once"),
        ("[signing_profile]\n", "tables expected"),
    ],
)
def test_what_is_not_allowed_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        configured(tmp_path, text)


@pytest.mark.parametrize(
    ("more", "algorithm"),
    [
        ("", "Ed25519"),
        ('cryptosuite = "ecdsa-rdfc-2019"', "P-256"),
        ('cryptosuite = "ecdsa-jcs-2019"\ncurve = "P-384"', "P-384"),
        ('cryptosuite = "vc+jwt"\ncurve = "P-256"', "P-256"),
    ],
)
def test_a_key_in_memory_is_made_for_the_cryptosuite(tmp_path: Path, more: str, algorithm: str) -> None:
    configuration = configured(tmp_path, OPEN + more)
    [one], [other] = (open_profiles(configuration, None, ()) for _ in range(2))
    assert (one.signer.algorithm, one.policy, one.open, one.relaxed) == (algorithm, SigningPolicy.ANY, True, False)
    assert one.did != other.did


@pytest.mark.parametrize(
    "more", ['cryptosuite = "other"', 'curve = "P-256"', 'cryptosuite = "vc+jwt"\ncurve = "P-384"']
)
def test_a_key_of_another_kind_is_refused(tmp_path: Path, more: str) -> None:
    with pytest.raises(ConfigurationError, match=r"cryptosuite|does not sign"):
        open_profiles(configured(tmp_path, OPEN + more), None, ())


def test_a_profile_with_a_keystore_waits_for_its_passphrase(tmp_path: Path) -> None:
    keystore = Keystore.create(tmp_path / "uses.json", b"demo passphrase", n=LEAST_N)
    keystore.generate("uses", KeystorePurpose.ASSERTION, KeyAlgorithm.P256)
    text = '[[signing_profile]]\nname = "u"\npolicy = "any"\nkeystore = "uses.json"\nkey = "uses"\n'
    configuration = configured(tmp_path, text + 'cryptosuite = "ecdsa-rdfc-2019"')
    assert open_profiles(configuration, None, ()) == ()
    [profile] = open_profiles(configuration, b"demo passphrase", ())
    assert profile.signer.multikey == keystore.signer("uses").multikey


def test_an_unknown_institution_is_named(tmp_path: Path) -> None:
    text = '[[signing_profile]]\nname = "c"\ninstitution = "nobody"'
    with pytest.raises(ConfigurationError, match="nobody"):
        open_profiles(configured(tmp_path, text), None, ())


def test_contexts_are_pinned(tmp_path: Path) -> None:
    content = b'{"@context": {"a": "https://example.org/a"}}'
    (tmp_path / "a.json").write_bytes(content)

    def settings(url: str, digest: str, file: str = "a.json") -> Any:
        text = f'[[context]]\nurl = "{url}"\nfile = "{file}"\nsha256 = "{digest}"'
        return configured(tmp_path, text).contexts

    digest = hashlib.sha256(content).hexdigest()
    known = open_contexts(settings("https://a.example/v1", digest))
    assert known.bytes_of("https://a.example/v1") == content
    assert known.contexts.document("https://a.example/v1")["@context"]
    for wrong in (
        settings("https://a.example/v1", "00" * 32),
        settings(CREDENTIALS_V2, digest),
        settings("https://a.example/v1", digest, "absent.json"),
    ):
        with pytest.raises(ConfigurationError):
            open_contexts(wrong)


def test_changes_at_once_all_count_and_no_place_is_shared(database: Database) -> None:
    signer = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x61" * 32))
    profile = of_key("u", signer, cryptosuite="eddsa-rdfc-2022", status=("revocation", "suspension"))
    lists = ProfileStatusLists(database, BASE, lambda: NOW)

    def issue_and_revoke(number: int) -> tuple[str, int]:
        credential = {
            "@context": [CREDENTIALS_V2],
            "id": f"urn:uuid:{number}",
            "type": ["VerifiableCredential"],
            "issuer": profile.did,
            "credentialSubject": {"id": f"did:example:{number}"},
        }
        entry = ProfileSigner(bundled_only(), lambda: NOW, lists, did_key_for).issue(profile, credential)[
            "credentialStatus"
        ][0]
        assert lists.change(profile, StatusChange("revocation", True, credential_id=credential["id"]))
        return entry["statusListCredential"], int(entry["statusListIndex"])

    with ThreadPoolExecutor(8) as threads:
        places = list(threads.map(issue_and_revoke, range(24)))
    assert len(set(places)) == 24
    with database.read() as connection:
        stored = read_list(connection, profile.list_owner, 0)
    bits = decode_list(json.loads(stored.document if stored else b"")["credentialSubject"]["encodedList"])
    assert sum(byte.bit_count() for byte in bits) == 24
    assert all(is_set(bits, index) for _, index in places)
    assert all(lists.bit(url, index, "revocation") for url, index in places)


def test_a_change_of_nothing_that_is_kept_is_refused(database: Database) -> None:
    signer = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x62" * 32))
    profile = of_key("u", signer, cryptosuite="eddsa-rdfc-2022", status=("suspension",))
    lists = ProfileStatusLists(database, BASE, lambda: NOW)
    for change in (
        StatusChange("revocation", True, credential_id="urn:x:1"),
        StatusChange("suspension", True, credential_id="urn:x:1"),
        StatusChange("suspension", True),
        StatusChange("suspension", True, list_url=f"{BASE}/status/{profile.list_owner.hex()}/1", index=5),
        StatusChange("suspension", True, list_url=f"{BASE}/status/{profile.list_owner.hex()}/0", index=5),
        StatusChange("suspension", True, list_url="x/y", index=5),
    ):
        with pytest.raises(SigningRefused) as caught:
            lists.change(profile, change)
        assert caught.value.code == "STATUS_ENTRY_UNKNOWN"
    assert lists.bit(f"{BASE}/status/{profile.list_owner.hex()}/1", 5, "suspension") is None


def test_the_node_for_conformance_suites_is_as_its_folder_says(tmp_path: Path) -> None:
    """Copy docs/conformance and start it as it is: every route of its manifest has a profile, for any issuer."""
    folder = shutil.copytree(ROOT / "docs" / "conformance", tmp_path / "conformance")
    configuration = load(folder / "acredita.toml", {})
    profiles = {profile.name: profile for profile in open_profiles(configuration, None, ())}
    named = set(re.findall(r"(?:issue|verify|at)\('([a-z0-9-]+)'", (folder / "localConfig.cjs").read_text("utf-8")))
    assert named == set(profiles)
    assert all(profile.relaxed and profile.open for profile in profiles.values())
    assert {(profile.cryptosuite, profile.signer.algorithm) for profile in profiles.values()} == {
        *((suite.name, algorithm) for suite in SUITES.values() for algorithm in suite.algorithms),
        ("vc+jwt", "P-256"),
    }
    known = open_contexts(configuration.contexts)
    assert set(known.added) == {"https://www.w3.org/ns/credentials/examples/v2"}
