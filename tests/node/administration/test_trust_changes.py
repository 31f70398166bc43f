"""The next trust file when validators change: the old interval ends with a block that is read by proof."""

from collections.abc import Iterator

import pytest
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.types import to_hex
from acredita.node.administration.trust_changes import ChangeRefused, DraftOptions, changes, next_draft
from acredita.node.verification.language import Language
from acredita.registry.evidence.proven_ledger import ProvenLedger
from acredita.registry.ledger_facts.trust_file import parse_unsigned
from acredita.registry.ledger_facts.trusted_chain import NamedBlock

from tests.registry.sealed import network_of, sealed_trust
from tests.registry.world import AnchoredWorld, build_anchored_world
from tests.simulators.installation import account
from tests.simulators.qbft_endpoint import endpoints_of

LATER = tuple(account(f"later validator {number}").address for number in range(4))


@pytest.fixture(scope="module")
def anchored() -> Iterator[AnchoredWorld]:
    world = build_anchored_world()
    yield world
    world.world.chain.close()


def test_the_old_interval_ends_with_a_proven_block_and_the_new_set_is_open(anchored: AnchoredWorld) -> None:
    world = anchored.world
    trust, endpoint = sealed_trust(world), endpoints_of(network_of(world))[0].ledger()
    since = world.chain.head.number - 3
    proven = ProvenLedger(endpoint, trust)
    options = DraftOptions(validators=LATER, since=since)
    drafted = parse_unsigned(next_draft(trust, options, trust.issued + 1, proven))
    closed, opened = drafted.chain.validators
    block = endpoint.block(since - 1)
    assert block is not None
    assert closed.last == NamedBlock(since - 1, block.hash, block.time)
    assert (opened.first, opened.last, opened.addresses) == (since, None, LATER)
    assert drafted.chain.sealers_at(since, block.time + 1) == LATER
    assert drafted.chain.sealers_at(since - 1, block.time) is None
    lines = changes(trust, drafted, Language.EN)
    assert f"Validators: + {since}– {' '.join(map(to_hex, LATER))}" in lines
    assert f"Block: + {since - 1} {to_hex(block.hash)}" in lines


@pytest.mark.parametrize("since", [None, 0])
def test_validators_change_only_from_a_height_above_the_open_set(anchored: AnchoredWorld, since: int | None) -> None:
    trust = sealed_trust(anchored.world)
    ledger = anchored.world.ledger
    with pytest.raises((ChangeRefused, LedgerUnavailable), match=r"since|no block"):
        next_draft(trust, DraftOptions(validators=LATER, since=since), trust.issued, ledger)
