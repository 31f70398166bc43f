"""An index in a fresh database over the shared installation."""

import pytest
from acredita.node.storage.database import Database

from tests.node.index.followed import FollowedIndex, trust_of
from tests.simulators.installation import Installation


@pytest.fixture
def index(installation: Installation, database: Database) -> FollowedIndex:
    return FollowedIndex(installation, database, trust_of(installation))
