"""A plain JSON-RPC client, a test contract, and the chains a test may run on: ours, and the real Anvil."""

import contextlib
import functools
import http.client
import json
import os
import platform
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acredita.devnet.accounts import DevAccount, dev_accounts
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.server import serving
from eth_abi.abi import decode, encode
from eth_hash.auto import keccak
from vyper.compiler import compile_code
from vyper.compiler.settings import Settings

from tests.devnet.served_chain import GENESIS_TIME
from tests.left_out import Want, leave_out
from tests.waiting import PATIENCE_SECONDS, wait_for

ROOT = Path(__file__).parents[2]
NPM = ROOT / ".oracles" / "npm" / "node_modules"
CHAIN_ID = 31337


class RpcRefused(Exception):
    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data")


@dataclass
class Client:
    """One connection to a chain. `ask` gives the result or raises RpcRefused."""

    name: str
    address: str
    _connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=PATIENCE_SECONDS)

    def close(self) -> None:
        self._connection.close()

    def post(self, body: bytes) -> Any:
        self._connection.request("POST", "/", body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse().read()
        return json.loads(answer) if answer else None

    def ask(self, method: str, *params: Any) -> Any:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = self.post(json.dumps(request).encode())
        if "error" in answer:
            raise RpcRefused(answer["error"])
        return answer["result"]

    def send(self, sender: DevAccount, **fields: Any) -> dict[str, Any]:
        """Sign and send a transaction; its receipt."""
        return self.receipt(self.ask("eth_sendRawTransaction", self.sign(sender, **fields)))

    def sign(self, sender: DevAccount, **fields: Any) -> str:
        if "nonce" not in fields:
            fields["nonce"] = int(self.ask("eth_getTransactionCount", text(sender.address), "latest"), 16)
        if "to" in fields:
            fields["to"] = unhex(fields["to"])
        filled = {"chainId": CHAIN_ID, "gas": 1_000_000, "value": 0, **fields}
        if "gasPrice" not in filled:
            filled = {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "type": 2, **filled}
        signed = sender.signer.sign_transaction(filled)
        return text(signed.raw_transaction)

    def receipt(self, transaction: str) -> dict[str, Any]:
        """Wait for a receipt: Anvil mines a moment after it answers, our chain before."""
        receipt: dict[str, Any] = wait_for(
            lambda: self.ask("eth_getTransactionReceipt", transaction),
            f"a receipt of {transaction}",
            poll_seconds=0.002,
        )
        return receipt

    def deploy(self, sender: DevAccount, code: bytes) -> str:
        receipt = self.send(sender, data=text(code), gas=5_000_000)
        assert receipt["status"] == "0x1"
        return str(receipt["contractAddress"])

    def view(self, to: str, data: bytes, block: Any = "latest") -> bytes:
        return unhex(self.ask("eth_call", {"to": to, "data": text(data)}, block))


class Probe:
    """Calls of the test contract, encoded."""

    def __init__(self, abi: Sequence[Mapping[str, Any]], code: bytes, runtime: bytes, slot: int) -> None:
        self.abi = abi
        self.code = code
        self.runtime = runtime
        self._slot = slot
        self._inputs = {entry["name"]: _types(entry["inputs"]) for entry in abi if entry["type"] == "function"}
        self._outputs = {entry["name"]: _types(entry["outputs"]) for entry in abi if entry["type"] == "function"}

    def call(self, name: str, *arguments: Any) -> bytes:
        types = self._inputs[name]
        return keccak(f"{name}({','.join(types)})".encode())[:4] + encode(types, arguments)

    def slot_of(self, key: int) -> str:
        """Compute the slot of `values[key]` in Vyper: keccak-256 of the mapping's slot and the key."""
        return text(keccak(self._slot.to_bytes(32, "big") + key.to_bytes(32, "big")))

    def result(self, name: str, output: bytes) -> Any:
        values = decode(self._outputs[name], output)
        return values[0] if len(values) == 1 else values


@functools.cache
def probe() -> Probe:
    source = Path(__file__).with_name("probe.vy").read_text(encoding="utf-8")
    settings = Settings(evm_version="shanghai")
    built = compile_code(source, output_formats=["abi", "bytecode", "bytecode_runtime", "layout"], settings=settings)
    slot = built["layout"]["storage_layout"]["values"]["slot"]
    return Probe(built["abi"], unhex(built["bytecode"]), unhex(built["bytecode_runtime"]), slot)


def text(value: bytes) -> str:
    return "0x" + bytes(value).hex()


def unhex(value: str) -> bytes:
    return bytes.fromhex(value.removeprefix("0x"))


def number(value: str) -> int:
    return int(value, 16)


@contextlib.contextmanager
def embedded(path: Path | None = None, **options: Any) -> Iterator[Client]:
    """Serve our chain by our server, in this process."""
    chain_options = {"genesis_time": GENESIS_TIME, "extra_data": bytes(32), **options}
    with (
        Chain.open(path, **chain_options) as chain,
        serving(Rpc(chain)) as address,
        contextlib.closing(Client("embedded", address)) as client,
    ):
        yield client


@contextlib.contextmanager
def anvil(*flags: str, timestamp: int = GENESIS_TIME) -> Iterator[Client]:
    """Run the real Anvil, with the fee rules of our networks."""
    binary = npm_binary("anvil")
    port = _free_port()
    fees = ["--hardfork", "shanghai", "--base-fee", "0", "--gas-price", "0", "--timestamp", str(timestamp)]
    command = [str(binary), "--silent", "--port", str(port), *fees, *flags]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with contextlib.closing(Client("anvil", f"http://127.0.0.1:{port}")) as client:
                wait_for(lambda: _answers(client), "Anvil to listen")
                yield client
        finally:
            process.send_signal(signal.SIGTERM)


def npm_binary(name: str) -> Path:
    """Find a Foundry binary where its npm package has it for this machine."""
    system = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}[platform.system()]
    machine = "arm64" if platform.machine() in ("arm64", "aarch64") else "amd64"
    binary = NPM / "@foundry-rs" / f"{name}-{system}-{machine}" / "bin" / (name + (".exe" if os.name == "nt" else ""))
    if not binary.is_file():
        leave_out(Want.ORACLES, name)
    return binary


def accounts() -> tuple[DevAccount, ...]:
    return dev_accounts()


def _types(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    return [entry["type"] for entry in entries]


def _free_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])


def _answers(client: Client) -> bool:
    try:
        client.ask("eth_chainId")
    except OSError:
        client.close()
        return False
    return True
