"""Hold what the commands of several hands have in common: which ledger, which account, how an act goes out.

Nothing heavy is imported here, because the help of the commands is made from these classes.
"""

from dataclasses import dataclass
from pathlib import Path

from acredita.node.verification.language import Language


@dataclass(frozen=True)
class ReadingOptions:
    """The ledger and how the answer is printed."""

    trust: Path | None
    rpc: str | None
    chain: Path | None
    as_json: bool
    lang: Language


@dataclass(frozen=True)
class PassphraseOptions:
    """The place of a passphrase. None of them: it is asked for at the terminal."""

    passphrase_file: Path | None
    passphrase_descriptor: int | None
    passphrase_credential: str | None


@dataclass(frozen=True)
class SignerOptions(PassphraseOptions):
    """The account that signs: a file with its passphrase, or an external signer with an address."""

    account: Path | None
    signer: str | None
    sender: str | None


@dataclass(frozen=True)
class ActingOptions(ReadingOptions, SignerOptions):
    """The same, and how the act goes out: at once, prepared to a file, or sent from a file."""

    prepare: Path | None
    send: Path | None
    yes: bool


@dataclass(frozen=True)
class PublishingOptions(ActingOptions):
    """The same, and the node to which the act's documents are sent."""

    publish: str | None
