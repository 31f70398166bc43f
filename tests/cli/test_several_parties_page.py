"""docs/several-parties.md: its fenced commands are run as one script, each command a process of its own."""

import json
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from acredita.anchoring.ledger import Ledger
from acredita.contracts.answers import AccountPurpose
from acredita.node.ledger.read_only import chain_folder_ledger, ledger_over_http
from acredita.registry.acts.roles import roles_of
from acredita.registry.keys.account_file import AccountFileRefused, open_account
from acredita.registry.keys.keystore import Keystore, KeystorePurpose, WrongPassphraseError
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.ledger_facts.trust_file import Trust, read_trust_file

from tests.devnet.client import anvil
from tests.house.documents import ROOT
from tests.simulators.installed_wheel import run
from tests.simulators.several_machines import OtherChain, Ran, on_chain, run_script, script_of

T = TypeVar("T")
PAGE = ROOT / "docs" / "several-parties.md"
HOLDERS = {"ana", "beto", "carla", "rita", "saul", "agencia", "ut", "tec"}
ANVIL = """
export ACREDITA_RPC={address}
DEPTH=0 FOUNDING=(--source http://127.0.0.1:8080/mirror --source http://127.0.0.1:8081 --source http://127.0.0.1:8082)
pass_time() {{ acredita devnet advance "$1" --rpc "$ACREDITA_RPC"; }}
end_chain() {{ true; }}
"""
WITHOUT_KEYS = {"autoridad", "verificadora", "auditora"}


@pytest.mark.slow
def test_the_whole_page_with_the_installed_wheel(installed_python: Path, tmp_path: Path) -> None:
    ran = run_script(script_of(PAGE), tmp_path, installed_python)
    check_verdicts(ran)
    package = run(installed_python, "-I", "-c", "import acredita.cli.main as door; print(door.__file__)", cwd=tmp_path)
    assert Path(package.strip()).is_relative_to(installed_python.parents[1])
    with chain_folder_ledger(ran.base / "chain") as ledger:
        check_roles(ran, ledger, tmp_path)


@pytest.mark.interop
def test_the_whole_page_on_anvil(tmp_path: Path) -> None:
    with anvil(timestamp=int(time.time())) as client:
        script = on_chain(script_of(PAGE), OtherChain(ANVIL.format(address=client.address)))
        ran = run_script(script, tmp_path, Path(sys.executable))
        check_verdicts(ran)
        check_roles(ran, ledger_over_http(client.address), tmp_path)


def check_verdicts(ran: Ran) -> None:
    """Check what was printed of the first year's credentials and of the last day's."""
    first = ["RECONOCIDA", "RECONOCIDA", "COINCIDE"]
    assert outcomes(ran) == [*first, "RECONOCIDA", "RECONOCIDA", "REVOCADA · CREDENTIAL_REVOKED", "COINCIDE"]


def outcomes(ran: Ran) -> list[str]:
    """Return the verdicts and the results of audits that the script printed."""
    return re.findall(r"^((?:RECONOCIDA|REVOCADA|INVÁLIDA|NO |VÁLIDA|COINCIDE)[^\n]*?)  ", ran.output, re.MULTILINE)


def check_roles(ran: Ran, ledger: Ledger, scratch: Path) -> None:
    """Look into the folders: eleven, and none with the keys of two roles."""
    trust = read_trust_file((ran.base / "public" / "trust-2.json").read_bytes())
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
