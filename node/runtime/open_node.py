"""Put a node together from its configuration: database, ledger, trust, and the tenants whose passphrase is at hand.

Without a passphrase the node opens read-only: it verifies, shows and serves, and writes for nobody. The opener of a node
closes it. Commands that write for a moment and the server that runs for months open the same thing.

Invariant: a database of an institution is migrated only by a process that has the passphrase. A server without it is a read
node: it writes nothing there, not even the index.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.transaction import Patience
from acredita.anchoring.types import Address, FormatRefused, IssuerId
from acredita.devnet.errors import ChainLockedError
from acredita.node.config import Configuration, InstitutionSettings
from acredita.node.custody.key_ring import check_cryptosuite
from acredita.node.ledger.connect import open_ledger
from acredita.node.ledger.development_clock import present_of
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.runtime.signing_profiles import (
    KnownContexts,
    SigningProfile,
    bundled_only,
    open_contexts,
    open_profiles,
)
from acredita.node.runtime.tenant import Tenant, open_tenant
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import LedgerIdentity
from acredita.node.storage.leases import Leases
from acredita.node.storage.sqlite import is_missing_file
from acredita.node.storage.trail import OPERATOR
from acredita.node.write_path.writer import AnchoringPolicy
from acredita.registry.codes import Code
from acredita.registry.evidence.proven_ledger import ProvenLedger
from acredita.registry.keys.did import DidRefused, parse_did
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.passphrase import from_descriptor, from_file, from_systemd
from acredita.registry.ledger_facts.facts import Missing
from acredita.registry.ledger_facts.trust_file import Trust


class NodeIncompleteError(Exception):
    """Something the command needs is not configured, or not there; the message says what and how."""


@dataclass(frozen=True)
class RunningNode:
    """A node opened from its configuration. `reading_only`: why nothing can be sent to the ledger, None where it can."""

    configuration: Configuration
    database: Database
    folder: TrustFolder
    trust: Trust | Missing
    ledger: Ledger
    reading_only: str | None
    clock: Callable[[], int]
    tenants: Mapping[IssuerId, Tenant] = field(default_factory=dict)
    profiles: tuple[SigningProfile, ...] = ()
    contexts: KnownContexts = field(default_factory=bundled_only)
    actor: str = OPERATOR

    @cached_property
    def reading_ledger(self) -> Ledger:
        """The ledger that answers are read from: with `ledger.proofs`, by proof alone."""
        if isinstance(self.trust, Missing) or not self.configuration.ledger.proofs:
            return self.ledger
        return ProvenLedger(self.ledger, self.trust)

    def tenant(self, profile: str) -> Tenant:
        """Return the tenant of an institution by its short name."""
        for tenant in self.tenants.values():
            if tenant.profile == profile:
                return tenant
        if not self.configuration.institutions:
            raise NodeIncompleteError("this node has no institution: it serves what others publish, and issues nothing")
        if not self.tenants:
            raise NodeIncompleteError("read-only: no passphrase is configured ([keys]), so nothing can be signed")
        raise NodeIncompleteError(f"no institution {profile} in the configuration")


def wall_clock() -> int:
    """Return the time of the machine in Unix seconds."""
    return int(time.time())


@contextmanager
def open_node(
    configuration: Configuration,
    environment: Mapping[str, str],
    clock: Callable[[], int] = wall_clock,
    actor: str = OPERATOR,
    *,
    serving: bool = False,
) -> Iterator[RunningNode]:
    """Open what the configuration names. `actor`: who is at work, for the trail; `serving`: for a server, not a command.

    Raises NodeIncompleteError, ConfigurationError, KeystoreError, StorageUnavailable.
    """
    trust = read_trust(configuration.trust_file) if configuration.trust_file.is_file() else _no_trust(configuration)
    passphrase = read_passphrase(configuration, environment)
    database = _database(configuration, has_passphrase=passphrase is not None, serving=serving)
    try:
        with _ledger(configuration) as (ledger, depth, why):
            if not isinstance(trust, Missing) and trust.is_demo_chain:
                ledger, clock = present_of(ledger, clock)
            tenants = {}
            if passphrase is not None and not isinstance(trust, Missing):
                leases = Leases(
                    database, configuration.node.instance, stale_seconds=configuration.anchoring.lease_seconds
                )
                for settings in configuration.institutions:
                    tenant = _tenant(configuration, settings, passphrase, database, leases, ledger, depth, trust, clock)
                    tenants[tenant.issuer] = replace(tenant, institution=tenant.institution.acting(actor))
            folder = TrustFolder(configuration.trust_file.resolve().parent)
            profiles = open_profiles(configuration, passphrase, tenants.values())
            contexts = open_contexts(configuration.contexts)
            yield RunningNode(
                configuration, database, folder, trust, ledger, why, clock, tenants, profiles, contexts, actor
            )
    finally:
        database.close()


def read_passphrase(configuration: Configuration, environment: Mapping[str, str]) -> bytes | None:
    """Read the keystores' passphrase from the configured source; None where none is configured."""
    keys = configuration.keys
    if keys.passphrase_descriptor is not None:
        return from_descriptor(keys.passphrase_descriptor)
    if keys.passphrase_file is not None:
        return from_file(keys.passphrase_file)
    if keys.passphrase_credential:
        folder = environment.get("CREDENTIALS_DIRECTORY")
        if folder is None:
            raise NodeIncompleteError(
                "keys.passphrase_credential is set, but systemd has named no credentials directory"
            )
        return from_systemd(Path(folder), keys.passphrase_credential)
    return None


def _database(configuration: Configuration, *, has_passphrase: bool, serving: bool) -> Database:
    """Open the database, as the module says. A node that writes for no institution keeps an index of its own in it."""
    if has_passphrase or not _is_of_institution(configuration):
        return Database.create(configuration.database_url)
    if not serving:
        return Database.open(configuration.database_url)
    return Database.open_reader(configuration.database.replica or configuration.database_url)


def _is_of_institution(configuration: Configuration) -> bool:
    """Return whether the database is one in which a node writes for an institution."""
    if configuration.database.replica:
        return True
    if is_missing_file(configuration.database_url):
        return False
    if configuration.institutions:
        return True
    database = Database.open_reader(configuration.database_url)
    try:
        return database.has_institution()
    finally:
        database.close()


def _no_trust(configuration: Configuration) -> Missing:
    return Missing(Code.TRUST_MISSING, f"{configuration.trust_file} is not there")


@contextmanager
def _ledger(configuration: Configuration) -> Iterator[tuple[Ledger, int, str | None]]:
    """Open the ledger. Yield it, its depth, and why nothing can be sent to it, if so: another process mines in its
    folder.
    """
    with ExitStack() as stack:
        why = None
        try:
            opened = stack.enter_context(open_ledger(configuration))
        except ChainLockedError as error:
            reading = replace(configuration, ledger=replace(configuration.ledger, read_only=True))
            opened, why = stack.enter_context(open_ledger(reading)), str(error)
        yield opened.ledger, opened.depth, why


def _tenant(
    configuration: Configuration,
    settings: InstitutionSettings,
    passphrase: bytes,
    database: Database,
    leases: Leases,
    ledger: Ledger,
    depth: int,
    trust: Trust,
    clock: Callable[[], int],
) -> Tenant:
    anchoring = configuration.anchoring
    _check_institution(settings)
    base = settings.base or configuration.node.base
    if not base.startswith(("https://", "http://")):  # credentials would name it for ever
        raise NodeIncompleteError(
            f"institution {settings.profile}: base: an address that begins with https:// or http:// expected"
        )
    return open_tenant(
        profile=settings.profile,
        name=settings.name,
        base=base.rstrip("/"),
        former_bases=frozenset(former.rstrip("/") for former in settings.former_bases),
        keystore=Keystore.open(settings.keystore, passphrase),
        database=database,
        leases=leases,
        ledger=ledger,
        contract=trust.credential_log,
        pinned=LedgerIdentity(trust.chain_id, trust.genesis, trust.credential_log, trust.code_hashes["credential_log"]),
        policy=AnchoringPolicy(
            depth=depth,
            max_batch=anchoring.max_batch,
            min_batch=anchoring.min_batch,
            issued_seconds=anchoring.issued_seconds,
            status_seconds=anchoring.status_seconds,
            holding_seconds=anchoring.holding_seconds,
            patience=Patience(seconds=configuration.ledger.patience_seconds),
        ),
        clock=clock,
        max_queued=settings.max_queued,
        zone=settings.timezone,
        did=settings.did,
        registry=Address(trust.contracts.issuer_registry),
        is_final=not trust.is_demo_chain,
        cryptosuite=settings.cryptosuite,
    )


def _check_institution(settings: InstitutionSettings) -> None:
    """Check the settings that only the layer with DIDs and cryptosuites can check."""
    where = f"institution {settings.profile}"
    try:
        check_cryptosuite(settings.cryptosuite, settings.curve, f"{where}: cryptosuite")
        if settings.did and parse_did(settings.did).method != "web":
            raise FormatRefused(f"{where}: did", "a did:web, or nothing for the did:key of its first key")
    except (DidRefused, FormatRefused) as error:
        raise NodeIncompleteError(str(error)) from error
