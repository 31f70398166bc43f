"""The log that a node answers from, compared with the log rebuilt from its entries, at the chain's head and one before."""

from dataclasses import replace

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.types import Digest
from acredita.node.ledger.own_logs import OwnLogs
from acredita.node.storage import stored_log
from acredita.node.storage.stored_checkpoints import shown_size
from acredita.node.write_path.log_on_chain import LogOnChain
from acredita.node.write_path.writer import Writer
from acredita.registry.ledger_facts.issuer_log import IssuerLog, LogName, rebuild
from acredita.registry.ledger_facts.log_chain import LogChain
from acredita.registry.ledger_facts.log_entries import EntriesAtHand


def check_running_log(writer: Writer, ledger: Ledger, issued: list[Digest]) -> None:
    """Check the log from storage, from nothing and continued from the head before, against its entries."""
    at_block = LogOnChain(writer.log, ledger, 0).at_confirmed_block()
    chain, name = at_block.linked(), log_name(writer)
    entries = stored_entries(writer, chain)
    whole = rebuild(name, chain, entries)
    assert isinstance(whole, IssuerLog), whole
    own = OwnLogs(writer.database)
    earlier = own.at(name, before(chain), None)
    assert isinstance(earlier, IssuerLog), earlier
    memory = rebuild(name, before(chain), entries)
    assert isinstance(memory, IssuerLog)
    for running in (own.at(name, chain, None), own.at(name, chain, earlier), rebuild(name, chain, entries, memory)):
        assert isinstance(running, IssuerLog), running
        assert (running.time, running.status.root()) == (whole.time, whole.status.root())
        for digest in issued:
            assert running.holds(digest) == whole.holds(digest)
            assert running.receipt(digest) == whole.receipt(digest)


def log_name(writer: Writer) -> LogName:
    identity = writer.identity
    return LogName(identity.chain_id, identity.genesis, identity.contract, writer.issuer)


def stored_entries(writer: Writer, chain: LogChain) -> EntriesAtHand:
    """Return what storage has of each epoch, entries of void checkpoints included."""
    with writer.database.read() as connection:
        by_epoch = {}
        for epoch in chain.epochs:
            size = shown_size(connection, writer.issuer, epoch.number)
            data = stored_log.read_entries(connection, writer.issuer, epoch.number, 0, size)
            by_epoch[epoch.number] = b"".join(data)
    return EntriesAtHand(by_epoch)


def before(chain: LogChain) -> LogChain:
    """Return the chain as it was before its newest checkpoint."""
    *earlier, current = chain.epochs
    if current.last.number == 0:
        return chain
    return LogChain((*earlier, replace(current, checkpoints=current.checkpoints[:-1])))
