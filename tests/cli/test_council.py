"""The council from the command line: three members, two of whom agree, each with an account file of its own.

Every act that the council decides is proposed, approved by another member and executed. What is wrong is refused with its
code, in the reader's language, and nothing is sent.
"""

import json
from pathlib import Path

import pytest
from acredita.contracts import bindings
from acredita.registry.acts.council_acts import COUNCIL_ACTS
from acredita.registry.keys.did import issuer_id

from tests.simulators.several_hands import AGENCY_DID, ISSUER_DID, KEEPERS, MEMBERS, SeveralHands, apply, found

DAY = "2099-01-01"
DOCUMENT = "0x" + "d0" * 32


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    """Deploy the contracts for several hands; tests copy the folder."""
    return found(tmp_path_factory.mktemp("hands") / "world")


@pytest.fixture(scope="session")
def reviewed(founded: SeveralHands, tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    """Recognise the agency by the council, and let the institution apply and the agency review it."""
    hands = founded.copy(tmp_path_factory.mktemp("reviewed") / "world")
    recognise(hands)
    apply(hands)
    return hands


@pytest.fixture
def hands(reviewed: SeveralHands, tmp_path: Path) -> SeveralHands:
    return reviewed.copy(tmp_path / "world")


@pytest.fixture
def bare(founded: SeveralHands, tmp_path: Path) -> SeveralHands:
    return founded.copy(tmp_path / "world")


def consent(hands: SeveralHands, name: str, did: str, purpose: str) -> Path:
    """Let a party's account consent, by its own command."""
    out = hands.base / name / f"consent-{purpose}.json"
    if not out.exists():
        by = ["--account", hands.account_file(name), "--passphrase-file", hands.base / name / "pass"]
        words = ["account", "consent", *by, "--did", did, "--purpose", purpose, "--out", out]
        assert hands.run(*words)[0] == 0
    return out


def recognise(hands: SeveralHands) -> None:
    """Recognise the agency by two members."""
    options = ["--did", AGENCY_DID, "--account-address", hands.address("agencia"), "--until", DAY]
    decide(hands, "recognise-agency", *options, "--consent", consent(hands, "agencia", AGENCY_DID, "agency"))


def propose(hands: SeveralHands, act: str, *options: object, by: str = "ana") -> tuple[int, Path, Path, str]:
    """Propose an act as a member; return its number, the files of proposal and act, and what was shown."""
    document = hands.act_file(by, f"acto {act}")
    out = hands.base / by / f"{act}-{len(list((hands.base / by).iterdir()))}.json"
    words = ["council", "propose", act, *options, "--act", document, "--title", f"Acto {act}", "--out", out]
    code, text = hands.run(*words, *hands.by(by))
    assert code == 0, text
    return int(json.loads(out.read_text())["proposal"]), out, document, text


def decide(hands: SeveralHands, act: str, *options: object) -> str:
    """Propose as one member, approve as another, execute as the third; return what was shown."""
    number, out, document, text = propose(hands, act, *options)
    code, shown = hands.run("council", "approve", number, "--proposal", out, "--act", document, *hands.by("beto"))
    assert code == 0, shown
    code, shown = hands.run("council", "execute", number, "--proposal", out, *hands.by("carla"))
    assert code == 0, shown
    return text


def refused(hands: SeveralHands, *words: object, lang: str = "en") -> str:
    """Run a command that is refused; return its last sentence. Nothing is sent: the head stays."""
    before = hands.head()
    code, text = hands.run(*words, lang=lang)
    assert code == 1, text
    assert hands.head() == before
    return text.strip().splitlines()[-1]


def test_no_folder_has_two_roles(founded: SeveralHands) -> None:
    addresses = {name: founded.ask("account", "show", founded.account_file(name)) for name in (*MEMBERS, *KEEPERS)}
    assert len({each["address"] for each in addresses.values()}) == len(addresses)
    assert all(each["roles"] == ["member of the council"] for name, each in addresses.items() if name in MEMBERS)
    assert all(each["roles"] == ["holder of the recovery set"] for name, each in addresses.items() if name in KEEPERS)
    assert founded.ask("council", "members")["threshold"] == 2


def test_an_accreditation_from_activation_to_revocation(hands: SeveralHands) -> None:
    issuer, registry = ["--did", ISSUER_DID], bindings.IssuerRegistry(hands.contracts.issuer_registry)
    scope = ["--scope", "0x" + "5c" * 32]
    text = decide(hands, "activate", *issuer, "--until", DAY, *scope)
    assert (
        f"{ISSUER_DID} (0x{issuer_id(ISSUER_DID).hex()}): reviewed by an agency → active until 2099-01-02T05:59:59Z"
        in text
    )
    assert "active until 2099-01-02T05:59:59Z → suspended" in decide(hands, "suspend", *issuer)
    assert "suspended → active" in decide(hands, "reinstate", *issuer)
    assert "no → yes" in decide(hands, "delegate", *issuer, "--delegates")
    assert "→ 0x" + "5d" * 32 in decide(hands, "amend-scope", *issuer, "--scope", "0x" + "5d" * 32)
    hands.send("agencia", registry.review(issuer_id(ISSUER_DID), True, b"\xad" * 32))
    assert "→ active until 2100-01-01T00:00:00Z" in decide(hands, "renew", *issuer, "--until", "2100-01-01T00:00:00Z")
    key = ["--key", "11" * 32, "--since", "2026-01-01T00:00:00Z"]
    assert "in force → compromised since 2026-01-01" in decide(hands, "key-compromised", *issuer, *key)
    assert "none → 2026-01-01T00:00:00Z" in decide(hands, "void-from", *issuer, "--since", "2026-01-01T00:00:00Z")
    assert "→ revoked" in decide(hands, "revoke", *issuer)


def test_accounts_of_parties(hands: SeveralHands) -> None:
    issuer = ["--did", ISSUER_DID]
    decide(hands, "activate", *issuer, "--until", DAY, "--scope", "0x" + "5c" * 32)
    custodian = ["--account-address", hands.address("nadie")]
    text = decide(
        hands, "custodian", *issuer, *custodian, "--consent", consent(hands, "nadie", ISSUER_DID, "custodian")
    )
    assert f"no role → custodian of {ISSUER_DID}" in text
    marked = decide(hands, "account-compromised", *custodian, "--since", "2026-01-01T00:00:00Z")
    assert "→ compromised since 2026-01-01T00:00:00Z" in marked
    assert "→ ended" in decide(hands, "end-account", *custodian)
    assert "→ not recognised" in decide(hands, "end-agency", "--did", AGENCY_DID)


def test_a_control_account_is_replaced(hands: SeveralHands) -> None:
    text = decide(
        hands,
        *("replace-control", "--did", ISSUER_DID, "--account-address", hands.address("nadie"), "--no-keep"),
        *("--since", "2026-01-01T00:00:00Z", "--consent", consent(hands, "nadie", ISSUER_DID, "control")),
    )
    assert f"{hands.address('ut')} → {hands.address('nadie')}" in text
    assert "usable keys and accounts: 1 + 1 → 0" in text
    assert hands.ask("account", "show", hands.address("nadie"))["roles"][0].startswith("control account")


def test_an_application_is_rejected(hands: SeveralHands) -> None:
    assert "→ rejected" in decide(hands, "reject", "--did", ISSUER_DID)


def test_programmes_one_by_one_and_together(hands: SeveralHands) -> None:
    decide(hands, "activate", "--did", ISSUER_DID, "--until", DAY, "--scope", "0x" + "5c" * 32)
    registry = bindings.ProgrammeRegistry(hands.contracts.programme_registry)
    documents = [bytes([number]) * 32 for number in range(1, 5)]
    hands.send("ut", *(registry.submit(issuer_id(ISSUER_DID), document) for document in documents))
    versions = [f"{ISSUER_DID}#0x{document.hex()}" for document in documents]
    assert "submitted → approved" in decide(hands, "approve-programme", "--programme", versions[0])
    together = [word for version in versions[1:] for word in ("--programme", version)]
    text = decide(hands, "approve-programmes", *together, "--until", DAY)
    assert text.count("submitted → approved until 2099-01-02T05:59:59Z") == 3
    assert "approved → suspended" in decide(hands, "suspend-programme", "--programme", versions[0])
    assert "suspended → approved" in decide(hands, "reinstate-programme", "--programme", versions[0])


def test_members_trust_epochs_and_predecessors(hands: SeveralHands) -> None:
    text = decide(hands, "record-trust", "--trust-file", hands.trust)
    assert "newest recorded trust file: none → 1, 0x" in text
    predecessor = ["--predecessor", "0x" + "9a" * 20, "--state-hash", "5a" * 32]
    assert "none → 0x" + "9a" * 20 in decide(hands, "predecessor", *predecessor)
    assert "none → 0x" + "9a" * 20 in decide(hands, "programmes-predecessor", *predecessor)
    epoch = decide(hands, "open-epoch", "--did", ISSUER_DID, "--last-good", "0")
    assert "epoch 1, checkpoint 0 → epoch 2; of epoch 1 all after checkpoint 0 is void" in epoch
    members = [word for name in ("ana", "beto", "nadie") for word in ("--member", hands.address(name))]
    assert "threshold: 2 → 2" in decide(hands, "members", *members, "--threshold", "2")
    assert hands.address("nadie") in hands.ask("council", "members")["members"]


def test_every_act_of_the_council_is_decided_in_a_test() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [act.name for act in COUNCIL_ACTS if f'"{act.name}"' not in source] == []


def test_a_recovery_and_its_cancellation(bare: SeveralHands) -> None:
    members = [word for name in ("nadie", "carla") for word in ("--member", bare.address(name))]
    out = bare.base / "rita" / "recovery.json"
    words = ["council", "recovery", "propose", *members, "--threshold", "1", "--out", out]
    assert bare.run(*words, *bare.by("rita"))[0] == 0
    approving = ["council", "recovery", "approve", 1, "--recovery", out, *bare.by("saul")]
    assert bare.run(*approving)[0] == 0
    assert "SAME_ACTOR" in refused(bare, *approving)
    executing = ["council", "recovery", "execute", 1, "--recovery", out, *bare.by("rita")]
    assert "RECOVERY_TOO_EARLY" in refused(bare, *executing)
    [listed] = bare.ask("council", "recovery", "list")["recoveries"]
    assert (listed["approvals"], listed["closed"], listed["from"] is None) == (2, False, False)
    other = bare.base / "saul" / "other.json"
    document = json.loads(out.read_text())
    other.write_text(json.dumps(document | {"threshold": 2}))
    wrong = ["council", "recovery", "approve", 1, "--recovery", other, *bare.by("saul")]
    assert "RECOVERY_MISMATCH" in refused(bare, *wrong)
    act, cancelling = bare.act_file("ana", "cancela"), bare.base / "ana" / "cancel.json"
    words = ["council", "recovery", "cancel", 1, "--act", act, "--title", "Cancela", "--out", cancelling]
    assert bare.run(*words, *bare.by("ana"))[0] == 0
    deciding = ["--proposal", cancelling, *bare.by("beto")]
    assert bare.run("council", "approve", 1, *deciding, "--act", act)[0] == 0
    assert bare.run("council", "execute", 1, *deciding)[0] == 0
    assert bare.ask("council", "recovery", "list")["recoveries"][0]["closed"] is True
    assert "cancel-recovery"


def test_a_lost_quorum_is_recovered_after_its_delay(bare: SeveralHands) -> None:
    members = [word for name in ("nadie", "carla", "beto") for word in ("--member", bare.address(name))]
    out = bare.base / "rita" / "recovery.json"
    assert (
        bare.run("council", "recovery", "propose", *members, "--threshold", 2, "--out", out, *bare.by("rita"))[0] == 0
    )
    assert bare.run("council", "recovery", "approve", 1, "--recovery", out, *bare.by("saul"))[0] == 0
    assert bare.run("devnet", "advance", "31d", "--chain", bare.chain, trust=False)[0] == 0
    code, text = bare.run("council", "recovery", "execute", 1, "--recovery", out, *bare.by("rita"))
    assert code == 0, text
    assert bare.ask("council", "members")["members"] == [bare.address(name) for name in ("nadie", "carla", "beto")]
    leaving = ["council", "propose", "cancel-recovery", "--recovery", 1, "--act", out, "--title", "x"]
    shown = refused(bare, *leaving, "--out", bare.base / "ana" / "late.json", *bare.by("ana"))
    assert "ACCOUNT_ROLE: " in shown  # the lost key is no member's any more


def test_an_urgent_suspension_lapses_or_is_confirmed(hands: SeveralHands) -> None:
    decide(hands, "activate", "--did", ISSUER_DID, "--until", DAY, "--scope", "0x" + "5c" * 32)
    act = hands.act_file("carla", "urgente")
    suspending = ["council", "suspend", ISSUER_DID, "--act", act, *hands.by("carla")]
    code, text = hands.run(*suspending)
    assert code == 0, text
    assert "active until 2099-01-02T05:59:59Z → under review until about" in text
    assert hands.run("devnet", "advance", "73h", "--chain", hands.chain, trust=False)[0] == 0
    assert "active until 2099-01-02T05:59:59Z → suspended" in propose(hands, "suspend", "--did", ISSUER_DID)[3]
    assert "SUSPENSION_REPEATED" in refused(hands, *suspending)
    suspending[-5:] = hands.by("ana")
    assert hands.run(*suspending)[0] == 0
    assert "under review until" in decide(hands, "suspend", "--did", ISSUER_DID)


def test_a_proposal_that_is_not_the_chain_s_is_not_signed(hands: SeveralHands) -> None:
    number, out, document, _ = propose(hands, "reject", "--did", ISSUER_DID)
    approving = ["council", "approve", number, "--act", document, *hands.by("beto")]
    forged = hands.base / "beto" / "forged.json"
    for change, code, spanish in (
        (
            {"calldata": json.loads(out.read_text())["calldata"][:-2] + "00"},
            "CALLDATA_MISMATCH",
            "los datos de la llamada",
        ),
        ({"target": "0x" + "77" * 20}, "PROPOSAL_MISMATCH", "la propuesta 2 llama a"),
        ({"act": {"sha256": "0x" + "77" * 32, "title": "Acto"}}, "PROPOSAL_MISMATCH", "nombra la resolución"),
        ({"proposal": 1}, "PROPOSAL_MISMATCH", "el archivo es la propuesta 1"),
        ({"chain_id": 1}, "ACT_OTHER_LEDGER", "se espera un archivo para la cadena 31337"),
        ({"genesis": "0x" + "77" * 32}, "ACT_OTHER_LEDGER", "se espera un archivo para el bloque de origen"),
    ):
        forged.write_text(json.dumps(json.loads(out.read_text()) | change))
        assert code in refused(hands, *approving, "--proposal", forged)
        shown = refused(hands, *approving, "--proposal", forged, lang="es")
        assert (code in shown, spanish in shown) == (True, True), shown
        assert hands.run("council", "show", number, "--proposal", forged)[0] == 1


def test_an_act_of_another_hash_is_not_signed(hands: SeveralHands) -> None:
    number, out, document, _ = propose(hands, "reject", "--did", ISSUER_DID)
    other = hands.act_file("beto", "otra resolución")
    approving = ["council", "approve", number, "--proposal", out, "--act", other, *hands.by("beto")]
    assert "ACT_FILE_MISMATCH: an act with SHA-256 0x" in refused(hands, *approving)
    assert "ACT_FILE_MISMATCH: se espera una resolución" in refused(hands, *approving, lang="es")
    assert hands.run("council", "show", number, "--act", other)[0] == 1
    assert hands.run("council", "show", number, "--act", document)[0] == 0


def test_the_wrong_account_for_a_role_is_refused(hands: SeveralHands) -> None:
    number, out, document, _ = propose(hands, "reject", "--did", ISSUER_DID)
    for name in ("nadie", "rita", "agencia", "ut"):
        approving = ["council", "approve", number, "--proposal", out, "--act", document, *hands.by(name)]
        assert "is no member of the council" in refused(hands, *approving)
        assert "no es miembro del consejo" in refused(hands, *approving, lang="es")
    members = [word for name in ("ana", "beto") for word in ("--member", hands.address(name))]
    for name, words in (("ut", "account of a party"), ("agencia", "account of a party"), ("rita", "recovery set")):
        changed = ["council", "propose", "members", *members, "--member", hands.address(name), "--threshold", 2]
        file = ["--act", document, "--title", "x", "--out", hands.base / "ana" / "never.json"]
        assert words in refused(hands, *changed, *file, *hands.by("ana"))
    assert not (hands.base / "ana" / "never.json").exists()
    recovery = ["council", "recovery", "propose", *members, "--threshold", 1, "--out", hands.base / "ana" / "r.json"]
    assert "is no holder of the recovery set" in refused(hands, *recovery, *hands.by("ana"))
    agency = ["council", "propose", "recognise-agency", "--did", "did:web:x.example", "--until", DAY, *file]
    assert "is a member" in refused(hands, *agency, "--account-address", hands.address("beto"), *hands.by("ana"))


def test_a_second_approval_a_missing_one_and_a_retracted_proposal(hands: SeveralHands) -> None:
    number, out, document, _ = propose(hands, "reject", "--did", ISSUER_DID)
    files = ["--proposal", out, "--act", document]
    second = refused(hands, "council", "approve", number, *files, *hands.by("ana"), lang="es")
    assert "SAME_ACTOR: este miembro ya aprobó la propuesta" in second
    early = refused(hands, "council", "execute", number, "--proposal", out, *hands.by("beto"), lang="es")
    assert "APPROVALS_MISSING: muy pocos miembros aprueban la propuesta" in early
    assert hands.run("council", "approve", number, *files, *hands.by("beto"))[0] == 0
    assert hands.ask("council", "show", number)["state"] == "ready"
    assert hands.run("council", "retract", number, *hands.by("beto"))[0] == 0
    assert hands.ask("council", "show", number)["state"] == "open"
    assert hands.run("council", "retract", number, *hands.by("ana"))[0] == 0
    assert hands.ask("council", "show", number)["state"] == "retracted"
    late = refused(hands, "council", "approve", number, *files, *hands.by("carla"), lang="es")
    assert "PROPOSAL_RETRACTED: quien hizo la propuesta la retiró" in late
    assert hands.ask("council", "list")["proposals"] == []


def test_what_the_contracts_would_refuse_is_not_proposed_unless_said(bare: SeveralHands) -> None:
    document, out = bare.act_file("ana", "activa"), bare.base / "ana" / "early.json"
    activating: list[object] = ["council", "propose", "activate", "--did", ISSUER_DID, "--until", DAY]
    activating += ["--scope", "5c" * 32, "--act", document, "--title", "Antes de tiempo", "--out", out, *bare.by("ana")]
    assert "ISSUER_UNKNOWN" in refused(bare, *activating)
    assert not out.exists()
    code, text = bare.run(*activating, "--anyway", lang="es")
    assert code == 0, text
    assert "Los contratos lo rechazarían ahora: ISSUER_UNKNOWN" in text
    code, text = bare.run("council", "list", "--proposals", out.parent, lang="es")
    assert (code, "propuesta 1 · abierta · 1/2" in text, "Acredita a una institución" in text) == (0, True, True)


def test_arguments_that_cannot_be_used(bare: SeveralHands) -> None:
    document, out = bare.act_file("ana", "x"), bare.base / "ana" / "x.json"
    file = ["--act", document, "--title", "x", "--out", out, *bare.by("ana")]
    for words, sentence in (
        (["suspend", "--did", "no DID"], "--did no DID"),
        (["end-account", "--account-address", "0x12"], "--account-address 0x12: se espera una dirección"),
        (["key-compromised", "--did", ISSUER_DID, "--key", "12", "--since", "2026-01-01T00:00:00Z"], "--key 12"),
        (["void-from", "--did", ISSUER_DID, "--since", "ayer"], "--since ayer: se espera un momento"),
        (["renew", "--did", ISSUER_DID, "--until", "2026-13-01"], "--until 2026-13-01: se espera un día"),
        (["renew", "--did", ISSUER_DID, "--until", DAY, "--zone", "Marte/Norte"], "--zone Marte/Norte"),
        (["suspend", "--did", ISSUER_DID, "--account", bare.base / "none"], "none: "),
    ):
        code, text = bare.run("council", "propose", *words[:1], *file, *words[1:], lang="es")
        assert (code, sentence in text) == (2, True), text
    assert not out.exists()
    out.write_text("{}")
    code, text = bare.run("council", "propose", "suspend", "--did", ISSUER_DID, *file, lang="es")
    assert (code, "ya existe" in text, out.read_text()) == (2, True, "{}")
