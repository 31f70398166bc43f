"""The node's configuration: one frozen object, made once at start from a TOML file and the environment.

Every setting has a section, a name, a type and a default, or none: then it must be given. The environment overrides
the file: `ACREDITA_LEDGER_DEPTH` is `depth` in `[ledger]`; lists are comma-separated there. A setting nobody knows is
an error that names it, as is a value of the wrong kind: a misspelt limit would otherwise silently be the default.
Institutions, signing profiles and contexts stand in the file only, one table each. Secrets stand in neither: `passphrase`.
"""

import ipaddress
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, TypeVar, cast, get_type_hints
from urllib.parse import urlsplit

from acredita.registry.credentials.days import DEFAULT_ZONE, ZoneRefused, zone_of
from acredita.registry.json_documents.invisible_characters import first_invisible

PREFIX: Final = "ACREDITA"
MAX_FILE_BYTES: Final = 1 << 20
MAX_RECORDS_RATE: Final = 1_000_000
MAX_MIRROR_SECONDS: Final = 86_400

S = TypeVar("S")


class ConfigurationError(Exception):
    """The configuration cannot be used; the message names file, setting and rule."""


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """[node]"""

    data: Path = Path("acredita-data")
    """Folder of everything the node keeps, unless another setting says otherwise."""
    instance: str = "node"
    """Holder's name of this process in leases; two processes on one database need two names."""
    host: str = "127.0.0.1"
    port: int = 8080
    base: str = "http://127.0.0.1:8080"
    """Address under which others reach the node; stands in status lists and log origins."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    max_body_bytes: int = 1 << 20
    authority: str = ""
    """DID of the authority whose registry this is, as `POST /authorization` is asked for it."""
    takes_applicants: bool = False
    """True at the authority's node alone: it takes documents that only parties that were never active name."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts from which something named by a submitted document may be fetched; none unless listed."""


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """[http]"""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies; a client behind one counts by the address in X-Forwarded-For."""
    max_connections: int = 1_024
    max_connections_per_address: int = 128
    """Connections of one address; behind a trusted proxy, its requests that are being answered."""
    records_per_second: int = 10
    """Requests of one address for records that are answered each second in the long run."""
    records_burst: int = 100
    """Requests of one address for records that are answered at once after a pause."""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """[database]"""

    url: str = ""
    """SQLAlchemy URL; empty: `node.db` (SQLite) in the data folder."""
    replica: str = ""
    """SQLAlchemy URL of a standby that a node without a passphrase reads; empty: it reads `url`."""


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """One endpoint in `ledger.rpc`: a table, or its address alone."""

    url: str
    """Address of the endpoint, without a user or password."""
    token_file: Path | None = None
    """File with a bearer token, mode 0600; read anew at each request."""
    certificate: Path | None = None
    """PEM file with our client certificate."""
    key: Path | None = None
    """PEM file with its private key, mode 0600, without a passphrase."""
    ca: Path | None = None
    """PEM file with the only authorities whose server certificate is accepted; none: those of the system."""


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """[ledger]"""

    rpc: tuple[EndpointSettings, ...] = ()
    """Endpoints of the chain; none: the embedded chain in `chain`."""
    agree: int = 1
    """Number of endpoints that must tell the same."""
    timeout_seconds: float = 10.0
    depth: int | None = None
    """Blocks on top before a transaction counts; must be given with `rpc`, is 0 on the embedded chain."""
    patience_seconds: float = 30.0
    """Time that one run waits for a transaction before it leaves it to the next."""
    chain: Path | None = None
    """Folder of the embedded chain; none: `chain` in the data folder."""
    read_only: bool = False
    """Open the embedded chain's folder without writing: another process mines."""
    trust: Path | None = None
    """Trust file that names the contracts; none: `trust.json` in the data folder."""
    proofs: bool = False
    """Read by proof alone what the node answers and indexes; it sends transactions as ever."""
    index_seconds: float = 1.0
    """Time between two looks at the newest block for the index."""


@dataclass(frozen=True, slots=True)
class AnchoringSettings:
    """[anchoring]"""

    poll_seconds: float = 5.0
    """Time between two looks at each institution's queue."""
    max_batch: int = 1_024
    min_batch: int = 1
    """Issued entries wait for so many, but no longer than `holding_seconds`; status changes never wait."""
    issued_seconds: int = 600
    status_seconds: int = 60
    holding_seconds: int = 48 * 3600
    lease_seconds: float = 30.0
    """A writer whose lease stood still for so long is taken over."""


@dataclass(frozen=True, slots=True)
class MirrorSettings:
    """[mirror]"""

    seconds: int = 60
    """Time between two rounds over the other institutions' publications; 0: this node mirrors nothing."""
    sources: tuple[str, ...] = ()
    """Addresses or folders to copy from, beside the sources that the trust file names."""


@dataclass(frozen=True, slots=True)
class KeySettings:
    """[keys]"""

    passphrase_file: Path | None = None
    """File with the keystores' passphrase, mode 0600."""
    passphrase_descriptor: int | None = None
    """Inherited file descriptor to read the passphrase from."""
    passphrase_credential: str = ""
    """Name of a systemd credential that holds the passphrase."""


@dataclass(frozen=True, slots=True)
class InstitutionSettings:
    """[[institution]]"""

    profile: str
    """Short name, as in routes and commands."""
    name: str
    """Name shown where the scope document has none."""
    keystore: Path
    base: str = ""
    """Address of the institution's status lists; empty: the node's."""
    former_bases: tuple[str, ...] = ()
    """Addresses under which lists were begun before; they stay signed under these."""
    max_queued: int = 500_000
    """Quota: how many entries may wait at once."""
    timezone: str = DEFAULT_ZONE
    """IANA name of the zone in which the institution's days begin and end; from UTC-11 to UTC+11."""
    did: str = ""
    """The institution's did:web; empty: the did:key of its first assertion key, which can then never be followed."""
    cryptosuite: str = "eddsa-rdfc-2022"
    """Cryptosuite that signs credentials, and the kind of the next assertion key."""
    curve: str = ""
    """P-256 or P-384 for the next assertion key; empty: what the cryptosuite signs with."""


@dataclass(frozen=True, slots=True)
class SigningProfileSettings:
    """[[signing_profile]]"""

    name: str
    """Short name, as in the VC-API's routes."""
    policy: str = "programme"
    """`programme`: approved programmes of `institution` only; `any`: other uses, which never get a verdict."""
    institution: str = ""
    """Profile of the institution that signs; must be given with policy `programme`."""
    keystore: Path | None = None
    """Keystore with the key of an `any` profile; none: a key in memory, made at every start, for `open` profiles."""
    key: str = "assertion"
    """Name of the assertion key in the keystore."""
    curve: str = ""
    """P-256 or P-384 for a key in memory; empty: what the cryptosuite signs with."""
    cryptosuite: str = "eddsa-rdfc-2022"
    """One of the Data Integrity suites, or `vc+jwt`."""
    status: tuple[str, ...] = ()
    """Purposes of status entries added to what is issued: `revocation`, `suspension`."""
    binding: str = "strict"
    """`strict`: the issuer is the profile's DID; `relaxed`: any issuer, for conformance runs with `open` only."""
    open: bool = False
    """Writes need no token; only for conformance runs of an `any` profile on a loopback address."""


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """[[context]]"""

    url: str
    """Address under which documents name the context."""
    file: Path
    sha256: str
    """SHA-256 of the file in hex; the node does not start with another content."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything a node is told at start. Each layer gets its own part."""

    node: NodeSettings = field(default_factory=NodeSettings)
    http: HttpSettings = field(default_factory=HttpSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    ledger: LedgerSettings = field(default_factory=LedgerSettings)
    anchoring: AnchoringSettings = field(default_factory=AnchoringSettings)
    keys: KeySettings = field(default_factory=KeySettings)
    mirror: MirrorSettings = field(default_factory=MirrorSettings)
    institutions: tuple[InstitutionSettings, ...] = ()
    signing_profiles: tuple[SigningProfileSettings, ...] = ()
    contexts: tuple[ContextSettings, ...] = ()

    @property
    def database_url(self) -> str:
        """The URL of the database; SQLite in the data folder unless configured."""
        return self.database.url or f"sqlite:///{self.node.data / 'node.db'}"

    @property
    def chain_folder(self) -> Path:
        """The folder of the embedded chain."""
        return self.ledger.chain or self.node.data / "chain"

    @property
    def trust_file(self) -> Path:
        """The path of the trust file."""
        return self.ledger.trust or self.node.data / "trust.json"


SECTIONS: Final[Mapping[str, type[Any]]] = {
    "node": NodeSettings,
    "http": HttpSettings,
    "database": DatabaseSettings,
    "ledger": LedgerSettings,
    "anchoring": AnchoringSettings,
    "keys": KeySettings,
    "mirror": MirrorSettings,
}
INSTITUTION: Final = "institution"
SIGNING_PROFILE: Final = "signing_profile"
CONTEXT: Final = "context"
ENDPOINT: Final = "ledger.rpc"
REPEATED: Final[Mapping[str, type[Any]]] = {
    INSTITUTION: InstitutionSettings,
    SIGNING_PROFILE: SigningProfileSettings,
    CONTEXT: ContextSettings,
}
"""Sections that stand any number of times, in the file only."""


def load(path: Path | None, environment: Mapping[str, str]) -> Configuration:
    """Load a file (none: defaults) under the environment's overrides. Raises ConfigurationError. Paths in the file
    are relative to it, so that a folder can be moved whole.
    """
    document = {} if path is None else _read(path)
    base = Path() if path is None else path.parent
    unknown = set(document) - set(SECTIONS) - set(REPEATED)
    if unknown:
        raise ConfigurationError(f"{path}: unknown section {min(unknown)}")
    parts = {
        name: _section(shape, document.get(name, {}), name, base, _overrides(name, shape, environment))
        for name, shape in SECTIONS.items()
    }
    _check_variables(environment)
    configuration = Configuration(
        **parts,
        institutions=_tables(document, INSTITUTION, InstitutionSettings, base),
        signing_profiles=_tables(document, SIGNING_PROFILE, SigningProfileSettings, base),
        contexts=_tables(document, CONTEXT, ContextSettings, base),
    )
    _check(configuration)
    return configuration


def load_endpoints(path: Path) -> LedgerSettings:
    """Load the [ledger] section of a file for whoever only reads the chain; the rest of the file is not looked at.

    Raises ConfigurationError where it is wrong or names no endpoint.
    """
    ledger = _section(LedgerSettings, _read(path).get("ledger", {}), "ledger", path.parent, {})
    if not ledger.rpc:
        raise ConfigurationError(f"{path}: ledger.rpc: at least one endpoint expected")
    _check_agreement(ledger)
    return ledger


def load_sections(path: Path, shapes: Mapping[str, type[Any]]) -> dict[str, Any]:
    """Load the file of another program, whose sections have these shapes, by the same rules. Raises ConfigurationError."""
    document = _read(path)
    unknown = set(document) - set(shapes)
    if unknown:
        raise ConfigurationError(f"{path}: unknown section {min(unknown)}")
    return {name: _section(shape, document.get(name, {}), name, path.parent, {}) for name, shape in shapes.items()}


def settings() -> Iterator[tuple[str, str]]:
    """List every setting by section and name, for the documentation and its test."""
    shapes: dict[str, Any] = {**SECTIONS, **REPEATED, ENDPOINT: EndpointSettings}
    for section, shape in shapes.items():
        for setting in fields(shape):
            yield section, setting.name


def variable(section: str, name: str) -> str:
    """Return the environment variable that overrides a setting."""
    return f"{PREFIX}_{section}_{name}".upper()


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ConfigurationError(f"{path}: at most {MAX_FILE_BYTES} bytes expected")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: no TOML file: {error}") from error
    except ValueError as error:  # a zero byte, or a character outside the file system's encoding
        raise ConfigurationError(f"{str(path)!a}: the name of a file expected") from error


def _tables(document: Mapping[str, Any], name: str, shape: Callable[..., S], base: Path) -> tuple[S, ...]:
    rows = document.get(name, [])
    if not isinstance(rows, list):
        raise ConfigurationError(f"[[{name}]] tables expected")
    return tuple(_section(shape, row, name, base, {}) for row in rows)


def _section(shape: Callable[..., S], table: object, name: str, base: Path, overrides: Mapping[str, object]) -> S:
    if not isinstance(table, dict):
        raise ConfigurationError(f"[{name}]: a table expected")
    known = {setting.name: setting for setting in fields(cast(Any, shape))}
    for unchecked in table:
        if unchecked not in known:
            raise ConfigurationError(f"[{name}] {unchecked}: no such setting")
    kinds = get_type_hints(shape)
    values: dict[str, object] = {}
    for setting, described in known.items():
        if setting in overrides:
            values[setting] = _value(overrides[setting], kinds[setting], f"{name}.{setting}", Path())
        elif setting in table:
            values[setting] = _value(table[setting], kinds[setting], f"{name}.{setting}", base)
        elif _is_required(described):
            raise ConfigurationError(f"[{name}] {setting}: must be given")
    return shape(**values)


def _overrides(section: str, shape: type[Any], environment: Mapping[str, str]) -> dict[str, object]:
    kinds = get_type_hints(shape)
    overrides: dict[str, object] = {}
    for setting in fields(shape):
        text = environment.get(variable(section, setting.name))
        if text is not None:
            overrides[setting.name] = _from_text(text, kinds[setting.name], variable(section, setting.name))
    return overrides


def _check_variables(environment: Mapping[str, str]) -> None:
    """Refuse a variable of one of our sections that names no setting; others of our prefix are not ours."""
    known = {variable(section, name) for section, name in settings()}
    for name in environment:
        section = name.removeprefix(f"{PREFIX}_").split("_")[0].lower()
        if name.startswith(f"{PREFIX}_") and section in SECTIONS and name not in known:
            raise ConfigurationError(f"{name}: no such setting")


def _from_text(text: str, kind: object, where: str) -> object:
    """Convert a value from the environment into the form it has in the file."""
    if kind in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind in (bool, int, float, int | None):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{where}: {_KINDS[kind][1]} expected") from error
    return text


_KINDS: Final[Mapping[object, tuple[Callable[[Any], bool], str]]] = {
    str: (lambda value: isinstance(value, str), "a text"),
    bool: (lambda value: isinstance(value, bool), "true or false"),
    int: (lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0, "a whole number"),
    float: (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value >= 0,
        "a number",
    ),
    int | None: (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
        "a whole number",
    ),
    Path: (lambda value: isinstance(value, str) and value != "", "a path"),
    Path | None: (lambda value: isinstance(value, str) and value != "", "a path"),
    tuple[str, ...]: (
        lambda value: isinstance(value, list) and all(isinstance(part, str) for part in value),
        "a list of texts",
    ),
    tuple[EndpointSettings, ...]: (
        lambda value: isinstance(value, list) and all(isinstance(part, str | dict) for part in value),
        "a list of addresses, or of tables with url",
    ),
}
_LISTS: Final = (tuple[str, ...], tuple[EndpointSettings, ...])


def _value(value: object, kind: object, where: str, base: Path) -> object:
    fits, form = _KINDS[kind]
    if kind in _LISTS and isinstance(value, str | dict):  # a list of one
        value = [value]
    if not fits(value):
        raise ConfigurationError(f"{where}: {form} expected")
    for text in value if isinstance(value, list) else [value]:
        invisible = first_invisible(text) if isinstance(text, str) else None
        if invisible is not None:  # a name is signed, and no address or path needs one
            raise ConfigurationError(
                f"{where}: no invisible character expected; {invisible[0]} is number {invisible[1]}"
            )
    if kind in (Path, Path | None):
        return base / str(value)
    if kind == tuple[EndpointSettings, ...]:
        return tuple(read_endpoint(part, base) for part in cast(list[object], value))
    if isinstance(value, list):
        return tuple(value)
    return float(value) if kind is float and isinstance(value, int) else value


def read_endpoint(part: object, base: Path = Path()) -> EndpointSettings:
    """Read one endpoint, an address or a table, and check the rules between its settings. Raises ConfigurationError."""
    table = {"url": part} if isinstance(part, str) else part
    endpoint = _section(EndpointSettings, table, ENDPOINT, base, {})
    try:
        address = urlsplit(endpoint.url)
        host = address.hostname
    except ValueError as error:
        raise ConfigurationError(f"{ENDPOINT}: an http or https address expected") from error
    if address.scheme not in ("http", "https") or not host:
        raise ConfigurationError(f"{ENDPOINT}: an http or https address expected")
    if address.username is not None or address.password is not None:
        raise ConfigurationError(f"{ENDPOINT}: an address without user and password expected; use token_file")
    if (endpoint.certificate is None) != (endpoint.key is None):
        raise ConfigurationError(f"{ENDPOINT}: certificate and key: both or neither expected")
    has_files = endpoint.certificate is not None or endpoint.ca is not None
    if address.scheme == "http" and (has_files or (endpoint.token_file is not None and host not in _LOOPBACK)):
        raise ConfigurationError(f"{ENDPOINT}: an https address expected with certificate, ca or token_file")
    return endpoint


def _is_required(setting: Field[Any]) -> bool:
    return setting.default is MISSING and setting.default_factory is MISSING


def _check(configuration: Configuration) -> None:
    """Check the rules between settings."""
    ledger, anchoring = configuration.ledger, configuration.anchoring
    if ledger.rpc and ledger.depth is None:
        raise ConfigurationError("ledger.depth: must be given with ledger.rpc, it belongs to the chain")
    _check_agreement(ledger)
    if not 1 <= anchoring.min_batch <= anchoring.max_batch:
        raise ConfigurationError("anchoring.min_batch: 1 to anchoring.max_batch expected")
    profiles = [institution.profile for institution in configuration.institutions]
    if len(profiles) != len(set(profiles)):
        raise ConfigurationError("institution.profile: each name once expected")
    _check_zones(configuration)
    _check_signing_profiles(configuration)
    _check_http(configuration.http)
    if not 0 <= configuration.mirror.seconds <= MAX_MIRROR_SECONDS:
        raise ConfigurationError(f"mirror.seconds: 0 to {MAX_MIRROR_SECONDS} expected")
    if (configuration.node.tls_certificate is None) != (configuration.node.tls_key is None):
        raise ConfigurationError("node.tls_certificate and node.tls_key: both or neither expected")


def _check_agreement(ledger: LedgerSettings) -> None:
    if ledger.rpc and not 1 <= ledger.agree <= len(ledger.rpc):
        raise ConfigurationError(f"ledger.agree: 1 to {len(ledger.rpc)} expected, the number of endpoints")


def _check_http(http: HttpSettings) -> None:
    for proxy in http.trusted_proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError as error:
            raise ConfigurationError(f"http.trusted_proxies: {proxy}: an address or a network expected") from error
    if not 1 <= http.max_connections_per_address <= http.max_connections:
        raise ConfigurationError("http.max_connections_per_address: 1 to http.max_connections expected")
    for name, number in (("records_per_second", http.records_per_second), ("records_burst", http.records_burst)):
        if not 1 <= number <= MAX_RECORDS_RATE:
            raise ConfigurationError(f"http.{name}: 1 to {MAX_RECORDS_RATE} expected")


def _check_zones(configuration: Configuration) -> None:
    for institution in configuration.institutions:
        try:
            zone_of(institution.timezone)
        except ZoneRefused as error:
            raise ConfigurationError(f"institution.timezone: {error}") from error


_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_POLICIES: Final = ("programme", "any")
_BINDINGS: Final = ("strict", "relaxed")
_PURPOSES: Final = ("revocation", "suspension")


def _check_signing_profiles(configuration: Configuration) -> None:
    """Check that a relaxed profile says so in so many words, and stays on this machine."""
    profiles = configuration.signing_profiles
    if len({profile.name for profile in profiles}) != len(profiles):
        raise ConfigurationError("signing_profile.name: each name once expected")
    for profile in profiles:
        where = f"signing_profile {profile.name}"
        for name, value, known in (
            ("policy", profile.policy, _POLICIES),
            ("binding", profile.binding, _BINDINGS),
            ("curve", profile.curve, ("", "P-256", "P-384")),
            *(("status", purpose, _PURPOSES) for purpose in profile.status),
        ):
            if value not in known:
                raise ConfigurationError(f"{where}: {name}: one of {', '.join(filter(None, known))} expected")
        if profile.open and (profile.policy != "any" or configuration.node.host not in _LOOPBACK):
            raise ConfigurationError(f"{where}: open is for policy any on a loopback address (node.host) only")
        if profile.binding == "relaxed" and not profile.open:
            raise ConfigurationError(f"{where}: binding relaxed is for open profiles only")
        if profile.policy == "programme" and not profile.institution:
            raise ConfigurationError(f"{where}: institution: must be given with policy programme")
        if profile.policy == "programme" and (profile.keystore or profile.status):
            raise ConfigurationError(f"{where}: keystore and status are the institution's with policy programme")
        if profile.keystore in {institution.keystore for institution in configuration.institutions}:
            raise ConfigurationError(f"{where}: keystore: one of its own expected, this one is an institution's")
        if profile.policy == "any" and profile.keystore is None and not profile.open:
            raise ConfigurationError(f"{where}: keystore: must be given, a key in memory is for open profiles only")
