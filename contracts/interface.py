"""A contract's interface as its artifact's ABI has it: selectors, argument types, event topics.

Selectors and topics are computed from the ABI, so no binding can name a function the contract does not have. Encoding
and decoding are by ABI type; addresses enter and leave as 20 bytes, hashes as 32.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from acredita.contracts.abi import SELECTOR_BYTES, AbiError, Call, View, address_bytes, decode, encode, selector, topic
from acredita.contracts.artifact import load

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Function:
    """One function: how its calldata begins, what it takes, what it answers."""

    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventShape:
    """One event: its topic 0 and its fields in order of declaration, each with its type and whether it is indexed."""

    name: str
    topic: bytes
    fields: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Interface:
    """One contract's ABI, ready for use."""

    name: str
    constructor: tuple[str, ...]
    functions: Mapping[str, Function]
    events: Mapping[bytes, EventShape]

    def call(self, to: bytes, function: str, *values: object) -> Call:
        """Build a call of a function with these values."""
        return Call(to, self._data(function, values))

    def read_call(self, data: bytes) -> tuple[str, tuple[object, ...]]:
        """Return the name of the function that calldata call, and its values. Raises AbiError for any other bytes, and for
        calldata that are not exactly the encoding of these values.
        """
        for name, shape in self.functions.items():
            if shape.selector == data[:SELECTOR_BYTES]:
                values = tuple(_decoded(list(shape.inputs), data[SELECTOR_BYTES:]))
                if self._data(name, values) != data:
                    raise AbiError(f"{name}: calldata in the one encoding of their values expected")
                return name, values
        raise AbiError(f"no function of {self.name} begins with 0x{data[:SELECTOR_BYTES].hex()}")

    def view(self, to: bytes, function: str, read: Callable[..., T], *values: object) -> View[T]:
        """Build a view. `read` makes the answer from the decoded outputs, a struct's fields one by one."""
        outputs = self.functions[function].outputs

        def read_answer(data: bytes) -> T:
            return read(*_flat(decode(outputs, data), outputs))

        return View(to, self._data(function, values), read_answer)

    def _data(self, function: str, values: tuple[object, ...]) -> bytes:
        shape = self.functions[function]
        return shape.selector + encode(shape.inputs, values)


@cache
def interface(name: str) -> Interface:
    """Load the interface of a contract by its name."""
    abi = load(name).abi
    functions = {item["name"]: _function(item) for item in abi if item["type"] == "function"}
    shapes = [_event(item) for item in abi if item["type"] == "event"]
    constructors = [_types(item["inputs"]) for item in abi if item["type"] == "constructor"]
    return Interface(
        name=name,
        constructor=constructors[0] if constructors else (),
        functions=functions,
        events={shape.topic: shape for shape in shapes},
    )


def decode_fields(shape: EventShape, topics: tuple[bytes, ...], data: bytes) -> dict[str, object]:
    """Decode an event's fields by name. Raises AbiError where topics or data do not have its shape."""
    indexed = [field for field in shape.fields if field[2]]
    if len(topics) != len(indexed) + 1:
        raise AbiError(f"{shape.name}: {len(topics)} topics, expected {len(indexed) + 1}")
    plain = [field for field in shape.fields if not field[2]]
    values = dict(zip((name for name, _, _ in plain), _decoded([t for _, t, _ in plain], data), strict=True))
    for (name, kind, _), word in zip(indexed, topics[1:], strict=True):
        (values[name],) = _decoded([kind], word)
    return {name: values[name] for name, _, _ in shape.fields}


def _function(item: dict[str, Any]) -> Function:
    inputs = _types(item["inputs"])
    return Function(selector(f"{item['name']}({','.join(inputs)})"), inputs, _types(item["outputs"]))


def _event(item: dict[str, Any]) -> EventShape:
    fields = tuple((field["name"], _type(field), bool(field["indexed"])) for field in item["inputs"])
    signature = f"{item['name']}({','.join(kind for _, kind, _ in fields)})"
    return EventShape(item["name"], topic(signature), fields)


def _types(items: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(_type(item) for item in items)


def _type(item: dict[str, Any]) -> str:
    kind = str(item["type"])
    if kind.startswith("tuple"):
        return f"({','.join(_types(item['components']))}){kind.removeprefix('tuple')}"
    return kind


def _decoded(types: list[str], data: bytes) -> list[object]:
    return [_value(value, kind) for value, kind in zip(decode(types, data), types, strict=True)]


def _flat(values: tuple[object, ...], types: tuple[str, ...]) -> list[object]:
    flat: list[object] = []
    for value, kind in zip(values, types, strict=True):
        if kind.startswith("(") and isinstance(value, tuple):
            inner = tuple(kind[1:-1].split(","))  # no struct of ours holds another
            flat.extend(_flat(value, inner))
        else:
            flat.append(_value(value, kind))
    return flat


def _value(value: object, kind: str) -> object:
    if kind == "address" and isinstance(value, str):
        return address_bytes(value)
    if kind == "address[]" and isinstance(value, tuple):
        return tuple(address_bytes(item) for item in value)
    return value
