"""The configuration of a monitor: a TOML file with one table for each part, by the same rules as a node's.

A setting nobody knows, a value of the wrong kind and a rule that is broken are errors that name file, setting and rule.
Secrets stand in files of their own, mode 0600.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.node.config import ConfigurationError, load_sections
from acredita.node.outbound.named_host import is_address

MAX_INTERVAL_SECONDS: Final = 86_400
SECURITY: Final = ("tls", "starttls", "none")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class MonitorSettings:
    """[monitor]"""

    folder: Path
    """Folder of the monitor's state and copies."""
    trust: Path | None = None
    """Trust file; none: the pinned one."""
    rpc: str = ""
    """JSON-RPC address of the ledger, or a TOML file whose [ledger] section names endpoints."""
    chain: Path | None = None
    """Folder of an embedded chain."""
    sources: tuple[str, ...] = ()
    """Addresses or folders to pull from, beside the sources that the pinned trust file names."""
    interval_seconds: int = 60
    silent_seconds: int = 0
    """Silence of the ledger or of a source that is an alarm; 0: two intervals."""
    metrics: Path | None = None
    """File of metrics for a Prometheus text-file collector."""


@dataclass(frozen=True, slots=True)
class WitnessSettings:
    """[witness]"""

    folder: Path | None = None
    """Folder of the witness; none: nothing is cosigned."""
    passphrase_file: Path | None = None


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """[webhook]"""

    url: str = ""
    secret_file: Path | None = None
    """File with the secret of the HMAC, mode 0600."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """[mail]"""

    host: str = ""
    port: int = 465
    security: str = "tls"
    """`tls`, `starttls`, or `none` for a relay on this machine."""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    user: str = ""
    password_file: Path | None = None
    """File with the user's password, mode 0600."""


@dataclass(frozen=True, slots=True)
class MonitorConfiguration:
    """Everything a monitor is told at start."""

    monitor: MonitorSettings
    witness: WitnessSettings
    webhook: WebhookSettings
    mail: MailSettings

    @property
    def silent_seconds(self) -> int:
        """The silence that is an alarm, in seconds."""
        return self.monitor.silent_seconds or 2 * self.monitor.interval_seconds


def load_monitor(path: Path) -> MonitorConfiguration:
    """Load a monitor's file. Raises ConfigurationError."""
    shapes = {
        "monitor": MonitorSettings,
        "witness": WitnessSettings,
        "webhook": WebhookSettings,
        "mail": MailSettings,
    }
    try:
        configuration = MonitorConfiguration(**load_sections(path, shapes))
        _check(configuration)
    except ConfigurationError as error:
        text = str(error)
        raise ConfigurationError(text if text.startswith(str(path)) else f"{path}: {text}") from error
    return configuration


def _check(configuration: MonitorConfiguration) -> None:
    """Check the rules between settings."""
    webhook, mail, witness = configuration.webhook, configuration.mail, configuration.witness
    if not 1 <= configuration.monitor.interval_seconds <= MAX_INTERVAL_SECONDS:
        raise ConfigurationError(f"monitor.interval_seconds: 1 to {MAX_INTERVAL_SECONDS} seconds expected")
    if (witness.folder is None) != (witness.passphrase_file is None):
        raise ConfigurationError("witness: folder and passphrase_file: both or neither expected")
    if webhook.url and not is_address(webhook.url):
        raise ConfigurationError("webhook.url: an http or https address expected")
    if bool(webhook.url) != (webhook.secret_file is not None):
        raise ConfigurationError("webhook: url and secret_file: both or neither expected")
    if mail.security not in SECURITY:
        raise ConfigurationError(f"mail.security: one of {', '.join(SECURITY)} expected")
    if mail.host and not (mail.sender and mail.recipients):
        raise ConfigurationError("mail: sender and recipients expected with host")
    if mail.security == "none" and mail.host and mail.host not in _LOOPBACK:
        raise ConfigurationError("mail.security: tls or starttls expected for a relay on another machine")
    if bool(mail.user) != (mail.password_file is not None):
        raise ConfigurationError("mail: user and password_file: both or neither expected")
