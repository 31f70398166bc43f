"""Scenarios of the authority and the institution by their codes, through the commands of parties that share no key.

One world: three members, two recovery holders, an agency, an institution whose node has no control account, and the
authority's node that answers queries. Each has a folder of its own; the chain is the embedded one.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.receipts import read_time, time_text
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.contracts import bindings
from acredita.contracts.reasons import ContractRefused
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.node.custody.key_ring import ANCHORING, ASSERTION, DATA, IDEMPOTENCY, NOTE
from acredita.node.http.app import create_app
from acredita.node.http.dependencies import NodeDependencies
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.storage.database import Database
from acredita.registry.keys.account_file import read_address
from acredita.registry.keys.did import issuer_id
from acredita.registry.keys.keystore import Keystore, KeystorePurpose
from acredita.registry.keys.scrypt_cost import LEAST_N

from tests.cli.test_council import consent, decide, propose, recognise, refused
from tests.cli.test_parties import done, programme, scope
from tests.node.http.two_institution_node import Client
from tests.simulators import one_operator
from tests.simulators.several_hands import AGENCY_DID, ISSUER_DID, PASSPHRASE, SeveralHands, apply, found

AUTHORITY_DID = "did:web:autoridad.example"
ISSUER = ["--did", ISSUER_DID]
UNTIL = "2099-01-01"
COHORT = 8
DAY_SECONDS = 86_400
CONFIGURATION = f"""\
[node]
data = "."
[keys]
passphrase_file = "../pass"
[ledger]
chain = "../../public/chain"
[[institution]]
profile = "ut"
name = "UT (DEMO)"
keystore = "ut.keystore"
did = "{ISSUER_DID}"
"""


@dataclass(frozen=True)
class InstitutionNode:
    """The institution's node in `ut/nodo/`. Its keystore has no control account."""

    hands: SeveralHands

    @property
    def folder(self) -> Path:
        return self.hands.base / "ut" / "nodo"

    def run(self, *words: object, lang: str = "en") -> tuple[int, str]:
        return self.hands.run(*words, "--config", self.folder / "acredita.toml", lang=lang, trust=False)

    def issue(self, out: str, *more: object, first: int = 1, lang: str = "en") -> tuple[int, str]:
        cohort = one_operator.write_cohort(self.folder, COHORT, first)
        document = self.hands.base / "ut" / "programa.json"
        words = ["issue", cohort, "--profile", "ut", "--programme", document, "--out", self.folder / out]
        return self.run(*words, *more, lang=lang)

    def verify(self, out: str) -> tuple[int, str, str | None]:
        """Verify the first credential of a run by the trust file and the chain."""
        credential = min((self.folder / out / "credentials").iterdir())
        words = ["verify", credential, "--trust", self.folder / "trust.json", "--chain", self.hands.chain, "--json"]
        code, text = self.hands.run(*words, trust=False)
        answer = json.loads(text)
        return code, answer["verdict"], answer["code"]

    def hand_over(self) -> None:
        """Let the node write what its new keys say, and the control account add them."""
        files = self.folder / "entrega"
        code, text = self.run("keys", "statements", "--profile", "ut", "--out", files, "--json")
        assert code == 0, text
        for key in json.loads(text)["keys"]:
            account = key["purpose"] == "anchoring"
            what, option = ("accounts", "--consent") if account else ("keys", "--statement")
            done(self.hands, "institution", what, "add", *ISSUER, option, key["file"], by="ut")


def make_node(hands: SeveralHands) -> InstitutionNode:
    node = InstitutionNode(hands)
    node.folder.mkdir()
    store = Keystore.create(node.folder / "ut.keystore", PASSPHRASE, n=LEAST_N)
    for name, purpose in (
        (ASSERTION, KeystorePurpose.ASSERTION),
        (NOTE, KeystorePurpose.NOTE),
        (ANCHORING, KeystorePurpose.ANCHORING),
        (IDEMPOTENCY, KeystorePurpose.IDEMPOTENCY),
        (DATA, KeystorePurpose.DATA),
    ):
        store.generate(name, purpose)
    (node.folder / "trust.json").write_bytes(hands.trust.read_bytes())
    (node.folder / "acredita.toml").write_text(CONFIGURATION, encoding="utf-8")
    return node


def publish(node: InstitutionNode, document: Path) -> None:
    """Put a document where the node and the authority serve it, under the SHA-256 of its JCS form."""
    kind = "scope" if "scope" in json.loads(document.read_text())["format"] else "programme"
    code, text = node.hands.run(kind, "validate", document, "--json", trust=False)
    assert code == 0, text
    folder = node.folder / "documents"
    folder.mkdir(exist_ok=True)
    (folder / f"{json.loads(text)['sha256'].removeprefix('0x')}.json").write_bytes(document.read_bytes())


@pytest.fixture(scope="module")
def recognised(tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    """Deploy the contracts for several hands; the council recognises the agency."""
    hands = found(tmp_path_factory.mktemp("scenarios") / "world")
    recognise(hands)
    return hands


@pytest.fixture(scope="module")
def accredited(recognised: SeveralHands, tmp_path_factory: pytest.TempPathFactory) -> SeveralHands:
    """Let the institution apply with its node's keys, the agency review, and the council accredit and approve."""
    hands = recognised.copy(tmp_path_factory.mktemp("accredited") / "world")
    node, limits, document = make_node(hands), scope(hands), programme(hands)
    paper = hands.act_file("ut", "solicitud")
    done(hands, "institution", "apply", *ISSUER, "--act", paper, by="ut")
    node.hand_over()
    done(hands, "institution", "attest", *ISSUER, "--attestation", paper, by="ut")
    report = ["--favourable", "--report", hands.act_file("agencia", "dictamen")]
    done(hands, "agency", "review", *ISSUER, *report, by="agencia")
    decide(hands, "activate", *ISSUER, "--until", UNTIL, "--scope", limits)
    done(hands, "programme", "submit", "--programme", document, "--scope", limits, by="ut")
    done(hands, "programme", "review", "--programme", document, *report, by="agencia")
    decide(hands, "approve-programme", "--programme", document)
    for file in (limits, document):
        publish(node, file)
    return hands


@pytest.fixture
def node(accredited: SeveralHands, tmp_path: Path) -> InstitutionNode:
    return InstitutionNode(accredited.copy(tmp_path / "world"))


@pytest.fixture
def hands(recognised: SeveralHands, tmp_path: Path) -> SeveralHands:
    return recognised.copy(tmp_path / "world")


@contextmanager
def authority(node: InstitutionNode) -> Iterator[Client]:
    """Serve the authority's node over the chain, with a database of its own and no key."""
    hands = node.hands
    (hands.base / "autoridad").mkdir(exist_ok=True)
    database = Database.create(f"sqlite:///{hands.base / 'autoridad' / 'node.db'}")
    try:
        with Chain.open(hands.chain, read_only=True) as chain:
            dependencies = NodeDependencies(
                database=database,
                folder=TrustFolder(node.folder),
                trust=read_trust(hands.trust),
                ledger=RpcLedger(EmbeddedProvider(Rpc(chain))),
                clock=lambda: max(int(time.time()), int(chain.head.timestamp)),
                base="https://autoridad.example",
                authority=AUTHORITY_DID,
            )
            with Client(create_app(dependencies)) as client:
                yield client
    finally:
        database.close()


def authorised(client: Client, moment: str | None = None) -> bool:
    """Ask by TRQP whether the institution may issue, now or at a moment."""
    question: dict[str, Any] = {"entity_id": ISSUER_DID, "authority_id": AUTHORITY_DID, "action": "issue"}
    question |= {"resource": "MicroCredential"} | ({} if moment is None else {"context": {"time": moment}})
    return bool(client.post("/authorization", content=json.dumps(question).encode()).json()["authorized"])


def issuer_answer(client: Client) -> Any:
    return client.get(f"/v1/issuers/{issuer_id(ISSUER_DID).hex()}").json()


def head_time(hands: SeveralHands) -> int:
    with Chain.open(hands.chain, read_only=True) as chain:
        return int(chain.head.timestamp)


def advance(hands: SeveralHands, duration: str) -> None:
    assert hands.run("devnet", "advance", duration, "--chain", hands.chain, trust=False)[0] == 0


def test_no_folder_of_the_world_has_the_keys_of_two_roles(accredited: SeveralHands) -> None:
    accounts = {path.parent.name: read_address(path) for path in accredited.base.glob("*/account.json")}
    assert len(set(accounts.values())) == len(accounts)
    store = Keystore.open(accredited.base / "ut" / "nodo" / "ut.keystore", PASSPHRASE)
    assert store.family("control") == ()


def test_a1_an_accreditation_is_answered_by_command_interface_and_query(node: InstitutionNode) -> None:
    hands = node.hands
    decide_again = ["council", "propose", "amend-scope", *ISSUER, "--scope", hands.base / "ut" / "alcance.json"]
    out, act = hands.base / "ana" / "a1.json", hands.act_file("ana", "alcance")
    proposed = hands.ask(*decide_again, "--act", act, "--title", "Alcance", "--out", out, *hands.by("ana"))
    files = ["--proposal", out, *hands.by("beto")]
    assert hands.ask("council", "approve", proposed["proposal"], *files, "--act", act)["block"] == proposed["block"] + 1
    executed = hands.ask("council", "execute", proposed["proposal"], *files)
    assert (executed["block"], len(executed["transaction"])) == (hands.head(), 66)
    status = hands.ask("institution", "status", ISSUER_DID)
    assert (status["state"], status["until"]) == ("active", "2099-01-02T05:59:59Z")
    with authority(node) as client:
        answer = issuer_answer(client)
        assert (answer["state"], answer["block"]) == ("active", executed["block"])
        assert authorised(client) is True


def test_a2_no_activation_without_an_agency_s_decision(hands: SeveralHands) -> None:
    issuers, issuer = bindings.IssuerRegistry(hands.contracts.issuer_registry), bytes(issuer_id(ISSUER_DID))
    done(hands, "institution", "apply", *ISSUER, "--act", hands.act_file("ut", "solicitud"), by="ut")
    hands.send("ut", issuers.add_key(issuer, b"\x11" * 32, bindings.KeyPurpose.ASSERTION, b"\xac" * 32))
    bound = consent(hands, "nadie", ISSUER_DID, "anchoring")
    done(hands, "institution", "accounts", "add", *ISSUER, "--consent", bound, by="ut")
    done(hands, "institution", "attest", *ISSUER, "--attestation", hands.act_file("ut", "calidad"), by="ut")
    out, act = hands.base / "ana" / "a2.json", hands.act_file("ana", "acto")
    words = ["council", "propose", "activate", *ISSUER, "--until", UNTIL, "--scope", scope(hands), "--act", act]
    words += ["--title", "Acto", "--out", out, *hands.by("ana")]
    assert "GUARD_AGENCY_DECISION_MISSING" in refused(hands, *words)
    assert "no consta una revisión favorable" in refused(hands, *words, lang="es")
    assert not out.exists() and hands.ask("council", "list")["proposals"] == []


def test_a3_who_proposed_approves_no_second_time(hands: SeveralHands) -> None:
    number, out, document, _ = propose(hands, "end-agency", "--did", AGENCY_DID)
    approving = ["council", "approve", number, "--proposal", out, "--act", document, *hands.by("ana")]
    assert "SAME_ACTOR" in refused(hands, *approving)
    assert "SAME_ACTOR: este miembro ya aprobó la propuesta" in refused(hands, *approving, lang="es")
    executing = ["council", "execute", number, "--proposal", out, *hands.by("ana")]
    assert "APPROVALS_MISSING" in refused(hands, *executing)


def test_a4_suspended_and_reinstated_and_a_moment_between_says_no(node: InstitutionNode) -> None:
    hands = node.hands
    before = time_text(head_time(hands))
    decide(hands, "suspend", *ISSUER)
    between = time_text(head_time(hands))
    assert hands.run("institution", "status", ISSUER_DID)[0] == 1
    advance(hands, "1h")
    decide(hands, "reinstate", *ISSUER)
    with authority(node) as client:
        timeline = issuer_answer(client)["timeline"][-2:]
        assert [record["state"] for record in timeline] == ["suspended", "active"]
        assert all(record["actor"] == f"0x{hands.contracts.council.hex()}" for record in timeline)
        assert timeline[0]["time"] == between
        assert [authorised(client, moment) for moment in (before, between, None)] == [True, False, True]


def test_a5_expired_without_a_transaction_and_renewed_by_a_record(hands: SeveralHands) -> None:
    apply(hands)
    end = time_text(head_time(hands) + DAY_SECONDS)
    decide(hands, "activate", *ISSUER, "--until", end, "--scope", scope(hands))
    advance(hands, "25h")
    before = hands.head()
    code, text = hands.run("institution", "status", ISSUER_DID, lang="es")
    assert (code, "estado: vencida" in text, hands.head()) == (1, True, before)
    renewing = ["council", "propose", "renew", *ISSUER, "--until", UNTIL, "--act", hands.act_file("ana", "x")]
    renewing += ["--title", "Renueva", "--out", hands.base / "ana" / "a5.json", *hands.by("ana")]
    assert "GUARD_AGENCY_DECISION_MISSING" in refused(hands, *renewing)
    report = ["--favourable", "--report", hands.act_file("agencia", "nuevo dictamen")]
    done(hands, "agency", "review", *ISSUER, *report, by="agencia")
    decide(hands, "renew", *ISSUER, "--until", UNTIL)
    with Chain.open(hands.chain, read_only=True) as chain:
        ledger = RpcLedger(EmbeddedProvider(Rpc(chain)))
        issuers = bindings.IssuerRegistry(hands.contracts.issuer_registry)
        assert (
            ledger.read(issuers.transition_count(issuer_id(ISSUER_DID))) == 5
        )  # applied, attested, reviewed, two active
        assert ledger.read(issuers.state_at(issuer_id(ISSUER_DID), read_time(end, "end"))).name == "EXPIRED"


def test_a6_a_lost_key_of_the_authority_is_replaced_and_history_stays_readable(node: InstitutionNode) -> None:
    hands = node.hands
    proposals = hands.ask("council", "list", "--all")["proposals"]
    members = [word for name in ("nadie", "carla", "beto") for word in ("--member", hands.address(name))]
    out = hands.base / "rita" / "recovery.json"
    done(hands, "council", "recovery", "propose", *members, "--threshold", 2, "--out", out, by="rita")
    done(hands, "council", "recovery", "approve", 1, "--recovery", out, by="saul")
    assert "RECOVERY_TOO_EARLY" in refused(
        hands, "council", "recovery", "execute", 1, "--recovery", out, *hands.by("rita")
    )
    advance(hands, "31d")
    done(hands, "council", "recovery", "execute", 1, "--recovery", out, by="rita")
    council = bindings.Council(hands.contracts.council)
    with pytest.raises(ContractRefused) as lost:
        hands.send("ana", council.propose(hands.contracts.issuer_registry, b"\x01" * 32, b"\x02" * 32))
    assert lost.value.code == "NOT_AUTHORISED"
    words = ["council", "propose", "suspend", *ISSUER, "--act", out, "--title", "x", "--out", hands.base / "ana" / "x"]
    assert "ACCOUNT_ROLE" in refused(hands, *words, *hands.by("ana"))
    after = hands.ask("council", "list", "--all")["proposals"]
    assert [each["act_sha256"] for each in after] == [each["act_sha256"] for each in proposals]
    with authority(node) as client:
        assert issuer_answer(client)["state"] == "active"


def test_a7_an_agency_whose_recognition_ended_reviews_nothing(hands: SeveralHands) -> None:
    done(hands, "institution", "apply", *ISSUER, "--act", hands.act_file("ut", "solicitud"), by="ut")
    account = ["--account-address", hands.address("agencia")]
    end = time_text(head_time(hands) + DAY_SECONDS)
    decide(hands, "recognise-agency", "--did", AGENCY_DID, *account, "--until", end)
    advance(hands, "25h")
    report = ["--favourable", "--report", hands.act_file("agencia", "dictamen"), *hands.by("agencia")]
    prepared = hands.base / "agencia" / "preparado.json"
    for words in ([], ["--prepare", prepared]):
        shown = refused(hands, "agency", "review", *ISSUER, *report, *words, lang="es")
        assert shown.startswith("acredita: AGENCY_NOT_RECOGNISED: ")
    assert not prepared.exists()


def test_i1_a_programme_that_is_not_whole_or_beyond_the_scope(node: InstitutionNode) -> None:
    hands = node.hands
    submit = ["programme", "submit", *hands.by("ut"), "--scope", hands.base / "ut" / "alcance.json", "--programme"]
    before = hands.head()
    code, text = hands.run(*submit, programme(hands, "p1.json", validity=None), lang="es")
    assert (code, "/validity: PROGRAMME_MISSING_ELEMENT" in text) == (1, True), text
    attendance = [{"type": "attendance", "uri": "http://data.europa.eu/snb/assessment/7331eb4762"}]
    code, text = hands.run(*submit, programme(hands, "p2.json", assessment=attendance))
    assert (code, "PROGRAMME_ATTENDANCE_ONLY" in text) == (1, True), text
    decide(hands, "amend-scope", *ISSUER, "--scope", scope(hands, levels=["media superior"]))
    assert "SCOPE_LEVEL_MISMATCH: /level/mx" in refused(hands, *submit, programme(hands, "p3.json", version="2.0.0"))
    assert hands.head() == before + 3  # proposed, approved, executed; nothing of the institution


def test_i8_before_a_compromise_credentials_stay_and_after_it_they_do_not(node: InstitutionNode) -> None:
    hands = node.hands
    code, text = node.issue("before")
    assert code == 0, text
    assert node.verify("before") == (0, "recognised", None)
    advance(hands, "1h")
    since = time_text(head_time(hands))
    code, text = node.issue("after", first=50)
    assert code == 0, text
    assert node.verify("after") == (0, "recognised", None)
    [old] = [row["id"] for row in keys_of(node) if row["name"] == "assertion"]
    code, text = node.run("keys", "rotate", "--profile", "ut")
    assert (code, "CONTROL_ELSEWHERE" in text) == (1, True), text
    node.hand_over()
    assert node.run("keys", "rotate", "--profile", "ut")[0] == 0
    act = hands.act_file("ut", "robo de clave")
    marking = ["institution", "keys", "compromised", *ISSUER, "--key", old, "--since", since, "--act", act]
    assert "compromised since" in done(hands, *marking, by="ut")
    code, verdict, reason = node.verify("before")
    assert (code, verdict, reason) == (0, "valid_with_warnings", "KEY_COMPROMISED_NOW")
    code, verdict, reason = node.verify("after")
    assert (code, verdict, reason) == (1, "invalid", "KEY_COMPROMISED")
    code, text = node.issue("new", first=100)
    assert code == 0, text
    assert node.verify("new") == (0, "recognised", None)


def test_i8_a_leaked_anchoring_account_anchors_nothing_more(node: InstitutionNode) -> None:
    hands = node.hands
    [account] = hands.ask("institution", "status", ISSUER_DID)["accounts"]
    act, since = hands.act_file("ut", "robo de cuenta"), time_text(head_time(hands))
    marking = ["institution", "accounts", "compromised", "--account-address", account, "--since", since, "--act", act]
    done(hands, *marking, by="ut")
    before = hands.head()
    code, text = node.issue("leaked")
    assert code == 1, text
    assert hands.head() == before and not list((node.folder / "leaked" / "receipts").glob("*"))


def test_i10_a_suspended_institution_is_told_by_whom_and_since_when(node: InstitutionNode) -> None:
    hands = node.hands
    assert node.issue("before", "--no-anchor")[0] == 0
    done(hands, "council", "suspend", ISSUER_DID, "--act", hands.act_file("carla", "urgente"), by="carla")
    since = time_text(head_time(hands))
    code, text = node.run("status", lang="es")
    assert (code, "ISSUER_UNDER_REVIEW: la institución está suspendida de inmediato hasta el" in text) == (1, True), (
        text
    )
    assert f"según el registro de {since}, hecho por {hands.address('carla')}" in text
    code, text = node.issue("after", first=50, lang="es")
    assert (code, "ISSUER_NOT_ACTIVE: la institución está suspendida de inmediato" in text) == (1, True), text
    assert hands.address("carla") in text and not (node.folder / "after").exists()
    # The batch that was queued before is refused by the contract, and nothing of it is anchored.
    credential = min((node.folder / "before" / "credentials").iterdir())
    _, text = node.run("suspend", credential, "--profile", "ut", lang="es")
    assert "issuer: not active" in text
    assert f"según el registro de {since}, hecho por {hands.address('carla')}" in text
    decide(hands, "suspend", *ISSUER)
    code, text = node.run("status")
    assert (code, "ISSUER_SUSPENDED_NOW" in text, f"made by the council 0x{hands.contracts.council.hex()}" in text) == (
        1,
        True,
        True,
    ), text


def keys_of(node: InstitutionNode) -> list[dict[str, Any]]:
    code, text = node.run("keys", "list", "--profile", "ut", "--json")
    assert code == 0, text
    keys: list[dict[str, Any]] = json.loads(text)["keys"]
    return keys
