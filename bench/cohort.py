"""A cohort file to stored and queued credentials: the whole path in one process, and with two that sign.

The path is `Institution.issue` over a file and a real database: judged, read again, made, verified, sealed, stored, queued.
Rounds alternate between one process and two on the same machine; the ratio is what counts. Where other work shares the
cores, wall time says how they were shared and little else, so the processor time of each is shown too, and what two cores
of one's own would make of it at best. Starting the processes is timed by itself: it is paid once a file.

    python -m bench.cohort [--rows 2000] [--rounds 5]
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from acredita.anchoring.types import Address, BlockHash, IssuerId
from acredita.node.custody.key_ring import DATA, DEFAULT_CRYPTOSUITE, IDEMPOTENCY, SigningKey
from acredita.node.custody.vault import Vault
from acredita.node.demo.cohorts import PLANS, cohort_csv
from acredita.node.demo.documents import documents_for, institutions
from acredita.node.issuance.context import IssuanceContext
from acredita.node.issuance.institution import Institution, RowOutcome
from acredita.node.issuance.signing_pool import SigningPool
from acredita.node.publication.status_lists import ListPublisher
from acredita.node.runtime.tenant import generate_keys
from acredita.node.storage import institutions as registered
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import LedgerIdentity
from acredita.registry.credentials.cohort_rows import CohortFile
from acredita.registry.keys.did import did_key, issuer_id, key_method
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.multikey import parse_multikey
from acredita.registry.keys.scrypt_cost import LEAST_N
from acredita.registry.programmes.programme import Programme

ROWS = 2_000
ROUNDS = 5
AWARDED = "2025-12-01"


@dataclass(frozen=True)
class Taken:
    """One run over a file: seconds on the wall, and seconds of processor in this process and in those that sign."""

    rows: int
    wall: float
    own: float
    others: float

    @property
    def rate(self) -> float:
        return self.rows / self.wall


@dataclass(frozen=True)
class _Wrap:
    keystore: Keystore

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        return self.keystore.wrap(DATA, secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return self.keystore.unwrap(DATA, wrapped, context)


@contextmanager
def institution_with_programme(folder: Path) -> Iterator[tuple[Institution, Programme]]:
    """An institution with a keystore and a database on disk; no chain, because none is asked on this path."""
    keystore = Keystore.create(folder / "keystore", b"bench", n=LEAST_N)
    generate_keys(keystore)
    signer = keystore.signer("assertion")
    did = did_key(parse_multikey(signer.multikey))
    key = SigningKey(
        "assertion", signer, key_method(parse_multikey(signer.multikey)), DEFAULT_CRYPTOSUITE, DEFAULT_CRYPTOSUITE
    )
    issuer = issuer_id(did)
    database = Database.create(f"sqlite:///{folder / 'node.db'}")
    _register(database, issuer, did)
    context = IssuanceContext(
        issuer=issuer,
        did=did,
        name="Universidad (DEMO)",
        base="https://registro.example",
        database=database,
        vault=Vault(issuer, _Wrap(keystore)),
        keys=lambda: key,
        lists=ListPublisher(database, did, "https://registro.example", lambda: key, lambda: int(time.time())),
        mac=lambda message: keystore.mac(IDEMPOTENCY, message),
        clock=lambda: int(time.time()),
    )
    try:
        yield (
            Institution(context),
            documents_for({party.key: did for party in institutions()}).programme("ind40-fundamentos"),
        )
    finally:
        database.close()


def _register(database: Database, issuer: IssuerId, did: str) -> None:
    identity = LedgerIdentity(31337, BlockHash(bytes(32)), Address(bytes(20)), bytes(32))
    with database.write() as connection:
        registered.register(connection, issuer, profile="bench", did=did, identity=identity, now=0)


def run(institution: Institution, pool: SigningPool, file: Path, rows: int) -> Taken:
    others, own, started = _others(), time.process_time(), time.perf_counter()
    reports = list(institution.issue(pool.programme, CohortFile(file), pool=pool))
    taken = Taken(rows, time.perf_counter() - started, time.process_time() - own, _others() - others)
    if [report.outcome for report in reports] != [RowOutcome.ISSUED] * rows:
        raise RuntimeError("rows were not issued")
    return taken


def _others() -> float:
    """Processor seconds of the processes this one has started, so far."""
    tick = os.sysconf("SC_CLK_TCK")
    total = 0
    for process in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / tick


def compared(rows: int, rounds: int) -> tuple[list[Taken], list[Taken], float]:
    """Rounds with one process and with two, alternating, and the seconds it took to start two."""
    one, two = [], []
    with (
        tempfile.TemporaryDirectory() as name,
        institution_with_programme(Path(name)) as (institution, programme),
        SigningPool(programme) as here,
        SigningPool(programme, 2, least_rows=0) as there,
    ):
        started = time.perf_counter()
        run(institution, there, _file(Path(name), 1, 1), 1)
        starting = time.perf_counter() - started
        run(institution, there, _file(Path(name), 10, 300), 300)
        run(institution, here, _file(Path(name), 1_000, 300), 300)
        for number in range(1, rounds + 1):
            one.append(run(institution, here, _file(Path(name), 2 * number * 100_000, rows), rows))
            two.append(run(institution, there, _file(Path(name), (2 * number + 1) * 100_000, rows), rows))
    return one, two, starting


def _file(folder: Path, first: int, rows: int) -> Path:
    path = folder / "cohort.csv"
    path.write_bytes(cohort_csv(PLANS[1], first, rows, AWARDED))
    return path


def show(one: list[Taken], two: list[Taken], starting: float) -> None:
    print("| | rows /s | ms of processor a row, here | in the others |")
    print("| --- | --- | --- | --- |")
    for name, runs in (("one process", one), ("two that sign", two)):
        rate = statistics.median(taken.rate for taken in runs)
        own, others = (statistics.median(1e3 * part / taken.rows for taken, part in _parts(runs, of)) for of in (0, 1))
        print(f"| {name} | {rate:,.0f} | {own:.2f} | {others:.2f} |")
    ratios = sorted(b.rate / a.rate for a, b in zip(one, two, strict=True))
    print(f"\nratio of the rates: {statistics.median(ratios):.2f} ({ratios[0]:.2f} – {ratios[-1]:.2f}), target ≥ 1.5")
    print(f"by processor time, on two cores of one's own, at best: {at_best(one, two):.2f}")
    load = os.getloadavg()[0]
    print(f"starting the two: {starting:.1f} s; load average {load:.1f} on {os.cpu_count()} cores")


def at_best(one: list[Taken], two: list[Taken]) -> float:
    """What one process needs, over what falls on each of two cores when the same work is spread over them."""
    return statistics.median(2 * a.own / (b.own + b.others) for a, b in zip(one, two, strict=True))


def _parts(runs: list[Taken], of: int) -> Iterator[tuple[Taken, float]]:
    return ((taken, (taken.own, taken.others)[of]) for taken in runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    print(f"{arguments.rows} rows a round, {arguments.rounds} rounds; CSV file to stored and queued\n")
    show(*compared(arguments.rows, arguments.rounds))


if __name__ == "__main__":
    main()
