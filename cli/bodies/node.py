"""`acredita node run`: serve a node."""

import ipaddress
import logging
import sys
from functools import partial
from pathlib import Path

import typer
from acredita.anchoring.types import Address, IssuerId
from acredita.cli.bodies.opened_node import load_configuration, open_configured_node
from acredita.cli.exit_codes import ArgumentRefused
from acredita.contracts import bindings
from acredita.node.administration.public_address import PublicAddress, parse_address
from acredita.node.config import HttpSettings
from acredita.node.http.admission import AdmissionLimits
from acredita.node.http.app import NodeDependencies, create_app, node_of
from acredita.node.http.request_rate import RateLimits
from acredita.node.http.server import listen, server, spare_start_from_collection
from acredita.node.ledger.endpoint_watch import EndpointWatch
from acredita.node.mirroring.mirror import Mirror
from acredita.node.mirroring.refusals import MirrorReport
from acredita.node.outbound.fetch import Fetcher
from acredita.node.publication.public_files import publish, publish_lists
from acredita.node.publication.withheld_store import WithheldStore
from acredita.node.runtime.endpoint_schedule import EndpointSchedule
from acredita.node.runtime.index_schedule import IndexSchedule, index_follower
from acredita.node.runtime.json_logs import write_json_lines
from acredita.node.runtime.mirror_schedule import MirrorSchedule, node_mirror
from acredita.node.runtime.open_node import RunningNode
from acredita.node.runtime.schedule import AnchoringSchedule, LastRun
from acredita.node.runtime.trust_reminder import TrustReminder
from acredita.node.storage.database import StorageUnavailable
from acredita.node.verification.mirrored_trust import mirror_trust
from acredita.node.verification.seen_blocks import FILE_NAME, SeenFile
from acredita.node.verification.trust_update import LedgerRecord
from acredita.node.write_path.batch_report import BatchStep
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing

_log = logging.getLogger(__name__)


def run(config: Path) -> None:
    """Run `acredita node run`."""
    settings = load_configuration(config)
    shortcoming = _address(settings.node.base).shortcoming()
    write_json_lines(sys.stderr)
    bound = listen(settings.node.host, settings.node.port)
    with bound, open_configured_node(config, serving=True) as running:
        watch = EndpointWatch(running.ledger, _named_validators(running), running.clock)
        dependencies = NodeDependencies(
            database=running.database,
            folder=running.folder,
            trust=running.trust,
            ledger=running.reading_ledger,
            clock=running.clock,
            base=settings.node.base,
            tenants=running.tenants,
            authority=settings.node.authority or None,
            endpoints=watch,
            seen_blocks=SeenFile(settings.node.data / FILE_NAME),
            max_body_bytes=settings.node.max_body_bytes,
            profiles=running.profiles,
            contexts=running.contexts,
            fetcher=Fetcher(frozenset(host.lower() for host in settings.node.allowed_hosts)),
            records_rate=RateLimits(settings.http.records_per_second, settings.http.records_burst),
            takes_applicants=settings.node.takes_applicants,
        )
        app = create_app(dependencies)
        writers = [tenant.writer for tenant in running.tenants.values()] if running.reading_only is None else []
        metrics = node_of(app).metrics

        def observe(issuer: IssuerId, run: LastRun) -> None:
            metrics.batches(issuer, run.reports)
            _publish(running, issuer, anchored=any(report.step is BatchStep.ANCHORED for report in run.reports))

        anchoring = AnchoringSchedule(
            writers,
            settings.anchoring.poll_seconds,
            observe,
        )
        follows = not running.database.is_reader and not isinstance(running.trust, Missing)
        follower = index_follower(running) if follows else None
        index = IndexSchedule(follower, settings.ledger.index_seconds, node_of(app).at_head)
        endpoints = EndpointSchedule(watch)
        reminder = TrustReminder(running.trust, running.clock)
        mirroring = MirrorSchedule(
            node_mirror(running),
            node_of(app).observer,
            settings.mirror.seconds,
            partial(_keep_signed_files, running, node_of(app).withheld),
        )
        anchoring.start()
        index.start()
        endpoints.start()
        reminder.start()
        mirroring.start()
        address = f"{settings.node.host}:{bound.getsockname()[1]}"
        if shortcoming is not None:
            _log.warning(shortcoming, extra={"code": Code.BASE_NOT_PUBLIC})
        typer.echo(f"listening on {address}{_limits(running)}", err=True)
        spare_start_from_collection()
        try:
            server(
                app,
                certificate=settings.node.tls_certificate,
                key=settings.node.tls_key,
                admission=_admission(settings.http),
            ).run(sockets=[bound])
        finally:
            mirroring.stop()
            reminder.stop()
            endpoints.stop()
            index.stop()
            anchoring.stop()


def _address(base: str) -> PublicAddress:
    """Read the node's address before it stands anywhere. Raises ArgumentRefused, FormatRefused."""
    address = parse_address(base, "node.base")
    if address.text != base:
        raise ArgumentRefused(f"node.base: {address.text} expected")
    return address


def _limits(running: RunningNode) -> str:
    """Say why the node writes for nobody, if so."""
    if running.tenants:
        return ""
    return ", read-only: no passphrase" if running.configuration.institutions else ", without an institution"


def _named_validators(running: RunningNode) -> tuple[Address, ...] | None:
    """Return the validators in force by the trust file; None where it names none."""
    if isinstance(running.trust, Missing) or running.trust.chain.open_set is None:
        return None
    return running.trust.chain.open_set.addresses


def _keep_signed_files(running: RunningNode, withheld: WithheldStore, mirror: Mirror, report: MirrorReport) -> None:
    """Keep the list of withheld documents, and the trust files after the node's own for whoever asks it.

    It follows no trust file by itself.
    """
    if isinstance(running.trust, Missing):
        return
    withheld.keep_copy()
    record = LedgerRecord(running.reading_ledger, bindings.Council(running.trust.contracts.council))
    mirror_trust(running.folder.base, running.trust, mirror.sources, record, report)


def _admission(http: HttpSettings) -> AdmissionLimits:
    proxies = tuple(ipaddress.ip_network(proxy) for proxy in http.trusted_proxies)
    return AdmissionLimits(http.max_connections, http.max_connections_per_address, proxies)


def _publish(running: RunningNode, issuer: IssuerId, *, anchored: bool) -> None:
    """Write the public files after an anchor, and lists as soon as they change.

    A failure is only reported, because the next run writes them all.
    """
    try:
        if anchored:
            publish(running.database, running.folder.base)
        else:
            publish_lists(running.database, issuer, running.folder.base)
    except (OSError, StorageUnavailable):
        _log.warning("public files not written", extra={"code": Code.PUBLISH_FAILED})
