"""docs/several-parties.md: its fenced commands are run as one script, each command a process of its own."""

import json
import re
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
HOLDERS = {"ana", "beto", "carla", "rita", "saul", "agencia", "ut", "tec"}
WITHOUT_KEYS = {"autoridad", "verificadora", "auditora"}


SHORT = "Revoke, correct, a second version"  # the heading up to which the quick test goes


@pytest.mark.slow
def test_eleven_parties_found_a_registry_issue_and_verify(tmp_path: Path) -> None:
    ran = run_script(script_of(PAGE, until=SHORT), tmp_path)
    assert outcomes(ran) == ["RECONOCIDA", "RECONOCIDA", "COINCIDE"]
    check_roles(ran, "trust-1.json", tmp_path)


@pytest.mark.slow
def test_the_whole_page(tmp_path: Path) -> None:
    ran = run_script(script_of(PAGE), tmp_path)
    assert outcomes(ran)[3:] == ["RECONOCIDA", "RECONOCIDA", "REVOCADA · CREDENTIAL_REVOKED", "COINCIDE"]
    check_roles(ran, "trust-2.json", tmp_path)


def outcomes(ran: Ran) -> list[str]:
    """Return the verdicts and the results of audits that the script printed."""
    return re.findall(r"^((?:RECONOCIDA|REVOCADA|INVÁLIDA|NO |VÁLIDA|COINCIDE)[^\n]*?)  ", ran.output, re.MULTILINE)


def check_roles(ran: Ran, newest: str, scratch: Path) -> None:
    """Look into the folders: eleven, and none with the keys of two roles."""
    trust = read_trust_file((ran.base / "public" / newest).read_bytes())
    with chain_folder_ledger(ran.base / "chain") as ledger:
        roles = {machine.name: set(roles_in(machine, ledger, trust)) for machine in ran.machines()}
        assert {name for name, held in roles.items() if len(held) > 1} == set()
        assert {name for name, held in roles.items() if held} == HOLDERS
        assert set(roles) == HOLDERS | WITHOUT_KEYS
        shutil.copytree(ran.base / "ana", scratch / "both")
        for name in ("account.json", "pass"):
            shutil.copy(ran.base / "agencia" / name, scratch / "both" / f"other-{name}")
        assert len(set(roles_in(scratch / "both", ledger, trust))) == 2


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
