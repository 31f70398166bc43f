"""Verify every credential of a demonstration, audit the chain, and write the summary `acredita-summary/1`."""

from collections.abc import Callable
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.node.demo import export
from acredita.node.demo.environment import DemoEnvironment
from acredita.node.demo.export import DemoFolder
from acredita.node.demo.record import DemoRecord
from acredita.node.publication.trust_folder import TrustFolder, read_json_file, write_json
from acredita.node.verification.verifier import Verifier
from acredita.registry.audit.replay import PublishedLists, replay
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import parse_trust
from acredita.registry.verification.case import Moment
from acredita.registry.verification.results import Verdict
from cryptography.hazmat.primitives.asymmetric import ed25519

FORMAT: Final = "acredita-summary/1"
OnProgress = Callable[[int, int], None]
"""A call with the number of credentials verified, and of all."""


def verify_and_audit(demo: DemoEnvironment, record: DemoRecord, folder: DemoFolder, on_progress: OnProgress) -> None:
    """Write the public folder, verify every credential, audit the chain, and write the summary."""
    signer = PrivateKeySigner.of(ed25519.Ed25519PrivateKey.generate())
    export.write_logs(demo, folder, record.foreign_entries)
    export.write_trust(demo, folder, signer)
    trust = parse_trust(read_json_file(folder.base / "trust.json"))
    head = export.record_trust(demo, trust)
    export.write_documents(demo, folder)
    public = TrustFolder(folder.base)
    verifier = Verifier(trust, Observer(demo.ledger, trust.contracts, head, public.entries_of), public)
    moment = Moment(demo.clock())
    _verify_cohorts(demo, record, folder, verifier, moment, on_progress)
    _verify_cases(record, folder, verifier, moment)
    published = PublishedLists(public.status_lists, public.dids, demo.clock())
    record.audit = replay(demo.ledger, trust.contracts, head, public.entries_of, public.key_statement, published)
    write_json(folder.base / "summary.json", summary(demo, record))


def _verify_cohorts(
    demo: DemoEnvironment,
    record: DemoRecord,
    folder: DemoFolder,
    verifier: Verifier,
    moment: Moment,
    on_progress: OnProgress,
) -> None:
    """Verify every anchored credential, and write the recognised ones to credentials/."""
    to_verify = [(issued.plan.institution, digest) for issued in record.cohorts for digest in issued.digests]
    to_verify += [("demo-ut", record.corrected.new)] if record.corrected else []
    numbers: dict[str, int] = {}
    for done, (key, digest) in enumerate(to_verify, 1):
        institution = demo.tenants[key].institution
        credential, receipt = institution.credential(digest), institution.receipt(digest)
        report = verifier.verify(verifier.read(credential), receipt, moment)
        record.verified[report.verdict] = record.verified.get(report.verdict, 0) + 1
        if report.verdict is Verdict.RECOGNISED and digest not in record.excluded:
            numbers[key] = numbers.get(key, 0) + 1
            name = f"{key.removeprefix('demo-')}-{numbers[key]:04d}"
            record.files[folder.credential("credentials", name, credential, receipt)] = report
        on_progress(done, len(to_verify))


def _verify_cases(record: DemoRecord, folder: DemoFolder, verifier: Verifier, moment: Moment) -> None:
    for case in record.cases:
        report = verifier.verify(verifier.read(case.credential), case.receipt, moment)
        if report.verdict is Verdict.RECOGNISED or report.code is None:
            raise RuntimeError("a case of the demonstration came out recognised")
        name = f"{report.verdict.value}--{report.code.lower()}"
        record.files[folder.credential("cases", name, case.credential, case.receipt)] = report


def summary(demo: DemoEnvironment, record: DemoRecord) -> dict[str, object]:
    """Return the document `acredita-summary/1` (docs/protocol.md)."""
    audit = record.audit
    if audit is None:
        raise RuntimeError("the summary comes after the audit")
    return {
        "format": FORMAT,
        "made": time_text(demo.clock()),
        "learners": record.learners,
        "trust": "trust.json",
        "as_of": time_text(audit.block.time),
        "blocks": audit.block.number + 1,
        "files": {path: {"verdict": r.verdict.value, "code": r.code} for path, r in sorted(record.files.items())},
        "verified": {verdict.value: count for verdict, count in sorted(record.verified.items())},
        "logs": export.log_paths(demo, record.foreign_entries),
        "void_checkpoints": [
            {
                "issuer": to_hex(log.issuer),
                "epoch": log.epoch,
                "number": number,
            }
            for log in audit.logs
            for number in log.void
        ],
        "events": [{"es": event.es, "en": event.en, "code": event.code} for event in record.events],
        "audit": {
            "clean": audit.clean,
            "state_hash": to_hex(audit.state_hash),
            "parties": audit.parties,
            "programmes": audit.programmes,
            "entries": sum(log.entries for log in audit.logs),
            "checkpoints": sum(log.checkpoints for log in audit.logs),
            "findings": [{"weight": f.weight, "code": f.code, "where": f.where} for f in audit.findings],
        },
    }
