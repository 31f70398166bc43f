"""A bare EVM (py-evm, Shanghai) for one contract at a time: transactions, reads, a clock that is set by hand.

No blocks are mined: one state, gas counted as a transaction would pay it. It shares nothing with the
embedded chain, so a fault there cannot hide one here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eth import constants
from eth.chains.base import MiningChain
from eth.consensus import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.vm.forks.shanghai import ShanghaiVM
from eth.vm.spoof import SpoofTransaction
from eth_abi import decode, encode
from eth_utils import keccak

GENESIS_TIME = 1_767_225_600  # 2026-01-01T00:00:00Z
GAS_LIMIT = 30_000_000
CHAIN_ID = 31337


class _VM(ShanghaiVM):
    consensus_class = NoProofConsensus


class _Chain(MiningChain):
    vm_configuration = ((constants.GENESIS_BLOCK_NUMBER, _VM),)
    chain_id = CHAIN_ID


@dataclass(frozen=True)
class Log:
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Outcome:
    """Result of a transaction. `reason`: None where it succeeded, "" for a revert without one."""

    gas: int
    reason: str | None
    output: bytes
    logs: tuple[Log, ...]
    created: bytes

    @property
    def accepted(self) -> bool:
        return self.reason is None


def account(name: str) -> bytes:
    return keccak(b"account " + name.encode())[12:]


def calldata(signature: str, *values: object) -> bytes:
    types = signature[signature.index("(") + 1 : -1]
    return keccak(signature.encode())[:4] + encode(types.split(",") if types else [], values)


def event_topic(signature: str) -> bytes:
    return keccak(signature.encode())


class Evm:
    def __init__(self, chain_id: int = CHAIN_ID) -> None:
        genesis = {
            "difficulty": 0,
            "gas_limit": GAS_LIMIT,
            "timestamp": GENESIS_TIME,
            "extra_data": b"",
            "nonce": bytes(8),
            "base_fee_per_gas": 0,
        }
        chain = type("Chain", (_Chain,), {"chain_id": chain_id}).from_genesis(AtomicDB(), genesis, {})
        self._vm = chain.get_vm()
        self._state = self._vm.state
        self.chain_id = chain_id

    @property
    def time(self) -> int:
        return self._state.execution_context.timestamp

    def set_time(self, time: int) -> None:
        self._state.execution_context._timestamp = time

    def pass_time(self, seconds: int = 1) -> None:
        self.set_time(self.time + seconds)

    def send(self, sender: bytes, to: bytes, data: bytes) -> Outcome:
        outcome = self._apply(sender, to, data)
        self._state.lock_changes()  # the next transaction's gas is counted from here
        return outcome

    def read(self, to: bytes, data: bytes, sender: bytes = bytes(20)) -> Outcome:
        """Return the answer of `send` and take its effects back."""
        snapshot = self._state.snapshot()
        outcome = self._apply(sender, to, data)
        self._state.revert(snapshot)
        return outcome

    def _apply(self, sender: bytes, to: bytes, data: bytes) -> Outcome:
        unsigned = self._vm.get_transaction_builder().create_unsigned_transaction(
            nonce=self._state.get_nonce(sender), gas_price=0, gas=GAS_LIMIT - 1, to=to, value=0, data=data
        )
        transaction = SpoofTransaction(unsigned, from_=sender)
        computation = self._state.apply_transaction(transaction)
        spent = transaction.gas - computation.get_gas_remaining()
        refund = min(computation.get_gas_refund(), spent // 5)  # EIP-3529
        logs = () if computation.is_error else computation.get_log_entries()
        return Outcome(
            gas=spent - refund,
            reason=_reason(computation.output) if computation.is_error else None,
            output=computation.output,
            logs=tuple(Log(a, tuple(t.to_bytes(32, "big") for t in topics), d) for a, topics, d in logs),
            created=computation.msg.storage_address,
        )

    def view(self, to: bytes, signature: str, returns: Sequence[str], *values: object) -> tuple[object, ...]:
        outcome = self.read(to, calldata(signature, *values))
        assert outcome.accepted, outcome.reason
        return tuple(decode(returns, outcome.output))

    def deploy(self, bytecode: bytes, types: Sequence[str] = (), values: Sequence[object] = ()) -> bytes:
        outcome = self.send(account("deployer"), b"", bytecode + encode(types, values))
        assert outcome.accepted, outcome.reason
        return outcome.created

    def storage(self, address: bytes, slot: int) -> int:
        return self._state.get_storage(address, slot)


def _reason(output: bytes) -> str:
    if output[:4] != keccak(b"Error(string)")[:4]:
        return ""
    return str(decode(["string"], output[4:])[0])
