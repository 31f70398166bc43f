"""The council's record of trust files is read from the index, and is the same as the ledger's."""

from acredita.anchoring.types import Digest
from acredita.contracts import bindings
from acredita.registry.ledger_facts.trust_succession import RecordedTrust

from tests.node.index.followed import FollowedIndex
from tests.node.index.test_reading import observations, observed


def test_the_newest_record_costs_no_question(index: FollowedIndex) -> None:
    council = bindings.Council(index.installation.deployment.council)
    newest: RecordedTrust | None = None
    for number in (None, 1, 5):
        if number is not None:
            newest = RecordedTrust(number, Digest(bytes([number]) * 32))
            index.installation.decide(council.record_trust(newest.number, newest.digest))
        index.follower().advance()
        asked: list[str] = []
        indexed, unindexed = (observed(observations(index, asked, indexed=has_index)) for has_index in (True, False))
        asked.clear()
        assert indexed.recorded_trust == newest
        assert asked == []
        assert unindexed.recorded_trust == newest
        assert len(asked) == (1 if newest is None else 2)
