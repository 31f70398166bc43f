"""An account's consent signed by wallets that are not ours: `cast` and ethers sign what the contract takes."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.account_signature import check_consent, sign_consent
from acredita.anchoring.transaction import LocalAccount
from acredita.contracts.account_consent import ConsentDomain, SignedConsent, consent_digest, typed_data
from acredita.contracts.bindings import AccountPurpose
from eth_hash.auto import keccak

from tests.contracts.harness import ACT, NO_SUBJECT, UT, account, deploy
from tests.devnet.client import NPM, npm_binary
from tests.left_out import Want, leave_out
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.interop

SCRIPT = Path(__file__).parent / "wallet" / "sign_consent.mjs"
KEY = bytes(31) + b"\x07"
HOLDER = LocalAccount(KEY)
DIDS = ("did:web:ut.example", "did:web:ut.example%3A8443:ñ", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")


def by_cast(data: dict[str, Any], tmp_path: Path) -> bytes:
    environment = {"HOME": str(tmp_path), "NO_COLOR": "1"}
    command = [npm_binary("cast"), "wallet", "sign", "--private-key", f"0x{KEY.hex()}", "--data", json.dumps(data)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=PATIENCE_SECONDS, check=True
    )
    return bytes.fromhex(done.stdout.strip().removeprefix("0x"))


def by_ethers(data: dict[str, Any]) -> dict[str, str]:
    node = shutil.which("node")
    if node is None or not (NPM / "ethers").is_dir():
        leave_out(Want.ORACLES, "ethers")
    request = json.dumps({"modules": str(NPM), "key": f"0x{KEY.hex()}", "data": data})
    done = subprocess.run(
        [node, str(SCRIPT)], input=request, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("did", DIDS)
@pytest.mark.parametrize("purpose", [AccountPurpose.ANCHORING, AccountPurpose.AGENCY])
def test_wallets_sign_the_same_bytes(did: str, purpose: AccountPurpose, tmp_path: Path) -> None:
    domain, deadline = ConsentDomain(31337, b"\x1e" * 20), 1_800_000_000
    data, subject = typed_data(domain, did, purpose, deadline), keccak(did.encode())
    ours = sign_consent(HOLDER, domain, subject, purpose, deadline)
    ethers = by_ethers(data)
    assert ethers["digest"] == f"0x{consent_digest(domain, subject, purpose, deadline).hex()}"
    assert ethers["signature"] == f"0x{ours.signature.hex()}"
    assert by_cast(data, tmp_path) == ours.signature
    check_consent(HOLDER.address, domain, subject, purpose, SignedConsent(deadline, by_cast(data, tmp_path)))


def test_the_contract_takes_a_wallets_signature(tmp_path: Path) -> None:
    world, did = deploy(), "did:web:wallet.example"
    subject, control, deadline = keccak(did.encode()), account("wallet control"), world.now + 3600
    world.send(control, world.issuers.apply(subject, NO_SUBJECT, ACT))
    data = typed_data(ConsentDomain(world.evm.chain_id, world.issuers.address), did, AccountPurpose.ANCHORING, deadline)
    consent = SignedConsent(deadline, by_cast(data, tmp_path))
    world.send(control, world.issuers.add_anchoring_account(subject, HOLDER.address, consent))
    assert world.ask(world.issuers.usable_accounts(subject)) == (HOLDER.address,)
    assert world.ask(world.issuers.usable_accounts(UT.subject)) == ()
