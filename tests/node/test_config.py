"""Configuration: what is written down is what there is, and what is wrong is named."""

from pathlib import Path

import pytest
from acredita.node.config import (
    Configuration,
    ConfigurationError,
    EndpointSettings,
    load,
    load_endpoints,
    settings,
    variable,
)

WHOLE = """
[node]
data = "data"
port = 8443
allowed_hosts = ["status.example"]

[ledger]
rpc = ["http://127.0.0.1:8545", "http://127.0.0.1:8546"]
agree = 2
depth = 1

[anchoring]
min_batch = 8
lease_seconds = 5

[[institution]]
profile = "ut"
name = "Universidad Tecnológica (DEMO)"
keystore = "keys/ut.json"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "acredita.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_everything_has_its_default() -> None:
    configuration = load(None, {})
    assert configuration == Configuration()
    assert configuration.database_url == "sqlite:///acredita-data/node.db"
    assert configuration.chain_folder == Path("acredita-data/chain")


def test_a_file_is_read_relative_to_itself(tmp_path: Path) -> None:
    configuration = load(write(tmp_path, WHOLE), {})
    assert configuration.node.data == tmp_path / "data"
    assert configuration.node.allowed_hosts == ("status.example",)
    assert (configuration.ledger.agree, configuration.ledger.depth) == (2, 1)
    assert configuration.anchoring.lease_seconds == 5.0
    (institution,) = configuration.institutions
    assert (institution.profile, institution.keystore) == ("ut", tmp_path / "keys/ut.json")


def test_a_byte_order_mark_before_a_file_is_ignored(tmp_path: Path) -> None:
    assert load(write(tmp_path, "\ufeff" + WHOLE), {}) == load(write(tmp_path, WHOLE), {})


@pytest.mark.parametrize("character", ["\u202e", "\u200b", "\u00ad", "\u3164"])
def test_an_invisible_character_in_a_name_or_address_is_named(tmp_path: Path, character: str) -> None:
    for text in ("Universidad Tecnol", 'data = "da', "status.exa"):
        spoiled = WHOLE.replace(text, text + character)
        with pytest.raises(ConfigurationError, match=f"U\\+{ord(character):04X} is number"):
            load(write(tmp_path, spoiled), {})


def test_a_text_where_a_list_belongs_is_a_list_of_one(tmp_path: Path) -> None:
    configuration = load(write(tmp_path, '[ledger]\nrpc = "http://127.0.0.1:1"\ndepth = 1'), {})
    assert configuration.ledger.rpc == (EndpointSettings("http://127.0.0.1:1"),)


def test_endpoints_are_addresses_or_tables_with_files_beside_the_configuration(tmp_path: Path) -> None:
    table = 'url = "https://b:1", token_file = "t", certificate = "c.pem", key = "k.pem", ca = "/ca.pem"'
    configuration = load(write(tmp_path, f'[ledger]\ndepth = 1\nrpc = ["http://a:1", {{ {table} }}]'), {})
    plain, with_files = configuration.ledger.rpc
    assert plain == EndpointSettings("http://a:1")
    assert with_files == EndpointSettings(
        "https://b:1", tmp_path / "t", tmp_path / "c.pem", tmp_path / "k.pem", Path("/ca.pem")
    )
    one = load(write(tmp_path, f"[ledger]\ndepth = 1\nrpc = {{ {table} }}"), {})
    repeated = load(write(tmp_path, "[ledger]\ndepth = 1\n[[ledger.rpc]]\n" + table.replace(", ", "\n")), {})
    assert one.ledger.rpc == repeated.ledger.rpc == (with_files,)


def test_whoever_only_reads_needs_the_endpoints_alone(tmp_path: Path) -> None:
    path = write(tmp_path, '[ledger]\nrpc = ["http://a:1", "http://b:1"]\nagree = 2\n[node]\nprot = 1')
    assert [one.url for one in load_endpoints(path).rpc] == ["http://a:1", "http://b:1"]
    with pytest.raises(ConfigurationError, match="at least one endpoint expected"):
        load_endpoints(write(tmp_path, "[node]\nport = 1"))
    with pytest.raises(ConfigurationError, match=r"ledger\.agree"):
        load_endpoints(write(tmp_path, '[ledger]\nrpc = "http://a:1"\nagree = 2'))


def test_an_address_with_a_password_is_refused_without_being_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(write(tmp_path, '[ledger]\nrpc = "https://user:hunter2@a:1"\ndepth = 1'), {})
    assert "token_file" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_environment_goes_first(tmp_path: Path) -> None:
    environment = {
        "ACREDITA_NODE_PORT": "9000",
        "ACREDITA_LEDGER_RPC": "http://127.0.0.1:1, http://127.0.0.1:2",
        "ACREDITA_LEDGER_DEPTH": "3",
        "ACREDITA_LEDGER_READ_ONLY": "true",
        "ACREDITA_DATABASE_URL": "postgresql+psycopg://node@127.0.0.1/acredita",
        "ACREDITA_VECTORS": "not ours",
    }
    configuration = load(write(tmp_path, WHOLE), environment)
    assert configuration.node.port == 9000
    assert configuration.ledger.rpc == (EndpointSettings("http://127.0.0.1:1"), EndpointSettings("http://127.0.0.1:2"))
    assert (configuration.ledger.depth, configuration.ledger.read_only) == (3, True)
    assert configuration.database_url.startswith("postgresql")


WRONG = {
    "a section nobody knows": ("[nodes]\nport = 1", "unknown section nodes"),
    "a setting nobody knows": ("[node]\nprot = 1", r"\[node\] prot"),
    "a text for a number": ('[node]\nport = "80"', "node.port: a whole number"),
    "a negative number": ("[ledger]\ntimeout_seconds = -1", "ledger.timeout_seconds: a number"),
    "a number for a list": ("[ledger]\nrpc = 1", "ledger.rpc: a list"),
    "a number among endpoints": ("[ledger]\nrpc = [1]", "ledger.rpc: a list of addresses, or of tables with url"),
    "an endpoint without address": ('[ledger]\nrpc = { ca = "c" }', r"\[ledger.rpc\] url: must be given"),
    "a setting of no endpoint": ('[ledger]\nrpc = { url = "https://a", tok = "t" }', r"\[ledger.rpc\] tok: no such"),
    "an endpoint of another kind": ('[ledger]\nrpc = "ws://a:1"', "ledger.rpc: an http or https address"),
    "an endpoint that is no address": ('[ledger]\nrpc = "https://[::1"', "ledger.rpc: an http or https address"),
    "half a client certificate": (
        '[ledger]\nrpc = { url = "https://a", key = "k" }',
        "ledger.rpc: certificate and key",
    ),
    "a token over plain HTTP": (
        '[ledger]\nrpc = { url = "http://a", token_file = "t" }',
        "ledger.rpc: an https address",
    ),
    "an authority over plain HTTP": ('[ledger]\nrpc = { url = "http://localhost", ca = "c" }', "ledger.rpc: an https"),
    "a truth for a number": ("[node]\nport = true", "node.port"),
    "no depth for an endpoint": ('[ledger]\nrpc = ["http://127.0.0.1:1"]', "ledger.depth: must be given"),
    "more agreement than endpoints": ('[ledger]\nrpc = ["http://a"]\ndepth = 1\nagree = 2', "ledger.agree"),
    "a minimum above the maximum": ("[anchoring]\nmin_batch = 9\nmax_batch = 8", "anchoring.min_batch"),
    "an institution without keystore": ('[[institution]]\nprofile = "a"\nname = "A"', r"\[institution\] keystore"),
    "two institutions of one name": (
        '[[institution]]\nprofile = "a"\nname = "A"\nkeystore = "k"\n' * 2,
        "institution.profile",
    ),
    "an institution that is no table": ("institution = 1", "tables expected"),
    "half a certificate": ('[node]\ntls_key = "k"', "tls_certificate"),
    "no TOML": ("[node", "no TOML file"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load(write(tmp_path, text), {})


@pytest.mark.parametrize(
    ("name", "value"),
    [("ACREDITA_NODE_PORT", "many"), ("ACREDITA_NODE_PROT", "1"), ("ACREDITA_LEDGER_READ_ONLY", "yes")],
)
def test_a_wrong_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        load(None, {name: value})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        load(tmp_path / "nowhere.toml", {})


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    missing = [f"{section}.{name}" for section, name in settings() if f"`{section}.{name}`" not in page]
    assert missing == []


def test_every_setting_but_an_institutions_has_a_variable() -> None:
    names = [variable(section, name) for section, name in settings()]
    assert len(names) == len(set(names))
