"""py-evm's Shanghai computation with a faster inner loop; every figure and every rarer opcode is py-evm's own.

py-evm spends most of its time between opcodes: checking what it pushed itself, formatting reasons nobody reads, journaling
calls to precompiles that change nothing. Here the opcodes that make up nine tenths of a contract's work run on the bare
stack and memory, decoded once per code; their gas is read from py-evm's table. All others are py-evm's functions, called
with gas meter and program counter in step. Speed alone may differ: tests run random programs on both.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from eth.abc import ComputationAPI, MessageAPI, StateAPI, TransactionContextAPI
from eth.constants import STACK_DEPTH_LIMIT
from eth.exceptions import (
    FullStack,
    Halt,
    InsufficientStack,
    InvalidInstruction,
    InvalidJumpDestination,
    OutOfGas,
    VMError,
)
from eth.vm.forks.berlin.constants import WARM_STORAGE_READ_COST
from eth.vm.forks.shanghai.computation import ShanghaiComputation
from eth.vm.logic.call import max_child_gas_eip150
from eth.vm.logic.invalid import InvalidOpcode

# Decoded codes kept; a chain of ours has a dozen contracts, a decoded one takes about 2 MB at worst.
PROGRAMS = 64
STACK_LIMIT = 1024
WORD_MASK = 2**256 - 1
ADDRESS_MASK = 2**160 - 1

PUSH, MLOAD, MSTORE, BINARY, DUP, JUMPDEST, POP, JUMPI, SWAP, ISZERO, JUMP, GAS, STATICCALL, OTHER = range(14)

MEMORY = (MLOAD, MSTORE)

# What is done, its gas, what it is done with, and where the next instruction stands.
Instruction = tuple[int, int, Any, int]

_JUMPDEST_BYTE, _PUSH0, _PUSH32, _STATICCALL = 0x5B, 0x5F, 0x7F, 0xFA
_NAMED = {0x51: MLOAD, 0x52: MSTORE, 0x5B: JUMPDEST, 0x50: POP, 0x57: JUMPI, 0x15: ISZERO, 0x56: JUMP, 0x5A: GAS}
# The first operand is the top of the stack.
_BINARY: Mapping[int, Callable[[int, int], int]] = {
    0x01: lambda a, b: (a + b) & WORD_MASK,
    0x02: lambda a, b: (a * b) & WORD_MASK,
    0x03: lambda a, b: (a - b) & WORD_MASK,
    0x04: lambda a, b: a // b if b else 0,
    0x06: lambda a, b: a % b if b else 0,
    0x10: lambda a, b: int(a < b),
    0x11: lambda a, b: int(a > b),
    0x14: lambda a, b: int(a == b),
    0x16: operator.and_,
    0x17: operator.or_,
    0x18: operator.xor,
    0x1B: lambda a, b: (b << a) & WORD_MASK if a < 256 else 0,
    0x1C: lambda a, b: b >> a if a < 256 else 0,
}


class FastComputation(ShanghaiComputation):
    """py-evm's Shanghai computation with a faster inner loop."""

    @classmethod
    def apply_message(
        cls,
        state: StateAPI,
        message: MessageAPI,
        transaction_context: TransactionContextAPI,
        parent_computation: ComputationAPI | None = None,
    ) -> ComputationAPI:
        """Apply a message; a plain call of a precompile skips the journal."""
        precompile = cls.get_precompiles().get(message.code_address)
        if precompile is None or message.value or message.is_create or parent_computation is None:
            return super().apply_message(state, message, transaction_context, parent_computation)
        # A precompile that is sent nothing changes no state: there is nothing to journal or to take back.
        with cls(state, message, transaction_context) as computation:
            computation.contracts_created = parent_computation.contracts_created
            if not message.is_delegation:
                precompile(computation)
        return computation

    @classmethod
    def apply_computation(
        cls,
        state: StateAPI,
        message: MessageAPI,
        transaction_context: TransactionContextAPI,
        parent_computation: ComputationAPI | None = None,
    ) -> ComputationAPI:
        """Run the code of a message in the inner loop; a precompile is py-evm's own."""
        if message.code_address in cls.get_precompiles():
            return super().apply_computation(state, message, transaction_context, parent_computation)
        with cls(state, message, transaction_context) as computation:
            # As py-evm: the contracts a transaction makes are known to all its computations.
            computation.contracts_created = parent_computation.contracts_created if parent_computation else []
            if message.is_create:
                computation.contracts_created.append(message.storage_address)
                if parent_computation is None:
                    # EIP-3860, for a transaction that creates; CREATE and CREATE2 charge it themselves.
                    cls.consume_initcode_gas_cost(computation)
            _run(computation, program_of(bytes(message.code)))
        return computation

    def extend_memory(self, start_position: int, size: int) -> None:
        """Extend the memory where it is too short, and charge for it."""
        if size and start_position + size > len(self._memory):
            super().extend_memory(start_position, size)


def _run(computation: Any, program: Sequence[Instruction | None]) -> None:
    """Execute until the code halts or a VMError is raised.

    A VMError out of this loop always burns all gas, but for REVERT, which py-evm raises with the meter in step; so the
    meter is brought up to date only where py-evm takes over.
    """
    stack: list[Any] = computation._stack.values
    push, pop = stack.append, stack.pop
    memory, meter, code = computation._memory, computation._gas_meter, computation.code
    gas, counter = meter.gas_remaining, 0
    lent = False
    try:
        while True:
            what, cost, detail, after = program[counter]  # type: ignore[misc]
            if cost > gas:
                raise OutOfGas(f"needed {cost}, remaining {gas}")
            gas -= cost
            counter = after
            if what == PUSH:
                if len(stack) >= STACK_LIMIT:
                    raise FullStack("stack limit reached")
                push(detail)
            elif what == BINARY:
                first, second = pop(), pop()
                if type(first) is not int:
                    first = int.from_bytes(first, "big")
                if type(second) is not int:
                    second = int.from_bytes(second, "big")
                push(detail(first, second))
            elif what in MEMORY:
                start = pop()
                word: Any = pop() if what == MSTORE else None
                if type(start) is not int:
                    start = int.from_bytes(start, "big")
                if start + 32 > len(memory._bytes):
                    meter.gas_remaining = gas
                    computation.extend_memory(start, 32)
                    gas = meter.gas_remaining
                if what == MLOAD:
                    push(int.from_bytes(memory._bytes[start : start + 32], "big"))
                else:
                    word = word.to_bytes(32, "big") if type(word) is int else word.rjust(32, b"\x00")
                    memory._bytes[start : start + 32] = word
            elif what == DUP:
                if len(stack) >= STACK_LIMIT:
                    raise FullStack("stack limit reached")
                push(stack[detail])
            elif what == JUMPDEST:
                continue
            elif what == POP:
                pop()
            elif what == SWAP:
                stack[-1], stack[detail] = stack[detail], stack[-1]
            elif what == JUMPI:
                target, condition = pop(), pop()
                if condition if type(condition) is int else int.from_bytes(condition, "big"):
                    counter = _target(target, program, code)
            elif what == ISZERO:
                value = pop()
                push(int(not (value if type(value) is int else int.from_bytes(value, "big"))))
            elif what == JUMP:
                counter = _target(pop(), program, code)
            elif what == GAS:
                if len(stack) >= STACK_LIMIT:
                    raise FullStack("stack limit reached")
                push(gas)
            elif what == STATICCALL and (precompile := _precompile_on(stack, computation)) is not None:
                meter.gas_remaining = gas
                _call_precompile(computation, precompile)
                gas = meter.gas_remaining
            else:
                meter.gas_remaining, code.program_counter = gas, counter
                lent = True
                detail(computation=computation)
                lent = False
                gas = meter.gas_remaining
    except IndexError as error:
        # Ours: the stack was too short. One of py-evm's would be a fault, not a result.
        if lent:
            raise
        raise InsufficientStack("not enough stack items") from error
    except Halt:
        return


class _PrecompileCall:
    """As much of a computation as a precompile looks at: its input, its gas, a place for the output."""

    __slots__ = ("data", "gas", "output")

    def __init__(self, data: bytes, gas: int) -> None:
        self.data = data
        self.gas = gas
        self.output = b""

    @property
    def msg(self) -> _PrecompileCall:
        return self

    @property
    def data_as_bytes(self) -> bytes:
        return self.data

    def consume_gas(self, amount: int, reason: str) -> None:
        if amount > self.gas:
            raise OutOfGas(reason)
        self.gas -= amount


def _precompile_on(stack: Sequence[Any], computation: Any) -> Callable[[Any], object] | None:
    """Return the precompile that a STATICCALL is about to call, if it is one and the call may be made."""
    address = stack[-2]
    if type(address) is not bytes:
        address = (address & ADDRESS_MASK).to_bytes(20, "big")
    if computation.msg.depth >= STACK_DEPTH_LIMIT:
        return None
    precompile: Callable[[Any], object] | None = computation.get_precompiles().get(address[-20:].rjust(20, b"\x00"))
    return precompile


def _call_precompile(computation: Any, precompile: Callable[[Any], object]) -> None:
    """Call a precompile without the journal, message and computation that only code needs."""
    gas, _, start, size, output_start, output_size = computation.stack_pop_ints(6)
    computation.extend_memory(start, size)
    computation.extend_memory(output_start, output_size)
    # EIP-2929: precompiles are always warm.
    computation.consume_gas(WARM_STORAGE_READ_COST, "STATICCALL")
    lent = min(gas, max_child_gas_eip150(computation.get_gas_remaining()))
    computation.consume_gas(lent, "STATICCALL")
    call = _PrecompileCall(computation.memory_read_bytes(start, size), lent)
    try:
        precompile(call)
    except VMError:
        computation.return_data = b""
        computation.stack_push_int(0)
        return
    computation.return_data = call.output
    computation.stack_push_int(1)
    written = min(output_size, len(call.output))
    computation.memory_write(output_start, written, call.output[:written])
    computation.return_gas(call.gas)


def _target(target: Any, program: Sequence[Instruction | None], code: Any) -> int:
    target = target if type(target) is int else int.from_bytes(target, "big")
    if target >= len(code) or code[target] != _JUMPDEST_BYTE:
        raise InvalidJumpDestination("Invalid Jump Destination")
    if program[target] is None:
        raise InvalidInstruction("Jump resulted in invalid instruction")
    return int(target)


@lru_cache(maxsize=PROGRAMS)
def program_of(code: bytes) -> tuple[Instruction | None, ...]:
    """Return the instruction at every place of a code; None inside the data of a PUSH, where nothing may jump to."""
    # One STOP after the end, where a code that does not halt runs to.
    program: list[Instruction | None] = [None] * (len(code) + 1)
    place = 0
    while place < len(code):
        program[place] = instruction = _instruction(code, place)
        place = instruction[3]
    program[len(code)] = (OTHER, 0, ShanghaiComputation.opcodes[0x00], len(code))
    return tuple(program)


def _instruction(code: bytes, place: int) -> Instruction:
    byte = code[place]
    opcode: Any = ShanghaiComputation.opcodes.get(byte)
    if _PUSH0 <= byte <= _PUSH32:
        size = byte - _PUSH0
        # Data that runs over the end is filled with zeros.
        data = code[place + 1 : place + 1 + size].ljust(size, b"\x00")
        return PUSH, opcode.gas_cost, int.from_bytes(data, "big"), min(place + 1 + size, len(code))
    if 0x80 <= byte <= 0x8F:
        return DUP, opcode.gas_cost, 0x7F - byte, place + 1
    if 0x90 <= byte <= 0x9F:
        return SWAP, opcode.gas_cost, 0x8E - byte, place + 1
    if byte in _NAMED:
        return _NAMED[byte], opcode.gas_cost, None, place + 1
    if byte == _STATICCALL:
        return STATICCALL, 0, opcode, place + 1
    if byte in _BINARY:
        return BINARY, opcode.gas_cost, _BINARY[byte], place + 1
    return OTHER, 0, opcode or InvalidOpcode(byte), place + 1
