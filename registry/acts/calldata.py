"""Convert between an act with its values and the bytes of a call, by the contracts' own ABI.

Invariant: calldata have one reading. Bytes that are not exactly the encoding of what was read are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from acredita.contracts.abi import AbiError, Call, Deployment
from acredita.contracts.account_consent import SignedConsent
from acredita.contracts.interface import interface
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.acts.shapes import ActShape, FieldKind
from acredita.registry.acts.table import ACTS, BY_FUNCTION
from acredita.registry.codes import Code
from eth_hash.auto import keccak

CONTRACT_MEMBERS: Final[Mapping[str, str]] = {
    "Council": "council",
    "IssuerRegistry": "issuer_registry",
    "ProgrammeRegistry": "programme_registry",
    "CredentialLog": "credential_log",
}
"""Contract → its member of a `Deployment`, which is its name in a trust file."""
_PAIRS: Final = (FieldKind.VERSION, FieldKind.CONSENT, FieldKind.TRUST_FILE)  # fields of two arguments


@dataclass(frozen=True, slots=True)
class DecodedAct:
    """An act with its values, by the names of its fields."""

    shape: ActShape
    values: Mapping[str, object]

    def of_kind(self, kind: FieldKind) -> list[object]:
        """Return the values of the fields of a kind."""
        return [self.values[field.name] for field in self.shape.fields if field.kind is kind]


def address_of(shape: ActShape, contracts: Deployment) -> bytes:
    """Return the address of an act's contract in an installation."""
    return bytes(getattr(contracts, CONTRACT_MEMBERS[shape.contract]))


def call_of(act: DecodedAct, contracts: Deployment) -> Call:
    """Return the call of an act. Raises AbiError for a value that does not fit."""
    arguments: list[object] = []
    for field in act.shape.fields:
        value = act.values[field.name]
        match value:
            case SignedConsent():
                arguments += [value.deadline, value.signature]
            case tuple() if field.kind in _PAIRS:
                arguments += value
            case _:
                arguments.append(value)
    return interface(act.shape.contract).call(address_of(act.shape, contracts), act.shape.function, *arguments)


def act_named(name: str, values: Mapping[str, object]) -> DecodedAct:
    """Return the act of this name with its values."""
    return DecodedAct(ACTS[name], values)


def decoded_act(call: Call, contracts: Deployment) -> DecodedAct:
    """Decode a call of one of the four contracts. Raises RegistryActRefused for anything else."""
    contract = next((name for name, member in CONTRACT_MEMBERS.items() if getattr(contracts, member) == call.to), None)
    if contract is None:
        raise RegistryActRefused(Code.ACT_UNREADABLE, f"0x{call.to.hex()} is none of the four contracts")
    try:
        function, arguments = interface(contract).read_call(call.data)
    except AbiError as error:
        raise RegistryActRefused(Code.ACT_UNREADABLE, f"the calldata cannot be decoded: {error}") from error
    shape = BY_FUNCTION.get((contract, function))
    if shape is None:
        raise RegistryActRefused(Code.ACT_UNREADABLE, f"{contract}.{function} is no act of a person")
    return DecodedAct(shape, _values(shape, arguments))


def _values(shape: ActShape, arguments: tuple[object, ...]) -> dict[str, object]:
    values: dict[str, object] = {}
    rest = list(arguments)
    for field in shape.fields:
        if field.kind is FieldKind.CONSENT:
            deadline, signature = rest.pop(0), rest.pop(0)
            assert isinstance(deadline, int) and isinstance(signature, bytes)
            values[field.name] = SignedConsent(deadline, signature)
        elif field.kind in _PAIRS:
            values[field.name] = (rest.pop(0), rest.pop(0))
        else:
            values[field.name] = rest.pop(0)
    return values


def calldata_hash(call: Call) -> bytes:
    """Return keccak-256 of the calldata, by which the council knows a proposal."""
    return bytes(keccak(call.data))
