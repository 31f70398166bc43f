"""Gas of the council and the two registries, and the size of each contract: markdown tables.

Every row is a transaction on the real contracts in a bare EVM (Shanghai, py-evm); gas is counted exactly, so one run says
it all. The price of gas is zero on the target networks: these figures bound throughput. Anchors are in `gas_anchor`.

    python -m bench.gas
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from acredita.contracts.abi import Call
from acredita.contracts.artifact import load
from acredita.contracts.bindings import KeyPurpose
from acredita.contracts.events import CONTRACTS

from tests.contracts.harness import (
    ACT,
    AGENCY_ACCOUNT,
    MEMBERS,
    UT,
    YEAR,
    World,
    activation,
    active,
    apply,
    attest,
    deploy,
    digest,
    prepare,
    recognise_agency,
    reviewed,
    submitted,
)

CODE_LIMIT = 24_576  # EIP-170
BATCHES = (1, 10, 50, 200)
BATCH_LIMIT = 25_000  # gas a version in a batch of 200


@dataclass(frozen=True)
class Batch:
    """One proposal that approves several versions: what carrying it out cost."""

    versions: int
    gas: int

    @property
    def each(self) -> int:
        return self.gas // self.versions


def batches(sizes: Sequence[int] = BATCHES) -> list[Batch]:
    return [_batch(size) for size in sizes]


def _batch(size: int) -> Batch:
    world = deploy()
    apply(world)
    versions = [digest(f"version {n}") for n in range(size)]
    for version in versions:
        submitted(world, version)
    outcome = world.decide(world.programmes.approve_batch([(UT.subject, version) for version in versions], 0, ACT))
    return Batch(size, outcome.gas)


def code_sizes() -> dict[str, int]:
    return {name: len(load(name).runtime_bytecode) for name in CONTRACTS}


def operations() -> dict[str, int]:
    """Gas of one call each; what the council does is counted as `execute` of a proposal."""
    return {name: measure(deploy()) for name, measure in _OPERATIONS.items()}


def _decided(world: World, call: Call) -> int:
    return world.decide(call).gas


def _propose(world: World) -> int:
    return world.send(MEMBERS[0], world.council.propose(world.issuers.address, digest("calldata"), ACT)).gas


def _approve(world: World) -> int:
    proposal = world.propose(world.council.set_members(MEMBERS, 2))
    return world.send(MEMBERS[1], world.approval(proposal)).gas


def _suspend_urgently(world: World) -> int:
    active(world)
    call = world.council.suspend_urgently(world.issuers.address, UT.subject, ACT)
    return world.send(MEMBERS[0], call).gas


def _apply(world: World) -> int:
    return world.send(UT.control, world.issuers.apply(UT.subject, bytes(32), ACT)).gas


def _add_key(world: World) -> int:
    apply(world)
    call = world.issuers.add_key(UT.subject, UT.key, KeyPurpose.ASSERTION, ACT)
    return world.send(UT.control, call).gas


def _review(world: World) -> int:
    recognise_agency(world)
    apply(world)
    prepare(world)
    attest(world)
    return world.send(AGENCY_ACCOUNT, world.issuers.review(UT.subject, True, ACT)).gas


def _activate(world: World) -> int:
    reviewed(world)
    return _decided(world, activation(world))


def _suspend(world: World) -> int:
    active(world)
    return _decided(world, world.issuers.suspend(UT.subject, ACT))


def _submit(world: World) -> int:
    apply(world)
    return world.send(UT.control, world.programmes.submit(UT.subject, digest("version"))).gas


def _recognise(world: World) -> int:
    until = world.now + YEAR
    return _decided(world, world.issuers.recognise_agency(digest("agency"), AGENCY_ACCOUNT, until, ACT))


_OPERATIONS: dict[str, Callable[[World], int]] = {
    "Council.propose": _propose,
    "Council.approve": _approve,
    "Council.suspend_urgently": _suspend_urgently,
    "IssuerRegistry.apply (first)": _apply,
    "IssuerRegistry.add_key": _add_key,
    "IssuerRegistry.review": _review,
    "IssuerRegistry.recognise_agency": _recognise,
    "IssuerRegistry.activate": _activate,
    "IssuerRegistry.suspend": _suspend,
    "ProgrammeRegistry.submit": _submit,
}


def tables() -> str:
    sizes = [f"| {name} | {size:,} | {CODE_LIMIT - size:,} |" for name, size in code_sizes().items()]
    calls = [f"| {name} | {gas:,} |" for name, gas in operations().items()]
    approvals = [f"| {batch.versions} | {batch.gas:,} | {batch.each:,} |" for batch in batches()]
    return "\n".join(
        [
            f"| contract | runtime code (bytes) | left of {CODE_LIMIT:,} |",
            "| --- | --- | --- |",
            *sizes,
            "",
            "| call | gas |",
            "| --- | --- |",
            *calls,
            "",
            "| versions approved by one proposal | gas of execute | gas each |",
            "| --- | --- | --- |",
            *approvals,
        ]
    )


def main() -> None:
    print(tables())


if __name__ == "__main__":
    main()
