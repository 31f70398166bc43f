"""Make the checks of one round of a monitor: each returns the alarms that hold now, or None where it could not tell.

Nobody is accused of what is merely not at hand: `MONITOR_…_SILENT` names what did not answer.
Signed evidence of the witness and divergences of the audit come under their own codes.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.status_bits import StatusPurpose
from acredita.anchoring.types import to_hex
from acredita.node.ledger.view import NodeObserver
from acredita.node.monitor.alarms import Alarm, BlockSighting, MonitorState
from acredita.node.monitor.log_witness import WitnessWeight
from acredita.node.monitor.witness import WitnessReport
from acredita.node.publication.trust_folder import TrustFolder
from acredita.registry.audit.replay import PublishedLists, replay
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import StatusList, StatusListRefused, parse_status_list
from acredita.registry.ledger_facts.accreditation import accreditation_of
from acredita.registry.ledger_facts.histories import PartyHistory
from acredita.registry.ledger_facts.issuer_log import IssuerLog
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.trust_succession import recorded_fault
from acredita.registry.verification.case import ends_soon

MAX_CLOCK_SECONDS: Final = 300  # between a block's time and the moments between which it was first seen
ANCHORED_WITHIN_SECONDS: Final = 300  # a revocation reaches the chain within five minutes
MAX_BLOCKS: Final = 256  # looked at in one round; of more, the newest


def silent_sources(state: MonitorState, names: Iterable[str], now: int, silent_seconds: int) -> list[Alarm]:
    """Return the sources that have not answered for too long. One that never answered counts from its first round."""
    alarms = []
    for name in names:
        last = state.answered.setdefault(name, now)
        if now - last >= silent_seconds:
            alarms.append(Alarm(Code.MONITOR_SOURCE_SILENT, name, f"no answer since {time_text(last)}"))
    return alarms


def silent_chain(state: MonitorState, now: int, silent_seconds: int) -> list[Alarm]:
    """Return the alarm of a chain without a new block, or without an answer, for too long."""
    seen = state.newest
    last = state.answered.setdefault("ledger", now) if seen is None else seen.first_seen
    if now - last < silent_seconds:
        return []
    detail = f"no new block since {time_text(last)}" if seen else f"no answer since {time_text(last)}"
    return [Alarm(Code.MONITOR_CHAIN_SILENT, "ledger", detail)]


def block_times(state: MonitorState, ledger: Ledger, head: Block, now: int) -> list[Alarm] | None:
    """Compare the times of the new blocks with the clock, and remember the newest; None without one. Raises
    LedgerUnavailable.

    A block that is new was made after the look before and before this one; its time may be off by five minutes.
    """
    before = state.newest
    if before is not None and head.number <= before.number:
        return None  # no block is new, or the endpoint is behind
    first = head.number if before is None else max(before.number + 1, head.number - MAX_BLOCKS + 1)
    blocks = [*filter(None, (ledger.block(number) for number in range(first, head.number))), head]
    earliest = None if before is None else state.last_look
    alarms = [alarm for block in blocks if (alarm := _off(block, earliest, now)) is not None]
    state.newest = BlockSighting(head.number, to_hex(head.hash), head.time, now)
    return alarms[-1:]


def _off(block: Block, earliest: int | None, latest: int) -> Alarm | None:
    """Return the alarm of a block whose time is outside the moments between which it was made."""
    is_late = earliest is not None and block.time < earliest - MAX_CLOCK_SECONDS
    if not is_late and block.time <= latest + MAX_CLOCK_SECONDS:
        return None
    since = "" if earliest is None else f"after {time_text(earliest)} "
    detail = f"block {block.number} says {time_text(block.time)}; first seen {since}by {time_text(latest)}"
    return Alarm(Code.MONITOR_BLOCK_TIME, "ledger", detail)


def expiries(observer: NodeObserver, trust: Trust, now: int) -> list[Alarm]:
    """Return accreditations and trust files that end, ended or were stopped. Raises LedgerUnavailable."""
    alarms = []
    for party in observer.issuers():
        accreditation = accreditation_of(observer, party.subject, now)
        if accreditation.code is not None:
            words = accreditation.sentence(observer.contracts.council)
            alarms.append(Alarm(accreditation.code, to_hex(party.subject), words))
    fault = recorded_fault(trust, observer.recorded_trust)
    if fault is not None:
        alarms.append(Alarm(fault, f"trust file {trust.number}", "the council recorded another"))
    if ends_soon(trust, now):
        alarms.append(Alarm(Code.TRUST_ENDS_SOON, f"trust file {trust.number}", f"ends {time_text(trust.expires)}"))
    return alarms


def stopped_institutions(observer: NodeObserver, copies: TrustFolder, now: int) -> list[Alarm]:
    """Return institutions that publish what they do not anchor, or whose lists lack what is anchored.

    Raises LedgerUnavailable.
    """
    return [alarm for party in observer.issuers() for alarm in _of_institution(observer, copies, party, now)]


def _of_institution(observer: NodeObserver, copies: TrustFolder, party: PartyHistory, now: int) -> Iterator[Alarm]:
    log = observer.log(party.subject)
    if not isinstance(log, IssuerLog):
        return  # its log is missing: the source is silent, or the audit says so
    for number, document in sorted(copies.status_lists(party.subject).items()):
        published = _parsed(document)
        if published is None:
            continue
        anchored = log.status.bitstring(number, StatusPurpose.REVOCATION)
        where = to_hex(party.subject)
        if now - published.issued > ANCHORED_WITHIN_SECONDS and _has_more(published.bits, anchored):
            since = time_text(published.issued)
            detail = f"list {number} of {since} revokes what no checkpoint has"
            yield Alarm(Code.MONITOR_INSTITUTION_STOPPED, where, detail)
        if now - log.time > ANCHORED_WITHIN_SECONDS and _has_more(anchored, published.bits):
            detail = f"the newest list {number} at any source is of {time_text(published.issued)}"
            yield Alarm(Code.MONITOR_LIST_OLD, where, detail)


def _parsed(document: object) -> StatusList | None:
    try:
        return parse_status_list(document)
    except StatusListRefused:
        return None


def _has_more(one: bytes, other: bytes) -> bool:
    return bool(int.from_bytes(one, "big") & ~int.from_bytes(other, "big"))


def witnessed(report: WitnessReport) -> list[Alarm]:
    """Return the signed evidence that the witness has found."""
    return [
        Alarm(finding.code, finding.where, f"{finding.detail} [{finding.evidence}]")
        for finding in report.findings
        if finding.weight is WitnessWeight.DIVERGENCE
    ]


def audited(observer: NodeObserver, copies: TrustFolder, trust: Trust, now: int) -> list[Alarm] | None:
    """Replay the ledger with the monitor's copies; None where the audit could not tell."""
    published = PublishedLists(copies.status_lists, copies.dids, max(now, observer.block.time))
    try:
        audit = replay(
            observer.ledger,
            observer.contracts,
            observer.block,
            copies.entries_of,
            copies.key_statement,
            published,
            copies.withheld_documents(trust),
            copies,
        )
    except LedgerUnavailable:
        return None
    alarms = [Alarm(f.code, f.where, f.detail) for f in audit.findings if f.weight == "divergence"]
    return None if audit.outcome == "unknown" else alarms
