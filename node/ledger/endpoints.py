"""Open the endpoints that a configuration names, each with its token, client certificate and authorities.

Invariants: a secret is in no error, log or command line. A token is read from its file at each request, so that a new one
counts at once. A file that cannot be used is refused when the ledger is opened, and the error names it.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.node.config import ENDPOINT, ConfigurationError, EndpointSettings, LedgerSettings
from acredita.registry.keys.passphrase import PassphraseRefused, check_private, from_file


def open_endpoints(settings: LedgerSettings) -> Ledger:
    """Open the endpoints as one ledger. Requests nothing yet. Raises ConfigurationError."""
    endpoints = [
        RpcLedger.over_http(endpoint.url, settings.timeout_seconds, access_of(endpoint)) for endpoint in settings.rpc
    ]
    return endpoints[0] if len(endpoints) == 1 else QuorumLedger(endpoints, settings.agree)


def access_of(endpoint: EndpointSettings) -> dict[str, Any]:
    """Return how an endpoint is reached, as `requests` takes it. Raises ConfigurationError for a file of no use."""
    access: dict[str, Any] = {}
    if endpoint.token_file is not None:
        access["auth"] = bearer(endpoint.token_file)
    if endpoint.ca is not None:
        with _usable(endpoint.ca, "certificates"):
            ssl.create_default_context(cafile=endpoint.ca)
        access["verify"] = str(endpoint.ca)
    if endpoint.certificate is not None and endpoint.key is not None:
        _check_pair(endpoint.certificate, endpoint.key)
        access["cert"] = (str(endpoint.certificate), str(endpoint.key))
    return access


def bearer(path: Path) -> Callable[[Any], Any]:
    """Return a function that puts the token of a file on a request. Raises ConfigurationError."""
    try:
        _token(path)
    except PassphraseRefused as error:
        raise ConfigurationError(f"{ENDPOINT}: token_file: {error}") from error

    def authorise(request: Any) -> Any:
        try:
            request.headers["Authorization"] = f"Bearer {_token(path)}"
        except PassphraseRefused as error:
            raise LedgerUnavailable(f"token_file: {error}") from error
        return request

    return authorise


def _token(path: Path) -> str:
    """Read a token of printable ASCII without blanks. Raises PassphraseRefused."""
    token = from_file(path).decode("latin-1")
    if not all("!" <= character <= "~" for character in token):
        raise PassphraseRefused(f"{path}: one token of printable ASCII expected")
    return token


def _check_pair(certificate: Path, key: Path) -> None:
    """Check that certificate and key belong together, and that nobody else can read the key."""
    try:
        check_private(key)
    except PassphraseRefused as error:
        raise ConfigurationError(f"{ENDPOINT}: key: {error}") from error

    def no_passphrase() -> str:
        raise ConfigurationError(f"{ENDPOINT}: {key}: a key without a passphrase expected")

    with _usable(certificate, f"a certificate, and its key in {key}"):
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, no_passphrase)


@contextmanager
def _usable(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        raise ConfigurationError(f"{ENDPOINT}: {path}: PEM with {what} expected") from error
    except OSError as error:
        raise ConfigurationError(f"{ENDPOINT}: {path}: {error.strerror}") from error
