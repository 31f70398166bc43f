"""The methods every Ethereum node has: `eth_*` but for filters, `net_*`, `web3_*`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from acredita.devnet.blocks import LEGACY, Transaction, decode_transaction, encode_transaction
from acredita.devnet.chain import Block, Chain
from acredita.devnet.database import Executed
from acredita.devnet.errors import UnknownBlockRefused
from acredita.devnet.evm import BASE_FEE, State
from acredita.devnet.miner import Miner
from acredita.devnet.rpc.calls import Request, call, estimate_gas, read_request
from acredita.devnet.rpc.errors import RpcError, invalid_params
from acredita.devnet.rpc.json_forms import (
    block_json,
    data,
    effective_gas_price,
    pending_transaction_json,
    proof_json,
    quantity,
    receipt_json,
    transaction_json,
)
from acredita.devnet.rpc.parameters import BlockId, Parameters, Tag, read_slot
from acredita.devnet.unlocked_accounts import UnlockedAccounts
from eth_account.messages import encode_defunct, encode_typed_data
from eth_hash.auto import keccak
from eth_typing import Address

CLIENT_VERSION = "acredita-devnet/1"
# Blocks one eth_feeHistory covers, as Anvil and geth have it.
FEE_HISTORY_BLOCKS = 1_024


class EthereumMethods:
    """Methods that every Ethereum node has."""

    def __init__(self, chain: Chain, miner: Miner, unlocked: UnlockedAccounts) -> None:
        self.chain = chain
        self.miner = miner
        self.unlocked = unlocked

    def table(self) -> dict[str, Callable[[Parameters], Any]]:
        """Map method names to functions."""
        return {
            "web3_clientVersion": lambda _: CLIENT_VERSION,
            "web3_sha3": lambda parameters: data(keccak(parameters.data(0))),
            "net_version": lambda _: str(self.chain.chain_id),
            "net_listening": lambda _: True,
            "net_peerCount": lambda _: "0x0",
            "eth_chainId": lambda _: quantity(self.chain.chain_id),
            "eth_networkId": lambda _: str(self.chain.chain_id),
            "eth_blockNumber": lambda _: quantity(self.chain.head.number),
            "eth_gasPrice": lambda _: quantity(BASE_FEE),
            "eth_maxPriorityFeePerGas": lambda _: "0x0",
            "eth_feeHistory": self.fee_history,
            "eth_syncing": lambda _: False,
            "eth_coinbase": lambda _: data(self.chain.coinbase),
            "eth_accounts": lambda _: [data(address) for address in self.unlocked.addresses()],
            "eth_getBalance": lambda parameters: quantity(
                self._state(parameters, 1).get_balance(parameters.address(0))
            ),
            "eth_getCode": lambda parameters: data(self._state(parameters, 1).get_code(parameters.address(0))),
            "eth_getStorageAt": self.storage_at,
            "eth_getTransactionCount": self.transaction_count,
            "eth_getProof": self.proof,
            "eth_getBlockByNumber": self.block_by_number,
            "eth_getBlockByHash": self.block_by_hash,
            "eth_getBlockTransactionCountByNumber": self.count_by_number,
            "eth_getBlockTransactionCountByHash": self.count_by_hash,
            "eth_getUncleCountByBlockNumber": self.uncle_count,
            "eth_getUncleCountByBlockHash": self.uncle_count,
            "eth_getUncleByBlockNumberAndIndex": lambda _: None,
            "eth_getUncleByBlockHashAndIndex": lambda _: None,
            "eth_getTransactionByHash": self.transaction_by_hash,
            "eth_getTransactionByBlockHashAndIndex": self.transaction_by_index,
            "eth_getTransactionByBlockNumberAndIndex": self.transaction_by_index,
            "eth_getRawTransactionByHash": self.raw_transaction,
            "eth_getTransactionReceipt": self.receipt,
            "eth_getBlockReceipts": self.block_receipts,
            "eth_call": self.call,
            "eth_estimateGas": self.estimate,
            "eth_sendRawTransaction": self.send_raw,
            "eth_sendTransaction": self.send,
            "eth_signTransaction": self.sign_transaction,
            "eth_sign": lambda parameters: self._sign_message(parameters.address(0), parameters.data(1)),
            "personal_sign": lambda parameters: self._sign_message(parameters.address(1), parameters.data(0)),
            "eth_signTypedData_v4": self.sign_typed_data,
        }

    # ---- state ----------------------------------------------------------------------------------------------

    def storage_at(self, parameters: Parameters) -> str:
        """Answer `eth_getStorageAt`."""
        value = self._state(parameters, 2).get_storage(parameters.address(0), read_slot(parameters.value(1)))
        return data(value.to_bytes(32, "big"))

    def transaction_count(self, parameters: Parameters) -> str:
        """Answer `eth_getTransactionCount`; `pending` counts the pool."""
        if parameters.block(1) is Tag.PENDING:
            return quantity(self.miner.next_nonce(parameters.address(0)))
        return quantity(self._state(parameters, 1).get_nonce(parameters.address(0)))

    def proof(self, parameters: Parameters) -> Any:
        keys = parameters.value(1)
        if not isinstance(keys, list):
            raise invalid_params("storage keys must be a list")
        slots = tuple((str(key), read_slot(key)) for key in keys)
        # A pending block has no state root that a header shows, so its proof is that of the head.
        header = self.chain.header(self._number(parameters.block(2)))
        return proof_json(self.chain.prove(header, parameters.address(0), slots))

    # ---- blocks ---------------------------------------------------------------------------------------------

    def block_by_number(self, parameters: Parameters) -> Any:
        """Answer `eth_getBlockByNumber`."""
        block = self._find_block(parameters.block(0))
        return None if block is None else block_json(block, parameters.flag(1))

    def block_by_hash(self, parameters: Parameters) -> Any:
        """Answer `eth_getBlockByHash`."""
        block = self._find_block(parameters.word(0))
        return None if block is None else block_json(block, parameters.flag(1))

    def count_by_number(self, parameters: Parameters) -> str | None:
        """Answer `eth_getBlockTransactionCountByNumber`."""
        block = self._find_block(parameters.block(0))
        return None if block is None else quantity(len(block.executed))

    def count_by_hash(self, parameters: Parameters) -> str | None:
        """Answer `eth_getBlockTransactionCountByHash`."""
        block = self._find_block(parameters.word(0))
        return None if block is None else quantity(len(block.executed))

    def uncle_count(self, parameters: Parameters) -> str | None:
        """Answer the methods that count uncles: 0 for a known block."""
        return None if self._find_block(parameters.block(0)) is None else "0x0"

    def block_receipts(self, parameters: Parameters) -> Any:
        """Answer `eth_getBlockReceipts`."""
        block = self._find_block(parameters.block(0))
        return None if block is None else [receipt_json(done, block.header) for done in block.executed]

    def fee_history(self, parameters: Parameters) -> Any:
        """Answer `eth_feeHistory`."""
        newest = self._number(parameters.block(1))
        count = min(parameters.quantity(0), FEE_HISTORY_BLOCKS, newest + 1)
        blocks = [self.chain.block(number) for number in range(newest - count + 1, newest + 1)]
        history: dict[str, Any] = {
            "oldestBlock": quantity(newest - count + 1),
            "baseFeePerGas": [quantity(BASE_FEE)] * (count + 1),
            "gasUsedRatio": [block.header.gas_used / block.header.gas_limit for block in blocks],
        }
        if parameters.has(2):
            percentiles = _read_percentiles(parameters.value(2))
            history["reward"] = [_tips(block.executed, percentiles) for block in blocks]
        return history

    # ---- transactions ---------------------------------------------------------------------------------------

    def transaction_by_hash(self, parameters: Parameters) -> Any:
        """Answer `eth_getTransactionByHash`, for the pool as well."""
        mined = self.chain.find_transaction(parameters.word(0))
        if mined is not None:
            header, done = mined
            return transaction_json(done, header)
        waiting = self.miner.find(parameters.word(0))
        return None if waiting is None else pending_transaction_json(waiting)

    def transaction_by_index(self, parameters: Parameters) -> Any:
        """Answer the methods that name a block and a position."""
        block, place = self._find_block(parameters.block(0)), parameters.quantity(1)
        if block is None or place >= len(block.executed):
            return None
        return transaction_json(block.executed[place], block.header)

    def raw_transaction(self, parameters: Parameters) -> str | None:
        """Answer `eth_getRawTransactionByHash`."""
        mined = self.chain.find_transaction(parameters.word(0))
        transaction = mined[1].transaction if mined else self.miner.find(parameters.word(0))
        return None if transaction is None else data(transaction.raw)

    def receipt(self, parameters: Parameters) -> Any:
        mined = self.chain.find_transaction(parameters.word(0))
        if mined is None:
            return None
        header, done = mined
        return receipt_json(done, header)

    def call(self, parameters: Parameters) -> str:
        """Answer `eth_call`."""
        _refuse_overrides(parameters)
        return data(call(self._state(parameters, 1), read_request(parameters.mapping(0)), self.chain.chain_id))

    def estimate(self, parameters: Parameters) -> str:
        """Answer `eth_estimateGas`."""
        _refuse_overrides(parameters)
        request = read_request(parameters.mapping(0))
        return quantity(estimate_gas(self._state(parameters, 1), request, self.chain.chain_id))

    def send_raw(self, parameters: Parameters) -> str:
        return data(self.miner.submit(decode_transaction(parameters.data(0))))

    def send(self, parameters: Parameters) -> str:
        """Answer `eth_sendTransaction`, for accounts that need no signature."""
        return data(self.miner.submit(self._signed(read_request(parameters.mapping(0)))))

    def sign_transaction(self, parameters: Parameters) -> str:
        """Answer `eth_signTransaction`."""
        return data(self._signed(read_request(parameters.mapping(0))).raw)

    def sign_typed_data(self, parameters: Parameters) -> str:
        """Answer `eth_signTypedData_v4`."""
        account = self._own(parameters.address(0))
        return data(account.signer.sign_message(encode_typed_data(full_message=parameters.mapping(1))).signature)

    def _signed(self, request: Request) -> Transaction:
        gas = self._gas_for(request) if request.gas is None else request.gas
        nonce = self.miner.next_nonce(request.sender) if request.nonce is None else request.nonce
        unsigned = request.unsigned(gas, nonce, self.chain.chain_id)
        if self.unlocked.is_impersonated(request.sender):
            return _impersonated(unsigned)
        return decode_transaction(self._own(request.sender).sign(unsigned))

    def _gas_for(self, request: Request) -> int:
        try:
            return estimate_gas(self.chain.state(), request, self.chain.chain_id)
        except RpcError:
            # It will fail, and the sender has not asked for a forecast: it is mined as a failure, as with Anvil.
            return self.chain.gas_limit

    def _sign_message(self, address: Address, message: bytes) -> str:
        return data(self._own(address).signer.sign_message(encode_defunct(message)).signature)

    def _own(self, address: Address) -> Any:
        if address not in self.unlocked.own:
            raise invalid_params("No Signer available")
        return self.unlocked.own[address]

    # ---- which block ----------------------------------------------------------------------------------------

    def _state(self, parameters: Parameters, place: int) -> State:
        block = parameters.block(place)
        if block is Tag.PENDING:
            return self.chain.draft(list(self.miner.ready()))[1]
        return self.chain.state_at(self.chain.header(self._number(block)))

    def _number(self, block: BlockId) -> int:
        if isinstance(block, Tag):
            return self.chain.head.number
        return block if isinstance(block, int) else self.chain.number_of(block)

    def _find_block(self, block: BlockId) -> Block | None:
        if block is Tag.PENDING:
            return self.chain.draft(list(self.miner.ready()))[0]
        try:
            return self.chain.block(self._number(block))
        except UnknownBlockRefused:
            return None


def _impersonated(unsigned: Transaction) -> Transaction:
    """Build a transaction that nobody signed. Its `r` is the sender, so that two senders never share a hash."""
    parity = 0 if unsigned.type_id != LEGACY else 35 + 2 * (unsigned.chain_id or 0)
    raw = encode_transaction(unsigned, parity, int.from_bytes(unsigned.sender, "big"), 1)
    return decode_transaction(raw, unsigned.sender)


def _refuse_overrides(parameters: Parameters) -> None:
    if parameters.has(2) and parameters.value(2) != {}:
        raise invalid_params("state overrides are not offered")


def _read_percentiles(value: Any) -> list[float]:
    numbers = isinstance(value, list) and all(isinstance(one, int | float) and 0 <= one <= 100 for one in value)
    if not numbers:
        raise invalid_params("percentiles must be a list of numbers from 0 to 100")
    return [float(one) for one in value]


def _tips(executed: Sequence[Executed], percentiles: Sequence[float]) -> list[str]:
    """Return the tip below which each share of the block's gas was paid."""
    paid = sorted((effective_gas_price(one.transaction) - BASE_FEE, one.receipt.gas_used) for one in executed)
    total = sum(gas for _, gas in paid)
    return [quantity(_tip_at(paid, total * share / 100)) for share in percentiles]


def _tip_at(paid: Sequence[tuple[int, int]], gas: float) -> int:
    seen = 0
    for tip, used in paid:
        seen += used
        if seen >= gas:
            return tip
    return 0
