"""Map each foreseen error to its exit code and to the one sentence that the command prints.

Imported when something was raised, so that a command that ends well has not paid for what others may raise.
"""

from acredita.anchoring.account_sender import LaggingNonceUnavailable, OtherChainRefused
from acredita.anchoring.call_signer import ForeignSignatureRefused, SignerUnavailable
from acredita.anchoring.ledger import LedgerStopError, LedgerUnavailable
from acredita.anchoring.raw_transaction import RawTransactionRefused
from acredita.anchoring.sender import TransactionRevertedError
from acredita.anchoring.types import FormatRefused
from acredita.cli.exit_codes import NEGATIVE, UNKNOWN, UNUSABLE, ActRefused, ArgumentRefused
from acredita.contracts.bindings import ContractRefused
from acredita.devnet.errors import AddressRefused, ChainFolderError, ChainStorageError, OtherChainError
from acredita.node.mirroring.mirror import MirrorBusyUnavailable
from acredita.node.monitor.witness_folder import WitnessBusyUnavailable
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.publication.document_exchange import SendingRefused, SendingUnavailable
from acredita.node.publication.log_copies import CopyAddressRefused
from acredita.node.publication.trust_folder import FileRefused
from acredita.node.storage.database import StorageUnavailable
from acredita.node.write_path.stops import with_command
from acredita.registry.acts.reason_words import refusal_words
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.keys.account_file import AccountFileRefused
from acredita.registry.ledger_facts.trust_file import TrustRefused
from acredita.registry.ledger_facts.withheld_list import WithheldListRefused

_UNUSABLE = (
    ArgumentRefused,
    AccountFileRefused,
    FileRefused,
    CopyAddressRefused,
    FormatRefused,
    ChainFolderError,
    AddressRefused,
    StorageUnavailable,
    ChainStorageError,
    OSError,
)
_PIN_REFUSALS = frozenset(
    {
        Code.TRUST_ROLLED_BACK,
        Code.TRUST_NUMBER_SKIPPED,
        Code.TRUST_EQUIVOCATION,
        Code.TRUST_OTHER_LEDGER,
        Code.TRUST_SIGNATURES_TOO_FEW,
    }
)


def exit_for_error(error: Exception) -> tuple[str, int] | None:
    """Return sentence and exit code of a foreseen error; None for a fault of ours."""
    match error:
        case OtherChainError():
            return f"GENESIS_CHANGED: {error}", NEGATIVE
        case TrustRefused() if error.code is Code.TRUST_OUTDATED:
            return f"{error.code}: {error}", UNKNOWN
        case TrustRefused():  # a file that may not follow is an answer; a broken file is no file
            return f"{error.code}: {error}", NEGATIVE if error.code in _PIN_REFUSALS else UNUSABLE
        case LedgerStopError():
            return with_command(str(error), error.code), NEGATIVE
        case ContractRefused():
            return refusal_words(error), NEGATIVE
        case TransactionRevertedError():
            return f"{Code.TRANSACTION_REVERTED}: {error}", NEGATIVE
        case ActRefused() | RegistryActRefused():
            return str(error), NEGATIVE
        case OtherChainRefused() | ForeignSignatureRefused() | RawTransactionRefused():
            return str(error), NEGATIVE
        case SignerUnavailable() | SendingUnavailable():
            return str(error), UNKNOWN
        case SendingRefused():
            return str(error), NEGATIVE
        case SourceUnavailable() if error.code is Code.DOCUMENT_WITHHELD:
            return str(error), NEGATIVE
        case WithheldListRefused():
            return str(error), UNUSABLE if error.code is Code.WITHHELD_MALFORMED else NEGATIVE
        case SourceUnavailable():
            return str(error), UNUSABLE if error.code is Code.SOURCE_NOT_ALLOWED else UNKNOWN
        case LaggingNonceUnavailable():
            return f"{error.code}: {error}", UNKNOWN
        case MirrorBusyUnavailable() | WitnessBusyUnavailable():
            return f"{error.code}: {error}", UNKNOWN
        case LedgerUnavailable():
            return str(error), UNKNOWN
    return (_sentence(error), UNUSABLE) if isinstance(error, _UNUSABLE) else None


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {(error.strerror or 'cannot be used').lower()}"
    return str(error.strerror).lower() if isinstance(error, OSError) and error.strerror else str(error)
