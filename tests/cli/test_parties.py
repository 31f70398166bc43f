"""Institutions and agencies from the command line, each with an account file of its own, on a chain in a folder.

An institution applies, attests and submits programmes; an agency reviews them. What is wrong is refused with its code, in the
reader's language, and nothing is sent or kept.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.receipts import time_text
from acredita.cli.bodies.party_status import expired_by
from acredita.contracts import bindings
from acredita.contracts.answers import IssuerNow, IssuerState
from acredita.devnet.chain import Chain
from acredita.registry.keys.did import issuer_id

from tests.cli.test_council import consent, decide, recognise, refused
from tests.house.documents import ROOT
from tests.simulators.several_hands import AGENCY_DID, ISSUER_DID, SeveralHands, apply, found

DATA = ROOT / "node" / "demo" / "data"
SOON = "2030-01-01"


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    """Recognise the agency by the council; the institution has not applied."""
    hands = found(tmp_path_factory.mktemp("parties") / "world")
    recognise(hands)
    return hands


@pytest.fixture
def hands(opened: SeveralHands, tmp_path: Path) -> SeveralHands:
    return opened.copy(tmp_path / "world")


def programme(hands: SeveralHands, name: str = "programa.json", **changes: Any) -> Path:
    """Write a programme of the institution in its folder."""
    document = json.loads((DATA / "programmes" / "ind40-fundamentos-1.0.0.json").read_text())
    for term in document["quality_assurance"]:
        term["agent"] = AGENCY_DID
    path = hands.base / "ut" / name
    document |= {"issuer": ISSUER_DID} | changes
    path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}))
    return path


def scope(hands: SeveralHands, **changes: Any) -> Path:
    document = json.loads((DATA / "scopes" / "demo-ut.json").read_text())
    path = hands.base / "ut" / "alcance.json"
    path.write_text(json.dumps(document | {"did": ISSUER_DID} | changes))
    return path


def activate(hands: SeveralHands, file: Path) -> None:
    apply(hands)
    decide(hands, "activate", "--did", ISSUER_DID, "--until", SOON, "--scope", file)


def head_time(hands: SeveralHands) -> int:
    with Chain.open(hands.chain, read_only=True) as chain:
        return int(chain.head.timestamp)


def done(hands: SeveralHands, *words: object, by: str) -> str:
    code, text = hands.run(*words, *hands.by(by))
    assert code == 0, text
    return text


def test_an_institution_applies_and_an_agency_reviews_it(hands: SeveralHands) -> None:
    issuer, act = ["--did", ISSUER_DID], hands.act_file("ut", "solicitud")
    missing = hands.ask("institution", "status", ISSUER_DID)["missing"]
    assert missing[0] == "the institution applies" and len(missing) == 6
    done(hands, "institution", "apply", *issuer, "--act", act, by="ut")
    key = ["--key", "11" * 32, "--purpose", "assertion", "--statement", "22" * 32]
    done(hands, "institution", "keys", "add", *issuer, *key, by="ut")
    account = ["--account-address", hands.address("nadie")]
    bound = consent(hands, "nadie", ISSUER_DID, "anchoring")
    done(hands, "institution", "accounts", "add", *issuer, *account, "--consent", bound, by="ut")
    done(hands, "institution", "attest", *issuer, "--attestation", act, by="ut")
    missing = hands.ask("institution", "status", ISSUER_DID)["missing"]
    assert missing == ["an agency reviews it favourably", "the council activates it"]
    words = ["agency", "review", *issuer, "--favourable", "--report", hands.act_file("agencia", "dictamen")]
    assert "favourable" in done(hands, *words, by="agencia")
    assert hands.ask("institution", "status", ISSUER_DID)["state"] == "reviewed"
    decide(hands, "activate", *issuer, "--until", SOON, "--scope", scope(hands))
    status = hands.ask("institution", "status", ISSUER_DID)
    assert (status["state"], "missing" in status) == ("active", False)


def test_an_activation_without_a_review_is_refused(hands: SeveralHands) -> None:
    registry, issuer = bindings.IssuerRegistry(hands.contracts.issuer_registry), bytes(issuer_id(ISSUER_DID))
    account = hands.account("nadie").address
    hands.send("nadie", registry.consent(issuer, bindings.AccountPurpose.ANCHORING))
    hands.send(
        "ut",
        registry.apply(issuer, bindings.NO_SUBJECT, b"\xac" * 32),
        registry.add_key(issuer, b"\x11" * 32, bindings.KeyPurpose.ASSERTION, b"\xac" * 32),
        registry.add_anchoring_account(issuer, account),
        registry.attest_quality(issuer, b"\xac" * 32),
    )
    act = hands.act_file("ana", "acto")
    words = ["--did", ISSUER_DID, "--until", SOON, "--scope", scope(hands), "--act", act, "--title", "Acto"]
    out = hands.base / "ana" / "p.json"
    text = refused(hands, "council", "propose", "activate", *words, "--out", out, *hands.by("ana"))
    assert "GUARD_AGENCY_DECISION_MISSING" in text and not out.exists()


@pytest.mark.parametrize(("until", "state"), [(100, "EXPIRED"), (101, "ACTIVE"), (0, "ACTIVE")])
def test_an_accreditation_ends_by_the_clock_where_no_block_follows(until: int, state: str) -> None:
    now = IssuerNow(IssuerState.ACTIVE, 1, until, bindings.NO_SUBJECT, False, 0)
    assert expired_by(now, 100).state.name == state
    suspended = replace(now, state=IssuerState.SUSPENDED)
    assert expired_by(suspended, 100) is suspended


def test_a_review_by_the_wrong_account_or_an_expired_agency(hands: SeveralHands) -> None:
    apply_words = ["institution", "apply", "--did", ISSUER_DID, "--act", hands.act_file("ut", "solicitud")]
    done(hands, *apply_words, by="ut")
    report = ["--favourable", "--report", hands.act_file("agencia", "dictamen")]
    words = ["agency", "review", "--did", ISSUER_DID, *report]
    assert "ACCOUNT_ROLE" in refused(hands, *words, *hands.by("ut"))
    assert "ninguna agencia" in refused(hands, *words, *hands.by("ut"), lang="es")
    assert "ACCOUNT_ROLE" in refused(hands, *apply_words, *hands.by("ana"))
    assert hands.run("agency", "show", AGENCY_DID)[0] == 0
    options = ["--did", AGENCY_DID, "--account-address", hands.address("agencia")]
    decide(hands, "recognise-agency", *options, "--until", time_text(head_time(hands) + 86_400))
    assert hands.run("devnet", "advance", "25h", "--chain", hands.chain, trust=False)[0] == 0
    prepared = hands.base / "agencia" / "preparado.json"
    text = refused(hands, *words, *hands.by("agencia"), "--prepare", prepared)
    assert text.startswith("acredita: AGENCY_NOT_RECOGNISED") and not prepared.exists()
    assert hands.run("agency", "show", AGENCY_DID)[0] == 1


def test_an_institution_ends_and_marks_its_keys_and_accounts(hands: SeveralHands) -> None:
    apply(hands)
    status = hands.ask("institution", "status", ISSUER_DID)
    [key], [account] = status["keys"], status["accounts"]
    act, now = hands.act_file("ut", "incidente"), head_time(hands)
    since, by = ["--since", time_text(now - 3600), "--act", act], hands.by("ut")
    marking = ["institution", "keys", "compromised", "--did", ISSUER_DID, "--key", key]
    assert "COMPROMISE_TOO_FAR_BACK" in refused(hands, *marking, "--since", time_text(now - 300_000), "--act", act, *by)
    assert "ACCOUNT_ROLE" in refused(hands, *marking, *since, *hands.by("agencia"))
    assert "in force → compromised since" in done(hands, *marking, *since, by="ut")
    assert "→ ended" in done(
        hands, "institution", "accounts", "end", "--account-address", account, "--act", act, by="ut"
    )
    marking = ["institution", "accounts", "compromised", "--account-address", account]
    assert "→ compromised since" in done(hands, *marking, *since, by="ut")
    assert "ACCOUNT_ROLE" in refused(hands, *marking, *since, *hands.by("agencia"), lang="es")
    status = hands.ask("institution", "status", f"0x{issuer_id(ISSUER_DID).hex()}")
    assert status["missing"][:2] == [
        "the institution adds an assertion key",
        "the institution adds an anchoring account",
    ]


def test_a_programme_from_submission_to_its_successor(hands: SeveralHands) -> None:
    limits, first = scope(hands), programme(hands)
    activate(hands, limits)
    assert "unknown → submitted" in done(hands, "programme", "submit", "--programme", first, "--scope", limits, by="ut")
    report = ["--favourable", "--report", hands.act_file("agencia", "dictamen")]
    done(hands, "programme", "review", "--programme", first, *report, by="agencia")
    assert hands.ask("programme", "show", first)["state"] == "reviewed"
    decide(hands, "approve-programme", "--programme", first)
    second = programme(hands, "segunda.json", version="2.0.0")
    words = ["--programme", second, "--supersedes", first, "--scope", limits]
    done(hands, "programme", "supersede", *words, by="ut")
    decide(hands, "approve-programme", "--programme", second)
    assert hands.ask("programme", "show", first)["state"] == "superseded"
    act = hands.act_file("ut", "retiro")
    done(hands, "programme", "withdraw", "--programme", second, "--act", act, by="ut")
    assert hands.ask("programme", "show", second)["state"] == "withdrawn"


def test_a_programme_that_may_not_be_submitted(hands: SeveralHands) -> None:
    limits = scope(hands, levels=["media superior"])
    activate(hands, limits)
    submit, by = ["programme", "submit", "--scope", limits, "--programme"], hands.by("ut")
    faults = hands.run(*submit, programme(hands, validity=None), *by)
    assert faults[0] == 1 and "/validity: PROGRAMME_MISSING_ELEMENT" in faults[1]
    attendance = [{"type": "attendance", "uri": "http://data.europa.eu/snb/assessment/7331eb4762"}]
    assert "PROGRAMME_ATTENDANCE_ONLY" in refused(hands, *submit, programme(hands, assessment=attendance), *by)
    assert "SCOPE_LEVEL_MISMATCH: /level/mx" in refused(hands, *submit, programme(hands), *by)
    assert "el alcance tiene media superior" in refused(hands, *submit, programme(hands), *by, lang="es")
    assert "ACCOUNT_ROLE" in refused(hands, *submit, programme(hands), *hands.by("agencia"))
    scope(hands)  # another than the ledger names
    assert "SCOPE_MISSING: the ledger names" in refused(hands, *submit, programme(hands), *by)
    before = hands.head()
    assert hands.run("programme", "submit", "--programme", programme(hands), *by)[0] == 2
    assert hands.head() == before


def test_a_programme_outside_the_scope_of_an_accreditor(hands: SeveralHands) -> None:
    """Let another institution apply to the first one: its programme must be within the scope of its accreditor."""
    below, registry = "did:web:plantel.example", bindings.IssuerRegistry(hands.contracts.issuer_registry)
    activate(hands, scope(hands, levels=["media superior"]))
    decide(hands, "delegate", "--did", ISSUER_DID, "--delegates")
    hands.send("nadie", registry.apply(issuer_id(below), issuer_id(ISSUER_DID), b"\xac" * 32))
    document = programme(hands, "abajo.json", issuer=below)
    words = ["programme", "submit", "--programme", document, *hands.by("nadie")]
    before = hands.head()
    code, text = hands.run(*words, lang="es")
    assert (code, "se espera --accreditor-scope: no está a la mano" in text) == (2, True), text
    above = ["--accreditor-scope", hands.base / "ut" / "alcance.json"]
    shown = refused(hands, *words, *above)
    assert f"SCOPE_LEVEL_MISMATCH: /level/mx is superior, and the scope of the accreditor {ISSUER_DID} has" in shown
    assert "y el alcance de la acreditadora" in refused(hands, *words, *above, lang="es")
    assert hands.head() == before
    wide = scope(hands)
    decide(hands, "amend-scope", "--did", ISSUER_DID, "--scope", wide)
    done(hands, "programme", "submit", "--programme", document, "--accreditor-scope", wide, by="nadie")


def test_an_act_prepared_is_signed_elsewhere_and_sent(hands: SeveralHands) -> None:
    prepared, act = hands.base / "ut" / "preparado.json", hands.act_file("ut", "solicitud")
    words = ["institution", "apply", "--did", ISSUER_DID, "--act", act]
    assert hands.run(*words, "--from", hands.address("ut"), "--prepare", prepared)[0] == 0
    assert hands.ask("institution", "status", ISSUER_DID)["state"] == "unknown"
    assert hands.run("account", "sign", prepared, *hands.by("ut"))[0] == 0
    other = hands.act_file("ut", "otra")
    assert "TRANSACTION_MISMATCH" in refused(hands, *words[:-1], other, "--send", prepared)
    assert hands.run(*words, "--send", prepared)[0] == 0
    assert hands.ask("institution", "status", ISSUER_DID)["state"] == "applied"
