"""`node init`: a folder with everything a node of one operator needs, made whole or not at all."""

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
class Initial:
    """What `node init` is told. `scrypt_n`: the cost of the keystores. `did_web`: host[:port][/path], empty for did:key."""

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
        """did:web 3.2: a port is escaped, a path has colons for slashes. FormatRefused for what is no did:web."""
        if not self.did_web:
            return ""
        host, *path = self.did_web.strip("/").split("/")
        did = "did:web:" + ":".join([host.replace(":", "%3A"), *path])
        try:
            parse_did(did)
        except DidRefused as error:
            raise FormatRefused("--did-web", f"host[:port][/path] in lower case: {error}") from error
        return did


def initialise(initial: Initial) -> None:
    """Make the folder beside its place and move it there. FileExistsError where something is there already."""
    data = initial.data
    if not _PROFILE.fullmatch(initial.profile):
        raise FormatRefused("--profile", "1 to 40 of a-z, 0-9 and -, as they stand in routes and file names")
    if not initial.name.isprintable() or not initial.name.strip():
        raise FormatRefused("--name", "one line of printable text")
    if not LEAST_N <= initial.scrypt_n <= MOST_N or initial.scrypt_n & (initial.scrypt_n - 1):
        raise FormatRefused("--scrypt-n", f"a power of two from {LEAST_N} to {MOST_N}")
    check_cryptosuite(initial.cryptosuite, initial.curve, "--cryptosuite")
    _ = initial.did  # refused before anything is made
    if data.exists():
        raise FileExistsError(17, "exists already, and is not written over", str(data))
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".acredita-init-", dir=data.resolve().parent) as scratch:
        built = Path(scratch) / "data"
        built.mkdir(mode=0o700)
        _fill(initial, built)
        shutil.move(built, data)


def _fill(initial: Initial, folder: Path) -> None:
    authority = Keystore.create(folder / AUTHORITY_KEYSTORE, initial.passphrase, n=initial.scrypt_n)
    generate_authority(authority)
    algorithm = algorithm_of(initial.cryptosuite, initial.curve)
    new_institution(folder / f"{initial.profile}.keystore", initial.passphrase, initial.scrypt_n, algorithm)
    with Chain.open(folder / "chain") as chain:
        ledger = RpcLedger(EmbeddedProvider(Rpc(chain)))
        Operator(ledger, authority, folder, lambda: int(time.time())).found()
    Database.create(f"sqlite:///{folder / 'node.db'}").close()
    (folder / CONFIGURATION).write_text(
        _TEMPLATE.format(
            passphrase=_text(str(initial.passphrase_file)),
            profile=_text(initial.profile),
            name=_text(initial.name),
            keystore=_text(f"{initial.profile}.keystore"),
            base=_base(initial),
            own=_own(initial),
        ),
        encoding="utf-8",
    )


def _base(initial: Initial) -> str:
    """A did:web is read at its host, so that is where the node says it is."""
    return f"base = {_text('https://' + initial.did_web.strip('/').split('/')[0])}\n" if initial.did else ""


def _own(initial: Initial) -> str:
    """The lines of the institution that are not the defaults."""
    given = {"did": initial.did, "cryptosuite": initial.cryptosuite, "curve": initial.curve}
    return "".join(
        f"{name} = {_text(value)}\n" for name, value in given.items() if value not in ("", DEFAULT_CRYPTOSUITE)
    )


def _text(value: str) -> str:
    """A TOML basic string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
