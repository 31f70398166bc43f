"""Several endpoints as one: of QBFT each with its own seals and round, some behind, some refusing what the others accept."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest
from acredita.anchoring import qbft
from acredita.anchoring.ledger import (
    Block,
    BlockName,
    DisputedRefusalUnavailable,
    Ledger,
    LedgerUnavailable,
    PartialLedgerUnavailable,
)
from acredita.anchoring.quorum import QuorumLedger, endpoints_of
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address, BlockHash, TxHash
from acredita.contracts import bindings
from acredita.contracts.abi import Call, View
from acredita.contracts.bindings import ContractRefused
from acredita.registry.ledger_facts.whole_records import whole_contract, whole_records

from tests.anchoring.sealing import sealed
from tests.simulators.installation import ACT, Installation, Issuer, install
from tests.simulators.ledger import Lagging, WrappedLedger

T = TypeVar("T")

VALIDATORS = [LocalAccount(bytes([number]) * 32) for number in range(1, 5)]


@pytest.fixture(scope="module")
def installation() -> Installation:
    return install()


@pytest.fixture(scope="module")
def issuer(installation: Installation) -> Issuer:
    return installation.new_issuer("ut")


class Sealed(WrappedLedger):
    """An endpoint of one validator: three of the four sealed its copy of each block, in its own round."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        super().__init__(ledger)
        self._signers = [one for place, one in enumerate(VALIDATORS) if place != number]
        self._round = number
        self._numbers: dict[bytes, int] = {}

    def head(self) -> Block:
        return self._sealed(super().head())

    def block(self, number: int) -> Block | None:
        block = super().block(number)
        return None if block is None else self._sealed(block)

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        return super().code(address, self._name(block))

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        return super().read(view, self._name(block))

    def _sealed(self, block: Block) -> Block:
        if block.number == 0:
            return block
        header = sealed(block.header, self._signers, round_number=self._round, validators=VALIDATORS)
        hash = qbft.block_hash(header)
        self._numbers[hash] = block.number
        return replace(block, header=header, hash=hash)

    def _name(self, block: BlockName | None) -> BlockName | None:
        if not isinstance(block, bytes):
            return block
        for number in range(super().head().number + 1):
            self.block(number)
        return self._numbers[block]


class Behind(Lagging):
    """An endpoint that is behind and, as Besu does, knows no state above its head."""

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        if block is None:
            return super().read(view, self.head().number)
        known = [one for number in range(self.head().number + 1) if (one := self.ledger.block(number)) is not None]
        if block not in {name for one in known for name in (one.number, one.hash)}:
            raise LedgerUnavailable("unknown block")
        return super().read(view, block)


class Dead(WrappedLedger):
    """Answers nothing."""

    def around(self, name: str, call: Callable[[], T]) -> T:
        raise LedgerUnavailable(name)


class Refusing(WrappedLedger):
    """Refuses every call, and answers for state as it is."""

    def simulate(self, call: Call, sender: Address) -> bytes:
        raise ContractRefused("ISSUER_NOT_ACTIVE", "issuer: not active")


class Starved(WrappedLedger):
    """Leaves the last log out."""

    def around(self, name: str, call: Callable[[], T]) -> T:
        answer = call()
        return answer[:-1] if name == "logs" else answer  # type: ignore[index, no-any-return]


def sealed_four(ledger: Ledger) -> list[Ledger]:
    return [Sealed(ledger, number) for number in range(4)]


# Seals


def test_no_two_copies_of_a_block_are_alike(installation: Installation) -> None:
    heads = [one.head() for one in sealed_four(installation.ledger)]
    assert len({head.header for head in heads}) == 4
    assert len({(head.number, head.hash, head.parent, head.time) for head in heads}) == 1
    assert len({qbft.shared_header(head.header) for head in heads}) == len(set(heads)) == 1


@pytest.mark.parametrize("agree", [2, 3, 4])
def test_sealed_endpoints_agree(installation: Installation, agree: int) -> None:
    ledger = QuorumLedger(sealed_four(installation.ledger), agree)
    council = bindings.Council(installation.deployment.council)
    head = ledger.head()
    assert head.number == installation.ledger.head().number
    assert ledger.block(head.number) == head
    assert qbft.is_sealed(head.header, [one.address for one in VALIDATORS])
    assert ledger.read(council.threshold(), head.hash) == ledger.read(council.threshold()) == 1


@pytest.mark.parametrize(("dead", "agrees"), [(1, True), (2, False)])
def test_three_of_four_sealed_endpoints_agree_while_three_answer(
    installation: Installation, dead: int, agrees: bool
) -> None:
    four = sealed_four(installation.ledger)
    ledger = QuorumLedger([*map(Dead, four[:dead]), *four[dead:]], 3)
    if agrees:
        assert ledger.head().number == installation.ledger.head().number
    else:
        with pytest.raises(LedgerUnavailable):
            ledger.head()


def test_another_header_under_the_same_seals_is_not_alike(installation: Installation) -> None:
    class Elsewhere(Sealed):
        """Seals another block of each height."""

        def _sealed(self, block: Block) -> Block:
            return super()._sealed(replace(block, header=block.header.replace(block.parent, bytes(32))))

    pair = [Sealed(installation.ledger, 0), Elsewhere(installation.ledger, 1)]
    with pytest.raises(LedgerUnavailable, match="not alike"):
        QuorumLedger(pair, 2).block(installation.ledger.head().number)


def test_a_header_of_another_kind_of_chain_is_shared_whole(installation: Installation) -> None:
    head = installation.ledger.head()
    assert qbft.shared_header(head.header) == head.header


# Endpoints that lag


def test_two_that_lag_do_not_hide_a_block_that_two_others_have(installation: Installation) -> None:
    ledger = installation.ledger
    newest = ledger.head().number
    quorum = QuorumLedger([Behind(ledger, 2), Behind(ledger, 2), ledger, ledger], 2)
    assert quorum.head().number == newest
    assert quorum.block(newest) == ledger.head()
    assert quorum.block(newest + 1) is None


def test_two_that_lag_do_not_hide_a_receipt(installation: Installation) -> None:
    ledger = installation.ledger
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber", "params": ["latest", False]}
    transaction = TxHash(bytes.fromhex(installation.rpc.handle(request)["result"]["transactions"][0][2:]))
    behind = Behind(ledger, 2)
    assert behind.receipt(transaction) is None
    assert QuorumLedger([behind, behind, ledger, ledger], 2).receipt(transaction) == ledger.receipt(transaction)
    assert QuorumLedger([behind, ledger]).receipt(transaction) == ledger.receipt(transaction)
    assert QuorumLedger([behind, behind, ledger], 2).receipt(transaction) is None, "one alone proves nothing"
    with pytest.raises(LedgerUnavailable):
        QuorumLedger([behind, Dead(ledger), ledger], 2).receipt(transaction)


def test_the_head_falls_to_a_block_about_which_enough_agree(installation: Installation) -> None:
    class Forked(WrappedLedger):
        """Is on a fork of its own in its newest block."""

        def head(self) -> Block:
            return replace(super().head(), hash=BlockHash(b"\x66" * 32))

        def block(self, number: int) -> Block | None:
            return self.head() if number == super().head().number else super().block(number)

    ledger = installation.ledger
    newest = ledger.head().number
    quorum = QuorumLedger([Forked(ledger), ledger, Behind(ledger, 1)], 2)
    assert quorum.head().number == newest - 1


# Logs that are not whole


@pytest.mark.parametrize("agree", [1, 2])
def test_another_endpoint_is_asked_before_the_ledger_is_called_incomplete(
    installation: Installation, issuer: Issuer, agree: int
) -> None:
    ledger = installation.ledger
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    contract, head = Address(registry.address), ledger.head()
    records = whole_records(ledger, contract, issuer.id, head, registry.history(issuer.id))
    quorum = QuorumLedger([Starved(ledger), Starved(ledger), ledger], agree)
    assert whole_records(quorum, contract, issuer.id, head, registry.history(issuer.id)) == records
    assert whole_contract(quorum, contract, head, registry.total())[-len(records) :]
    with pytest.raises(PartialLedgerUnavailable):
        starved = QuorumLedger([Starved(ledger), Starved(ledger)], agree)
        whole_records(starved, contract, issuer.id, head, registry.history(issuer.id))
    with pytest.raises(PartialLedgerUnavailable):
        mixed = QuorumLedger([Starved(ledger), Dead(ledger)])
        whole_contract(mixed, contract, head, registry.total())


def test_one_endpoint_has_none_behind_it(installation: Installation) -> None:
    pair = QuorumLedger([installation.ledger, installation.ledger])
    assert endpoints_of(installation.ledger) == ()
    assert len(endpoints_of(pair)) == 2


# Refusals


@pytest.mark.parametrize("agree", [1, 2])
def test_a_refusal_that_another_endpoint_does_not_share_is_disputed(
    installation: Installation, issuer: Issuer, agree: int
) -> None:
    ledger = installation.ledger
    view = bindings.Council(installation.deployment.council).threshold()
    call = Call(view.to, view.data)
    with pytest.raises(DisputedRefusalUnavailable, match="issuer: not active") as disputed:
        QuorumLedger([Refusing(ledger), Refusing(ledger), ledger], agree).simulate(call, issuer.control.address)
    assert disputed.value.refused.code == "ISSUER_NOT_ACTIVE"
    with pytest.raises(ContractRefused):
        QuorumLedger([Refusing(ledger), Refusing(ledger), Dead(ledger)], agree).simulate(call, issuer.control.address)
    accepted = QuorumLedger([ledger, ledger, Refusing(ledger)], agree).simulate(call, issuer.control.address)
    assert accepted == ledger.simulate(call, issuer.control.address)


def test_what_the_contract_refuses_everywhere_is_refused(installation: Installation, issuer: Issuer) -> None:
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    call = registry.suspend(issuer.id, ACT)
    with pytest.raises(ContractRefused, match="NOT_AUTHORISED"):
        QuorumLedger([installation.ledger] * 3, 2).simulate(call, issuer.control.address)
