"""Keys that follow each other: what signs, what verifies then and now, and a rotation stopped anywhere."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.administration.institution_keys import InstitutionKeys, KeyChangeRefused
from acredita.node.administration.key_compromise import apply_compromise, mark_compromised
from acredita.node.administration.key_retirement import due_keys, retire
from acredita.node.administration.key_rotation import rotate
from acredita.node.custody.key_ring import SigningKeyRefused
from acredita.node.demo.documents import documents_for, institutions
from acredita.node.http.app import NodeDependencies, create_app
from acredita.node.issuance.institution import InstitutionRefused
from acredita.node.publication.trust_folder import TrustFolder, read_trust
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage.models import QueueItem, TransactionRow
from acredita.node.storage.refused import refuse_queued
from acredita.node.storage.status_lists import read_list
from acredita.node.write_path.batch_report import BatchStep
from acredita.node.write_path.refused import RequeueRefused, requeue
from acredita.registry.keys.did import parse_did
from acredita.registry.keys.keystore import KeyAlgorithm, KeyState, Keystore, KeystorePurpose
from acredita.registry.keys.multikey import P256, parse_multikey
from acredita.registry.proofs.data_integrity import ProofRefused
from acredita.registry.proofs.resolve_key import key_for, key_named
from sqlalchemy import select

from tests.node.did_web_institution import BASE, PASSPHRASE, DidWebInstitution, accredit, branch, deploy
from tests.node.http.two_institution_node import Client

HOUR = 3600
RECOGNISED = ("recognised", None)


@pytest.fixture(scope="module")
def shared_institution(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DidWebInstitution]:
    institution = deploy(tmp_path_factory.mktemp("authority") / "public")
    accredit(institution)
    yield institution
    for database in institution.opened:
        database.close()
    institution.chain.close()


@pytest.fixture
def institution(shared_institution: DidWebInstitution, tmp_path: Path) -> Iterator[DidWebInstitution]:
    with branch(shared_institution, tmp_path / "public") as copy:
        yield copy


@pytest.fixture
def stored(institution: DidWebInstitution, database_url: str) -> DidWebInstitution:
    """Run the test over each kind of database; nothing has been issued yet."""
    institution.database_url = database_url
    return institution


def signer_of(tenant: Tenant, digest: Digest) -> str:
    return str(json.loads(tenant.institution.credential(digest))["proof"]["verificationMethod"])


def method(tenant: Tenant, name: str) -> str:
    [key] = [key for key in tenant.keys.family(KeystorePurpose.ASSERTION) if key.name == name]
    return tenant.keys.signing_key(key).verification_method


def list_signer(tenant: Tenant) -> str:
    with tenant.database.read() as connection:
        stored = read_list(connection, tenant.issuer, 0)
    assert stored is not None
    return str(json.loads(stored.document)["proof"]["verificationMethod"])


def refused_code(act: Callable[[], object], kind: type[Any] = KeyChangeRefused) -> str:
    with pytest.raises(kind) as refused:
        act()
    return str(refused.value.code)


# --- rotation ---


def test_what_the_old_key_signed_stays_good_and_the_new_one_signs_from_then_on(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    before = institution.anchored(tenant)
    rotated = rotate(institution.keys(tenant), KeystorePurpose.ASSERTION, overlap=72 * HOUR)
    assert (rotated.key, rotated.followed, rotated.lists) == ("assertion-2", ("assertion",), 1)
    after = institution.anchored(tenant)
    assert signer_of(tenant, before) == method(tenant, "assertion")
    assert signer_of(tenant, after) == list_signer(tenant) == method(tenant, "assertion-2")
    assert institution.verdict(tenant, before) == institution.verdict(tenant, after) == RECOGNISED
    document: Any = institution.document_source().dids[institution.did]
    assert document["assertionMethod"] == [method(tenant, "assertion"), method(tenant, "assertion-2")]


def test_a_node_at_work_uses_the_key_that_another_process_added(institution: DidWebInstitution) -> None:
    at_work, other = institution.open_tenant(), institution.open_tenant()
    [before] = institution.issue(at_work)
    rotate(institution.keys(other), KeystorePurpose.ASSERTION, overlap=HOUR)
    rotate(institution.keys(other), KeystorePurpose.ANCHORING, overlap=HOUR)
    [after] = institution.issue(at_work)
    assert (signer_of(at_work, before), signer_of(at_work, after)) == (
        method(at_work, "assertion"),
        method(at_work, "assertion-2"),
    )
    assert [report.step for report in institution.anchor(at_work)] == [BatchStep.ANCHORED, BatchStep.IDLE]
    assert institution.verdict(at_work, before) == institution.verdict(at_work, after) == RECOGNISED
    with at_work.database.read() as connection:
        account = connection.execute(select(TransactionRow.account)).scalar_one()
    assert account == at_work.keystore.account("anchoring-2").address


def test_an_ended_account_anchors_no_more_and_its_successor_goes_on(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    institution.anchored(tenant)
    keys = institution.keys(tenant)
    rotate(keys, KeystorePurpose.ANCHORING, overlap=0)
    assert retire(keys, "anchoring").until == institution.ledger.head().time
    digest = institution.anchored(tenant)
    assert institution.verdict(tenant, digest) == RECOGNISED
    assert tenant.writer.for_run().signer.address == tenant.keystore.account("anchoring-2").address
    assert refused_code(lambda: retire(keys, "anchoring-2")) == "KEY_IS_THE_LAST"


def test_the_log_is_signed_by_the_note_key_in_force(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    first = tenant.keys.note().multikey
    rotate(institution.keys(tenant), KeystorePurpose.NOTE, overlap=HOUR)
    assert tenant.keys.note().multikey == tenant.keystore.signer("note-2").multikey != first


def test_a_did_key_is_its_key_and_cannot_be_followed(shared_institution: DidWebInstitution, tmp_path: Path) -> None:
    with branch(shared_institution, tmp_path / "public") as institution:
        accredit(institution, did="")
        tenant = institution.open_tenant()
        assert parse_did(institution.did).method == "key"
        keys = institution.keys(tenant)
        assert refused_code(lambda: rotate(keys, KeystorePurpose.ASSERTION, overlap=0)) == "KEY_IS_THE_DID"
        assert rotate(keys, KeystorePurpose.NOTE, overlap=0).key == "note-2"


def test_only_the_control_account_acts(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    keys = institution.keys(tenant)
    keys.control.control._signer = tenant.keystore.account("anchoring")
    assert refused_code(lambda: rotate(keys, KeystorePurpose.ASSERTION, overlap=0)) == "CONTROL_NOT_OURS"
    assert [key.name for key in tenant.keystore.family("assertion")] == ["assertion"]


# --- retirement ---


def test_a_key_is_ended_only_when_nothing_signed_with_it_waits(stored: DidWebInstitution) -> None:
    institution = stored
    tenant = institution.open_tenant()
    [waiting] = institution.issue(tenant)
    keys = institution.keys(tenant)
    rotate(keys, KeystorePurpose.ASSERTION, overlap=HOUR)
    assert due_keys(keys) == []
    institution.pass_time(2 * HOUR)
    assert due_keys(keys) == ["assertion"]
    assert refused_code(lambda: retire(keys, "assertion")) == "KEY_STILL_NEEDED"
    institution.anchor(tenant)
    institution.pass_time(1)
    retire(keys, "assertion")
    assert due_keys(keys) == []
    assert institution.verdict(tenant, waiting) == RECOGNISED
    document: Any = institution.document_source().dids[institution.did]
    old = method(tenant, "assertion")
    assert old in document["assertionMethod"]  # a foreign verifier has no history to ask
    assert key_for(old, {institution.did: document}, now=0) == parse_multikey(
        tenant.keystore.signer("assertion").multikey
    )


def test_the_last_key_in_force_is_not_ended(institution: DidWebInstitution) -> None:
    keys = institution.keys(institution.open_tenant())
    assert refused_code(lambda: retire(keys, "assertion")) == "KEY_IS_THE_LAST"
    assert refused_code(lambda: retire(keys, "assertion-9")) == "KEY_UNKNOWN"


def leaked(institution: DidWebInstitution, tmp_path: Path) -> Keystore:
    """Copy the keystore, with the first key only, for a thief."""
    stolen = tmp_path / "stolen.keystore"
    stolen.write_bytes(institution.keystore_file.read_bytes())
    return Keystore.open(stolen, PASSPHRASE)


def sign_as_thief(institution: DidWebInstitution, keystore: Keystore) -> Digest:
    """Sign with an old key, without asking a registry whether it holds."""
    tenant = institution.open_tenant(keystore=keystore)
    tenant.keys.registry = None
    [digest] = institution.issue(tenant)
    return digest


def test_what_an_ended_key_signs_is_not_recognised(institution: DidWebInstitution, tmp_path: Path) -> None:
    tenant, stolen = institution.open_tenant(), leaked(institution, tmp_path)
    keys = institution.keys(tenant)
    rotate(keys, KeystorePurpose.ASSERTION, overlap=0)
    retire(keys, "assertion")
    late = sign_as_thief(institution, stolen)
    institution.anchor(tenant)
    assert institution.verdict(tenant, late) == ("not_recognised", "KEY_NOT_VALID_AT_ISSUANCE")


# --- compromise: DOMAIN I-8 ---


def test_i8_before_the_compromise_stays_valid_and_after_it_is_invalid(
    stored: DidWebInstitution, tmp_path: Path
) -> None:
    institution = stored
    tenant, stolen = institution.open_tenant(), leaked(institution, tmp_path)
    good = institution.anchored(tenant)
    institution.pass_time(HOUR)
    since = institution.clock.now
    institution.pass_time(HOUR)
    bad = institution.anchored(tenant)
    [waiting] = institution.issue(tenant)
    keys = institution.keys(tenant)
    rotate(keys, KeystorePurpose.ASSERTION, overlap=HOUR)
    marked = mark_compromised(keys, "assertion", since, "robo de un equipo")
    assert (marked.since, marked.refused, marked.successor) == (since, 1, "assertion-2")
    assert list_signer(tenant) == method(tenant, "assertion-2")
    with pytest.raises(RequeueRefused):
        requeue(tenant.database, tenant.issuer, "KEY_COMPROMISED", actor="staff", now=1)
    assert state_of(tenant, waiting) == ("refused", "KEY_COMPROMISED")
    late = sign_as_thief(institution, stolen)
    institution.anchor(tenant)
    assert institution.verdict(tenant, good) == ("valid_with_warnings", "KEY_COMPROMISED_NOW")
    assert institution.verdict(tenant, bad) == ("invalid", "KEY_COMPROMISED")
    assert institution.verdict(tenant, late) == ("invalid", "KEY_COMPROMISED")
    assert institution.verdict(tenant, institution.anchored(tenant)) == RECOGNISED
    document: Any = institution.document_source().dids[institution.did]
    old = method(tenant, "assertion")
    assert document["assertionMethod"] == [method(tenant, "assertion-2")]
    with pytest.raises(ProofRefused):  # whoever has no ledger must not accept it
        key_for(old, {institution.did: document}, now=0)
    assert key_named(old, {institution.did: document}) == parse_multikey(tenant.keystore.signer("assertion").multikey)


def test_a_node_finds_the_receipt_of_what_a_key_signed_before_its_compromise(institution: DidWebInstitution) -> None:
    """Find the receipt although the DID document calls the key revoked; only the ledger says since when."""
    tenant = institution.open_tenant()
    good = institution.anchored(tenant)
    institution.pass_time(HOUR)
    keys = institution.keys(tenant)
    rotate(keys, KeystorePurpose.ASSERTION, overlap=HOUR)
    mark_compromised(keys, "assertion", institution.clock.now, "robo de un equipo")
    folder = TrustFolder(institution.folder)
    trust = read_trust(institution.folder / "trust.json")
    dependencies = NodeDependencies(tenant.database, folder, trust, institution.ledger, institution.clock, BASE)
    with Client(create_app(dependencies)) as client:
        report = client.post("/v1/verify", content=tenant.institution.credential(good)).json()
    assert (report["verdict"], report["code"]) == ("valid_with_warnings", "KEY_COMPROMISED_NOW")


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda keys, now: retire(keys, "assertion"), "KEY_NOT_VALID_NOW"),
        (lambda keys, now: mark_compromised(keys, "assertion", now, "robo"), "KEY_COMPROMISED"),
    ],
    ids=["retired", "compromised"],
)
def test_refused_entries_are_not_anchored_after_their_key(
    institution: DidWebInstitution, end: Callable[[InstitutionKeys, int], object], code: str
) -> None:
    """Requeue nothing after its key's end: a suspension refuses entries, and requeued they would be lost for ever."""
    tenant = institution.open_tenant()
    [digest] = institution.issue(tenant)
    with tenant.database.write() as connection:
        refuse_queued(connection, tenant.issuer, code="ISSUER_NOT_ACTIVE", reason="issuer: not active")
    keys = institution.keys(tenant)
    rotate(keys, KeystorePurpose.ASSERTION, overlap=0)
    institution.pass_time(HOUR)
    end(keys, institution.clock.now)
    assert state_of(tenant, digest) == ("refused", code)
    assert requeue(tenant.database, tenant.issuer, "ISSUER_NOT_ACTIVE", actor="staff", now=1) == 0


def test_a_document_refused_for_good_is_issued_again_with_the_key_in_force(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    [digest] = institution.issue(tenant)
    prepared = json.loads(tenant.institution.credential(digest))
    del prepared["proof"], prepared["credentialStatus"]
    first = json.loads(tenant.institution.issue_document(institution.programme, prepared))
    keys = institution.keys(tenant)
    rotate(keys, KeystorePurpose.ASSERTION, overlap=HOUR)
    mark_compromised(keys, "assertion", institution.clock.now, "robo")
    again = json.loads(tenant.institution.issue_document(institution.programme, prepared))
    assert first["proof"]["verificationMethod"] == method(tenant, "assertion")
    assert again["proof"]["verificationMethod"] == method(tenant, "assertion-2")
    assert again["credentialStatus"] != first["credentialStatus"]
    assert json.loads(tenant.institution.issue_document(institution.programme, prepared)) == again


def state_of(tenant: Tenant, digest: Digest) -> tuple[str, str | None]:
    with tenant.database.read() as connection:
        row = connection.execute(select(QueueItem.state, QueueItem.reason_code).where(QueueItem.digest == digest)).one()
    return row[0], row[1]


def test_a_compromised_key_signs_nothing_and_revoking_goes_on(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    digest = institution.anchored(tenant)
    institution.pass_time(HOUR)
    marked = mark_compromised(institution.keys(tenant), "assertion", institution.clock.now - 1, "robo")
    assert marked.successor is None
    assert refused_code(lambda: institution.issue(tenant), InstitutionRefused) == "KEY_COMPROMISED"
    assert tenant.institution.revoke(digest)
    institution.anchor(tenant)
    assert institution.verdict(tenant, digest)[0] == "invalid"
    assert list_signer(tenant) == method(tenant, "assertion")
    rotated = rotate(institution.keys(tenant), KeystorePurpose.ASSERTION, overlap=0)
    assert (rotated.lists, list_signer(tenant)) == (1, method(tenant, "assertion-2"))
    institution.anchor(tenant)
    assert institution.verdict(tenant, digest) == ("invalid", "CREDENTIAL_REVOKED")
    with tenant.database.read() as connection:
        stored = read_list(connection, tenant.issuer, 0)
    assert stored is not None
    assert institution.verdict(tenant, institution.anchored(tenant)) == RECOGNISED


def test_further_back_than_72_hours_is_for_the_council(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    digest = institution.anchored(tenant)
    anchored_at = institution.clock.now
    institution.pass_time(80 * HOUR)
    keys = institution.keys(tenant)
    assert (
        refused_code(lambda: mark_compromised(keys, "assertion", anchored_at - HOUR, "robo"))
        == "COMPROMISE_TOO_FAR_BACK"
    )
    assert (
        refused_code(lambda: institution.issue(tenant), InstitutionRefused) == "KEY_NOT_VALID_NOW"
    )  # ended all the same
    assert refused_code(lambda: apply_compromise(keys, "assertion")) == "KEY_NOT_COMPROMISED"
    key = tenant.keys.identifier(keys.key("assertion"))
    institution.operator.mark_compromised(institution.contracts, tenant.issuer, key, anchored_at - HOUR, "robo")
    assert apply_compromise(keys, "assertion").since == anchored_at - HOUR
    assert institution.verdict(tenant, digest) == ("invalid", "KEY_COMPROMISED")
    assert (
        refused_code(lambda: mark_compromised(keys, "assertion", institution.clock.now + HOUR, "x"))
        == "TIME_OUT_OF_RANGE"
    )


def test_a_compromised_account_is_marked_and_anchors_no_more(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    institution.anchored(tenant)
    keys = institution.keys(tenant)
    mark_compromised(keys, "anchoring", institution.clock.now - 1, "robo")
    institution.issue(tenant)
    assert [report.step for report in institution.anchor(tenant)] == [BatchStep.BLOCKED]
    rotate(institution.keys(tenant), KeystorePurpose.ANCHORING, overlap=0)
    assert BatchStep.ANCHORED in [report.step for report in institution.anchor(tenant)]


def test_on_a_chain_made_anew_ended_keys_hold_until_they_are_ended_again(institution: DidWebInstitution) -> None:
    """Anchor again on the new chain the credentials of ended keys; do not add a compromised key at all."""
    tenant = institution.open_tenant()
    for name in ("assertion", "assertion-2"):
        rotate(institution.keys(tenant), KeystorePurpose.ASSERTION, overlap=0)
        if name == "assertion":
            retire(institution.keys(tenant), name)
        else:
            mark_compromised(institution.keys(tenant), name, institution.clock.now, "robo")
    again = deploy(institution.folder / "again")
    documents = documents_for({party.key: institution.did for party in institutions()})
    again.operator.accredit(again.contracts, tenant.keystore, documents.scopes["demo-ut"], again.clock.now + 10_000)
    again.did, again.folder = institution.did, institution.folder
    (institution.folder / "node.db").unlink()
    moved = again.open_tenant()
    known = {one.key.name: one.window for one in moved.keys.known(KeystorePurpose.ASSERTION)}
    assert known["assertion-2"] is None
    assert (known["assertion"] is not None, moved.keys.signing().name) == (True, "assertion-3")
    keys = again.keys(moved)
    assert due_keys(keys) == ["assertion"]
    retire(keys, "assertion")
    assert due_keys(keys) == []
    moved.database.close()
    again.chain.close()


# --- a ledger that does not answer, a keystore that changed ---


class Silent:
    """A ledger that answers nothing while it is told to be silent."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self.silent = ledger, False

    def __getattr__(self, name: str) -> Any:
        if self.silent:
            raise LedgerUnavailable("nobody answers")
        return getattr(self._ledger, name)


def test_without_the_ledgers_word_the_key_known_last_signs(institution: DidWebInstitution) -> None:
    silent: Any = Silent(institution.ledger)
    tenant = institution.open_tenant(ledger=silent)
    rotate(institution.keys(tenant), KeystorePurpose.ASSERTION, overlap=HOUR)
    [before] = institution.issue(tenant)
    silent.silent = True
    [after] = institution.issue(tenant)
    assert signer_of(tenant, before) == signer_of(tenant, after) == method(tenant, "assertion-2")
    fresh = institution.open_tenant(ledger=silent)
    assert signer_of(tenant, institution.issue(fresh)[0]) == method(tenant, "assertion-2")


@pytest.mark.parametrize("state", [KeyState.ENDED, KeyState.COMPROMISED])
def test_a_key_marked_by_another_process_signs_no_more_though_the_ledger_is_silent(
    institution: DidWebInstitution, state: KeyState
) -> None:
    silent: Any = Silent(institution.ledger)
    at_work, other = institution.open_tenant(ledger=silent), institution.open_tenant()
    rotate(institution.keys(other), KeystorePurpose.ASSERTION, overlap=HOUR)
    assert at_work.keys.signing().name == "assertion-2"
    silent.silent = True
    other.keystore.mark("assertion-2", state=state)
    assert at_work.keys.signing().name == "assertion"
    other.keystore.mark("assertion", state=state)
    assert refused_code(at_work.keys.signing, SigningKeyRefused) == "KEY_NOT_VALID_NOW"


def test_an_unfinished_key_does_not_sign_without_the_ledgers_word(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    tenant.keystore.generate("assertion-2", KeystorePurpose.ASSERTION, state=KeyState.PENDING)
    assert tenant.keys.signing().name == "assertion"
    tenant.keys.registry = None
    assert tenant.keys.signing().name == "assertion"


def test_a_keystore_under_another_passphrase_asks_for_a_restart(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    institution.keystore_file.unlink()
    Keystore.create(institution.keystore_file, b"otra", n=2**15).generate("assertion", KeystorePurpose.ASSERTION)
    assert refused_code(tenant.keys.signing, SigningKeyRefused) == "KEYSTORE_CHANGED"


# --- cryptosuites ---


@pytest.mark.parametrize(
    ("cryptosuite", "curve"),
    [
        ("eddsa-jcs-2022", ""),
        ("ecdsa-rdfc-2019", ""),
        ("ecdsa-rdfc-2019", "P-384"),
        ("ecdsa-jcs-2019", "P-256"),
    ],
)
def test_an_institution_signs_with_each_cryptosuite_and_is_recognised(
    shared_institution: DidWebInstitution, tmp_path: Path, cryptosuite: str, curve: str
) -> None:
    with branch(shared_institution, tmp_path / "public") as institution:
        accredit(institution, cryptosuite=cryptosuite, curve=curve, did="did:web:otra.example")
        tenant = institution.open_tenant()
        digest = institution.anchored(tenant)
        assert json.loads(tenant.institution.credential(digest))["proof"]["cryptosuite"] == cryptosuite
        assert institution.verdict(tenant, digest) == RECOGNISED
        tenant.institution.revoke(digest)
        institution.anchor(tenant)
        assert institution.verdict(tenant, digest) == ("invalid", "CREDENTIAL_REVOKED")


def test_a_key_of_another_kind_may_follow(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    before = institution.anchored(tenant)
    rotate(institution.keys(tenant), KeystorePurpose.ASSERTION, overlap=HOUR, algorithm=KeyAlgorithm.P256)
    after = institution.anchored(tenant)
    proof = json.loads(tenant.institution.credential(after))["proof"]
    assert (proof["cryptosuite"], tenant.keys.signing().signer.algorithm) == ("ecdsa-rdfc-2019", P256)
    assert institution.verdict(tenant, before) == institution.verdict(tenant, after) == RECOGNISED


# --- stopped anywhere ---


class Killed(BaseException):
    """The process is gone: nothing catches it."""


class Countdown:
    """Ends the process just before, or just after, the call of a given number to something outside."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.left, self.after = at, after

    def around(self, call: Callable[[], Any]) -> Any:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        result = call()
        if self.left == 0:
            raise Killed
        return result


class Watched:
    """Anything outside, each of its calls counted."""

    def __init__(self, inner: Any, countdown: Countdown, counted: tuple[str, ...]) -> None:
        self._inner, self._countdown, self._counted = inner, countdown, counted

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._counted:
            return found
        return lambda *values, **named: self._countdown.around(lambda: found(*values, **named))


LEDGER_CALLS = ("simulate", "send_raw", "receipt", "nonce", "read")
KEYSTORE_CALLS = ("generate", "mark")


def rotate_once(institution: DidWebInstitution, countdown: Countdown, act: Callable[[InstitutionKeys], object]) -> bool:
    """Rotate in another process that is killed at the countdown's end; return False where it finished first."""
    keystore: Any = Watched(Keystore.open(institution.keystore_file, PASSPHRASE), countdown, KEYSTORE_CALLS)
    ledger: Any = Watched(institution.ledger, countdown, LEDGER_CALLS)
    try:
        act(institution.keys(institution.open_tenant(keystore=keystore, ledger=ledger)))
    except Killed:
        return True
    return False


def check_stopped_anywhere(
    institution: DidWebInstitution, tmp_path: Path, purpose: KeystorePurpose, name: str, *, every: int
) -> int:
    """Stop rotation and retirement at each outside call in turn and run again: one new key, in force and in use."""
    calls = 0

    def act(keys: InstitutionKeys) -> None:
        family = {key.name: key for key in keys.tenant.keystore.family(name)}
        if f"{name}-2" not in family or family[f"{name}-2"].state is KeyState.PENDING:
            rotate(keys, purpose, overlap=0)
        retire(keys, name)

    for at in range(1, 200):
        for after in (False, True):
            if (2 * at + after) % every:
                continue
            with branch(institution, tmp_path / f"{name}-{at}-{after}") as copy:
                killed = rotate_once(copy, Countdown(at, after=after), act)
                if not killed:
                    assert after is False or at > 1
                    return calls
                calls += 1
                rotate_once(copy, Countdown(0, after=True), act)
                check_rotated(copy, purpose, name)
    raise AssertionError("the rotation never came to its end")


def check_rotated(institution: DidWebInstitution, purpose: KeystorePurpose, name: str) -> None:
    tenant = institution.open_tenant()
    known = tenant.keys.known(purpose)
    assert [(one.key.name, one.key.state) for one in known] == [
        (name, KeyState.ENDED),
        (f"{name}-2", KeyState.IN_USE),
    ]
    now = institution.ledger.head().time
    assert [one.window is not None and one.window.holds(now) for one in known] == [False, True]
    digest = institution.anchored(tenant)
    assert institution.verdict(tenant, digest) == RECOGNISED


@pytest.mark.parametrize(
    ("purpose", "name"), [(KeystorePurpose.ASSERTION, "assertion"), (KeystorePurpose.ANCHORING, "anchoring")]
)
def test_a_rotation_stopped_at_some_calls_is_finished_by_the_next(
    shared_institution: DidWebInstitution, tmp_path: Path, purpose: KeystorePurpose, name: str
) -> None:
    assert check_stopped_anywhere(shared_institution, tmp_path, purpose, name, every=31) >= 1


_PURPOSES = pytest.mark.parametrize(
    ("purpose", "name"),
    [
        (KeystorePurpose.ASSERTION, "assertion"),
        (KeystorePurpose.NOTE, "note"),
        (KeystorePurpose.ANCHORING, "anchoring"),
    ],
)


@pytest.mark.slow
@_PURPOSES
def test_a_rotation_stopped_at_many_calls_is_finished_by_the_next(
    shared_institution: DidWebInstitution, tmp_path: Path, purpose: KeystorePurpose, name: str
) -> None:
    assert check_stopped_anywhere(shared_institution, tmp_path, purpose, name, every=6) >= 5


@pytest.mark.crash
@_PURPOSES
def test_a_rotation_stopped_at_any_call_is_finished_by_the_next(
    shared_institution: DidWebInstitution, tmp_path: Path, purpose: KeystorePurpose, name: str
) -> None:
    assert check_stopped_anywhere(shared_institution, tmp_path, purpose, name, every=1) >= 20


def test_an_issuer_id_does_not_hang_on_a_key(institution: DidWebInstitution) -> None:
    tenant = institution.open_tenant()
    issuer: IssuerId = tenant.issuer
    rotate(institution.keys(tenant), KeystorePurpose.ASSERTION, overlap=0)
    assert institution.open_tenant().issuer == issuer
