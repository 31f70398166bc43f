"""Endpoints that admit only some callers: a bearer token, a client certificate, an authority of their own, over real TLS."""

import json
import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.quorum import QuorumLedger
from acredita.cli.main import main
from acredita.node.config import ConfigurationError, EndpointSettings, LedgerSettings
from acredita.node.ledger.endpoints import access_of, open_endpoints
from acredita.node.ledger.read_only import ledger_over_http
from acredita.node.network_check.access_subjects import authentication
from acredita.node.network_check.asking import AnswerUnavailable, AskedEndpoint, endpoint_provider
from acredita.node.network_check.expected import ExpectedChain
from acredita.node.network_check.subject import CheckContext
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from tests.simulators.certificates import certificate
from tests.simulators.endpoint import listening
from tests.simulators.installation import Installation, install
from tests.waiting import PATIENCE_SECONDS

TOKEN = "canary-0f3a.token"
PASSPHRASE = b"canary-passphrase"


@pytest.fixture(scope="module")
def installation() -> Installation:
    return install()


class Papers:
    """An authority with a certificate of the server and one of a client, as PEM files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
        root = certificate("Network (DEMO)", keys[0], "Network (DEMO)", keys[0], authority=True)
        self.ca = self._write("ca.pem", root.public_bytes(Encoding.PEM))
        self.server, self.server_key = self._pair("server", "127.0.0.1", keys[1], keys[0])
        self.client, self.client_key = self._pair("client", "node (DEMO)", keys[2], keys[0])
        self._key = keys[2]
        self.token = self._write("token", TOKEN.encode() + b"\n")

    def sealed_key(self) -> Path:
        """Write the client's key under a passphrase."""
        return self._write_key("sealed.key", self._key, BestAvailableEncryption(PASSPHRASE))

    def endpoint(self, url: str, **settings: Path) -> EndpointSettings:
        return EndpointSettings(url, **{"ca": self.ca, **settings})

    def _pair(
        self, name: str, subject: str, key: ec.EllipticCurvePrivateKey, issuing: ec.EllipticCurvePrivateKey
    ) -> tuple[Path, Path]:
        signed = certificate(subject, key, "Network (DEMO)", issuing, authority=False)
        chain = self._write(f"{name}.pem", signed.public_bytes(Encoding.PEM))
        return chain, self._write_key(f"{name}.key", key, NoEncryption())

    def _write_key(self, name: str, key: ec.EllipticCurvePrivateKey, encryption: KeySerializationEncryption) -> Path:
        return self._write(name, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))

    def _write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        return path


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Papers(tmp_path_factory.mktemp("papers"))


@contextmanager
def admitting(
    installation: Installation, papers: Papers | None = None, *, client: bool = False, token: str | None = None
) -> Iterator[str]:
    """Serve the chain to those who have the token, or over TLS to those whose certificate the authority signed."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if token is not None and self.headers["Authorization"] != f"Bearer {token}":
                self._answer(401, b'{"error": {"code": -40100, "message": "Unauthorized"}}')
                return
            self._answer(200, json.dumps(installation.rpc.handle(json.loads(body))).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing."""

    context = None
    if papers is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(papers.server, papers.server_key)
        if client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(papers.ca)
    with listening(Endpoint, context) as url:
        yield url


def opened(*endpoints: EndpointSettings, agree: int = 1) -> LedgerSettings:
    return LedgerSettings(rpc=endpoints, agree=agree, timeout_seconds=PATIENCE_SECONDS)


def test_a_client_certificate_and_an_authority_admit(installation: Installation, papers: Papers) -> None:
    with admitting(installation, papers, client=True) as url:
        admitted = papers.endpoint(url, certificate=papers.client, key=papers.client_key)
        assert open_endpoints(opened(admitted)).chain_id() == 31_337
        with pytest.raises(LedgerUnavailable):
            open_endpoints(opened(papers.endpoint(url))).chain_id()


def test_a_server_of_another_authority_is_not_asked(
    installation: Installation, papers: Papers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = Papers(tmp_path)
    with admitting(installation, papers) as url:
        assert open_endpoints(opened(papers.endpoint(url))).chain_id() == 31_337
        for endpoint in (others.endpoint(url), EndpointSettings(url)):
            with pytest.raises(LedgerUnavailable, match="SSLError"):
                open_endpoints(opened(endpoint)).chain_id()
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(papers.ca))
        with pytest.raises(LedgerUnavailable, match="SSLError"):
            open_endpoints(opened(others.endpoint(url))).chain_id()


def test_a_token_admits_over_tls(installation: Installation, papers: Papers) -> None:
    with admitting(installation, papers, token=TOKEN) as url:
        assert open_endpoints(opened(papers.endpoint(url, token_file=papers.token))).chain_id() == 31_337
        with pytest.raises(LedgerUnavailable, match="HTTP 401: the endpoint wants a token"):
            open_endpoints(opened(papers.endpoint(url))).chain_id()


def test_a_new_token_counts_at_once_and_a_file_that_others_read_no_more(
    installation: Installation, papers: Papers, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    path.write_text("old", encoding="ascii")
    path.chmod(0o600)
    with admitting(installation, token=TOKEN) as url:
        ledger = open_endpoints(opened(EndpointSettings(url, token_file=path)))
        with pytest.raises(LedgerUnavailable, match="401"):
            ledger.chain_id()
        path.write_text(TOKEN, encoding="ascii")
        assert ledger.chain_id() == 31_337
        path.chmod(0o644)
        with pytest.raises(LedgerUnavailable, match="mode 0600 expected, found 0644"):
            ledger.chain_id()


def test_the_users_netrc_does_not_take_the_tokens_place(
    installation: Installation, papers: Papers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with admitting(installation, token=TOKEN) as url:
        assert open_endpoints(opened(EndpointSettings(url, token_file=papers.token))).chain_id() == 31_337


def test_one_endpoint_that_admits_nobody_is_like_one_that_is_down(installation: Installation, papers: Papers) -> None:
    with admitting(installation, token="another") as closed, admitting(installation, papers) as open_one:
        ledger = open_endpoints(opened(EndpointSettings(closed, token_file=papers.token), papers.endpoint(open_one)))
        assert isinstance(ledger, QuorumLedger)
        assert ledger.chain_id() == 31_337


def spoiled(papers: Papers, folder: Path) -> list[tuple[dict[str, Path], str]]:
    """Return settings that are of no use, each with what the refusal says."""

    def write(name: str, content: bytes, mode: int = 0o600) -> Path:
        path = folder / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    readable = write("readable", TOKEN.encode(), 0o644)
    pair = {"certificate": papers.client, "key": papers.client_key}
    return [
        ({"token_file": folder / "absent"}, "token_file: .*absent"),
        ({"token_file": readable}, "token_file: .*mode 0600 expected, found 0644"),
        ({"token_file": write("two", b"one two")}, "one token of printable ASCII expected"),
        ({"token_file": write("lines", TOKEN.encode() + b"\nX-Other: 1")}, "one token of printable ASCII expected"),
        ({"token_file": write("empty", b"\n")}, "token_file: .*empty"),
        ({"ca": write("no.pem", b"no PEM")}, "PEM with certificates expected"),
        ({"ca": folder / "absent"}, "absent: No such file"),
        ({**pair, "key": papers.server_key}, "PEM with a certificate, and its key"),
        ({**pair, "key": papers.sealed_key()}, "a key without a passphrase expected"),
        ({**pair, "key": write("open.key", papers.client_key.read_bytes(), 0o640)}, "key: .*mode 0600"),
        ({**pair, "certificate": folder / "absent"}, "absent: No such file"),
    ]


def test_a_file_of_no_use_is_named_before_anything_is_asked(papers: Papers, tmp_path: Path) -> None:
    for settings, message in spoiled(papers, tmp_path):
        with pytest.raises(ConfigurationError, match=message) as refused:
            open_endpoints(opened(papers.endpoint("https://127.0.0.1:9", **settings)))
        assert "canary" not in str(refused.value)


def test_no_secret_is_in_a_log_or_an_error(
    installation: Installation, papers: Papers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with admitting(installation, papers, client=True, token=TOKEN) as url:
        settings = papers.endpoint(url, token_file=papers.token, certificate=papers.client, key=papers.client_key)
        assert open_endpoints(opened(settings)).chain_id() == 31_337
        failures = []
        for endpoint in (papers.endpoint(url, token_file=papers.token), EndpointSettings(url, papers.token)):
            with pytest.raises(LedgerUnavailable) as failed:
                open_endpoints(opened(endpoint)).chain_id()
            failures.append(str(failed.value))
    assert TOKEN not in caplog.text
    assert not any(TOKEN in text or str(papers.folder) in text for text in failures)
    assert TOKEN not in repr(settings)


def test_the_command_line_takes_a_file_of_endpoints(
    installation: Installation,
    papers: Papers,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nothing pinned"))
    with admitting(installation, papers, token=TOKEN) as url:
        file = tmp_path / "network.toml"
        file.write_text(
            f'[ledger]\nrpc = {{ url = "{url}", ca = "{papers.ca}", token_file = "{papers.token}" }}\n',
            encoding="utf-8",
        )
        assert ledger_over_http(str(file)).chain_id() == 31_337
    file.write_text('[ledger]\nrpc = { url = "https://127.0.0.1:9", token_file = "nowhere" }', encoding="utf-8")
    for rpc, said in (
        (str(file), "nowhere"),
        (str(tmp_path / "no.toml"), "no.toml"),
        ("https://a:b@c", "token_file"),
        ("", "an address or a file"),
    ):
        code = main(["verify", str(tmp_path / "x.json"), "--rpc", rpc, "--lang", "en"])
        output = capsys.readouterr()
        assert code == 2
        assert said in output.err


def test_a_check_tells_who_may_ask(installation: Installation, papers: Papers) -> None:
    """Ask with a client certificate or token, and without: only an endpoint that wants it is fine."""

    def line_of(url: str, **settings: Path) -> tuple[str, str | None]:
        endpoint = papers.endpoint(url, **settings)
        access = access_of(endpoint)
        asked = [AskedEndpoint(endpoint_provider(url, each)) for each in (access, {"verify": access["verify"]})]
        line = authentication(CheckContext(asked[0], ExpectedChain(), endpoint, asked[1]))
        return str(line.outcome), line.code

    pair = {"certificate": papers.client, "key": papers.client_key}
    with admitting(installation, papers, client=True) as url:
        assert line_of(url, **pair) == ("fine", None)
        with pytest.raises(AnswerUnavailable, match=r"SSLError|ConnectionError"):
            line_of(url)  # nothing says that it is our certificate that misses
    with admitting(installation, papers, token=TOKEN) as url:
        assert line_of(url, token_file=papers.token) == ("fine", None)
        assert line_of(url) == ("fault", "ENDPOINT_UNAUTHORISED")
    with admitting(installation, papers) as url:
        assert line_of(url, **pair) == line_of(url, token_file=papers.token) == ("fault", "ENDPOINT_OPEN")
