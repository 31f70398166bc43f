"""The log after an anchor, counted: a longer log costs what its height adds, and a start costs its status entries alone."""

from dataclasses import dataclass

import pytest
from acredita.anchoring.types import Digest, IssuerId
from acredita.contracts.abi import RawLog
from acredita.node.ledger.own_logs import OwnLogs
from acredita.node.publication.public_files import publish_logs
from acredita.node.storage import institutions
from acredita.node.storage.database import Database
from acredita.node.storage.stored_checkpoints import confirmed_checkpoints
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.issuer_log import IssuerLog, LogName
from acredita.registry.ledger_facts.log_chain import LinkedCheckpoint, LinkedEpoch, LogChain

from tests.node.publication.test_tiles import IDENTITY
from tests.node.stored_log import digest, fill
from tests.simulators.running_log import before
from tests.simulators.storage_work import StorageWork, counted

BATCH = 256
SMALL = 1_000
LARGE = [pytest.param(20_000, id="20,000"), pytest.param(300_000, id="300,000", marks=pytest.mark.slow)]
PAGE = 64  # hashes that storage reads with one query, at each level that a root or a path touches


@dataclass(frozen=True)
class FilledLog:
    """A log of a size with one more batch, as storage and chain have it."""

    database: Database
    issuer: IssuerId
    chain: LogChain

    @property
    def name(self) -> LogName:
        return LogName(IDENTITY.chain_id, IDENTITY.genesis, IDENTITY.contract, self.issuer)

    def at(self, chain: LogChain, earlier: IssuerLog | None) -> IssuerLog:
        log = OwnLogs(self.database).at(self.name, chain, earlier)
        assert isinstance(log, IssuerLog), log
        return log

    def first_answer(self, asked: Digest, earlier: IssuerLog | None) -> StorageWork:
        """Count the first answer at the head: the log, whether it has a digest, and the receipt."""
        with counted(self.database.engine) as work:
            log = self.at(self.chain, earlier)
            assert log.holds(asked)
            receipt = log.receipt(asked)
        assert receipt is not None
        assert receipt.checkpoint == self.chain.newest
        return work


def filled(database: Database, letter: bytes, size: int) -> FilledLog:
    issuer = IssuerId(letter * 32)
    with database.write() as connection:
        name = f"did:web:{letter.decode()}.example"
        institutions.register(connection, issuer, profile=letter.decode(), did=name, identity=IDENTITY, now=1)
    fill(database, issuer, [size, size + BATCH])
    return FilledLog(database, issuer, stored_chain(database, issuer))


def stored_chain(database: Database, issuer: IssuerId) -> LogChain:
    with database.read() as connection:
        linked = []
        for stored in confirmed_checkpoints(connection, issuer, 1):
            at = stored.block_position
            raw = None if at is None else RawLog(b"", (), b"", at.block_number, at.block_hash, at.transaction, 0)
            linked.append(LinkedCheckpoint(stored.checkpoint, raw))
    return LogChain((LinkedEpoch(1, tuple(linked), is_closed=False),))


@pytest.mark.parametrize("size", LARGE)
def test_an_answer_after_an_anchor_costs_the_height_of_the_log(database: Database, size: int) -> None:
    works, starts = {}, {}
    for letter, entries in ((b"a", SMALL), (b"b", size)):
        log = filled(database, letter, entries)
        earlier = log.at(before(log.chain), None)
        works[entries] = log.first_answer(digest(entries + BATCH - 1), earlier)
        starts[entries] = log.first_answer(digest(entries + BATCH - 1), None)
    for counts in (works, starts):
        more = counts[size].statements - counts[SMALL].statements
        assert more <= 2 * (size // SMALL).bit_length(), "a query of the root and one of the path, for each level more"
    if database.engine.dialect.name == "sqlite":
        for work in (works[size], starts[size]):
            assert work.rows <= 3 * PAGE * size.bit_length()


def test_a_start_reads_status_entries_through_their_index(database: Database) -> None:
    """Replay a log of issued entries: not one of them is read for the bits."""
    log = filled(database, b"a", 5_000)
    with counted(database.engine) as work:
        log.at(log.chain, None)
    if database.engine.dialect.name == "sqlite":
        assert work.on("log_entries")[1] < 200, "a scan of 5,000 rows shows in the steps"


def test_publishing_reads_what_it_writes(database: Database, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Publish one batch more of a small log and of a longer one: rows and statements are nearly the same."""
    works = {}
    for letter, entries in ((b"a", SMALL), (b"b", 20_000)):
        base = tmp_path_factory.mktemp("public")
        issuer = IssuerId(letter * 32)
        with database.write() as connection:
            institutions.register(
                connection, issuer, profile=letter.decode(), did=f"did:web:{letter.decode()}.example",
                identity=IDENTITY, now=1,
            )  # fmt: skip
        fill(database, issuer, [entries])
        publish_logs(database, issuer, base)
        extend_by_a_batch(database, issuer)
        with counted(database.engine) as work:
            publish_logs(database, issuer, base)
        works[entries] = work
        with counted(database.engine) as idle:
            publish_logs(database, issuer, base)
        assert idle.on("log_entries") == (0, 0), "nothing new: nothing of the log is read"
    assert works[20_000].statements <= works[SMALL].statements + 20
    assert works[20_000].rows <= 1.5 * works[SMALL].rows + 3 * PAGE


def extend_by_a_batch(database: Database, issuer: IssuerId) -> None:
    fill(database, issuer, [sizes(database, issuer)[-1] + BATCH], continued=True)


def sizes(database: Database, issuer: IssuerId) -> list[int]:
    with database.read() as connection:
        return [stored.checkpoint.size for stored in confirmed_checkpoints(connection, issuer, 1)]


def test_another_root_than_the_chains_is_no_log(database: Database) -> None:
    small, large = filled(database, b"a", 100), filled(database, b"b", 300)
    assert isinstance(OwnLogs(database).at(small.name, large.chain, None), Missing)
    stranger = LogName(IDENTITY.chain_id, IDENTITY.genesis, IDENTITY.contract, IssuerId(b"z" * 32))
    assert OwnLogs(database).at(stranger, small.chain, None) is None
