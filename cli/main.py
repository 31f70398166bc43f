"""The command `acredita`: groups of commands, and the one place where an error becomes an exit code.

Nothing below raises SystemExit for a reason of its own: commands raise typed errors or return an exit code, and `run` says
the one sentence. What nobody foresaw is written to a log file with its traceback and told in one sentence, exit 4.
"""

import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

import typer
from acredita.anchoring.ledger import LedgerStop, LedgerUnreachable
from acredita.anchoring.types import FormatError
from acredita.cli import (
    audit,
    bundle,
    care,
    deliver,
    demo,
    devnet,
    exit_codes,
    issue,
    node,
    registry,
    status,
    trust,
    verify,
)
from acredita.cli.exit_codes import INTERNAL, NEGATIVE, UNKNOWN, UNUSABLE, Negative, Unusable
from acredita.contracts.bindings import Refused
from acredita.devnet.errors import AddressUnusable, ChainFolderError, OtherChain, StorageFailed
from acredita.node.storage.database import StorageUnavailable
from acredita.node.trust_folder import UnusableFile
from acredita.registry.trust import TrustRefused
from click.exceptions import Abort, ClickException

app = typer.Typer(
    name="acredita",
    help="Permissioned, ledger-anchored registry node for microcredentials.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (care, demo, verify, bundle, issue, deliver, status, audit, trust, registry, node, devnet):
    module.register(app)


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


_PIN_REFUSALS = frozenset({"TRUST_KEY_CHANGED", "TRUST_ROLLED_BACK"})


def run() -> None:
    """Entry point of the `acredita` script."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code (docs/cli.md)."""
    logging.getLogger("acredita").addHandler(logging.NullHandler())  # a command speaks through its output alone
    try:
        code = app(args=arguments, standalone_mode=False)
    except ClickException as error:
        error.show()
        return UNUSABLE
    except OtherChain as error:
        return _say(f"GENESIS_CHANGED: {error}", NEGATIVE)
    except _UNUSABLE as error:
        return _say(_sentence(error), UNUSABLE)
    except TrustRefused as error:  # another key than the pinned one is an answer; a broken file is no file
        return _say(str(error), NEGATIVE if error.code in _PIN_REFUSALS else UNUSABLE)
    except (Negative, Refused, LedgerStop) as error:
        return _say(str(error), NEGATIVE)
    except LedgerUnreachable as error:
        return _say(str(error), UNKNOWN)
    except (Abort, KeyboardInterrupt):
        return _say("interrupted", UNUSABLE)
    except Exception as error:  # noqa: BLE001 - the outermost place: said in one sentence, kept in a log
        return _say(f"internal error: {type(error).__name__}; details in {_log(error)}", INTERNAL)
    return code if isinstance(code, int) else exit_codes.OK


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {(error.strerror or 'cannot be used').lower()}"
    return str(error)


def _say(sentence: str, code: int) -> int:
    sys.stderr.write(f"acredita: {sentence}\n")
    return code


def _log(error: Exception) -> Path:
    """The traceback in the user's state folder; the sentence on the screen names the file."""
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = base / "acredita"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"error-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return path
