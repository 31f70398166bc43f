"""Reading from the index gives what the ledger says, and costs the same at any height."""

from random import Random
from typing import Any

from acredita.anchoring.rpc_ledger import MAX_LOG_BLOCKS, RpcLedger
from acredita.anchoring.types import Digest
from acredita.node.index.snapshot import IndexReader
from acredita.node.ledger.view import NodeObserver, Observations
from acredita.registry.ledger_facts.log_entries import EntriesAtHand

from tests.node.index.followed import DrawnHistory, FollowedIndex
from tests.simulators.half_endpoint import Answers, Ask, HalfProvider
from tests.simulators.installation import Issuer
from tests.simulators.storage_work import counted


def observations(index: FollowedIndex, asked: list[str], *, indexed: bool) -> Observations:
    """Observe the chain through an endpoint that lists its questions."""

    def counting(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        asked.append(method)
        return ask(method, params)

    ledger = RpcLedger(HalfProvider(Answers(index.installation.rpc), [counting]))
    reader = IndexReader(index.database, index.trust) if indexed else None
    return Observations(index.trust, ledger, lambda _: EntriesAtHand(), index=reader)


def observed(seen: Observations) -> NodeObserver:
    observer = seen.now()
    assert isinstance(observer, NodeObserver)
    return observer


def test_the_index_and_the_ledger_give_the_same(index: FollowedIndex, ut: Issuer) -> None:
    history = DrawnHistory(index.installation, ut, Random(5))
    for _ in range(12):
        history.act()
    index.follower().advance()
    from_index, from_ledger = (observed(observations(index, [], indexed=indexed)) for indexed in (True, False))
    assert from_index.listed == from_ledger.listed
    assert from_index.versions == from_ledger.versions
    assert from_index.issuers() == from_ledger.issuers()
    assert len(from_index.versions) > 1
    for owner, document in from_ledger.versions:
        assert from_index.programme(owner, document) == from_ledger.programme(owner, document)
    assert from_index.parties(ut.id) == from_ledger.parties(ut.id)
    assert from_index.programme(ut.id, Digest(bytes(32))) is None


def test_registries_cost_no_question_at_any_height(index: FollowedIndex, ut: Issuer) -> None:
    history = DrawnHistory(index.installation, ut, Random(5))
    asked: list[str] = []
    from_ledger: list[int] = []
    for blocks in (0, MAX_LOG_BLOCKS + 1):
        history.act()
        history.mine(blocks)
        index.follower().advance()
        observer = observed(observations(index, asked, indexed=True))
        asked.clear()
        assert observer.issuers()
        assert observer.versions or observer.parties(ut.id)
        assert asked == []
        unindexed = observed(observations(index, asked, indexed=False))
        asked.clear()
        unindexed.issuers()
        from_ledger.append(len(asked))
    assert from_ledger[1] > from_ledger[0] > 0, "without the index the questions grow with the height"


def test_an_issuers_checkpoints_are_read_once_for_a_block(index: FollowedIndex, ut: Issuer) -> None:
    history = DrawnHistory(index.installation, ut, Random(5))
    for _ in range(6):
        history.act()
    index.follower().advance()
    observer = observed(observations(index, [], indexed=True))
    head = observer.head(ut.id)
    with counted(index.database.engine) as work:
        for number in range(head.number + 1):
            observer.last_good(ut.id, head.epoch)
            observer._word(ut.id, head.epoch, number)
    assert work.statements == 0


def test_an_index_that_is_not_at_the_head_is_not_read(index: FollowedIndex, ut: Issuer) -> None:
    history = DrawnHistory(index.installation, ut, Random(5))
    index.follower().advance()
    for _ in range(6):
        history.act()
    behind, honest = (observed(observations(index, [], indexed=indexed)) for indexed in (True, False))
    assert behind.issuers() == honest.issuers()
    assert behind.versions == honest.versions
