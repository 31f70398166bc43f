"""Open the node of a configuration file for one command, and turn what keeps it from opening into one sentence."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acredita.anchoring.types import Digest
from acredita.cli.exit_codes import ActRefused, ArgumentRefused
from acredita.node.config import Configuration, ConfigurationError, load
from acredita.node.issuance.institution import InstitutionRefused
from acredita.node.publication.trust_folder import FileRefused
from acredita.node.runtime.open_node import NodeIncompleteError, RunningNode, open_node
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage.database import SchemaVersionError, StorageUnavailable
from acredita.node.storage.trail import MAX_ACTOR_CHARACTERS, OPERATOR
from acredita.registry.evidence.credential import read_credential
from acredita.registry.keys.keystore import KeystoreError
from acredita.registry.keys.passphrase import PassphraseRefused
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused, verify_proof


def load_configuration(path: Path) -> Configuration:
    """Load the configuration; a fault in it is one sentence and exit 2."""
    try:
        return load(path, os.environ)
    except ConfigurationError as error:
        raise ArgumentRefused(str(error)) from error


def actor_at_keyboard() -> str:
    """Return the actor for the trail: the operator, by the account they are logged in with where there is one."""
    try:
        return f"{OPERATOR}:{getpass.getuser()}"[:MAX_ACTOR_CHARACTERS]
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        return OPERATOR


def actor_named(node: RunningNode, named: str) -> str:
    """Return the actor for the trail: the one named, else the operator at the keyboard. An actor is one printable
    line.
    """
    if len(named) > MAX_ACTOR_CHARACTERS or not named.isprintable():
        raise ArgumentRefused(f"--actor: at most {MAX_ACTOR_CHARACTERS} printable characters expected")
    return named or node.actor


@contextmanager
def open_configured_node(path: Path, *, serving: bool = False) -> Iterator[RunningNode]:
    """Open the node of a configuration file; the reason why it cannot be opened is one sentence and exit 2."""
    try:
        with open_node(load_configuration(path), os.environ, actor=actor_at_keyboard(), serving=serving) as node:
            yield node
    except (
        ConfigurationError,
        NodeIncompleteError,
        KeystoreError,
        PassphraseRefused,
        SchemaVersionError,
        StorageUnavailable,
    ) as error:
        raise ArgumentRefused(str(error)) from error
    except InstitutionRefused as error:
        raise ActRefused(f"{error.code}: {error}") from error


def digest_of(text: str, tenant: Tenant) -> Digest:
    """Return the digest in an argument: 64 hex digits with or without 0x, or a credential file, whose proof is
    checked. `tenant`: the institution whose credential it should be; its keystore holds every key it signed with.
    """
    digits = text.removeprefix("0x")
    if len(digits) == 64 and all(digit in "0123456789abcdef" for digit in digits):
        return Digest(bytes.fromhex(digits))
    path = Path(text)
    if not path.is_file():
        raise ArgumentRefused(f"{text}: a digest of 64 hex digits or a credential file expected")
    reading = read_credential(path.read_bytes())
    if reading.fault is not None:
        raise FileRefused(f"{path}: {reading.fault}")
    try:
        return verify_proof(reading.document, tenant.keys.public).digest
    except (ProofRefused, ProofCheckUnavailable) as error:
        raise FileRefused(f"{path}: {error}") from error
