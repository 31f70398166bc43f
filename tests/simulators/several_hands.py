"""A registry of several hands on an embedded chain in a folder: each party has a folder with its own account and passphrase.

No folder holds two roles' keys. The trust file is in `public/`, with the chain beside it; nobody has a node.
"""

import hashlib
import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.sender import Sender
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address, BlockHash
from acredita.cli.main import main
from acredita.contracts import bindings
from acredita.contracts.abi import Call, Deployment
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.ledger.single_operator_acts import code_hashes, deploy
from acredita.registry.keys.account_file import open_account, write_account
from acredita.registry.keys.did import issuer_id
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.trust_draft import sign_trust
from acredita.registry.ledger_facts.trust_file import read_trust_file
from acredita.registry.ledger_facts.trusted_chain import development_chain
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_hash.auto import keccak

LIGHT_N = 2**12  # scrypt's cost of geth's light files
MEMBERS = ("ana", "beto", "carla")
KEEPERS = ("rita", "saul")
OTHERS = ("agencia", "ut", "nadie")
AGENCY_DID, ISSUER_DID = "did:web:agencia.example", "did:web:ut.example"
PASSPHRASE = b"secreto de prueba"
FAR_AWAY = 4_102_444_800  # 2100-01-01T00:00:00Z


@dataclass(frozen=True)
class SeveralHands:
    """The folders of all parties under one base."""

    base: Path

    @property
    def trust(self) -> Path:
        return self.base / "public" / "trust.json"

    @property
    def chain(self) -> Path:
        return self.base / "public" / "chain"

    @property
    def contracts(self) -> Deployment:
        return read_trust_file(self.trust.read_bytes()).contracts

    def account_file(self, name: str) -> Path:
        return self.base / name / "account.json"

    def account(self, name: str) -> LocalAccount:
        return open_account(self.account_file(name), PASSPHRASE)

    def address(self, name: str) -> str:
        return f"0x{self.account(name).address.hex()}"

    def by(self, name: str) -> list[str]:
        """Return the options by which a party acts."""
        folder = self.base / name
        return ["--account", str(folder / "account.json"), "--passphrase-file", str(folder / "pass"), "--yes"]

    def act_file(self, name: str, text: str) -> Path:
        """Write a legal act in a party's folder."""
        path = self.base / name / f"{hashlib.sha256(text.encode()).hexdigest()[:8]}.txt"
        path.write_text(text)
        return path

    def run(self, *arguments: object, lang: str = "en", trust: bool = True) -> tuple[int, str]:
        """Run a command against the trust file; return the exit code and all that was printed."""
        output = io.StringIO()
        words = [str(argument) for argument in arguments]
        with redirect_stdout(output), redirect_stderr(output):
            code = main([*words, *(["--trust", str(self.trust)] if trust else []), "--lang", lang])
        return code, output.getvalue()

    def ask(self, *arguments: object) -> Any:
        """Run a command with --json; return its answer."""
        output = io.StringIO()
        with redirect_stdout(output), redirect_stderr(io.StringIO()):
            code = main([*map(str, arguments), "--trust", str(self.trust), "--json", "--lang", "en"])
        assert code == 0, output.getvalue()
        return json.loads(output.getvalue())

    def head(self) -> int:
        """Return the height of the chain."""
        with Chain.open(self.chain, read_only=True) as chain:
            return int(chain.head.number)

    def send(self, name: str, *calls: Call) -> None:
        """Send calls of a party, as its own commands would."""
        with Chain.open(self.chain) as chain:
            sender = Sender(RpcLedger(EmbeddedProvider(Rpc(chain))), self.account(name), depth=0)
            for call in calls:
                sender.transact(call)

    def copy(self, base: Path) -> "SeveralHands":
        shutil.copytree(self.base, base)
        return SeveralHands(base)


def found(base: Path) -> SeveralHands:
    """Deploy the contracts from a throw-away account: three members, two of whom agree, and two recovery holders."""
    hands = SeveralHands(base)
    for name in (*MEMBERS, *KEEPERS, *OTHERS):
        folder = base / name
        folder.mkdir(parents=True)
        private = hashlib.sha256(b"several hands " + name.encode()).digest()
        write_account(folder / "account.json", private, PASSPHRASE, LIGHT_N)
        secret = folder / "pass"
        secret.touch(mode=0o600)
        secret.write_bytes(PASSPHRASE)
    hands.trust.parent.mkdir()
    with Chain.open(hands.chain) as chain:
        ledger = RpcLedger(EmbeddedProvider(Rpc(chain)))
        sender = Sender(ledger, LocalAccount(b"\x07" * 32), depth=0)
        members = [Address(hands.account(name).address) for name in MEMBERS]
        keepers = [Address(hands.account(name).address) for name in KEEPERS]
        contracts = deploy(sender, members, 2, keepers, 2)
        genesis, head = ledger.block(0), ledger.head()
        assert genesis is not None
        document = sign_trust(
            number=1,
            issued=head.time,
            chain_id=ledger.chain_id(),
            genesis=BlockHash(genesis.hash),
            contracts=contracts,
            code_hashes=code_hashes(ledger, contracts),
            chain=development_chain({0: genesis.hash, head.number: head.hash}),
            signers=[PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))],
        )
    hands.trust.write_text(json.dumps(document))
    return hands


def apply(hands: SeveralHands) -> None:
    """Let the institution apply and attest, with a key and an anchoring account of its own, and the agency review it."""
    registry = bindings.IssuerRegistry(hands.contracts.issuer_registry)
    issuer, act = bytes(issuer_id(ISSUER_DID)), b"\xac" * 32
    anchoring = LocalAccount(hashlib.sha256(b"several hands anchoring").digest())
    with Chain.open(hands.chain) as chain:
        ledger = RpcLedger(EmbeddedProvider(Rpc(chain)))
        consenting = Sender(ledger, anchoring, depth=0)
        consenting.transact(registry.consent(issuer, bindings.AccountPurpose.ANCHORING))
    hands.send(
        "ut",
        registry.apply(issuer, bindings.NO_SUBJECT, act),
        registry.add_key(issuer, b"\x11" * 32, bindings.KeyPurpose.ASSERTION, act),
        registry.add_anchoring_account(issuer, anchoring.address),
        registry.attest_quality(issuer, act),
    )
    hands.send("agencia", registry.review(issuer, True, act))


def recognised_and_reviewed(hands: SeveralHands) -> None:
    """Let two members recognise the agency, and the institution apply and be reviewed."""
    registry = bindings.IssuerRegistry(hands.contracts.issuer_registry)
    council, agency, act = bindings.Council(hands.contracts.council), bytes(issuer_id(AGENCY_DID)), b"\xac" * 32
    hands.send("agencia", registry.consent(agency, bindings.AccountPurpose.AGENCY))
    call = registry.recognise_agency(agency, hands.account("agencia").address, FAR_AWAY, act)
    content = (call.to, bytes(keccak(call.data)), act)
    hands.send("ana", council.propose(*content))
    hands.send("beto", council.approve(1, *content), council.execute(1, call.data))
    apply(hands)
