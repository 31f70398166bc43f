"""Gas of the council and the two registries, and the size of each contract: markdown tables.

Every row is a transaction on the real contracts in a bare EVM (Shanghai, py-evm); gas is counted exactly, so one run says
it all. The price of gas is zero on the target networks: these figures bound throughput. Anchors are in `gas_anchor`.

    python -m bench.gas
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from acredita.anchoring.account_signature import sign_consent
from acredita.anchoring.transaction import LocalAccount
from acredita.contracts.abi import Call
from acredita.contracts.account_consent import ConsentDomain
from acredita.contracts.artifact import load
from acredita.contracts.bindings import MAX_ACCOUNTS, MAX_KEYS, AccountPurpose, KeyPurpose
from acredita.contracts.events import CONTRACTS

from tests.contracts.harness import (
    ACT,
    AGENCY_ACCOUNT,
    DAY,
    MEMBERS,
    UT,
    YEAR,
    World,
    activation,
    active,
    add_account,
    apply,
    attest,
    deploy,
    digest,
    prepare,
    recognise_agency,
    reviewed,
    submitted,
)
from tests.contracts.log_evm import account

CODE_LIMIT = 24_576  # EIP-170
HOT = LocalAccount(b"\x07" * 32)  # an account that signs its consent
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
    world.send(AGENCY_ACCOUNT, world.issuers.consent(digest("agency"), AccountPurpose.AGENCY))
    return _decided(world, world.issuers.recognise_agency(digest("agency"), AGENCY_ACCOUNT, until, ACT))


def _replace_control(world: World) -> int:
    """Measure the dearest replacement: sixteen keys and eight anchoring accounts end with the account."""
    active(world)
    for number in range(MAX_KEYS - 1):
        key = digest(f"key {number}")
        world.send(UT.control, world.issuers.add_key(UT.subject, key, KeyPurpose.NOTE, ACT))
    for number in range(MAX_ACCOUNTS - 1):
        add_account(world, UT, account(f"anchoring {number}"))
    named = account("new control")
    world.send(named, world.issuers.consent(UT.subject, AccountPurpose.CONTROL))
    return _decided(world, world.issuers.replace_control(UT.subject, named, False, 1, ACT))


def _add_account(world: World) -> int:
    """Measure the addition of an account that signed its consent."""
    apply(world)
    domain = ConsentDomain(world.evm.chain_id, world.issuers.address)
    deadline = world.now + DAY
    consent = sign_consent(HOT, domain, UT.subject, AccountPurpose.ANCHORING, deadline)
    return world.send(UT.control, world.issuers.add_anchoring_account(UT.subject, HOT.address, consent)).gas


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
    "IssuerRegistry.add_anchoring_account": _add_account,
    "IssuerRegistry.replace_control (16 keys, 8 accounts)": _replace_control,
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
