"""`acredita inbox`: what waits for each party of a registry of several hands, and commands that exist."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.sender import Sender
from acredita.anchoring.transaction import LocalAccount
from acredita.cli.lazy_commands import loaded
from acredita.contracts import bindings
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.registry.inbox.whole_registry import WholeRegistry, read_registry
from acredita.registry.keys.did import issuer_id

from tests.cli.test_council import decide, propose, recognise, refused
from tests.simulators.endpoint import endpoint
from tests.simulators.half_endpoint import Answers, HalfProvider, drawn_ledger
from tests.simulators.several_hands import AGENCY_DID, ISSUER_DID, SeveralHands, apply, found

DAY_SECONDS = 86_400
HALF_LEDGERS = 120
BELOW_DID = "did:web:plantel.example"
ISSUER = ["--did", ISSUER_DID]
SCOPE = ["--scope", "0x" + "5c" * 32]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    """Recognise the agency by the council; the institution has not applied."""
    hands = found(tmp_path_factory.mktemp("inbox") / "world")
    recognise(hands)
    return hands


@pytest.fixture
def hands(opened: SeveralHands, tmp_path: Path) -> SeveralHands:
    return opened.copy(tmp_path / "world")


def waiting(hands: SeveralHands, name: str) -> list[dict[str, Any]]:
    """Return what waits for a party, after trying that each command exists and takes the options it is shown with."""
    items: list[dict[str, Any]] = hands.ask("inbox", "--as", hands.account_file(name))["items"]
    for item in items:
        check_command(shlex.split(item["command"])[1:])
    return items


def kinds(hands: SeveralHands, name: str) -> list[str]:
    """Return the kinds of what waits for a party, but for the trust file that no council has recorded."""
    return [item["kind"] for item in waiting(hands, name) if item["kind"] != "trust_file_due"]


def check_command(words: list[str]) -> None:
    command: Any = loaded(words[0])
    for word in words[1:]:
        if not hasattr(command, "commands"):
            break
        command = command.commands[word]
    assert not hasattr(command, "commands"), words
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert [word for word in words if word.startswith("--") and word not in known] == []


def head_time(hands: SeveralHands) -> int:
    with Chain.open(hands.chain, read_only=True) as chain:
        return int(chain.head.timestamp)


def advance(hands: SeveralHands, duration: str) -> None:
    assert hands.run("devnet", "advance", duration, "--chain", hands.chain, trust=False)[0] == 0


def act_as(hands: SeveralHands, name: str, *words: object) -> None:
    code, text = hands.run(*words, *hands.by(name))
    assert code == 0, text


def test_an_application_goes_from_inbox_to_inbox(hands: SeveralHands) -> None:
    issuers, issuer = bindings.IssuerRegistry(hands.contracts.issuer_registry), bytes(issuer_id(ISSUER_DID))
    assert [kinds(hands, name) for name in ("ana", "agencia")] == [[], []]
    act_as(hands, "ut", "institution", "apply", *ISSUER, "--act", hands.act_file("ut", "solicitud"))
    steps = [item["what"] for item in waiting(hands, "ut")]
    assert len(steps) == 3 and steps[0] == "the application still needs you to add an assertion key"
    assert kinds(hands, "agencia") == []
    hands.send("nadie", issuers.consent(issuer, bindings.AccountPurpose.ANCHORING))
    account = hands.account("nadie").address
    hands.send(
        "ut",
        issuers.add_key(issuer, b"\x11" * 32, bindings.KeyPurpose.ASSERTION, b"\xac" * 32),
        issuers.add_anchoring_account(issuer, account),
        issuers.attest_quality(issuer, b"\xac" * 32),
    )
    assert (kinds(hands, "ut"), kinds(hands, "ana")) == ([], [])
    assert kinds(hands, "agencia") == ["application_to_review"]
    hands.send("agencia", issuers.review(issuer, False, b"\xad" * 32))
    assert kinds(hands, "agencia") == []
    advance(hands, "25h")
    hands.send("agencia", issuers.review(issuer, True, b"\xae" * 32))
    assert kinds(hands, "ana") == ["application_to_decide"]
    [item] = [item for item in waiting(hands, "ana") if item["kind"] == "application_to_decide"]
    assert item["subject"] == f"0x{issuer.hex()}" and "reviewed favourably by 0x" in item["what"]
    decide(hands, "activate", *ISSUER, "--until", "2099-01-01", *SCOPE)
    assert [kinds(hands, name) for name in ("ana", "agencia", "ut", "nadie")] == [[], [], [], []]


def test_a_proposal_waits_for_those_who_have_not_approved_it(hands: SeveralHands) -> None:
    number, out, document, _ = propose(hands, "end-agency", "--did", AGENCY_DID)
    assert [kinds(hands, name) for name in ("ana", "beto", "carla")] == [
        [],
        ["proposal_to_approve"],
        ["proposal_to_approve"],
    ]
    code, text = hands.run("inbox", "--as", hands.address("beto"), "--proposals", out.parent, lang="es")
    assert (code, f"la propuesta {number} 'Acto end-agency' espera su aprobación (1/2)" in text) == (0, True), text
    assert f"  acredita council approve {number} --proposal ARCHIVO --act ARCHIVO" in text
    files = ["--proposal", out, "--act", document]
    act_as(hands, "beto", "council", "approve", number, *files)
    assert [kinds(hands, name) for name in ("ana", "carla")] == [["proposal_to_execute"]] * 2
    act_as(hands, "beto", "council", "retract", number)
    assert kinds(hands, "beto") == ["proposal_to_approve"]
    advance(hands, "31d")
    assert kinds(hands, "beto") == []


def test_ends_suspensions_and_keys_are_said_before_they_are_over(hands: SeveralHands) -> None:
    apply(hands)
    issuers, issuer = bindings.IssuerRegistry(hands.contracts.issuer_registry), bytes(issuer_id(ISSUER_DID))
    end = head_time(hands) + 100 * DAY_SECONDS
    decide(hands, "activate", *ISSUER, "--until", time_text(end), *SCOPE)
    assert [kinds(hands, name) for name in ("ana", "ut", "agencia")] == [[], [], []]
    hands.send("ut", issuers.add_key(issuer, b"\x22" * 32, bindings.KeyPurpose.ASSERTION, b"\xac" * 32))
    [key] = waiting(hands, "ut")
    assert (key["kind"], key["subject"]) == ("key_due", "11" * 32)
    hands.send("ut", issuers.end_key(issuer, b"\x11" * 32))
    act_as(hands, "carla", "council", "suspend", ISSUER_DID, "--act", hands.act_file("carla", "urgente"))
    assert [kinds(hands, name) for name in ("ana", "ut")] == [["urgent_suspension"], ["accreditation_stopped"]]
    [stopped] = waiting(hands, "ut")
    assert hands.address("carla") in stopped["what"] and stopped["until"] is not None
    advance(hands, "73h")
    assert [kinds(hands, name) for name in ("ana", "ut")] == [[], []]
    advance(hands, "10d")
    assert [kinds(hands, name) for name in ("ana", "ut", "agencia")] == [
        ["accreditation_ends"],
        ["accreditation_ends"],
        ["application_to_review"],
    ]
    assert "a new favourable review by an agency is needed first" in waiting(hands, "ut")[0]["what"]
    hands.send("agencia", issuers.review(issuer, True, b"\xad" * 32))
    assert kinds(hands, "agencia") == [] and "it can be renewed" in waiting(hands, "ut")[0]["what"]
    advance(hands, "100d")
    assert "ended" in waiting(hands, "ut")[0]["what"]
    advance(hands, "100d")
    assert [kinds(hands, name) for name in ("ana", "ut")] == [[], ["accreditation_ends"]]


def test_programmes_wait_for_the_agency_and_the_council(hands: SeveralHands) -> None:
    apply(hands)
    decide(hands, "activate", *ISSUER, "--until", "2099-01-01", *SCOPE)
    programmes = bindings.ProgrammeRegistry(hands.contracts.programme_registry)
    hands.send("ut", programmes.submit(issuer_id(ISSUER_DID), b"\xd0" * 32))
    version = f"0x{issuer_id(ISSUER_DID).hex()}#0x{'d0' * 32}"
    assert kinds(hands, "ana") == ["programme_to_approve"] and kinds(hands, "agencia") == ["programme_to_review"]
    assert waiting(hands, "agencia")[0]["subject"] == version
    report = hands.act_file("agencia", "dictamen")
    act_as(hands, "agencia", "programme", "review", "--programme", version, "--favourable", "--report", report)
    assert kinds(hands, "agencia") == []
    end = time_text(head_time(hands) + 80 * DAY_SECONDS)
    decide(hands, "approve-programme", "--programme", version, "--until", end)
    assert kinds(hands, "ana") == [] and kinds(hands, "ut") == ["programme_ends"]


def test_a_recovery_is_seen_by_holders_and_members(hands: SeveralHands) -> None:
    members = [word for name in ("nadie", "carla", "beto") for word in ("--member", hands.address(name))]
    out = hands.base / "rita" / "recovery.json"
    act_as(hands, "rita", "council", "recovery", "propose", *members, "--threshold", 2, "--out", out)
    assert [kinds(hands, name) for name in ("rita", "saul", "ana")] == [[], ["recovery"], ["recovery"]]
    act_as(hands, "saul", "council", "recovery", "approve", 1, "--recovery", out)
    assert [kinds(hands, name) for name in ("rita", "saul", "ana")] == [[], [], ["recovery"]]
    advance(hands, "31d")
    assert "recovery execute 1" in waiting(hands, "saul")[0]["command"]
    act_as(hands, "rita", "council", "recovery", "execute", 1, "--recovery", out)
    assert [kinds(hands, name) for name in ("rita", "beto")] == [[], []]
    assert "ACCOUNT_ROLE" in hands.run("inbox", "--as", hands.address("ana"))[1]


def test_an_institution_that_accredits_others_decides_about_them(hands: SeveralHands) -> None:
    issuers, below = bindings.IssuerRegistry(hands.contracts.issuer_registry), bytes(issuer_id(BELOW_DID))
    apply(hands)
    decide(hands, "activate", *ISSUER, "--until", "2099-01-01", *SCOPE)
    decide(hands, "delegate", *ISSUER, "--delegates")
    act, anchoring = b"\xac" * 32, LocalAccount(b"\x31" * 32)
    with Chain.open(hands.chain) as chain:
        consenting = Sender(RpcLedger(EmbeddedProvider(Rpc(chain))), anchoring, depth=0)
        consenting.transact(issuers.consent(below, bindings.AccountPurpose.ANCHORING))
    hands.send(
        "nadie",
        issuers.apply(below, bytes(issuer_id(ISSUER_DID)), act),
        issuers.add_key(below, b"\x33" * 32, bindings.KeyPurpose.ASSERTION, act),
        issuers.add_anchoring_account(below, anchoring.address),
        issuers.attest_quality(below, act),
    )
    hands.send("agencia", issuers.review(below, True, act))
    assert (kinds(hands, "ana"), kinds(hands, "ut")) == ([], ["application_to_decide"])
    accrediting = ["institution", "accredit", "--did", BELOW_DID, "--act", hands.act_file("ut", "acto"), *SCOPE]
    end = time_text(head_time(hands) + 60 * DAY_SECONDS)
    act_as(hands, "ut", *accrediting, "--until", end)
    assert (kinds(hands, "ut"), kinds(hands, "nadie")) == (["accreditation_ends"], ["accreditation_ends"])
    decide(hands, "suspend", *ISSUER)
    assert kinds(hands, "ana") == ["accreditation_ends"]  # nobody else can renew it now
    document = hands.act_file("nadie", "acto")
    renewing = ["institution", "renew", "--until", "2031-01-01", "--act", document, *hands.by("nadie"), "--did"]
    assert f"is not the control account of 0x{issuer_id(ISSUER_DID).hex()}" in refused(hands, *renewing, BELOW_DID)
    assert "la acredita el consejo" in refused(hands, *renewing, ISSUER_DID, lang="es")


def test_an_agency_whose_recognition_is_over_is_told_so(hands: SeveralHands) -> None:
    apply(hands)
    account = ["--account-address", hands.address("agencia")]
    end = time_text(head_time(hands) + DAY_SECONDS)
    decide(hands, "recognise-agency", "--did", AGENCY_DID, *account, "--until", end)
    assert kinds(hands, "agencia") == ["recognition_ends"] and "recognition_ends" in kinds(hands, "ana")
    advance(hands, "25h")
    assert "your reviews are refused" in waiting(hands, "agencia")[0]["what"]


def test_the_trust_file_is_said_to_end_fourteen_days_before(hands: SeveralHands) -> None:
    assert [item["what"] for item in waiting(hands, "ana")] == ["the council has not recorded trust file 1"]
    decide(hands, "record-trust", "--trust-file", hands.trust)
    assert waiting(hands, "ana") == []
    advance(hands, "77d")
    assert [item["command"] for item in waiting(hands, "agencia")] == ["acredita trust update"]
    assert waiting(hands, "ana")[0]["command"].startswith("acredita trust draft")


def test_an_account_without_a_role_is_refused(hands: SeveralHands) -> None:
    code, text = hands.run("inbox", "--as", hands.address("nadie"), lang="es")
    assert (code, text.startswith("acredita: ACCOUNT_ROLE: ")) == (1, True)
    assert "no tiene ninguna función en este registro" in text
    for mistyped in ("0x12", "nada.json"):
        code, text = hands.run("inbox", "--as", mistyped, lang="es")
        assert (code, mistyped in text, "o un archivo de cuenta" in text) == (2, True, True)


def test_half_a_ledger_gives_the_whole_inbox_or_none(hands: SeveralHands) -> None:
    """Draw endpoints that leave out, invent, lag or break. What is read is an honest block's registry, or nothing."""
    apply(hands)
    propose(hands, "activate", *ISSUER, "--until", "2099-01-01", *SCOPE)
    with Chain.open(hands.chain, read_only=True) as chain:
        rpc = Rpc(chain)
        honest, answers = RpcLedger(EmbeddedProvider(rpc)), Answers(rpc)
        whole = 0
        for seed in range(HALF_LEDGERS):
            ledger = drawn_ledger(seed, answers)
            try:
                read = read_registry(ledger, hands.contracts, ledger.head())
            except LedgerUnavailable:
                continue
            block = honest.block(read.block.number)
            assert block is not None and read == read_registry(honest, hands.contracts, block), f"seed {seed}"
            whole += 1
    assert 0 < whole < HALF_LEDGERS


def test_an_endpoint_that_hides_a_record_ends_with_three(hands: SeveralHands) -> None:
    """Hide the newest event of each look: the total does not fold, and nothing is listed."""
    apply(hands)
    asking = ["inbox", "--as", hands.address("ana"), "--json", "--rpc"]
    with Chain.open(hands.chain, read_only=True) as chain:
        rpc = Rpc(chain)

        def one(request: dict[str, Any]) -> Any:
            answer: dict[str, Any] = rpc.handle(request)
            return answer | {"result": answer["result"][:-1]} if request["method"] == "eth_getLogs" else answer

        def hiding(request: Any) -> tuple[int, bytes]:
            answers = [one(each) for each in request] if isinstance(request, list) else one(request)
            return 200, json.dumps(answers).encode()

        with endpoint(hiding) as url:
            code, text = hands.run(*asking, url, lang="es")
    assert (code, text.startswith("acredita: "), len(text.splitlines())) == (3, True, 1), text
    assert "no están completos" in text
    assert hands.run(*asking, "http://127.0.0.1:9")[0] == 3


def test_an_inbox_of_many_records_asks_as_few_questions(hands: SeveralHands) -> None:
    """Count the questions before and after forty records: three looks at logs and a fixed number of views."""
    programmes = bindings.ProgrammeRegistry(hands.contracts.programme_registry)
    apply(hands)
    before = questions(hands)
    hands.send("ut", *(programmes.submit(issuer_id(ISSUER_DID), bytes([n]) * 32) for n in range(1, 41)))
    assert questions(hands) == before


def questions(hands: SeveralHands) -> dict[str, int]:
    counted: dict[str, int] = {}
    with Chain.open(hands.chain, read_only=True) as chain:
        answers = Answers(Rpc(chain))

        def count(method: str, params: list[Any]) -> dict[str, Any]:
            counted[method] = counted.get(method, 0) + 1
            return answers(method, params)

        ledger = RpcLedger(HalfProvider(count, ()))
        assert isinstance(read_registry(ledger, hands.contracts, ledger.head()), WholeRegistry)
    return counted
