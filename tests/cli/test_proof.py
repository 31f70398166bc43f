"""`acredita proof check`: a node's answer is proven offline, and a node whose answers are altered is caught."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.cli.bodies.proof_report import outcome_lines
from acredita.cli.main import main
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.http.app import NodeDependencies, create_app
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.storage.database import Database
from acredita.node.verification.language import Language
from acredita.registry.evidence.registry_proof import read_registry_proof
from acredita.registry.verification.case import Moment
from acredita.registry.verification.checked_answer import check_answer

from tests.node.http.two_institution_node import Client

Document = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A node over the demonstration, a folder for its answers, and what the command says of them."""

    folder: Path
    client: Client
    trust: Path
    capsys: pytest.CaptureFixture[str]

    def saved(self, path: str, lie: Callable[[Document], object] | None = None) -> Path:
        """Ask the node, let somebody between alter the answer, and save it."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        document = answer.json()
        if lie is not None:
            lie(document)
        file = self.folder / "answer.json"
        file.write_bytes(answer.content if lie is None else json.dumps(document).encode())
        return file

    def check(self, file: Path, *options: str, trusting: bool = True) -> tuple[int, Document]:
        """Check a file; return the exit code and the JSON that is printed."""
        self.capsys.readouterr()
        trust = ["--trust", str(self.trust)] if trusting else []
        code = main(["proof", "check", str(file), *trust, "--json", *options])
        return code, json.loads(self.capsys.readouterr().out)

    def printed(self, file: Path, language: str, *options: str) -> str:
        self.capsys.readouterr()
        main(["proof", "check", str(file), "--trust", str(self.trust), "--lang", language, *options])
        return self.capsys.readouterr().out

    def issuers(self) -> dict[str, Document]:
        """Return the demonstration's issuers by their states."""
        return {row["state"]: row for row in self.client.get("/v1/issuers").json()["issuers"]}

    def path_of(self, state: str) -> str:
        return f"/v1/issuers/{self.issuers()[state]['issuer'][2:]}?proof=1"


@pytest.fixture(scope="module")
def client(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    database = Database.create(f"sqlite:///{tmp_path_factory.mktemp('node') / 'node.db'}")
    with Chain.open(demonstration / "chain", read_only=True) as chain:
        dependencies = NodeDependencies(
            database=database,
            folder=TrustFolder(demonstration),
            trust=read_trust(demonstration / "trust.json"),
            ledger=RpcLedger(EmbeddedProvider(Rpc(chain))),
            clock=lambda: int(time.time()),
            base="https://registro.example",
        )
        with Client(create_app(dependencies)) as opened:
            yield opened
    database.close()


@pytest.fixture
def asked(
    client: Client,
    demonstration: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Asked:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Asked(tmp_path, client, demonstration / "trust.json", capsys)


def test_an_answer_is_proven_and_said_in_both_languages(asked: Asked) -> None:
    file = asked.saved(asked.path_of("active"))
    code, told = asked.check(file)
    assert (code, told["outcome"], told["code"]) == (0, "proven", None)
    assert told["format"] == "acredita-checked-answer/1"
    row = asked.issuers()["active"]
    assert (told["answer"]["now"]["did"], told["answer"]["now"]["recognised"]) == (row["did"], True)
    spanish, english = asked.printed(file, "es"), asked.printed(file, "en")
    assert told["demo_chain"] is True
    assert "\nCadena de demostración: " in spanish
    assert "\nDemo chain: " in english
    assert spanish.startswith("PROBADO\nEl registro en el bloque ")
    assert english.startswith("PROVEN\nThe registry at block ")
    for text, words in ((spanish, ("estado: activa", "firma credenciales, vigente")), (english, ("state: active",))):
        assert row["did"] in text
        assert [word for word in words if word not in text] == []


def test_what_held_then_and_what_holds_at_the_block(asked: Asked) -> None:
    """Ask about a day on which a suspended institution was active, by the command and by the node."""
    path = asked.path_of("suspended")
    timeline = asked.client.get(path).json()["answer"]["now"]["timeline"]
    day = next(step["time"] for step in timeline if step["state"] == "active")
    for file, options in ((asked.saved(path), ("--at", day)), (asked.saved(f"{path}&at={day}"), ())):
        code, told = asked.check(file, *options)
        assert (code, told["answer"]["at"]) == (0, day)
        assert [told["answer"][name]["state"] for name in ("then", "now")] == ["active", "suspended"]
        text = asked.printed(file, "es", *options)
        assert f"En {day}, como se sabía entonces\n  estado: activa" in text
        assert "En el bloque\n  estado: suspendida" in text


def test_a_programme_is_proven(asked: Asked) -> None:
    row = asked.client.get("/v1/programmes").json()["programmes"][0]
    file = asked.saved(f"/v1/programmes/{row['programme'][2:]}?proof=1")
    code, told = asked.check(file, "--subject", row["programme"])
    assert (code, told["answer"]["now"]["state"]) == (0, row["state"])
    assert row["title"]["es"] in asked.printed(file, "es")


def test_a_programme_is_the_one_that_its_issuer_submitted(asked: Asked) -> None:
    """Refuse a node's true answer about the same document of another owner, who never submitted it."""
    row = asked.client.get("/v1/programmes").json()["programmes"][0]
    other = next(each for each in asked.issuers().values() if each["issuer"] != row["owner"])
    options = ["--subject", row["programme"], "--owner", row["owner"]]
    file = asked.saved(f"/v1/programmes/{row['programme'][2:]}?proof=1")
    assert asked.check(file, *options)[0] == 0
    assert f"presentada por: {row['owner']}" in asked.printed(file, "es")
    file = asked.saved(f"/v1/programmes/{row['programme'][2:]}?proof=1&owner={other['issuer'][2:]}")
    assert asked.check(file, "--subject", row["programme"])[0] == 0
    code, told = asked.check(file, *options)
    assert (code, told["code"], told["answer"]) == (1, "PROOF_OF_ANOTHER", None)
    assert f"presentada por: {other['issuer']}" in asked.printed(file, "es")
    assert "una versión que presentó 0x" in asked.printed(file, "es", *options)
    assert asked.check(asked.saved(asked.path_of("active")), "--owner", other["did"])[1]["code"] == "PROOF_OF_ANOTHER"


def test_the_subject_is_the_one_that_was_asked_about(asked: Asked) -> None:
    rows = asked.issuers()
    file = asked.saved(asked.path_of("active"))
    for subject in (rows["active"]["did"], rows["active"]["issuer"], rows["active"]["issuer"][2:]):
        assert asked.check(file, "--subject", subject)[0] == 0
    code, told = asked.check(file, "--subject", rows["suspended"]["did"])
    assert (code, told["outcome"], told["code"]) == (1, "refused", "PROOF_OF_ANOTHER")
    assert main(["proof", "check", str(file), "--subject", "0x5A", "--lang", "es"]) == 2
    assert "--subject 0x5A: se espera un DID o 64 cifras" in asked.capsys.readouterr().err


def _hide_suspension(document: Document) -> None:
    document["answer"]["now"] |= {"state": "active", "recognised": True}


def _hide_the_last_record(document: Document) -> None:
    document["records"][document["question"]["subject"]].pop()


def _rename(document: Document) -> None:
    document["documents"][0]["name"]["es"] = "Otra universidad (DEMO)"
    document["answer"]["now"]["name"]["es"] = "Otra universidad (DEMO)"


def _swap_records(document: Document) -> None:
    records = document["records"][document["question"]["subject"]]
    records[0], records[1] = records[1], records[0]


def _forge_header(document: Document) -> None:
    document["header"] = document["header"][:184] + "00" * 32 + document["header"][248:]  # the state root


@pytest.mark.parametrize(
    ("lie", "outcome", "code"),
    [
        (_hide_suspension, (1, "refused"), "ANSWER_ALTERED"),
        (_hide_the_last_record, (1, "refused"), "HISTORY_MISMATCH"),
        (_swap_records, (1, "refused"), "HISTORY_MISMATCH"),
        (_rename, (1, "refused"), "EVIDENCE_MALFORMED"),
        (lambda document: document["nodes"].pop(), (1, "refused"), "STATE_PROOF_INVALID"),
        (_forge_header, (3, "unknown"), "BLOCK_NOT_TRUSTED"),
    ],
)
def test_a_node_whose_answers_are_altered_is_caught(
    asked: Asked, lie: Callable[[Document], object], outcome: tuple[int, str], code: str
) -> None:
    path = asked.path_of("suspended")
    assert asked.check(asked.saved(path))[0] == 0
    exit_code, told = asked.check(asked.saved(path, lie))
    assert ((exit_code, told["outcome"]), told["code"], told["answer"]) == (outcome, code, None)


def test_without_a_trust_file_nothing_is_told(asked: Asked) -> None:
    code, told = asked.check(asked.saved(asked.path_of("active")), trusting=False)
    assert (code, told["outcome"], told["code"], told["answer"]) == (3, "unknown", "TRUST_MISSING", None)


def test_the_pinned_trust_file_is_used_and_the_block_is_remembered(asked: Asked) -> None:
    trust = read_trust(asked.trust)
    assert main(["trust", "pin", str(asked.trust), "--fingerprint", "0x" + trust.digest.hex()]) == 0
    assert asked.check(asked.saved(asked.path_of("active")), trusting=False)[0] == 0
    seen = json.loads((asked.folder / "config" / "acredita" / "seen-blocks.json").read_text())
    assert [block["number"] for block in seen["chains"].values()] == [max(trust.blocks)]


def test_a_block_is_too_old_for_the_present_but_not_for_its_own_past(asked: Asked) -> None:
    file = asked.saved(asked.path_of("active"))
    as_of = asked.check(file)[1]["answer"]["as_of"]
    later = int(datetime.fromisoformat(as_of).timestamp()) + 2 * 24 * 3600
    checked = check_answer(read_registry_proof(file.read_bytes()), read_trust(asked.trust), Moment(later), None)
    assert checked.answer is not None
    assert (checked.outcome.value, checked.code, checked.answer["now"]["state"]) == (
        "unknown",
        "PROOF_OUTDATED",
        "active",
    )
    said = "\n".join(outcome_lines(checked, Language.ES))
    assert said.startswith("NO SE PUDO SABER\nPROOF_OUTDATED: La prueba es de un bloque demasiado")
    assert asked.check(file, "--at", as_of)[0] == 0
    after = datetime.fromtimestamp(later, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert asked.check(file, "--at", after)[1]["code"] == "PROOF_OUTDATED"


@pytest.mark.parametrize("content", [b"", b"{}", b"no JSON", b'{"format": "acredita-evidence/1"}', b"\x1f\x8b"])
def test_a_file_that_holds_no_answer_is_unusable(asked: Asked, content: bytes) -> None:
    file = asked.folder / "x.json"
    file.write_bytes(content)
    assert main(["proof", "check", str(file), "--trust", str(asked.trust), "--lang", "es"]) == 2
    assert asked.capsys.readouterr().err.startswith(f"acredita: {file}: ")
