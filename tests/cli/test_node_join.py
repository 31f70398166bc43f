"""`acredita node join`: a node is bound to a chain by a trust file, and told each step that misses until none does.

The chain is served over JSON-RPC, as each party's commands and the node reach it. Nothing is bound on a refusal.
"""

import json
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from acredita.cli.main import main
from acredita.devnet.chain import Chain
from acredita.node.verification.pinned_trust import configuration_folder, fingerprint
from acredita.registry.keys.scrypt_cost import LEAST_N
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.ledger_facts.trust_draft import add_signature
from acredita.registry.ledger_facts.trust_file import read_trust_file
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.cli.test_act_over_rpc import served
from tests.cli.test_council import decide, recognise
from tests.cli.test_log_option import static_host
from tests.cli.test_parties import programme, scope
from tests.cli.test_status_at_once import serving
from tests.simulators.one_operator import write_cohort
from tests.simulators.several_hands import ISSUER_DID, SeveralHands, found
from tests.waiting import PATIENCE_SECONDS, wait_for

DAY = "2099-01-01"
TRUST_SIGNER = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))  # of the simulator


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeveralHands]:
    """Serve the chain of several hands whose agency is recognised."""
    hands = found(tmp_path_factory.mktemp("join") / "world")
    recognise(hands)
    with served(hands) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACREDITA_RPC", url)
        (hands.base / "url").write_text(url)
        yield hands


def make_node(hands: SeveralHands, folder: Path, *words: str) -> Path:
    """Make a node on its own machine; return its configuration."""
    endpoint = ["--rpc", (hands.base / "url").read_text(), "--depth", "0"]
    init = ["node", "init", "--data", str(folder), "--scrypt-n", str(LEAST_N), *endpoint, *words]
    assert main(init) == 0
    return folder / "acredita.toml"


def institution(hands: SeveralHands, folder: Path) -> Path:
    secret = ["--passphrase-file", str(hands.base / "ut" / "pass")]
    named = ["--role", "institution", "--profile", "ut", "--name", "UT (DEMO)", "--base", "https://ut.example"]
    return make_node(hands, folder, *named, *secret)


def digest_of(hands: SeveralHands) -> str:
    return fingerprint(read_trust_file(hands.trust.read_bytes()))


@pytest.fixture
def joined(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run the command for a program, and return its answer."""

    def run(config: Path, *words: str) -> Any:
        capsys.readouterr()
        code = main(["node", "join", "--config", str(config), *words, "--json", "--lang", "en"])
        printed = capsys.readouterr()
        assert code == 0, printed.err
        return json.loads(printed.out)

    return run


def steps(facts: Any) -> list[str]:
    return [step["step"] for step in facts["institutions"][0]["missing"]]


def test_an_institution_is_told_each_step_until_none_misses(
    world: SeveralHands, tmp_path: Path, joined: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    config = institution(world, tmp_path / "nodo")
    facts = joined(config, "--trust", str(world.trust), "--fingerprint", digest_of(world))
    assert (facts["trust"]["sha256"], facts["chain_id"]) == (digest_of(world), 31337)
    (of_ut,) = facts["institutions"]
    assert (of_ut["did"], of_ut["state"], facts["missing"]) == (ISSUER_DID, "unknown", [])
    keys = ["assertion_key", "note_key", "anchoring_account"]
    council = ["programme", "approve_programme"]
    assert steps(facts) == ["apply", *keys, "attest", "review", "activate", *council]
    assert {step["whose"] for step in of_ut["missing"]} == {"institution", "agency", "council"}
    act = world.act_file("ut", "solicitud")
    for step in of_ut["missing"][:6]:
        party = "ut" if step["whose"] == "institution" else "agencia"
        words = shlex.split(
            step["command"].replace("FILE", str(act)).replace("ACCOUNT", str(world.account_file(party)))
        )
        code, text = world.run(*words[1:], *world.by(party), trust="--trust" not in words)
        assert code == 0, (step, text)
    facts = joined(config)
    assert (facts["institutions"][0]["state"], steps(facts)) == ("reviewed", ["activate", *council])
    decide(world, "activate", "--did", ISSUER_DID, "--until", DAY, "--scope", scope(world))
    document = programme(world)
    facts = joined(config)
    assert steps(facts) == ["scope_document", *council]
    follow(facts["institutions"][0]["missing"][0], scope(world))
    code, text = world.run("programme", "submit", "--programme", document, "--scope", scope(world), *world.by("ut"))
    assert code == 0, text
    assert steps(joined(config)) == ["approve_programme"]
    decide(world, "approve-programme", "--programme", document)
    facts = joined(config)
    assert steps(facts) == ["programme_document"]
    follow(facts["institutions"][0]["missing"][0], document)
    assert steps(joined(config)) == []
    capsys.readouterr()
    assert main(["node", "join", "--config", str(config), "--lang", "es"]) == 0
    said = capsys.readouterr().out
    assert "unido por el archivo de confianza 1" in said and said.endswith(
        f"ut ({ISSUER_DID}): activa\nno falta nada\n"
    )


def follow(step: dict[str, str], file: Path) -> None:
    words = shlex.split(step["command"].replace("FILE", str(file)))
    assert step["whose"] == "operator" and main(words[1:]) == 0


def test_steps_are_told_in_spanish(world: SeveralHands, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = make_node(world, tmp_path / "nodo", *("--role", "mirror", "--base", "https://espejo.example"))
    joining = ["node", "join", "--config", str(config), "--trust", str(world.trust), "--fingerprint", digest_of(world)]
    assert main([*joining, "--lang", "es"]) == 0
    assert "sin institución: este nodo sirve lo que otros publican y no emite nada" in capsys.readouterr().out


def test_a_node_joins_by_the_address_of_another(
    world: SeveralHands, tmp_path: Path, joined: Callable[..., Any]
) -> None:
    other = tmp_path / "otro"
    other.mkdir()
    (other / "v1").mkdir()
    shutil.copy(world.trust, other / "v1" / "trust")
    config = make_node(world, tmp_path / "nodo", "--role", "authority", "--base", "https://sep.example")
    with static_host(other, []) as address:
        facts = joined(config, "--trust", address, "--fingerprint", digest_of(world))
        assert main(["node", "join", "--config", str(config), "--trust", f"{address}/nada.json"]) == 2
    assert (facts["institutions"], facts["missing"]) == ([], [])
    assert (tmp_path / "nodo" / "trust.json").is_file() and (tmp_path / "nodo" / "trust" / "1.json").is_file()


@pytest.fixture(scope="module")
def unbound(world: SeveralHands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return institution(world, tmp_path_factory.mktemp("unbound") / "nodo")


def with_ledger(config: Path, folder: Path, ledger: str) -> Path:
    """Copy a node with another ledger in its configuration."""
    shutil.copytree(config.parent, folder)
    text = config.read_text(encoding="utf-8").split("\nrpc = ")
    rest = text[1].split("\n\n", 1)[1]
    (folder / "acredita.toml").write_text(f"{text[0]}\n{ledger}\n\n{rest}", encoding="utf-8")
    return folder / "acredita.toml"


def refused(capsys: pytest.CaptureFixture[str], config: Path, *words: object, code: int, lang: str = "es") -> str:
    """Run the command that is refused, and return its sentence. Nothing is bound."""
    capsys.readouterr()
    answered = main(["node", "join", "--config", str(config), *map(str, words), "--lang", lang])
    said = capsys.readouterr().err
    assert answered == code, said
    left = {path.name for path in config.parent.iterdir()} & {"trust.json", "trust", "documents", "handover"}
    assert left == set()
    return said


def test_an_unconfirmed_or_broken_file_binds_nothing(
    world: SeveralHands, unbound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    offer = ["--trust", world.trust]
    assert digest_of(world) in refused(capsys, unbound, *offer, code=1)
    assert "se confirmó otro" in refused(capsys, unbound, *offer, "--fingerprint", "11" * 32, code=1)
    assert "TRUST_MALFORMED" in refused(capsys, unbound, *offer, "--fingerprint", "11", code=2)
    assert "se espera --trust URL|ARCHIVO" in refused(capsys, unbound, code=2)
    broken = tmp_path / "roto.json"
    broken.write_text(world.trust.read_text().replace('"number": 1', '"number": 2'))
    broken.write_text(broken.read_text().replace('"number":1', '"number":2'))
    assert "TRUST_SIGNATURE_INVALID" in refused(capsys, unbound, "--trust", broken, code=2)
    assert "nada.json" in refused(capsys, unbound, "--trust", "nada.json", code=2)
    assert "SOURCE_UNREACHABLE" in refused(capsys, unbound, "--trust", "http://127.0.0.1:9", code=2)


def test_another_chain_binds_nothing(
    world: SeveralHands, unbound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    confirmed = ["--trust", world.trust, "--fingerprint", digest_of(world)]
    Chain.open(tmp_path / "otra").close()
    other = with_ledger(unbound, tmp_path / "a", f'chain = "{tmp_path / "otra"}"')
    assert "GENESIS_CHANGED" in refused(capsys, other, *confirmed, code=1)
    silent = with_ledger(unbound, tmp_path / "b", 'rpc = ["http://127.0.0.1:9"]\ndepth = 0')
    assert "LEDGER_UNREACHABLE" in refused(capsys, silent, *confirmed, code=3)
    nothing = with_ledger(unbound, tmp_path / "c", "")
    assert "ledger.rpc: es obligatorio antes de" in refused(capsys, nothing, *confirmed, code=2)


def test_a_bound_node_follows_no_file_of_another_ledger(
    world: SeveralHands,
    unbound: Path,
    tmp_path: Path,
    joined: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "nodo"
    shutil.copytree(unbound.parent, folder)
    config = folder / "acredita.toml"
    joined(config, "--trust", str(world.trust), "--fingerprint", digest_of(world))
    before = (folder / "trust.json").read_bytes()
    elsewhere = found(tmp_path / "elsewhere")
    capsys.readouterr()
    words = ["--trust", str(elsewhere.trust), "--fingerprint", digest_of(elsewhere)]
    assert main(["node", "join", "--config", str(config), *words, "--lang", "es"]) == 1
    assert "TRUST_OTHER_LEDGER" in capsys.readouterr().err
    assert (folder / "trust.json").read_bytes() == before
    twice = tmp_path / "twice.json"
    document = {**json.loads(world.trust.read_text()), "sources": ["https://otro.example"], "signatures": []}
    twice.write_text(json.dumps(add_signature(document, TRUST_SIGNER)))
    assert main(["node", "join", "--config", str(config), "--trust", str(twice), "--lang", "es"]) == 1
    assert "TRUST_EQUIVOCATION" in capsys.readouterr().err
    assert len(list((configuration_folder() / "trust-equivocation").iterdir())) == 2
    assert (folder / "trust.json").read_bytes() == before


def ask(url: str) -> httpx.Response:
    return httpx.get(url, timeout=PATIENCE_SECONDS)


def test_a_node_without_an_institution_serves_and_issues_nothing(
    world: SeveralHands, tmp_path: Path, joined: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    config = make_node(world, tmp_path / "nodo", "--role", "mirror", "--base", "https://espejo.example")
    joined(config, "--trust", str(world.trust), "--fingerprint", digest_of(world))
    config.write_text(config.read_text().replace('data = "."', 'data = "."\nport = 0'))
    with serving(config) as url:
        wait_for(lambda: ask(f"{url}/readyz").status_code == 200, "a node that is ready")
        assert ask(f"{url}/v1/trust").content == (tmp_path / "nodo" / "trust.json").read_bytes()
        assert ask(f"{url}/v1/issuers").status_code == 200
        wait_for(lambda: ask(f"{url}/readyz").json()["index"]["block"] is not None, "an index that advances")
    capsys.readouterr()
    words = ["--profile", "ut", "--programme", str(programme(world)), "--config", str(config), "--lang", "es"]
    assert main(["issue", str(write_cohort(tmp_path, 1)), *words]) == 2
    assert "este nodo no tiene institución: sirve lo que otros publican y no emite nada" in capsys.readouterr().err
