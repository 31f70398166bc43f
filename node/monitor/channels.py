"""Tell alarms to people and programs: a webhook with an HMAC, and e-mail.

A webhook is a POST of one JSON object. `Acredita-Signature: t=<seconds>,v1=<hex>` has the HMAC-SHA-256 under the secret
over the seconds, a dot and the body, so that a receiver refuses what others send and what is old. Answers other than 2xx
are failures; nothing redirects.
"""

import hashlib
import hmac
import http.client
import json
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final, Protocol

from acredita.anchoring.receipts import time_text
from acredita.node.monitor.alarms import RaisedAlarm
from acredita.node.monitor.settings import MailSettings, WebhookSettings
from acredita.node.outbound.bounded import AnswerUnavailable
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.node.outbound.named_host import connected, target_of, unreachable
from acredita.registry.codes import sentence
from acredita.registry.keys.passphrase import from_file

SIGNATURE_HEADER: Final = "Acredita-Signature"
SECONDS: Final = 20.0
FORMAT: Final = "acredita-alarm/1"


class TellingUnavailable(Exception):
    """A channel has not taken an alarm; the next round tries again."""


class Channel(Protocol):
    """A way to tell an alarm."""

    @property
    def name(self) -> str:
        """The channel's name in the state."""

    def tell(self, raised: RaisedAlarm, now: int) -> None:
        """Deliver one alarm. Raises TellingUnavailable."""


def alarm_document(raised: RaisedAlarm) -> dict[str, object]:
    """Return the JSON form of an alarm."""
    alarm = raised.alarm
    return {
        "format": FORMAT,
        "id": f"{alarm.id}-{raised.since}",
        "code": alarm.code,
        "where": alarm.where,
        "detail": alarm.detail,
        "since": time_text(raised.since),
    }


@dataclass(frozen=True)
class Webhook:
    """The webhook of a monitor."""

    url: str
    secret: bytes
    name: str = "webhook"

    def tell(self, raised: RaisedAlarm, now: int) -> None:
        """Send one alarm. Raises TellingUnavailable."""
        body = json.dumps(alarm_document(raised), ensure_ascii=False).encode()
        mac = hmac.digest(self.secret, b"%d." % now + body, hashlib.sha256).hex()
        headers = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: f"t={now},v1={mac}",
            "Connection": "close",
        }
        try:
            status = self._post(body, headers)
        except (SourceUnavailable, AnswerUnavailable) as error:
            raise TellingUnavailable(f"{self.url}: {error}") from error
        if not 200 <= status < 300:
            raise TellingUnavailable(f"{self.url}: 200 expected, found {status}")

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        target = target_of(self.url)
        with unreachable(self.url), connected(target, SECONDS) as line:
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = line
            connection.request("POST", target.path, body, headers)
            with connection.getresponse() as answer:
                return answer.status


@dataclass(frozen=True)
class Mail:
    """E-mail through one relay. `password`: None without a user."""

    settings: MailSettings
    password: bytes | None
    language: str
    name: str = "mail"

    def tell(self, raised: RaisedAlarm, now: int) -> None:
        """Send one alarm to all recipients. Raises TellingUnavailable."""
        settings = self.settings
        try:
            with self._connected() as relay:
                if self.password is not None:
                    relay.login(settings.user, self.password.decode())
                relay.send_message(self._message(raised))
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise TellingUnavailable(f"{settings.host}: {type(error).__name__}") from error

    def _connected(self) -> smtplib.SMTP:
        settings = self.settings
        if settings.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=SECONDS, context=context)
        relay = smtplib.SMTP(settings.host, settings.port, timeout=SECONDS)
        if settings.security == "starttls":
            relay.starttls(context=ssl.create_default_context())
        return relay

    def _message(self, raised: RaisedAlarm) -> EmailMessage:
        message, alarm = EmailMessage(), raised.alarm
        message["From"], message["To"] = self.settings.sender, ", ".join(self.settings.recipients)
        message["Subject"] = f"Acredita: {alarm.code} {alarm.where}"[:200].replace("\n", " ")
        message["Message-ID"] = f"<{alarm.id}-{raised.since}@acredita.invalid>"
        message.set_content(f"{sentence(alarm.code, self.language)}\n\n{alarm.where}\n{alarm.detail}\n")
        return message


def channels_of(webhook: WebhookSettings, mail: MailSettings, language: str) -> Sequence[Channel]:
    """Return the channels that are configured. Raises PassphraseRefused where a secret cannot be read."""
    channels: list[Channel] = []
    if webhook.url and webhook.secret_file is not None:
        channels.append(Webhook(webhook.url, from_file(webhook.secret_file)))
    if mail.host:
        password = None if mail.password_file is None else from_file(mail.password_file)
        channels.append(Mail(mail, password, language))
    return channels
