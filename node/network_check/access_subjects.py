"""Subjects about access: who may ask the endpoint, and whose transactions it takes.

The stranger's transaction is made with a key that nobody keeps. It moves nothing and costs nothing.
"""

import ipaddress
import re
import secrets
from typing import Final
from urllib.parse import urlsplit

from acredita.anchoring.transaction import LocalAccount, sign
from acredita.contracts.abi import Call
from acredita.node.network_check.asking import AnswerUnavailable, QuestionRefused, is_hung_up, is_not_admitted
from acredita.node.network_check.chain_subjects import told_quantity
from acredita.node.network_check.lines import CheckLine, fault, fine, unknown
from acredita.node.network_check.subject import CheckContext
from acredita.registry.acts.shapes import Text
from acredita.registry.codes import Code

PLAIN_GAS: Final = 21_000
_SECRET_BYTES: Final = 32
_PRICE_LOW: Final = -32_009  # Besu, RpcErrorType.java
# Besu: "Sender account not authorized to send transactions". A refusal that does not speak of the account, as of a method
# that is not allowed, says nothing about an allow-list.
_SENDER_WORDS: Final = re.compile(
    r"(sender|account).*(not (authori[sz]ed|permitted|allowed)|allow-?list)", re.IGNORECASE
)
_PRICE_WORDS: Final = re.compile(r"gas price|underpriced|max fee|fee cap", re.IGNORECASE)


def authentication(context: CheckContext) -> CheckLine:
    """Look whether the endpoint knows us, and whether it answers whoever it does not know."""
    try:
        context.endpoint.ask("eth_chainId")
    except AnswerUnavailable as error:
        if is_not_admitted(error):
            return fault(Code.ENDPOINT_UNAUTHORISED, str(error))
        raise
    if context.anonymous is None:
        if _is_loopback(context.settings.url):
            return fine(Text("this machine alone", "solo esta máquina"))
        return fault(Code.ENDPOINT_OPEN)
    try:
        context.anonymous.ask("eth_chainId")
    except QuestionRefused:  # an error object in the place of HTTP 401
        return fine()
    except AnswerUnavailable as error:
        is_refusal = is_not_admitted(error) or (context.settings.certificate is not None and is_hung_up(error))
        return fine(str(error)) if is_refusal else unknown(error.code, str(error))
    return fault(Code.ENDPOINT_OPEN)


def allow_list(context: CheckContext) -> CheckLine:
    """Send a stranger's transaction: it must be refused, and because of the stranger."""
    stranger = LocalAccount(secrets.token_bytes(_SECRET_BYTES))
    call = Call(stranger.address, b"")
    number = told_quantity(context, "eth_chainId")
    sent = sign(call, signer=stranger, chain_id=number, nonce=0, gas=PLAIN_GAS)
    try:
        answer = context.endpoint.ask("eth_sendRawTransaction", f"0x{sent.raw.hex()}")
    except QuestionRefused as error:
        if is_sender_refused(error):
            return fine(error.words)
        context.is_price_refused = is_price_refused(error)
        return unknown(Code.QUESTION_REFUSED, error.words)
    if answer != f"0x{sent.hash.hex()}":
        return unknown(Code.ANSWER_UNREADABLE, "eth_sendRawTransaction")
    return fault(Code.ACCOUNTS_OPEN, answer)


def is_sender_refused(error: QuestionRefused) -> bool:
    """Return True if a transaction was refused because of its account."""
    return _SENDER_WORDS.search(error.words) is not None


def is_price_refused(error: QuestionRefused) -> bool:
    """Return True if a transaction was refused because of its price."""
    return error.number == _PRICE_LOW or _PRICE_WORDS.search(error.words) is not None


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
