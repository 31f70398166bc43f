"""Build the document of an audit, `acredita-audit/1`: the short one of a replay, and the report that an auditor signs.

One chain, one set of files and one `now` give the same document. Findings are in the order of their severity. No clock
enters but `now`, which the auditor gives; the signature adds its own time (`report_signature`).
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import BlockHash, Digest, IssuerId, to_hex
from acredita.contracts.abi import Deployment
from acredita.registry.audit.activity import Activity
from acredita.registry.audit.finding import AuditFinding
from acredita.registry.audit.replay import Audit
from acredita.registry.audit.severity import SEVERITIES

FORMAT: Final = "acredita-audit/1"
_ORDER: Final = {weight: place for place, weight in enumerate(SEVERITIES)}


@dataclass(frozen=True)
class NodeIndex:
    """The index of a node as the node states it. `behind`: blocks of the ledger that it does not have."""

    node: str
    block: int
    behind: int


@dataclass(frozen=True)
class ReportBasis:
    """The basis of a report: the registry, the moment, the sources, and the command that repeats the audit.

    `sources`: where files were looked for. `refused`: what sources served wrongly, as text. `archive`: SHA-256 of the
    archive that took the place of ledger and files, None where there was none. `names`: party → language → name, from the
    scope document that the ledger names.
    """

    chain_id: int
    genesis: BlockHash
    contracts: Deployment
    trust_number: int
    trust_digest: Digest
    now: int
    zone: str
    is_proven: bool
    sources: tuple[str, ...]
    refused: tuple[str, ...]
    command: tuple[str, ...]
    archive: Digest | None = None
    indexes: tuple[NodeIndex, ...] = ()
    names: Mapping[IssuerId, Mapping[str, str]] = field(default_factory=dict)


def audit_document(audit: Audit) -> dict[str, object]:
    """Return the audit without the basis of a report."""
    return {
        "format": FORMAT,
        "outcome": audit.outcome,
        "clean": audit.clean,
        "block": audit.block.number,
        "as_of": time_text(audit.block.time),
        "state_hash": to_hex(audit.state_hash),
        "parties": audit.parties,
        "programmes": audit.programmes,
        "logs": [
            {
                "issuer": to_hex(log.issuer),
                "epoch": log.epoch,
                "entries": log.entries,
                "checkpoints": log.checkpoints,
                "void": list(log.void),
            }
            for log in audit.logs
        ],
        "findings": [_finding(finding) for finding in in_order(audit.findings)],
    }


def report_document(audit: Audit, basis: ReportBasis, activity: Activity) -> dict[str, object]:
    """Return the report, not yet signed."""
    short = audit_document(audit)
    findings = [
        {**_finding(finding), "command": finding_command(basis.command, finding)}
        for finding in in_order(audit.findings)
    ]
    document = short | {
        "block_hash": to_hex(audit.block.hash),
        "registry": _registry(basis),
        "now": time_text(basis.now),
        "zone": basis.zone,
        "proven": basis.is_proven,
        "sources": list(basis.sources),
        "refused": list(basis.refused),
        "command": shlex.join(basis.command),
        "findings": findings,
        "months": [asdict(month) for month in activity.months],
        "names": [{"issuer": to_hex(issuer), "name": dict(name)} for issuer, name in sorted(basis.names.items())],
        "indexes": [asdict(index) for index in basis.indexes],
        "latencies": [asdict(latency) for latency in activity.latencies],
    }
    if basis.archive is not None:
        document["archive"] = to_hex(basis.archive)
    return document


def in_order(findings: Sequence[AuditFinding]) -> list[AuditFinding]:
    """Return findings by severity, then in the order in which the replay met them."""
    return sorted(findings, key=lambda finding: _ORDER[finding.weight])


def finding_command(command: Sequence[str], finding: AuditFinding) -> str:
    """Return the command that shows one finding again."""
    return shlex.join([*command, "--code", str(finding.code), "--where", finding.where])


def weights_of(document: Mapping[str, Any]) -> dict[str, int]:
    """Count the findings of a document by weight, the most severe first."""
    counts = dict.fromkeys(map(str, SEVERITIES), 0)
    for finding in document["findings"]:
        counts[finding["weight"]] += 1
    return counts


def _finding(finding: AuditFinding) -> dict[str, object]:
    return {
        "weight": finding.weight,
        "code": str(finding.code),
        "where": finding.where,
        "detail": finding.detail,
        "evidence": [{"name": name, "value": value} for name, value in finding.evidence],
        "looked_in": list(finding.looked_in),
    }


def _registry(basis: ReportBasis) -> dict[str, object]:
    return {
        "chain_id": basis.chain_id,
        "genesis": to_hex(basis.genesis),
        "contracts": {name: to_hex(address) for name, address in asdict(basis.contracts).items()},
        "trust_number": basis.trust_number,
        "trust_sha256": to_hex(basis.trust_digest),
    }
