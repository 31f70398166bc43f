"""How a command ends that was refused: which error leads to which exit code, and the one sentence of it.

Imported when something was raised, so that a command that ends well has not paid for what others may raise.
"""

from acredita.anchoring.ledger import LedgerStop, LedgerUnreachable
from acredita.anchoring.types import FormatError
from acredita.cli.exit_codes import NEGATIVE, UNKNOWN, UNUSABLE, Negative, Unusable
from acredita.contracts.bindings import Refused
from acredita.devnet.errors import AddressUnusable, ChainFolderError, OtherChain, StorageFailed
from acredita.node.publication.trust_folder import UnusableFile
from acredita.node.storage.database import StorageUnavailable
from acredita.node.write_path.stops import with_remedy
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.trust_file import TrustRefused

_UNUSABLE = (
    Unusable,
    UnusableFile,
    FormatError,
    ChainFolderError,
    AddressUnusable,
    StorageUnavailable,
    StorageFailed,
    OSError,
)
_PIN_REFUSALS = frozenset({Code.TRUST_KEY_CHANGED, Code.TRUST_ROLLED_BACK})


def ending(error: Exception) -> tuple[str, int] | None:
    """Sentence and exit code of an error that was foreseen; None for a fault of ours."""
    match error:
        case OtherChain():
            return f"GENESIS_CHANGED: {error}", NEGATIVE
        case TrustRefused():  # another key than the pinned one is an answer; a broken file is no file
            return str(error), NEGATIVE if error.code in _PIN_REFUSALS else UNUSABLE
        case LedgerStop():
            return with_remedy(str(error), error.code), NEGATIVE
        case Negative() | Refused():
            return str(error), NEGATIVE
        case LedgerUnreachable():
            return str(error), UNKNOWN
    return (_sentence(error), UNUSABLE) if isinstance(error, _UNUSABLE) else None


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {(error.strerror or 'cannot be used').lower()}"
    return str(error.strerror).lower() if isinstance(error, OSError) and error.strerror else str(error)
