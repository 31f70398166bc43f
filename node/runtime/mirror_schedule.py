"""Mirror the other institutions of the registry on a schedule, so that this node answers for them.

A job takes one round a minute; while it is at work it is not started again. Several processes may share one folder: one of
them does the work. A refusal is logged once while it lasts. The copies lie in the public folder, where the node looks for
other institutions' logs, lists and documents.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from acredita.anchoring.types import IssuerId
from acredita.node.config import MirrorSettings
from acredita.node.ledger.view import NodeObserver
from acredita.node.mirroring.mirror import Mirror, MirrorBusyUnavailable
from acredita.node.mirroring.refusals import MirrorFinding, MirrorReport
from acredita.node.mirroring.sources import MirrorSource, named_source, pinned_sources
from acredita.node.publication.log_copies import CopyAddressRefused
from acredita.node.publication.trust_folder import FileRefused
from acredita.node.runtime.open_node import NodeIncompleteError, RunningNode
from acredita.node.storage import institutions
from acredita.node.storage.errors import StorageUnavailable
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import TrustRefused
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

_log = logging.getLogger(__name__)

LOGGED_FINDINGS: Final = 20  # of one round

FollowTrust = Callable[[Mirror, MirrorReport], None]
"""Keeps the trust files after the node's own in the mirror's folder."""


def node_mirror(node: RunningNode) -> Mirror | None:
    """Return the mirror of a node; None where there is nothing to mirror. Raises NodeIncompleteError.

    The operator has put the trust file in its place, so that it counts as pinned.
    """
    settings = node.configuration.mirror
    if isinstance(node.trust, Missing) or settings.seconds == 0:
        return None
    own = node.configuration.node.base.rstrip("/")
    sources = [*_named(settings), *pinned_sources(node.trust)]
    others = [source for source in sources if source.name != own and not source.name.startswith(f"{own}/")]
    if not others:
        return None
    return Mirror(node.folder.base, others, node.clock, lambda: _own_issuers(node), node.trust)


def _named(settings: MirrorSettings) -> list[MirrorSource]:
    try:
        return [named_source(place) for place in settings.sources]
    except CopyAddressRefused as error:
        raise NodeIncompleteError(f"mirror.sources: {error}") from error


def _own_issuers(node: RunningNode) -> frozenset[IssuerId]:
    """Return the institutions whose files this database writes. Raises StorageUnavailable."""
    with node.database.read() as connection:
        stored = {registered.issuer for registered in institutions.institutions(connection)}
    return frozenset({*stored, *node.tenants})


class MirrorSchedule:
    """Takes a round now and then until it is stopped. `mirror` None: there is nothing to mirror."""

    def __init__(
        self,
        mirror: Mirror | None,
        observe: Callable[[], NodeObserver | Missing],
        seconds: int,
        follow_trust: FollowTrust = lambda mirror, report: None,
    ) -> None:
        self._mirror, self._observe, self._seconds, self._follow_trust = mirror, observe, seconds, follow_trust
        self._logged: set[tuple[str, str, str]] = set()
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(job_defaults=defaults, timezone=UTC)

    def start(self) -> None:
        """Start the job."""
        if self._mirror is not None:
            now = datetime.now(UTC)
            self._scheduler.add_job(
                self.run_once, "interval", seconds=self._seconds, args=[self._mirror], next_run_time=now
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Stop the job, and return when a round that had begun is over."""
        if self._mirror is not None:
            self._mirror.stop()
        self._scheduler.shutdown(wait=True)

    def run_once(self, mirror: Mirror) -> MirrorReport | None:
        """Take one round, now, in this thread. Return its report; None where there was none."""
        observer = self._observe()
        if isinstance(observer, Missing):
            self._log_new([MirrorFinding("ledger", "registry", observer.code, observer.detail)])
            return None
        report = self._round(mirror, observer)
        self._log_new([] if report is None else report.findings)
        return report

    def _round(self, mirror: Mirror, observer: NodeObserver) -> MirrorReport | None:
        try:
            report = mirror.round(observer)
            self._follow_trust(mirror, report)
        except MirrorBusyUnavailable:
            return None
        except (OSError, FileRefused, TrustRefused, StorageUnavailable) as error:
            _log.warning("nothing mirrored", extra={"code": Code.MIRROR_NOT_WRITTEN, "detail": str(error)})
            return None
        # The outermost loop of a worker: a fault of ours must be seen, and must not end the job.
        except Exception:  # noqa: BLE001
            _log.exception("the mirror failed", extra={"code": Code.INTERNAL_ERROR})
            return None
        return report

    def _log_new(self, findings: Sequence[MirrorFinding]) -> None:
        """Log the findings that the round before did not have, a bounded number."""
        present = {(finding.source, finding.place.partition("#")[0], finding.code.value) for finding in findings}
        for source, place, code in sorted(present - self._logged)[:LOGGED_FINDINGS]:
            _log.warning("a source was refused", extra={"code": code, "source": source, "place": place})
        self._logged = present
