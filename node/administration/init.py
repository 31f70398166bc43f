"""Create the folder of a new node of one operator (`node init`), whole or not at all."""

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
from acredita.node.administration.single_operator import Operator, generate_authority, new_institution
from acredita.node.custody.key_ring import DEFAULT_CRYPTOSUITE, algorithm_of, check_cryptosuite
from acredita.node.storage.database import Database
from acredita.registry.keys.did import DidRefused, parse_did
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.scrypt_cost import LEAST_N, MOST_N

AUTHORITY_KEYSTORE: Final = "authority.keystore"
CONFIGURATION: Final = "acredita.toml"

_PROFILE: Final = re.compile("[a-z0-9][a-z0-9-]{0,39}")

_TEMPLATE: Final = """\
# Every setting: docs/operations.md. Paths are relative to this file.
[node]
data = "."
{base}
[keys]
passphrase_file = {passphrase}

[[institution]]
profile = {profile}
name = {name}
keystore = {keystore}
{own}"""


@dataclass(frozen=True)
class InitOptions:
    """The options of `node init`.

    `scrypt_n`: the cost of the keystores. `did_web`: host[:port][/path], empty for did:key.
    """

    data: Path
    profile: str
    name: str
    passphrase: bytes
    passphrase_file: Path
    scrypt_n: int
    did_web: str = ""
    cryptosuite: str = DEFAULT_CRYPTOSUITE
    curve: str = ""

    @property
    def did(self) -> str:
        """The did:web, empty for did:key. did:web 3.2: a port is escaped, a path has colons for slashes.

        Raises FormatRefused for a value that gives no did:web.
        """
        if not self.did_web:
            return ""
        host, *path = self.did_web.strip("/").split("/")
        did = "did:web:" + ":".join([host.replace(":", "%3A"), *path])
        try:
            parse_did(did)
        except DidRefused as error:
            raise FormatRefused("--did-web", f"host[:port][/path] in lower case: {error}") from error
        return did


def initialise(options: InitOptions) -> None:
    """Make the folder in a temporary place beside its own and move it there.

    Raises FileExistsError if something is there already, FormatRefused for an unusable option.
    """
    data = options.data
    if not _PROFILE.fullmatch(options.profile):
        raise FormatRefused("--profile", "1 to 40 of a-z, 0-9 and -, as they stand in routes and file names")
    if not options.name.isprintable() or not options.name.strip():
        raise FormatRefused("--name", "one line of printable text")
    if not LEAST_N <= options.scrypt_n <= MOST_N or options.scrypt_n & (options.scrypt_n - 1):
        raise FormatRefused("--scrypt-n", f"a power of two from {LEAST_N} to {MOST_N}")
    check_cryptosuite(options.cryptosuite, options.curve, "--cryptosuite")
    _ = options.did  # refuses before anything is written
    if data.exists():
        raise FileExistsError(17, "exists already, and is not written over", str(data))
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".acredita-init-", dir=data.resolve().parent) as scratch:
        built = Path(scratch) / "data"
        built.mkdir(mode=0o700)
        _fill(options, built)
        shutil.move(built, data)


def _fill(options: InitOptions, folder: Path) -> None:
    authority = Keystore.create(folder / AUTHORITY_KEYSTORE, options.passphrase, n=options.scrypt_n)
    generate_authority(authority)
    algorithm = algorithm_of(options.cryptosuite, options.curve)
    new_institution(folder / f"{options.profile}.keystore", options.passphrase, options.scrypt_n, algorithm)
    with Chain.open(folder / "chain") as chain:
        ledger = RpcLedger(EmbeddedProvider(Rpc(chain)))
        Operator(ledger, authority, folder, lambda: int(time.time())).set_up()
    Database.create(f"sqlite:///{folder / 'node.db'}").close()
    (folder / CONFIGURATION).write_text(
        _TEMPLATE.format(
            passphrase=_text(str(options.passphrase_file)),
            profile=_text(options.profile),
            name=_text(options.name),
            keystore=_text(f"{options.profile}.keystore"),
            base=_base(options),
            own=_own(options),
        ),
        encoding="utf-8",
    )


def _base(options: InitOptions) -> str:
    """Return the line that sets the node's address: a did:web is read at its host."""
    return f"base = {_text('https://' + options.did_web.strip('/').split('/')[0])}\n" if options.did else ""


def _own(options: InitOptions) -> str:
    """Return the lines of the institution that differ from the defaults."""
    settings = {"did": options.did, "cryptosuite": options.cryptosuite, "curve": options.curve}
    return "".join(
        f"{name} = {_text(value)}\n" for name, value in settings.items() if value not in ("", DEFAULT_CRYPTOSUITE)
    )


def _text(value: str) -> str:
    """Return a TOML basic string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
