"""A node's writer as a process of its own, to be killed, frozen and started again: `python -m tests.node.write_path.worker`.

Round after round it queues a few credentials and a status change and anchors them, and says on standard output what
it is about to do and what is done, one line each, so that whoever kills it knows what it was in the middle of.
"""

import argparse
import sys
from pathlib import Path

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.transaction import Patience
from acredita.anchoring.types import Address
from acredita.contracts.abi import Deployment
from acredita.node.storage.database import Database, LeaseLostError, StorageUnavailable
from acredita.node.storage.leases import Leases
from acredita.node.storage.queue import enqueue_issued, enqueue_status
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.writer import AnchoringPolicy, Writer

from tests.simulators.installation import GENESIS_TIME, Installation, issuer_named, reopen
from tests.simulators.institution import PROGRAMME, KeptLists, credential_digest, identity
from tests.waiting import PATIENCE_SECONDS, POLL_SECONDS, pause

ISSUED_EACH_ROUND = 6
PATIENCE = Patience(seconds=PATIENCE_SECONDS, poll_seconds=POLL_SECONDS)


def main() -> None:
    options = _arguments()
    ledger = _ledger(options)
    writer = _writer(options, ledger)
    say("ready")
    for number in range(options.first, options.first + options.rounds):
        try:
            _round(writer, number)
        except LeaseLostError:
            say("lost", number)
        except (LedgerUnavailable, StorageUnavailable) as error:
            say("waits", number, type(error).__name__)
            pause()
    say("end")


def say(*words: object) -> None:
    print(*words, flush=True)


def _round(writer: Writer, number: int) -> None:
    digests = [credential_digest(number * 100 + place) for place in range(ISSUED_EACH_ROUND)]
    with writer.database.write() as connection:
        for digest in digests:
            enqueue_issued(connection, writer.issuer, digest, PROGRAMME, key=digest.hex(), now=GENESIS_TIME)
        enqueue_status(connection, writer.issuer, EntryKind.REVOKED, number, key=f"revoke {number}", now=GENESIS_TIME)
    say("queued", number)
    say("enter", number)
    reports = anchor_pending(writer, force=True)
    say("leave", number, *(report.step.value for report in reports))


def _ledger(options: argparse.Namespace) -> Ledger:
    if options.rpc:
        return RpcLedger.over_http(options.rpc, PATIENCE_SECONDS)
    return _installation(options).ledger


def _installation(options: argparse.Namespace) -> Installation:
    contract = bytes.fromhex(options.contract)
    return reopen(Path(options.chain), Deployment(bytes(20), bytes(20), bytes(20), contract))


def _writer(options: argparse.Namespace, ledger: Ledger) -> Writer:
    issuer = issuer_named(options.issuer)
    database = Database.open(options.database)
    return Writer(
        issuer=issuer.id,
        identity=identity(ledger, Address(bytes.fromhex(options.contract))),
        database=database,
        leases=Leases(database, "node", stale_seconds=options.stale),
        ledger=ledger,
        signer=issuer.anchoring,
        publisher=KeptLists(),
        policy=AnchoringPolicy(depth=0, patience=PATIENCE),
        clock=lambda: GENESIS_TIME,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--chain")
    parser.add_argument("--rpc")
    parser.add_argument("--contract", required=True)
    parser.add_argument("--issuer", default="ut")
    parser.add_argument("--stale", type=float, default=30.0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=10_000)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
