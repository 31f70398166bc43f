"""Create the folder of a new node (`node init`), whole or not at all.

A single operator's node has chain, contracts and every key. An institution's has its keystore without a control account,
which belongs on another machine. A node of an authority or a mirror has no keys. None of the three is bound to a chain yet:
`node join` does that.
"""

import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import FormatRefused
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.administration.node_configuration import NodeConfiguration
from acredita.node.administration.node_role import NodeRole
from acredita.node.administration.single_operator import Operator, generate_authority, new_institution
from acredita.node.config import read_endpoint
from acredita.node.custody.key_ring import algorithm_of, check_cryptosuite
from acredita.node.storage.database import Database
from acredita.registry.credentials.days import ZoneRefused, zone_of
from acredita.registry.json_documents.invisible_characters import first_invisible
from acredita.registry.keys.did import DidRefused, parse_did
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.scrypt_cost import LEAST_N, MOST_N, PRODUCTION_N

AUTHORITY_KEYSTORE: Final = "authority.keystore"
CONFIGURATION: Final = "acredita.toml"

_PROFILE: Final = re.compile("[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class InitOptions:
    """The options of `node init`. `scrypt_n`: the cost of the keystores. `passphrase`: of nodes with an institution."""

    data: Path
    configuration: NodeConfiguration
    passphrase: bytes = b""
    scrypt_n: int = PRODUCTION_N


def did_web_of(place: str) -> str:
    """Return the did:web of `host[:port][/path]`. did:web 3.2: a port is escaped, a path has colons for slashes.

    Raises FormatRefused for a value that gives no did:web.
    """
    host, *path = place.strip("/").split("/")
    did = "did:web:" + ":".join([host.replace(":", "%3A"), *path])
    try:
        return parse_did(did).text
    except DidRefused as error:
        raise FormatRefused("--did-web", f"host[:port][/path] in lower case: {error}") from error


def check_profile(profile: str) -> None:
    """Check an institution's short name. Raises FormatRefused."""
    if not _PROFILE.fullmatch(profile):
        raise FormatRefused("--profile", "1 to 40 of a-z, 0-9 and -, as they stand in routes and file names")


def check_name(name: str) -> None:
    """Check an institution's name. Raises FormatRefused."""
    if not name.isprintable() or not name.strip() or first_invisible(name) is not None:
        raise FormatRefused("--name", "one line of printable text")


def check_zone(zone: str) -> None:
    """Check a time zone. Raises FormatRefused."""
    try:
        zone_of(zone)
    except ZoneRefused as error:
        raise FormatRefused("--timezone", str(error)) from error


def initialise(options: InitOptions) -> None:
    """Make the folder in a temporary place beside its own and move it there.

    Raises FileExistsError if something is there already, FormatRefused or ConfigurationError for an unusable option.
    """
    data = options.data
    _check(options)
    if data.exists():
        raise FileExistsError(17, "exists already, and is not written over", str(data))
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".acredita-init-", dir=data.resolve().parent) as scratch:
        built = Path(scratch) / "data"
        built.mkdir(mode=0o700)
        _fill(options, built)
        shutil.move(built, data)


def _check(options: InitOptions) -> None:
    """Check every option before anything is written."""
    configuration = options.configuration
    for endpoint in configuration.rpc:
        read_endpoint(endpoint)
    if not configuration.role.has_institution:
        return
    check_profile(configuration.profile)
    check_name(configuration.name)
    check_zone(configuration.zone)
    if not LEAST_N <= options.scrypt_n <= MOST_N or options.scrypt_n & (options.scrypt_n - 1):
        raise FormatRefused("--scrypt-n", f"a power of two from {LEAST_N} to {MOST_N}")
    check_cryptosuite(configuration.cryptosuite, configuration.curve, "--cryptosuite")


def _fill(options: InitOptions, folder: Path) -> None:
    configuration = options.configuration
    if configuration.role is NodeRole.SINGLE_OPERATOR:
        _found(options, folder)
    if configuration.role.has_institution:
        algorithm = algorithm_of(configuration.cryptosuite, configuration.curve)
        path, with_control = folder / configuration.keystore, configuration.role is NodeRole.SINGLE_OPERATOR
        new_institution(path, options.passphrase, options.scrypt_n, algorithm, with_control=with_control)
    Database.create(f"sqlite:///{folder / 'node.db'}").close()
    (folder / CONFIGURATION).write_text(configuration.text(), encoding="utf-8")


def _found(options: InitOptions, folder: Path) -> None:
    """Begin an embedded chain with contracts, council and agency, all of one operator."""
    authority = Keystore.create(folder / AUTHORITY_KEYSTORE, options.passphrase, n=options.scrypt_n)
    generate_authority(authority)
    with Chain.open(folder / "chain") as chain:
        ledger = RpcLedger(EmbeddedProvider(Rpc(chain)))
        Operator(ledger, authority, folder, lambda: int(time.time())).set_up()
