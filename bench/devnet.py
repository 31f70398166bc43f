"""Anchor transactions a second on the embedded chain, on eth-tester and on Anvil; and what reopening a long chain costs.

Each contestant gets the same contracts and one active issuer, and then real `anchor` calls of ten entries each, one block a
transaction, one at a time: send the signed bytes, read the receipt, by the client a node uses (web3.py's providers: in
process for the embedded chain, HTTP for Anvil). Only that is timed; signing and the log are not. Ours writes every block to
disk before it answers; eth-tester and Anvil keep theirs in memory. Contestants take turns in each
round, and ratios are of one round, so a busy machine disturbs all alike; the median is shown with the least and the most.

    python -m bench.devnet [--anchors 40] [--rounds 7]
"""

import argparse
import contextlib
import hashlib
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind, opening
from acredita.anchoring.entries import issued, log_id
from acredita.anchoring.log import MemoryNodes, RunningLog
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Address, Digest, IssuerId
from acredita.contracts import bindings
from acredita.contracts.abi import Call
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.devnet.rpc.server import claim, serve_on
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak
from eth_tester import EthereumTester, PyEVMBackend
from web3 import HTTPProvider
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint

ROOT = Path(__file__).resolve().parents[1]
ANVIL_PACKAGES = ROOT / ".oracles" / "npm" / "node_modules" / "@foundry-rs"
ENTRIES_PER_ANCHOR = 10
GAS = 400_000
DEPLOY_GAS = 8_000_000
# Enough for eth-tester's base fee; it has no switch for a fee of zero.
ETH_TESTER_FEE = 10 * 10**9
PATIENCE = 30.0
YEAR = 365 * 86_400
ACT = b"\xac" * 32
NOBODY = bytes(32)
PROGRAMME = Digest(b"\x01" * 32)


def account(name: str) -> LocalAccount:
    signer: LocalAccount = Account.from_key(hashlib.sha256(b"acredita bench " + name.encode()).digest())
    return signer


DEPLOYER, AGENCY, CONTROL, ANCHOR = account("deployer"), account("agency"), account("control"), account("anchor")
MEMBERS = [account(f"member {number}") for number in range(3)]
EVERYBODY = [DEPLOYER, AGENCY, CONTROL, ANCHOR, *MEMBERS]


@dataclass(frozen=True)
class Receipt:
    success: bool
    timestamp: int
    contract: bytes | None


class Contestant(Protocol):
    """A chain that mines each transaction as it comes."""

    name: str
    chain_id: int
    fee: int

    def send(self, raw: bytes) -> Any: ...

    def receipt(self, sent: Any) -> Any: ...

    def read(self, receipt: Any) -> Receipt: ...


class JsonRpc:
    """A contestant behind JSON-RPC, in this process or at an address."""

    fee = 0

    def __init__(self, name: str, provider: BaseProvider) -> None:
        self.name = name
        self._provider = provider
        self.chain_id = int(self.ask("eth_chainId", []), 16)

    def ask(self, method: str, params: Sequence[Any]) -> Any:
        answer = self._provider.make_request(RPCEndpoint(method), params)
        if "error" in answer:
            raise RuntimeError(str(answer["error"]))
        return answer["result"]

    def send(self, raw: bytes) -> Any:
        return self.ask("eth_sendRawTransaction", ["0x" + raw.hex()])

    def receipt(self, sent: Any) -> Any:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            # Anvil answers before it has mined.
            if (receipt := self.ask("eth_getTransactionReceipt", [sent])) is not None:
                return receipt
        raise TimeoutError(sent)

    def read(self, receipt: Any) -> Receipt:
        block = self.ask("eth_getBlockByHash", [receipt["blockHash"], False])
        created = receipt["contractAddress"]
        contract = None if created is None else bytes.fromhex(created[2:])
        return Receipt(receipt["status"] == "0x1", int(block["timestamp"], 16), contract)


class EthTester:
    name = "eth-tester (in process, memory)"
    fee = ETH_TESTER_FEE

    def __init__(self) -> None:
        rich = {"balance": 10**24, "nonce": 0, "code": b"", "storage": {}}
        backend = PyEVMBackend(genesis_state={_address(one): rich for one in EVERYBODY})
        self._tester = EthereumTester(backend)
        self.chain_id = int(self._tester.backend.chain.chain_id)

    def send(self, raw: bytes) -> Any:
        return self._tester.send_raw_transaction("0x" + raw.hex())

    def receipt(self, sent: Any) -> Any:
        return self._tester.get_transaction_receipt(sent)

    def read(self, receipt: Any) -> Receipt:
        block = self._tester.get_block_by_number(receipt["block_number"])
        created = receipt["contract_address"]
        contract = bytes.fromhex(created[2:]) if created else None
        return Receipt(receipt["status"] == 1, int(block["timestamp"]), contract)


@dataclass
class Race:
    """One contestant with an issuer ready to anchor."""

    contestant: Contestant
    nonces: dict[str, int] = field(default_factory=dict)
    proposals: int = 0

    def __post_init__(self) -> None:
        self.log_contract, self.issuer = self._set_up()
        log = log_id(self.contestant.chain_id, Address(self.log_contract), self.issuer, 1)
        self.log = RunningLog.start(MemoryNodes(), log, StatusBits())
        self.last: Checkpoint = opening(log)

    def anchors(self, count: int) -> float:
        """Anchor so many times; seconds spent sending and reading receipts."""
        spent = 0.0
        for _ in range(count):
            raw = self._next_anchor()
            start = time.perf_counter()
            answer = self.contestant.receipt(self.contestant.send(raw))
            spent += time.perf_counter() - start
            self._accept(answer)
        return spent

    def _next_anchor(self) -> bytes:
        first = self.log.size
        self.log.extend(
            issued(Digest(place.to_bytes(32, "big")), PROGRAMME) for place in range(first, first + ENTRIES_PER_ANCHOR)
        )
        proposed = self._proposed = self.log.propose(self.last, CheckpointKind.OPEN)
        last = self.last
        previous = [last.fixed(), last.root, last.status_root, last.previous]
        call = bindings.CredentialLog(self.log_contract).anchor(
            proposed.kind, proposed.size, proposed.root, proposed.status_root, previous, proposed.consistency_path
        )
        return self._signed(ANCHOR, call.to, call.data, GAS)

    def _accept(self, answer: Any) -> None:
        receipt = self.contestant.read(answer)
        if not receipt.success:
            raise RuntimeError(f"{self.contestant.name} refused an anchor")
        self.last = self._proposed.checkpoint(receipt.timestamp)

    def _set_up(self) -> tuple[bytes, IssuerId]:
        members = [bytes.fromhex(member.address[2:]) for member in MEMBERS]
        council = self._deploy("Council", members, 2, members, 2)
        issuers = self._deploy("IssuerRegistry", council)
        log = self._deploy("CredentialLog", issuers, council)
        registry = bindings.IssuerRegistry(issuers)
        until = self.now + YEAR
        agency = keccak(b"did:web:agency.example")
        self._act(AGENCY, registry.consent(agency, bindings.AccountPurpose.AGENCY))
        self._decide(council, registry.recognise_agency(agency, _address(AGENCY), until, ACT))
        issuer = IssuerId(keccak(b"did:web:school.example"))
        self._act(CONTROL, registry.apply(issuer, NOBODY, ACT))
        self._act(CONTROL, registry.add_key(issuer, b"\x02" * 32, bindings.KeyPurpose.ASSERTION, ACT))
        self._act(ANCHOR, registry.consent(issuer, bindings.AccountPurpose.ANCHORING))
        self._act(CONTROL, registry.add_anchoring_account(issuer, _address(ANCHOR)))
        self._act(CONTROL, registry.attest_quality(issuer, ACT))
        self._act(AGENCY, registry.review(issuer, True, ACT))
        self._decide(council, registry.activate(issuer, until, ACT, ACT))
        return log, issuer

    def _decide(self, council: bytes, call: Call) -> None:
        contract = bindings.Council(council)
        self.proposals += 1
        content = (call.to, keccak(call.data), ACT)
        self._act(MEMBERS[0], contract.propose(*content))
        self._act(MEMBERS[1], contract.approve(self.proposals, *content))
        self._act(MEMBERS[0], contract.execute(self.proposals, call.data))

    def _deploy(self, name: str, *values: object) -> bytes:
        receipt = self._transact(self._signed(DEPLOYER, b"", bindings.deploy_data(name, *values), DEPLOY_GAS))
        if receipt.contract is None:
            raise RuntimeError(f"{name} has no address")
        self.now = receipt.timestamp
        return receipt.contract

    def _act(self, who: LocalAccount, call: Call) -> None:
        self._transact(self._signed(who, call.to, call.data, 2_000_000))

    def _transact(self, raw: bytes) -> Receipt:
        receipt = self.contestant.read(self.contestant.receipt(self.contestant.send(raw)))
        if not receipt.success:
            raise RuntimeError(f"{self.contestant.name}: setting up failed")
        return receipt

    def _signed(self, who: LocalAccount, to: bytes, data: bytes, gas: int) -> bytes:
        nonce = self.nonces.get(who.address, 0)
        self.nonces[who.address] = nonce + 1
        fees = {"maxFeePerGas": self.contestant.fee, "maxPriorityFeePerGas": 0}
        fields = {"nonce": nonce, "to": to, "data": data, "gas": gas, "value": 0, "type": 2}
        signed = who.sign_transaction({**fields, **fees, "chainId": self.contestant.chain_id})
        return bytes(signed.raw_transaction)


def _address(who: LocalAccount) -> bytes:
    return bytes.fromhex(who.address[2:])


# ---- the contestants ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def embedded(folder: Path) -> Iterator[Contestant]:
    """As a node has it: in process, blocks on disk."""
    with Chain.open(folder) as chain, contextlib.closing(Rpc(chain)) as rpc:
        yield JsonRpc("embedded (in process, disk)", EmbeddedProvider(rpc))


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Contestant]:
    """The same over HTTP, in a process of its own."""
    command = [sys.executable, "-m", "bench.devnet", "--serve", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("no pipe")
            yield JsonRpc("embedded (HTTP, disk)", HTTPProvider(process.stdout.readline().strip()))
        finally:
            process.terminate()


@contextlib.contextmanager
def anvil() -> Iterator[Contestant]:
    binary = anvil_binary()
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        port = probing.getsockname()[1]
    flags = ["--silent", "--port", str(port), "--hardfork", "shanghai", "--base-fee", "0", "--gas-price", "0"]
    with subprocess.Popen([str(binary), *flags], stdout=subprocess.DEVNULL) as process:
        try:
            _wait_until_listening(port)
            contestant = JsonRpc("Anvil (HTTP, memory)", HTTPProvider(f"http://127.0.0.1:{port}"))
            # One second between blocks, as a log asks; ours does so of itself.
            contestant.ask("anvil_setBlockTimestampInterval", [1])
            yield contestant
        finally:
            process.terminate()


def anvil_binary() -> Path:
    system = {"Linux": "linux", "Darwin": "darwin"}.get(platform.system(), "win32")
    machine = "arm64" if platform.machine() in ("arm64", "aarch64") else "amd64"
    return ANVIL_PACKAGES / f"anvil-{system}-{machine}" / "bin" / "anvil"


def _wait_until_listening(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("Anvil did not start")


# ---- the race -----------------------------------------------------------------------------------------------


def race(races: Sequence[Race], anchors: int, rounds: int) -> dict[str, list[float]]:
    """Anchors a second of each contestant in each round."""
    rates: dict[str, list[float]] = {entrant.contestant.name: [] for entrant in races}
    for entrant in races:
        entrant.anchors(5)
    for _ in range(rounds):
        for entrant in races:
            rates[entrant.contestant.name].append(anchors / entrant.anchors(anchors))
    return rates


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    quotients = sorted(mine / other for mine, other in zip(ours, theirs, strict=True))
    return f"{statistics.median(quotients):.2f} ({quotients[0]:.2f}–{quotients[-1]:.2f})"


def reopening(blocks: int, folder: Path) -> float:
    """Median seconds to open a chain of so many blocks and read its head."""
    with Chain.open(folder) as chain:
        while chain.head.number < blocks:
            chain.mine()
    seconds = []
    for _ in range(15):
        start = time.perf_counter()
        with Chain.open(folder) as chain:
            assert chain.head.number == blocks
            seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def table(rates: Mapping[str, Sequence[float]]) -> list[str]:
    (name, ours), *others = rates.items()
    lines = ["| chain | anchors/s | ours in process ÷ this |", "| --- | --- | --- |"]
    lines.append(f"| {name} | {statistics.median(ours):.0f} | |")
    lines += [
        f"| {peer} | {statistics.median(rates_of_peer):.0f} | {ratio(ours, rates_of_peer)} |"
        for peer, rates_of_peer in others
    ]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--anchors", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--blocks", type=int, default=10_000)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        with Chain.open(options.serve) as chain:
            serve_on(claim(port=0), Rpc(chain), ready=lambda address: print(address, flush=True))
        return
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
        folder = Path(scratch)
        entrants: list[Contestant] = [
            stack.enter_context(embedded(folder / "embedded")),
            stack.enter_context(served(folder / "served")),
            EthTester(),
        ]
        if anvil_binary().is_file():
            entrants.append(stack.enter_context(anvil()))
        print("\n".join(table(race([Race(entrant) for entrant in entrants], options.anchors, options.rounds))))
        short, long = reopening(100, folder / "short"), reopening(options.blocks, folder / "long")
        print(f"\nreopening {options.blocks} blocks ÷ reopening 100: {long / short:.2f}")


if __name__ == "__main__":
    main()
