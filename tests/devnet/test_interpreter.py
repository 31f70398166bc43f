"""Our inner loop against py-evm's own: the same gas, output, error, logs and storage on programs nobody would write."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from acredita.devnet import evm
from acredita.devnet.blocks import BLANK_ROOT, ZERO_ADDRESS, ZERO_HASH
from acredita.devnet.chain import BLOCK_GAS_LIMIT
from acredita.devnet.database import ChainDatabase
from acredita.devnet.defaults import CHAIN_ID
from acredita.devnet.evm import Environment, NodeStore, State, open_state
from acredita.devnet.interpreter import FastComputation
from eth.vm.forks.shanghai.computation import ShanghaiComputation
from eth.vm.message import Message
from eth.vm.transaction_context import BaseTransactionContext
from eth_typing import Address

SENDER, CONTRACT, OTHER = Address(b"\x01" * 20), Address(b"\x02" * 20), Address(b"\x03" * 20)
ENVIRONMENT = Environment(CHAIN_ID, 1, 1_767_225_600, BLOCK_GAS_LIMIT, ZERO_ADDRESS, ZERO_HASH, ())
GAS = 200_000

# Opcodes worth meeting often: arithmetic, memory, control flow, storage, logs, calls, and the undefined.
COMMON = [
    *range(0x01, 0x0C), *range(0x10, 0x1E), 0x20, *range(0x30, 0x49), *range(0x50, 0x5C),
    *range(0x80, 0xA5), 0xF0, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xFA, 0xFD, 0xFE, 0x0C, 0x5C, 0xEF,
]  # fmt: skip


class PlainState(State):
    """py-evm as it comes."""

    computation_class = ShanghaiComputation
    touch_account = evm.ShanghaiState.touch_account
    delta_balance = evm.ShanghaiState.delta_balance


def random_code(chance: random.Random) -> bytes:
    """Draw pushes of small numbers, known addresses and jump targets among random opcodes."""
    code = bytearray()
    for _ in range(chance.randrange(1, 120)):
        kind = chance.random()
        if kind < 0.45:
            code += bytes([0x60, chance.choice([0, 1, 2, 31, 32, 33, 64, 255, chance.randrange(256)])])
        elif kind < 0.5:
            size = chance.randrange(1, 33)
            code += bytes([0x5F + size]) + chance.randbytes(size)
        elif kind < 0.55:
            code += b"\x73" + chance.choice([CONTRACT, OTHER, bytes(19) + bytes([chance.randrange(10)])])
        elif kind < 0.58:
            code += random_call(chance)
        elif kind < 0.6:
            code += bytes([0x5B, 0x60, min(255, len(code)), chance.choice([0x56, 0x57])])
        else:
            code.append(chance.choice(COMMON))
    return bytes(code)


def random_call(chance: random.Random) -> bytes:
    """Draw a call with every operand in place, mostly of a precompile."""
    pushed = b"".join(bytes([0x60, chance.choice([0, 1, 32, 64, 128, 193])]) for _ in range(4))
    to = chance.choice([bytes(19) + bytes([chance.randrange(11)]), OTHER])
    gas = chance.choice([b"\x5a", b"\x61\x03\xe8", b"\x5f"])
    return pushed + b"\x73" + to + gas + bytes([chance.choice([0xFA, 0xFA, 0xF4])])


def observe(state_class: type[State], codes: dict[Address, bytes], call_data: bytes, gas: int) -> dict[str, Any]:
    database = ChainDatabase.create_in_memory()
    nodes = NodeStore(database)
    template = open_state(nodes, BLANK_ROOT, ENVIRONMENT)
    state = state_class(nodes, template.execution_context, BLANK_ROOT)
    for address, code in codes.items():
        state.set_code(address, code)
        state.set_balance(address, 10)
        state.set_storage(address, 1, 7)
    state.set_balance(SENDER, 10**18)
    state.lock_changes()
    message = Message(gas, CONTRACT, SENDER, 3, call_data, codes[CONTRACT])
    context = BaseTransactionContext(gas_price=0, origin=SENDER)
    computation = state.computation_class.apply_message(state, message, context)
    seen = {
        "error": type(computation.error).__name__ if computation.is_error else None,
        "output": bytes(computation.output),
        "gas": computation.get_gas_remaining(),
        "refund": computation.get_gas_refund(),
        "logs": computation.get_log_entries(),
        "deleted": sorted(computation.get_accounts_for_deletion()),
        "balances": [state.get_balance(address) for address in (SENDER, CONTRACT, OTHER)],
        "storage": [state.get_storage(address, slot) for address in codes for slot in range(40)],
    }
    database.close()
    return seen


def programs(seed: int, count: int) -> Iterator[tuple[dict[Address, bytes], bytes, int]]:
    chance = random.Random(seed)
    for _ in range(count):
        codes = {CONTRACT: random_code(chance), OTHER: random_code(chance)}
        yield codes, chance.randbytes(chance.randrange(0, 70)), chance.choice([GAS, GAS, chance.randrange(1, 2_000)])


def assert_alike(seed: int, count: int) -> set[str | None]:
    errors: set[str | None] = set()
    for codes, call_data, gas in programs(seed, count):
        plain = observe(PlainState, codes, call_data, gas)
        assert observe(State, codes, call_data, gas) == plain, f"{codes[CONTRACT].hex()} {codes[OTHER].hex()}"
        errors.add(plain["error"])
    return errors


def test_random_programs_do_the_same_as_on_py_evm() -> None:
    errors = assert_alike(seed=20_260_101, count=400)
    # The sample is worth something only if it meets the ways a program can end.
    assert errors >= {None, "OutOfGas", "InsufficientStack", "InvalidInstruction", "Revert"}


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_many_random_programs_do_the_same_as_on_py_evm() -> None:
    assert_alike(seed=20_260_102, count=3_000)


CORNERS = {
    "stack_of_1024": "5b" + "5f" * 1024 + "00",
    "stack_of_1025": "5f" * 1025,
    "dup_at_the_limit": "5f" * 1024 + "80",
    "gas_at_the_limit": "5f" * 1024 + "5a",
    "swap_too_deep": "60016002" + "91",
    "dup_too_deep": "6001" + "81",
    "jump_into_push_data": "600456" + "605b" + "00",
    "jump_past_the_end": "61ffff56",
    "jump_to_a_huge_place": "7f" + "ff" * 32 + "56",
    "jump_to_no_destination": "600056",
    "push_cut_off": "7f0102",
    "shift_by_256": "60016101001b5f5260205ff3",
    "shift_by_huge": "60017f" + "ff" * 32 + "1c5f5260205ff3",
    "division_by_zero": "5f600104" + "5f5260205ff3",
    "memory_far_out": "600160ff600a1b52" + "00",
    "memory_too_far_out": "60017f" + "ff" * 32 + "52",
    "mload_unaligned": "7f" + "11" * 32 + "5f5260055160205260405ff3",
    "store_a_short_value": "30602052604060 00f3".replace(" ", ""),
    "endless_loop": "5b5f56",
    "revert_with_gas_left": "60aa5f5260205ffd",
    "identity_precompile": "60aa5f5260206020602060006004610fff fa5060406000f3".replace(" ", ""),
    "precompile_with_value": "5f5f5f5f60016002610ffff150" + "00",
    "precompile_without_gas": "5f5f5f5f6002600afa5f5260205ff3",
    "sha256_of_memory": "61abcd5f5260405f60205f60026103e8fa3d60405260605ff3",
    "precompile_by_a_long_address": "5f5f5f5f73" + "11" * 12 + "00" * 7 + "02" + "5afa3d5f5260205ff3",
    "precompile_by_a_dirty_address": "60206020602060007f" + "11" * 12 + "00" * 19 + "04" + "5afa5f5260405ff3",
    "precompile_with_a_short_stack": "5f60025afa",
    "recover_of_nothing": "60205f60805f60015afa3d5f5260205ff3",
    "pairing_of_a_bad_length": "60205f60015f60085afa3d5f5260205ff3",
    "blake2_of_a_bad_length": "60205f60015f60095afa5f5260205ff3",
    "call_of_a_precompile": "60205f60205f5f60025af13d5f5260205ff3",
    "precompile_far_in_memory": "60205f6020600160ff1b60025afa",
    "empty": "",
}


@pytest.mark.parametrize("name", CORNERS)
def test_a_corner_does_the_same_as_on_py_evm(name: str) -> None:
    codes = {CONTRACT: bytes.fromhex(CORNERS[name]), OTHER: b""}
    for gas in (GAS, 30):
        assert observe(State, codes, b"", gas) == observe(PlainState, codes, b"", gas)


def test_the_fast_loop_is_what_the_chain_runs() -> None:
    assert State.computation_class is FastComputation
