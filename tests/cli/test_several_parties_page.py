"""docs/several-parties.md: its fenced commands are run as one script, each command a process of its own."""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from acredita.anchoring.ledger import Ledger
from acredita.contracts.answers import AccountPurpose
from acredita.node.ledger.read_only import chain_folder_ledger
from acredita.registry.acts.roles import roles_of
from acredita.registry.keys.account_file import AccountFileRefused, open_account
from acredita.registry.keys.keystore import Keystore, KeystorePurpose, WrongPassphraseError
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.ledger_facts.trust_file import Trust, read_trust_file

from tests.house.documents import ROOT
from tests.simulators.several_machines import Ran, run_script, script_of

T = TypeVar("T")
PAGE = ROOT / "docs" / "several-parties.md"
HOLDERS = {"ana", "beto", "carla", "rita", "saul", "agencia"}
WITHOUT_KEYS = {"autoridad", "verificadora", "auditora"}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run_script(script_of(PAGE), tmp_path_factory.mktemp("several"))


def test_no_machine_holds_the_keys_of_two_roles(ran: Ran, tmp_path: Path) -> None:
    trust = read_trust_file((ran.base / "public" / "trust-1.json").read_bytes())
    with chain_folder_ledger(ran.base / "chain") as ledger:
        roles = {machine.name: set(roles_in(machine, ledger, trust)) for machine in ran.machines()}
        assert {name for name, held in roles.items() if len(held) > 1} == set()
        assert {name for name, held in roles.items() if not held} >= WITHOUT_KEYS
        assert {name for name, held in roles.items() if held} >= HOLDERS
        assert len(roles) == 11
        shutil.copytree(ran.base / "ana", tmp_path / "both")
        shutil.copy(ran.base / "agencia" / "account.json", tmp_path / "both" / "other.json")
        shutil.copy(ran.base / "agencia" / "pass", tmp_path / "both" / "other.pass")
        assert len(set(roles_in(tmp_path / "both", ledger, trust))) == 2


def roles_in(machine: Path, ledger: Ledger, trust: Trust) -> Iterator[str]:
    """Yield the role of each private key in a folder: `council`, `recovery`, or the subject of a party."""
    passphrases = [path.read_bytes().strip() for path in machine.rglob("*pass")]
    for path in sorted(machine.rglob("*")):
        document = json_of(path)
        if "crypto" in document:
            account = opened(partial(open_account, path), passphrases)
            yield from account_roles(ledger, trust, account.address)
        elif str(document.get("format", "")).startswith("acredita-keystore/"):
            keystore = opened(partial(Keystore.open, path), passphrases)
            yield from (
                role for purpose in KeystorePurpose for role in keystore_roles(keystore, purpose, ledger, trust)
            )


def keystore_roles(keystore: Keystore, purpose: KeystorePurpose, ledger: Ledger, trust: Trust) -> Iterator[str]:
    """Yield the roles of a keystore's keys of one purpose."""
    for key in keystore.family(purpose.value):
        if purpose in (KeystorePurpose.ANCHORING, KeystorePurpose.CONTROL):
            yield from account_roles(ledger, trust, keystore.account(key.name).address)
        elif purpose is KeystorePurpose.TRUST:
            yield "council" if encode_multibase(keystore.signer(key.name).multikey) in trust.keys else "no signer"


def account_roles(ledger: Ledger, trust: Trust, address: bytes) -> Iterator[str]:
    roles = roles_of(ledger, trust.contracts, address)
    yield from ["council"] * roles.is_member + ["recovery"] * roles.is_recovery_holder
    if roles.record.purpose is not AccountPurpose.NONE:
        yield roles.record.subject.hex()


def opened(use: Callable[[bytes], T], passphrases: list[bytes]) -> T:
    """Return what one of the folder's passphrases opens."""
    for passphrase in passphrases:
        try:
            return use(passphrase)
        except (AccountFileRefused, WrongPassphraseError):
            continue
    raise AssertionError("a key that no passphrase of its folder opens")


def json_of(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; an empty one for any other path."""
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
