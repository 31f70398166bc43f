"""The audit agrees with an honest history and names what was altered, and what the contract could not see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from acredita.anchoring.entries import ENTRY_BYTES, Entry, EntryKind, encode, issued, opened, status_change
from acredita.anchoring.ledger import BlockName, LogQuery, PartialLedgerUnavailable
from acredita.anchoring.log import MemoryNodes
from acredita.anchoring.merkle import Frontier, consistency_path, leaf_hash
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Address, Digest, IssuerId, LogId
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog, View
from acredita.contracts.bindings import KeyPurpose
from acredita.registry.audit.replay import Audit, AuditFinding, LogSource, PublishedLists, replay
from acredita.registry.credentials.status_position import LIST_BITS
from acredita.registry.keys.key_statement import make_statement
from acredita.registry.ledger_facts.log_entries import EntriesAtHand, EntriesUnavailable

from tests.registry.verification.cases import WEB_DID, anchored_by, compromise, did_document, key_of
from tests.registry.world import ACT, OPEN, STATUS_ONLY, AnchoredWorld, Credential, World, account, party, signer

T = TypeVar("T")
Edit = Callable[[list[RawLog]], list[RawLog]]


class Edited(RpcLedger):
    """An endpoint that tells other events than happened, and a total that fits them; no other storage it can alter."""

    def __init__(self, honest: RpcLedger, contract: bytes, edit: Edit) -> None:
        super().__init__(honest._provider)
        self._contract, self._edit = contract, edit

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        logs = list(super().logs(query))
        return self._edit(logs) if query.addresses == (self._contract,) else logs

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        if (view.to, view.data) == (self._contract, bindings.CredentialLog(self._contract).total().data):
            return view.decode(self._folded())
        return super().read(view, block)

    def _folded(self) -> bytes:
        total = bytes(32)
        for log in self.logs(LogQuery(0, self.head().number, (Address(self._contract),))):
            total = bindings.fold_history(total, bindings.record_of(log))
        return total


class Untotalled(Edited):
    """An endpoint that tells other events than happened, beside the contract's own total."""

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        return RpcLedger.read(self, view, block)


def audit(world: World, **changes: object) -> Audit:
    arguments = {"ledger": world.ledger, "entries_of": world.entries_of} | changes
    return replay(contracts=world.contracts, block=world.ledger.head(), **arguments)  # type: ignore[arg-type]


def codes(found: Audit) -> list[tuple[str, str]]:
    return [(finding.weight, finding.code) for finding in found.findings]


def contradictions(found: Audit) -> set[str]:
    """Return the rules that the ledger's own answers break. Such an audit could not tell, and accuses nobody."""
    assert found.outcome == "unknown"
    assert not found.clean
    assert "divergence" not in {finding.weight for finding in found.findings}
    broken = [finding for finding in found.findings if finding.weight == "unknown"]
    assert {finding.code for finding in broken} == {"LEDGER_INCOMPLETE"}
    return {finding.detail.partition(":")[0] for finding in broken}


def edited(world: World, contract: bytes, edit: Edit) -> Audit:
    return audit(world, ledger=Edited(world.ledger, contract, edit))


# --- an honest history -------------------------------------------------------------------------------------------


def lively(anchored: AnchoredWorld) -> World:
    """Build two institutions, revocations, a theft and a second epoch, a custodian, a removed agency."""
    world, other = anchored.world, party("centro")
    world.accredit(other, world.scope(other))
    anchored_by(world, other)
    position = anchored.credentials[1].position
    world.anchor(anchored.up, changes=[(EntryKind.REPLACED, position), (EntryKind.REVOKED, position)])
    world.anchor(anchored.up, [world.sign(anchored.up)])
    world.open_epoch(anchored.up, last_good=2)
    world.anchor(anchored.up, [world.sign(anchored.up)], [(EntryKind.SUSPENDED, anchored.good.position)])
    world.decide(world.issuers.revoke(other.id, ACT))
    custodian = account("custodian")
    consent = world.consent(custodian, other.id, 2)
    world.decide(world.issuers.appoint_custodian(other.id, custodian.address, ACT, consent))
    world.anchor(other, changes=[(EntryKind.REVOKED, 5)], kind=STATUS_ONLY, account=account("custodian"))
    return world


def test_an_honest_history_replays_without_a_finding(anchored: AnchoredWorld) -> None:
    world = lively(anchored)
    report = audit(world)
    assert report.findings == ()
    assert report.clean
    assert (report.parties, report.programmes) == (3, 4)
    assert report.block == world.ledger.head()
    first, second = (log for log in report.logs if log.issuer == anchored.up.id)
    assert (first.epoch, first.checkpoints, first.void) == (1, 2, (3,))
    assert (first.entries, second.entries) == (8, 3)
    assert (second.epoch, second.checkpoints, second.void) == (2, 1, ())


def test_the_same_history_has_the_same_state_hash_and_one_more_record_another(anchored: AnchoredWorld) -> None:
    world = anchored.world
    first = audit(world)
    assert audit(world).state_hash == first.state_hash
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    assert audit(world).state_hash != first.state_hash


def test_the_past_can_be_audited_too(anchored: AnchoredWorld) -> None:
    world, before = anchored.world, audit(anchored.world)
    block = world.ledger.head()
    world.anchor(anchored.up, [world.sign(anchored.up)])
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    again = replay(world.ledger, world.contracts, block, world.entries_of)
    assert again.findings == ()
    assert again.state_hash == before.state_hash


def test_a_registry_that_succeeds_another_is_audited(anchored: AnchoredWorld) -> None:
    world = anchored.world
    for registry in (world.issuers, world.programmes):
        world.decide(registry.record_predecessor(b"\x0b" * 20, b"\x0c" * 32, ACT))
    assert audit(world).findings == ()


# --- files -------------------------------------------------------------------------------------------------------

INCOMPLETE: dict[str, Callable[[bytes], bytes]] = {
    "missing": lambda data: b"",
    "short": lambda data: data[:-ENTRY_BYTES],
    "as old as the first checkpoint": lambda data: data[: 7 * ENTRY_BYTES],
    "short, and one digest edited": lambda data: data[:80] + bytes([data[80] ^ 1]) + data[81:-ENTRY_BYTES],
    "the first entry left out": lambda data: data[ENTRY_BYTES:],
    "of another log": lambda data: encode(opened(LogId(b"\x01" * 32))) + data[ENTRY_BYTES:],
    "of no log": lambda data: b"\xff" * len(data),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_copy_that_is_not_the_whole_log_is_not_at_hand(anchored: AnchoredWorld, name: str) -> None:
    """Report a copy that is missing, older, short or of another log as missing: it shows nothing of the institution."""
    world = anchored.world
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, 9)])
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, 10)])
    entries = EntriesAtHand({1: INCOMPLETE[name](world.entries_of(anchored.up.id).by_epoch[1])})
    report = audit(world, entries_of=lambda issuer: entries)
    assert codes(report) in ([("unknown", "LOG_MISSING")], [("unknown", "ROOT_MISMATCH")])
    assert (report.outcome, report.clean) == ("unknown", False)
    assert anchored.up.id.hex() in report.findings[0].where
    assert report.state_hash == audit(world).state_hash


def test_a_divergence_counts_beside_a_log_that_is_missing(anchored: AnchoredWorld) -> None:
    """Hide a revocation in a list signed after its anchor, beside the missing log of another institution."""
    world, other = revoked_one(anchored), party("centro")
    world.accredit(other, world.scope(other))
    anchored_by(world, other)
    hiding = {(anchored.up.id, 0): world.status_list(anchored.up, [], issued=world.clock.now)}
    good = world.entries_of(anchored.up.id)

    def entries_of(issuer: IssuerId) -> EntriesAtHand:
        return good if issuer == anchored.up.id else EntriesAtHand()

    published = PublishedLists(
        lambda issuer: lists_at_hand(hiding, issuer), world.document_source.dids, world.clock.now
    )
    report = audit(world, entries_of=entries_of, published=published)
    assert sorted(codes(report)) == [("divergence", "STATUS_MISMATCH"), ("unknown", "LOG_MISSING")]
    assert report.outcome == "differs"


FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "one digest edited by hand": (lambda data: data[:80] + bytes([data[80] ^ 1]) + data[81:], "ROOT_MISMATCH"),
    "one entry left out": (lambda data: data[:70] + data[140:] + data[70:140], "ROOT_MISMATCH"),
    "a revocation moved": (
        lambda data: data.replace(
            encode(status_change(EntryKind.REVOKED, 9)), encode(status_change(EntryKind.REVOKED, 8))
        ),
        "ROOT_MISMATCH",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_an_altered_copy_is_told_where_it_breaks_and_accuses_nobody(anchored: AnchoredWorld, name: str) -> None:
    world = anchored.world
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, 9)])
    alter, code = FILES[name]
    entries = EntriesAtHand({1: alter(world.entries_of(anchored.up.id).by_epoch[1])})
    report = audit(world, entries_of=[LogSource("spoiled", lambda issuer: entries)])
    assert codes(report) == [("unknown", code)]
    assert report.outcome == "unknown"
    assert anchored.up.id.hex() in report.findings[0].where
    assert report.findings[0].looked_in == ("spoiled",)
    assert report.state_hash == audit(world).state_hash


@pytest.mark.parametrize("name", [*FILES, *INCOMPLETE])
def test_the_next_source_is_asked_for_what_a_damaged_copy_does_not_give(anchored: AnchoredWorld, name: str) -> None:
    """Answer as from the good copy alone, and name the bad copy."""
    world = anchored.world
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, 9)])
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, 10)])
    alter = FILES[name][0] if name in FILES else INCOMPLETE[name]
    spoiled = EntriesAtHand({1: alter(world.entries_of(anchored.up.id).by_epoch[1])})
    sources = [LogSource("spoiled", lambda issuer: spoiled), LogSource("good", world.entries_of)]
    report = audit(world, entries_of=sources)
    assert report.outcome == "agrees"
    assert {finding.looked_in for finding in report.findings} == {("spoiled",)}
    assert replace(report, findings=()) == replace(audit(world), findings=())


class Silent:
    """A host that answers nothing, and counts how often it was asked."""

    asked = 0

    def read(self, epoch: int, start: int, end: int) -> bytes:
        self.asked += 1
        raise EntriesUnavailable("no answer")


def test_a_host_that_does_not_answer_is_asked_once_and_the_audit_goes_on(anchored: AnchoredWorld) -> None:
    world = lively(anchored)
    silent = Silent()
    sources = [LogSource("silent", lambda issuer: silent)]
    report = audit(world, entries_of=sources)
    assert {(weight, code) for weight, code in codes(report)} == {("unknown", "LOG_MISSING")}
    assert (report.outcome, silent.asked) == ("unknown", 1)
    again = audit(world, entries_of=[*sources, LogSource("good", world.entries_of)])
    assert again.outcome == "agrees"
    assert {finding.looked_in for finding in again.findings} == {("silent",)}


# --- events ------------------------------------------------------------------------------------------------------


def swap_last(logs: list[RawLog]) -> list[RawLog]:
    return [*logs[:-2], logs[-1], logs[-2]]


EVENTS: dict[str, tuple[str, Edit, str]] = {
    "a registry record left out": ("issuer_registry", lambda logs: logs[:-1], "HISTORY_MISMATCH"),
    "a key ended before it was added": ("issuer_registry", lambda logs: logs[::-1], "HISTORY_MISMATCH"),
    "a programme record left out": ("programme_registry", lambda logs: logs[:-1], "HISTORY_MISMATCH"),
    "a whole party left out": (
        "issuer_registry",
        lambda logs: [log for log in logs if log.topics[1] != logs[0].topics[1]],
        "HISTORY_MISMATCH",
    ),
    "the last checkpoint left out": ("credential_log", lambda logs: logs[:-1], "HEAD_MISMATCH"),
    "every checkpoint left out": ("credential_log", lambda logs: [], "HEAD_MISMATCH"),
    "an earlier checkpoint left out": ("credential_log", lambda logs: logs[1:], "WORD_CHAIN_BROKEN"),
    "checkpoints in another order": ("credential_log", swap_last, "WORD_CHAIN_BROKEN"),
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_endpoint_that_tells_other_events_gives_no_audit(anchored: AnchoredWorld, name: str) -> None:
    world = anchored.world
    world.act(anchored.up.control, world.issuers.end_key(anchored.up.id, key_of(anchored.up)))
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, 9)])
    contract, edit, _ = EVENTS[name]
    with pytest.raises(PartialLedgerUnavailable):
        audit(world, ledger=Untotalled(world.ledger, getattr(world.contracts, contract), edit))


@pytest.mark.parametrize("name", EVENTS)
def test_events_that_contradict_the_storage_are_no_answer(anchored: AnchoredWorld, name: str) -> None:
    world = anchored.world
    world.act(anchored.up.control, world.issuers.end_key(anchored.up.id, key_of(anchored.up)))
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, 9)])
    contract, edit, code = EVENTS[name]
    assert code in contradictions(edited(world, getattr(world.contracts, contract), edit))


def anchored_field(change: Callable[[bindings.Anchored], tuple[bytes, bytes]]) -> Edit:
    """Replace some bytes in the data of each Anchored event."""

    def edit(logs: list[RawLog]) -> list[RawLog]:
        edited_logs = []
        for log in logs:
            event = bindings.decode_event(log)
            assert isinstance(event, bindings.Anchored)
            edited_logs.append(replace(log, data=log.data.replace(*change(event))))
        return edited_logs

    return edit


FORGED = {
    "root": anchored_field(lambda event: (event.root, bytes(32))),
    "time": anchored_field(lambda event: (event.time.to_bytes(32, "big"), (event.time - 1).to_bytes(32, "big"))),
    "kind": anchored_field(lambda event: (bytes(31) + b"\x01", bytes(31) + b"\x02")),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_checkpoint_differs_from_storage(anchored: AnchoredWorld, name: str) -> None:
    report = edited(anchored.world, anchored.world.contracts.credential_log, FORGED[name])
    assert "WORD_MISMATCH" in contradictions(report)


def test_an_endpoint_that_hides_a_theft_gives_no_answer(anchored: AnchoredWorld) -> None:
    """Hide the event that opened the second epoch: the stolen checkpoints would count."""
    world = lively(anchored)

    def without_opening(logs: list[RawLog]) -> list[RawLog]:
        return [log for log in logs if not isinstance(bindings.decode_event(log), bindings.EpochOpened)]

    report = edited(world, world.contracts.credential_log, without_opening)
    assert "WORD_CHAIN_BROKEN" in contradictions(report)


def test_another_last_good_number_is_no_answer(anchored: AnchoredWorld) -> None:
    world = lively(anchored)

    def one_less(logs: list[RawLog]) -> list[RawLog]:
        report = []
        for log in logs:
            event = bindings.decode_event(log)
            is_opening = isinstance(event, bindings.EpochOpened)
            data = log.data[:63] + bytes([event.last_good - 1]) + log.data[64:] if is_opening else log.data  # type: ignore[union-attr]
            report.append(replace(log, data=data))
        return report

    report = edited(world, world.contracts.credential_log, one_less)
    assert "WORD_CHAIN_BROKEN" in contradictions(report)


@pytest.mark.parametrize("contract", ["issuer_registry", "credential_log"])
def test_an_event_of_a_later_version_is_named_and_not_skipped(anchored: AnchoredWorld, contract: str) -> None:
    def from_the_future(logs: list[RawLog]) -> list[RawLog]:
        return [*logs, replace(logs[-1], topics=(b"\x0f" * 32, logs[-1].topics[1]))]

    report = edited(anchored.world, getattr(anchored.world.contracts, contract), from_the_future)
    expected = "HISTORY_MISMATCH" if contract == "issuer_registry" else "RECORD_UNKNOWN"
    assert expected in contradictions(report)


class Believing(Edited):
    """An endpoint whose storage agrees with the events it made up: a contract of another version."""

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        subject = view.data[4:]
        if view.to == self._contract and subject in (histories := self._histories()):
            return view.decode(histories[subject])
        return super().read(view, block)

    def _histories(self) -> dict[bytes, bytes]:
        histories: dict[bytes, bytes] = {}
        for log in self.logs(LogQuery(0, self.head().number, (self._contract,))):  # type: ignore[arg-type]
            subject = log.topics[1]
            histories[subject] = bindings.fold_history(histories.get(subject, bytes(32)), bindings.record_of(log))
        return histories


@pytest.mark.parametrize("contract", ["issuer_registry", "programme_registry"])
def test_a_record_this_version_cannot_read_is_no_answer(anchored: AnchoredWorld, contract: str) -> None:
    def from_the_future(logs: list[RawLog]) -> list[RawLog]:
        return [*logs, replace(logs[-1], topics=(b"\x0f" * 32, logs[-1].topics[1]))]

    address = getattr(anchored.world.contracts, contract)
    report = audit(anchored.world, ledger=Believing(anchored.world.ledger, address, from_the_future))
    assert "RECORD_UNKNOWN" in contradictions(report)


# --- what the contract cannot see ----------------------------------------------------------------------------------


def seen(anchored: AnchoredWorld, entries: Sequence[Entry], **how: object) -> list[AuditFinding]:
    anchored.world.anchor_entries(anchored.up, entries, **how)  # type: ignore[arg-type]
    report = audit(anchored.world)
    assert report.clean
    return list(report.findings)


def an_entry(anchored: AnchoredWorld, name: str = "one", programme: Digest | None = None) -> Entry:
    return issued(Digest(signer(name).multikey[-32:]), programme or anchored.good.programme.digest)


def test_issued_entries_in_a_checkpoint_for_status_changes_are_reported(anchored: AnchoredWorld) -> None:
    [finding] = seen(anchored, [an_entry(anchored)], kind=STATUS_ONLY)
    assert finding.code == "ISSUED_IN_STATUS_CHECKPOINT"
    assert "number 2" in finding.where


def test_a_digest_issued_twice_is_reported(anchored: AnchoredWorld) -> None:
    [finding] = seen(anchored, [anchored.good.entry])
    assert (finding.code, finding.detail) == ("ISSUED_TWICE", "0x" + anchored.good.digest.hex())


def test_a_digest_issued_again_in_a_later_epoch_is_reported(anchored: AnchoredWorld) -> None:
    anchored.world.open_epoch(anchored.up, last_good=1)
    [finding] = seen(anchored, [anchored.good.entry])
    assert finding.code == "ISSUED_TWICE"


def test_an_opening_entry_in_the_middle_is_reported(anchored: AnchoredWorld) -> None:
    [finding] = seen(anchored, [opened(LogId(bytes(32)))])
    assert finding.code == "ENTRY_MISPLACED"


def test_a_correction_after_revocation_is_reported_and_one_before_is_not(anchored: AnchoredWorld) -> None:
    assert seen(anchored, [status_change(EntryKind.REPLACED, 7), status_change(EntryKind.REVOKED, 7)]) == []
    [finding] = seen(anchored, [status_change(EntryKind.REPLACED, 7)])
    assert finding.code == "REPLACED_AFTER_REVOCATION"


def test_programmes_that_were_not_approved_are_reported_by_version_and_count(anchored: AnchoredWorld) -> None:
    unknown = Digest(b"\x0d" * 32)
    [finding] = seen(anchored, [an_entry(anchored, "one", unknown), an_entry(anchored, "two", unknown)])
    assert finding.code == "PROGRAMME_UNKNOWN"
    assert finding.detail.startswith("2 issued")


def test_a_programme_withdrawn_before_is_reported_and_one_withdrawn_after_is_not(anchored: AnchoredWorld) -> None:
    anchored.world.act(
        anchored.up.control, anchored.world.programmes.withdraw(anchored.up.id, anchored.good.programme.digest, ACT)
    )
    assert audit(anchored.world).findings == ()
    [finding] = seen(anchored, [an_entry(anchored)])
    assert finding.code == "PROGRAMME_NOT_APPROVED_AT_ISSUANCE"


def test_a_council_member_with_another_role_is_reported(anchored: AnchoredWorld) -> None:
    world = anchored.world
    members = [member.address for member in world.members[:2]]
    world.decide(bindings.Council(world.contracts.council).set_members([*members, world.agency.address], 2))
    [finding] = audit(world).findings
    assert (finding.weight, finding.code) == ("observation", "ACCOUNT_TWO_ROLES")
    assert finding.detail.startswith(f"account 0x{world.agency.address.hex()} belongs to ")


def test_a_foreign_programme_is_reported(anchored: AnchoredWorld) -> None:
    world, other = anchored.world, party("centro")
    world.accredit(other, world.scope(other))
    world.anchor_entries(other, [an_entry(anchored)])
    assert codes(audit(world)) == [("observation", "PROGRAMME_NOT_OF_ISSUER")]


def test_the_replay_stops_at_an_entry_it_does_not_know(anchored: AnchoredWorld) -> None:
    """Anchor an entry of version 2, as a later writer might: the contract takes any leaf."""
    world = anchored.world
    later = encode(an_entry(anchored)).replace(b"\x01", b"\x02", 1)
    anchor_leaf(anchored, later)
    good = world.entries_of(anchored.up.id).by_epoch[1]
    report = audit(world, entries_of=lambda issuer: EntriesAtHand({1: good + later}))
    assert codes(report) == [("divergence", "ENTRY_UNKNOWN")]
    assert not report.clean


def anchor_leaf(anchored: AnchoredWorld, leaf: bytes) -> None:
    """Anchor one checkpoint over a leaf that is no entry of version 1."""
    world, last = anchored.world, anchored.world.epoch(anchored.up).checkpoints[-1]
    leaves = [leaf_hash(encode(entry)) for entry in world.epoch(anchored.up).entries] + [leaf_hash(leaf)]
    frontier, nodes = Frontier(), MemoryNodes()
    for index, node in enumerate(leaves):
        nodes.put([(level, index >> level, digest) for level, digest in enumerate(frontier.append(node))])
    path = consistency_path(last.size, len(leaves), nodes.node)
    call = world.log.anchor(OPEN, len(leaves), frontier.root(), last.status_root, last.parts(), path)
    world.act(anchored.up.anchoring, call)


# --- key statements ------------------------------------------------------------------------------------------------


def statements(anchored: AnchoredWorld) -> dict[bytes, bytes]:
    registry = anchored.world.contracts.issuer_registry
    statement = make_statement(31337, registry, anchored.up.id, int(KeyPurpose.ASSERTION), anchored.up.key)  # type: ignore[arg-type]
    return {statement.digest: statement.data}


def test_a_key_that_spoke_for_itself_is_no_finding(anchored: AnchoredWorld) -> None:
    at_hand = statements(anchored)
    assert audit(anchored.world, statement_of=at_hand.get).findings == ()


def test_a_statement_that_is_not_at_hand_is_reported(anchored: AnchoredWorld) -> None:
    assert codes(audit(anchored.world, statement_of=lambda digest: None)) == [("unknown", "KEY_STATEMENT_MISSING")]


def test_a_withheld_statement_is_not_a_missing_one(anchored: AnchoredWorld) -> None:
    withheld = frozenset(Digest(digest) for digest in statements(anchored))
    report = audit(anchored.world, statement_of=lambda digest: None, withheld=withheld)
    assert codes(report) == [("observation", "DOCUMENT_WITHHELD")]
    assert report.outcome == "agrees"


def test_a_key_added_without_its_holder_is_reported(anchored: AnchoredWorld) -> None:
    """Add a key by the control account under a statement that another key had made."""
    world = anchored.world
    [(digest, data)] = statements(anchored).items()
    add = world.issuers.add_key(anchored.up.id, bytes(31) + b"\x01", KeyPurpose.ASSERTION, digest)
    world.act(anchored.up.control, add)
    report = audit(world, statement_of={digest: data}.get)
    assert codes(report) == [("observation", "KEY_STATEMENT_INVALID")]


def test_a_damaged_copy_of_a_statement_is_not_at_hand(anchored: AnchoredWorld) -> None:
    """Serve another statement, and altered bytes, in the place of the statement: the record names its SHA-256."""
    registry = anchored.world.contracts.issuer_registry
    [good] = statements(anchored).values()
    other = make_statement(31337, registry, IssuerId(b"\x01" * 32), int(KeyPurpose.ASSERTION), anchored.up.key)  # type: ignore[arg-type]
    for data in (other.data, good[:-1], good + b"\x00", b""):
        report = audit(anchored.world, statement_of=lambda digest, data=data: data)
        assert (codes(report), report.outcome) == ([("unknown", "KEY_STATEMENT_MISSING")], "unknown")


def test_a_statement_for_another_purpose_or_issuer_is_reported(anchored: AnchoredWorld) -> None:
    world = anchored.world
    key = signer("a key for another place")
    for number, (issuer, kind) in enumerate(
        [(anchored.up.id, KeyPurpose.NOTE), (IssuerId(b"\x01" * 32), KeyPurpose.ASSERTION)]
    ):
        statement = make_statement(31337, world.contracts.issuer_registry, issuer, int(kind), key)  # type: ignore[arg-type]
        at_hand = statements(anchored) | {statement.digest: statement.data}
        add = world.issuers.add_key(
            anchored.up.id, bytes(31) + bytes([number + 1]), KeyPurpose.ASSERTION, statement.digest
        )
        world.act(anchored.up.control, add)
        found = audit(world, statement_of=lambda digest, at_hand=at_hand: at_hand.get(digest, b""))
        assert ("observation", "KEY_STATEMENT_INVALID") in codes(found)


# --- published status lists ------------------------------------------------------------------------------------------


def revoked_one(anchored: AnchoredWorld) -> World:
    """Revoke the first credential by an entry on the chain."""
    anchored.world.anchor(anchored.up, changes=[(EntryKind.REVOKED, anchored.good.position)], kind=STATUS_ONLY)
    anchored.world.pass_time(3600)
    return anchored.world


def lists_at_hand(lists: Mapping[tuple[IssuerId, int], object], issuer: IssuerId) -> dict[int, object]:
    return {number: document for (owner, number), document in lists.items() if owner == issuer}


def lists_audit(world: World, lists: Mapping[tuple[IssuerId, int], object], **changes: Any) -> list[tuple[str, str]]:
    published = PublishedLists(
        lambda issuer: lists_at_hand(lists, issuer), world.document_source.dids, changes.pop("now", world.clock.now)
    )
    return codes(audit(world, published=published, **changes))


def index(credential: Credential) -> int:
    return credential.position % LIST_BITS


def test_a_list_that_says_what_the_log_says_is_no_finding(anchored: AnchoredWorld) -> None:
    world = revoked_one(anchored)
    published = world.status_list(anchored.up, [index(anchored.good)], issued=world.clock.now)
    assert lists_audit(world, {(anchored.up.id, 0): published}) == []


@pytest.mark.parametrize("after", [-60, 0, 300, 301])
def test_a_list_that_lacks_a_revocation_hides_it_only_if_it_was_issued_after(
    anchored: AnchoredWorld, after: int
) -> None:
    """Hold an old list, rightly signed, against nobody: the auditor may have kept it."""
    world = anchored.world
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, anchored.good.position)], kind=STATUS_ONLY)
    anchor_time = world.epoch(anchored.up).checkpoints[-1].time
    world.pass_time(3600)
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    lacking = world.status_list(anchored.up, [], issued=anchor_time + after)
    expected = ("divergence", "STATUS_MISMATCH") if after > 300 else ("unknown", "STATUS_LIST_OLD")
    assert lists_audit(world, {(anchored.up.id, 0): lacking}) == [expected]


def test_a_revocation_of_no_entry_is_invented_once_a_block_shows_its_time_is_over(anchored: AnchoredWorld) -> None:
    world = revoked_one(anchored)
    ahead = {(anchored.up.id, 0): world.status_list(anchored.up, [index(anchored.good), 77], issued=world.clock.now)}
    assert lists_audit(world, ahead, now=world.clock.now + 301) == []  # the chain at hand ends before
    world.pass_time(302)
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    assert lists_audit(world, ahead) == [("divergence", "STATUS_UNANCHORED")]


def test_an_old_list_of_a_revocation_that_became_void_is_held_against_nobody(anchored: AnchoredWorld) -> None:
    """Revoke, publish, and open an epoch after a theft that makes the revocation void."""
    world = revoked_one(anchored)
    kept = {(anchored.up.id, 0): world.status_list(anchored.up, [index(anchored.good)], issued=world.clock.now)}
    world.open_epoch(anchored.up, last_good=1)
    world.pass_time(3600)
    world.decide(world.issuers.suspend(anchored.up.id, ACT))
    assert lists_audit(world, kept) == [("unknown", "STATUS_LIST_OLD")]


def test_a_list_for_a_log_nobody_extended_is_held_against_no_bits(anchored: AnchoredWorld) -> None:
    world, quiet = anchored.world, party("taller")
    world.accredit(quiet, world.scope(quiet))
    lists = {(quiet.id, 0): world.status_list(quiet, [5], issued=world.clock.now)}
    world.pass_time(3600)
    world.decide(world.issuers.suspend(quiet.id, ACT))
    assert lists_audit(world, lists) == [("divergence", "STATUS_UNANCHORED")]


def test_a_list_that_is_not_at_hand_is_reported(anchored: AnchoredWorld) -> None:
    assert lists_audit(revoked_one(anchored), {}) == [("unknown", "STATUS_LIST_MISSING")]


def test_a_list_by_another_hand_or_in_anothers_place_is_nobodys_word(anchored: AnchoredWorld) -> None:
    world = revoked_one(anchored)
    now, bits = world.clock.now, [index(anchored.good)]
    good = world.status_list(anchored.up, bits, issued=now)
    other = party("centro")
    world.accredit(other, world.scope(other))
    foreign = [
        world.status_list(other, bits, issued=now),
        world.status_list(anchored.up, bits, issued=now, list_number=1),
        good | {"validFrom": "2026-01-01T00:00:00Z"},
        {key: value for key, value in good.items() if key != "proof"},
        "unreadable",
    ]
    for document in foreign:
        assert lists_audit(world, {(anchored.up.id, 0): document}) == [("unknown", "STATUS_LIST_INVALID")]


def test_a_list_by_a_compromised_key_is_nobodys_word(anchored: AnchoredWorld) -> None:
    world = revoked_one(anchored)
    published = world.status_list(anchored.up, [index(anchored.good)], issued=world.clock.now)
    compromise(anchored, world.clock.now - 60)
    assert lists_audit(world, {(anchored.up.id, 0): published}) == [("unknown", "STATUS_LIST_INVALID")]


def test_a_list_of_a_did_web_party_is_judged_by_the_keys_of_the_registry(anchored: AnchoredWorld) -> None:
    world, web = anchored.world, party("taller", WEB_DID)
    world.accredit(web, world.scope(web))
    published = world.status_list(web, [], issued=world.clock.now)
    forged = world.status_list(web, [], issued=world.clock.now, key=signer("who bought the domain"))
    for documents in ({}, {web.did: did_document(web)}, {web.did: did_document(party("thief", WEB_DID))}):
        world.document_source.dids.clear()
        world.document_source.dids.update(documents)
        assert lists_audit(world, {(web.id, 0): published}) == []
        assert lists_audit(world, {(web.id, 0): forged}) == [("unknown", "STATUS_LIST_INVALID")]


def test_no_list_is_judged_by_a_log_that_is_not_whole(anchored: AnchoredWorld) -> None:
    world = revoked_one(anchored)
    hiding = {(anchored.up.id, 0): world.status_list(anchored.up, [], issued=world.clock.now)}
    report = lists_audit(world, hiding, entries_of=lambda issuer: EntriesAtHand())
    assert [code for _, code in report] == ["LOG_MISSING"]
