"""Anchoring at once, for a command that has just queued something: what became of the queue, in one sentence.

Credentials are signed and queued whatever happens here; a chain that does not answer is no failure of the command.
"""

from dataclasses import dataclass
from typing import Final

from acredita.anchoring.ledger import LedgerStopError, LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.node.ledger.accreditation_watch import accreditation_or_missing
from acredita.node.publication.public_files import publish
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.preflight import newest_ledger
from acredita.node.runtime.tenant import Tenant
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchReport, BatchStep
from acredita.node.write_path.stops import with_command
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing

_UNKNOWN: Final = (BatchStep.WAITING, BatchStep.REVERTED)


@dataclass(frozen=True)
class AnchoringSummary:
    """`sentence` for people; `refused` when the chain said no to something of the queue, or another chain is there.

    `is_unknown`: the ledger could not tell, or the outcome is not known yet. `changes_wait`: what refuses the queue also
    holds back changes of status. It is false where only issued entries are refused, since changes then go on alone.
    """

    sentence: str
    refused: bool = False
    is_unknown: bool = False
    changes_wait: bool = False


def anchor_now(node: RunningNode, tenant: Tenant, wait: bool) -> AnchoringSummary:
    """Run the write path to its end and publish; `wait` False leaves it to the node."""
    if not wait:
        return AnchoringSummary("queued")
    if node.reading_only is not None:
        return AnchoringSummary(f"queued: {node.reading_only}, which will anchor it")
    try:
        reports = anchor_pending(tenant.writer, force=True)
    except LedgerUnavailable as error:
        return AnchoringSummary(f"queued: {error}", is_unknown=True)
    except LedgerStopError as stop:
        return AnchoringSummary(with_command(f"queued: {stop}", stop.code), refused=True, changes_wait=True)
    publish(node.database, node.folder.base)
    refused = [report for report in reports if report.step in (BatchStep.REFUSED, BatchStep.BLOCKED)]
    reasons = "".join(f"; refused by the chain: {report.reason}" for report in refused)
    if any(report.reason is not None and report.reason.code == Code.ISSUER_NOT_ACTIVE for report in refused):
        reasons += _stop_words(node, tenant)
    is_unknown = any(report.step in _UNKNOWN for report in reports)
    is_blocked = any(report.step is BatchStep.BLOCKED for report in refused)
    return AnchoringSummary(_anchored(reports) + reasons, bool(refused), is_unknown, is_blocked)


def _stop_words(node: RunningNode, tenant: Tenant) -> str:
    """Return by which record the registry stops the institution; empty where the ledger does not tell it now."""
    accreditation = accreditation_or_missing(newest_ledger(node), tenant.issuer, node.clock())
    if isinstance(accreditation, Missing) or isinstance(node.trust, Missing):
        return ""
    return f"; {accreditation.sentence(node.trust.contracts.council)}"


def _anchored(reports: list[BatchReport]) -> str:
    checkpoints = [r.checkpoint for r in reports if r.step is BatchStep.ANCHORED and r.checkpoint is not None]
    if len(checkpoints) == 1:
        return f"anchored in 1 checkpoint, at {time_text(checkpoints[0].time)}"
    if checkpoints:
        return f"anchored in {len(checkpoints)} checkpoints, the last at {time_text(checkpoints[-1].time)}"
    if any(report.step in _UNKNOWN for report in reports):
        return "queued: the outcome is not known yet"
    is_busy = any(report.step is BatchStep.BUSY for report in reports)
    return "queued: another process of this node anchors now, and takes it" if is_busy else "nothing to anchor"
