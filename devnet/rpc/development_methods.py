"""The methods only a development chain has: `evm_*` and `anvil_*`, and `hardhat_*` under the same names.

They bend time and state. The node never uses one; tests, the demonstration and people who try things do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acredita.devnet.chain import Chain
from acredita.devnet.evm import BASE_FEE, HARD_FORK, State
from acredita.devnet.interval import IntervalMining
from acredita.devnet.miner import Miner
from acredita.devnet.rpc.errors import invalid_params
from acredita.devnet.rpc.json_forms import data, quantity
from acredita.devnet.rpc.parameters import Parameters, read_quantity, read_slot
from acredita.devnet.rpc.state_dump import dump_state, read_dump
from acredita.devnet.unlocked_accounts import UnlockedAccounts

# Blocks one request may mine.
MINE_LIMIT = 100_000
MAX_BALANCE = 2**256 - 1
MAX_NONCE = 2**64 - 2  # EIP-2681


class DevelopmentMethods:
    """Methods that only a development chain has."""

    def __init__(self, chain: Chain, miner: Miner, unlocked: UnlockedAccounts, interval: IntervalMining) -> None:
        self.chain = chain
        self.miner = miner
        self.unlocked = unlocked
        self.interval = interval

    def table(self) -> dict[str, Callable[[Parameters], Any]]:
        """Map method names to functions."""
        return {**self._time_table(), **self._state_table(), **self._pool_table()}

    def _time_table(self) -> dict[str, Callable[[Parameters], Any]]:
        table: dict[str, Callable[[Parameters], Any]] = {
            "evm_snapshot": lambda _: quantity(self.chain.snapshot()),
            "evm_revert": self.revert,
            "evm_mine": self.evm_mine,
            "evm_increaseTime": lambda parameters: self.chain.increase_time(parameters.quantity(0)),
            "evm_setNextBlockTimestamp": self.set_next_timestamp,
            "evm_setTime": lambda parameters: self.chain.set_time(parameters.quantity(0)),
            "evm_setBlockGasLimit": self.set_gas_limit,
            "evm_setAutomine": self.set_automine,
            "evm_setIntervalMining": self.set_interval,
            "anvil_mine": self.mine_many,
            "anvil_getAutomine": lambda _: self.miner.automine,
            "anvil_getIntervalMining": lambda _: self.interval.seconds or None,
            "anvil_nodeInfo": lambda _: self.node_info(),
        }
        for name in ("Snapshot", "Revert", "IncreaseTime", "SetNextBlockTimestamp", "SetTime"):
            table[f"anvil_{name[0].lower()}{name[1:]}"] = table[f"evm_{name[0].lower()}{name[1:]}"]
        for name in ("setBlockGasLimit", "setAutomine", "setIntervalMining"):
            table[f"anvil_{name}"] = table[f"evm_{name}"]
        for name in ("mine", "getAutomine"):
            table[f"hardhat_{name}"] = table[f"anvil_{name}"]
        return table

    def _state_table(self) -> dict[str, Callable[[Parameters], Any]]:
        table: dict[str, Callable[[Parameters], Any]] = {
            "anvil_setBalance": self.set_balance,
            "anvil_setNonce": self.set_nonce,
            "anvil_setCode": self.set_code,
            "anvil_setStorageAt": self.set_storage,
            "anvil_setCoinbase": self.set_coinbase,
            "anvil_impersonateAccount": lambda parameters: self.unlocked.impersonate(parameters.address(0)),
            "anvil_stopImpersonatingAccount": lambda parameters: self.unlocked.stop_impersonating(
                parameters.address(0)
            ),
        }
        table |= {name.replace("anvil", "hardhat"): method for name, method in table.items()}
        return table | {
            "evm_setAccountBalance": table["anvil_setBalance"],
            "evm_setAccountNonce": table["anvil_setNonce"],
            "evm_setAccountCode": table["anvil_setCode"],
            "evm_setAccountStorageAt": table["anvil_setStorageAt"],
            "anvil_autoImpersonateAccount": self.impersonate_all,
            "anvil_dumpState": lambda _: data(dump_state(self.chain)),
            "anvil_loadState": self.load_state,
        }

    def _pool_table(self) -> dict[str, Callable[[Parameters], Any]]:
        return {
            "anvil_dropTransaction": self.drop_transaction,
            "anvil_dropAllTransactions": lambda _: self.miner.clear(),
            "txpool_status": self.pool_status,
        }

    # ---- time and blocks ------------------------------------------------------------------------------------

    def revert(self, parameters: Parameters) -> bool:
        """Revert to a snapshot and empty the pool."""
        reverted = self.chain.revert(parameters.quantity(0))
        if reverted:
            self.miner.clear()
        return reverted

    def evm_mine(self, parameters: Parameters) -> str:
        """Mine one block, or `blocks`; the first at a given time where one is named, alone or as `timestamp`."""
        option = parameters.value(0) if parameters.has(0) else {}
        options = option if isinstance(option, dict) else {"timestamp": option}
        timestamp, blocks = options.get("timestamp"), options.get("blocks")
        count = 1 if blocks is None else _read_block_count(blocks)
        if timestamp is not None:
            self._set_next_timestamp(read_quantity(timestamp))
        for _ in range(count):
            self.miner.mine_block()
        return "0x0"

    def mine_many(self, parameters: Parameters) -> None:
        """Mine `blocks` blocks, `interval` seconds apart."""
        count = _read_block_count(parameters.value(0)) if parameters.has(0) else 1
        interval = parameters.quantity(1) if parameters.has(1) else None
        for mined in range(count):
            if interval and mined:
                self._set_next_timestamp(self.chain.head.timestamp + interval)
            self.miner.mine_block()

    def set_next_timestamp(self, parameters: Parameters) -> None:
        """Set the time of the next block."""
        self._set_next_timestamp(parameters.quantity(0))

    def _set_next_timestamp(self, timestamp: int) -> None:
        if timestamp <= self.chain.head.timestamp:
            message = f"Timestamp error: {timestamp} is lower than or equal to previous block's timestamp"
            raise invalid_params(message)
        self.chain.set_next_timestamp(timestamp)

    def set_gas_limit(self, parameters: Parameters) -> bool:
        """Set the gas limit of blocks."""
        self.chain.gas_limit = parameters.quantity(0)
        return True

    def set_automine(self, parameters: Parameters) -> None:
        """Switch mining at once on or off; on ends interval mining."""
        self.miner.automine = parameters.flag(0)
        if self.miner.automine:
            self.interval.stop()
            self.miner.mine_waiting_singly()

    def set_interval(self, parameters: Parameters) -> None:
        """Mine every so many seconds, and no more at once; 0 ends both, as with Anvil."""
        self.miner.automine = False
        self.interval.every(float(parameters.quantity(0)))

    def node_info(self) -> dict[str, Any]:
        """Describe the chain as `anvil_nodeInfo` does."""
        head = self.chain.head
        return {
            "currentBlockNumber": quantity(head.number),
            "currentBlockTimestamp": head.timestamp,
            "currentBlockHash": data(head.hash),
            "hardFork": HARD_FORK.capitalize(),
            "transactionOrder": "fifo",
            "environment": {
                "baseFee": quantity(BASE_FEE),
                "chainId": self.chain.chain_id,
                "gasLimit": quantity(self.chain.gas_limit),
                "gasPrice": quantity(BASE_FEE),
            },
            "forkConfig": {"forkUrl": None, "forkBlockNumber": None, "forkRetryBackoff": None},
        }

    # ---- state ----------------------------------------------------------------------------------------------

    def set_balance(self, parameters: Parameters) -> None:
        """Set a balance outside blocks."""
        address, balance = parameters.address(0), _read_up_to(parameters.value(1), MAX_BALANCE)
        self._change(lambda state: state.set_balance(address, balance))

    def set_nonce(self, parameters: Parameters) -> None:
        """Set a nonce outside blocks."""
        address, nonce = parameters.address(0), _read_up_to(parameters.value(1), MAX_NONCE)
        self._change(lambda state: state.set_nonce(address, nonce))

    def set_code(self, parameters: Parameters) -> None:
        """Set code outside blocks."""
        address, code = parameters.address(0), parameters.data(1)
        self._change(lambda state: state.set_code(address, code))

    def set_storage(self, parameters: Parameters) -> bool:
        """Set a storage slot outside blocks."""
        address, slot = parameters.address(0), read_slot(parameters.value(1))
        value = int.from_bytes(parameters.word(2), "big")
        self._change(lambda state: state.set_storage(address, slot, value))
        return True

    def set_coinbase(self, parameters: Parameters) -> None:
        """Set the coinbase of the next blocks."""
        self.chain.coinbase = parameters.address(0)

    def impersonate_all(self, parameters: Parameters) -> None:
        """Let every account send without a signature, or end that."""
        self.unlocked.impersonate_all = parameters.flag(0)

    def load_state(self, parameters: Parameters) -> bool:
        """Load a dumped state."""
        root, nodes = read_dump(parameters.data(0))
        self.chain.adopt_state(root, nodes)
        return True

    def _change(self, change: Callable[[State], None]) -> None:
        self.chain.change_state(change)

    # ---- pool -----------------------------------------------------------------------------------------------

    def drop_transaction(self, parameters: Parameters) -> str | None:
        """Drop a transaction from the pool."""
        return data(parameters.word(0)) if self.miner.drop(parameters.word(0)) else None

    def pool_status(self, parameters: Parameters) -> dict[str, str]:
        """Count the transactions that can be mined and those that wait."""
        waiting, ready = len(self.miner.waiting()), len(list(self.miner.ready()))
        return {"pending": quantity(ready), "queued": quantity(waiting - ready)}


def _read_up_to(value: Any, most: int) -> int:
    number = read_quantity(value)
    if number > most:
        raise invalid_params(f"at most {most}")
    return number


def _read_block_count(value: Any) -> int:
    count = read_quantity(value)
    if count > MINE_LIMIT:
        raise invalid_params(f"at most {MINE_LIMIT} blocks at once")
    return count
