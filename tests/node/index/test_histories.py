"""Rebuilt equals followed, over drawn histories with reorganisations, starving and lagging endpoints."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from acredita.node.storage.database import Database
from acredita.node.storage.models import LedgerBlockRow, LedgerEventRow, LedgerIndexRow
from sqlalchemy import delete

from tests.node.index.followed import FollowedIndex, trust_of
from tests.node.index.followed import opened as open_unsynced
from tests.node.index.test_follower import follow_drawn_history
from tests.simulators.installation import Installation, Issuer

IN_EVERY_RUN = 50
SLOW = 1_000


@pytest.fixture
def opened(migrated: Path, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    databases = []

    def open_copy(name: str) -> Database:
        shutil.copy(migrated, tmp_path / name)
        databases.append(open_unsynced(tmp_path / name))
        return databases[-1]

    yield open_copy
    for database in databases:
        database.close()


def _follow(installation: Installation, ut: Issuer, opened: Callable[[str], Database], seeds: range) -> None:
    indexes = [FollowedIndex(installation, opened(name), trust_of(installation)) for name in ("followed", "rebuilt")]
    for seed in seeds:
        snapshot, now = installation.chain.snapshot(), installation.clock.now
        for index in indexes:
            with index.database.write() as connection:
                for model in (LedgerIndexRow, LedgerEventRow, LedgerBlockRow):
                    connection.execute(delete(model))
        follow_drawn_history(indexes[0], indexes[1], ut, seed)
        assert installation.chain.revert(snapshot)
        installation.clock.now = now
        installation.senders.clear()


def test_an_index_built_anew_equals_the_one_that_followed(
    installation: Installation, ut: Issuer, opened: Callable[[str], Database]
) -> None:
    _follow(installation, ut, opened, range(IN_EVERY_RUN))


@pytest.mark.slow
def test_an_index_built_anew_equals_the_one_that_followed_over_many_histories(
    installation: Installation, ut: Issuer, opened: Callable[[str], Database]
) -> None:
    _follow(installation, ut, opened, range(IN_EVERY_RUN, IN_EVERY_RUN + SLOW))
