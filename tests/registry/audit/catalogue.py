"""Frauds and accidents that an audit must find: each row plants one into a branch of a small real world.

A row says by which codes it is found, and what the audit answers. `differs`: signed evidence contradicts the chain.
`unknown`: it could not tell. `agrees`: the ledger itself shows the fault, and the verifier already refuses what it touches.
Run `python -m tests.registry.audit.catalogue` to write the table of docs/audit-catalogue.md.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from acredita.anchoring.entries import ENTRY_BYTES, EntryKind, encode, issued, opened, status_change
from acredita.anchoring.ledger import BlockName
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Digest, IssuerId, LogId
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog, View
from acredita.contracts.bindings import KeyPurpose
from acredita.registry.audit.replay import Audit, PublishedLists, replay
from acredita.registry.credentials.status_position import LIST_BITS
from acredita.registry.keys.key_statement import make_statement
from acredita.registry.ledger_facts.log_entries import EntriesAtHand

from tests.registry.audit.test_replay import Edited, Untotalled
from tests.registry.verification.cases import anchored_by, own_programme, suspend_at_once
from tests.registry.world import ACT, DAY, HOUR, STATUS_ONLY, AnchoredWorld, World, party, signer

T = TypeVar("T")
Plant = Callable[[AnchoredWorld], "Asked"]
PAGE: Final = Path(__file__).parents[3] / "docs" / "audit-catalogue.md"


@dataclass
class Asked:
    """The world with a fault, and the files and the endpoint that the audit is given."""

    world: World
    arguments: dict[str, Any] = field(default_factory=dict)

    def audit(self) -> Audit:
        """Audit the world at its head. Raises PartialLedgerUnavailable."""
        given: dict[str, Any] = {"ledger": self.world.ledger, "entries_of": self.world.entries_of} | self.arguments
        given |= {"documents": self.world.document_source}
        return replay(contracts=self.world.contracts, block=self.world.ledger.head(), **given)


@dataclass(frozen=True)
class Row:
    """One fraud or accident: its kind and name, how it is planted, the codes that find it, and the answer."""

    kind: str
    name: str
    plant: Plant
    codes: frozenset[str]
    outcome: str


ROWS: list[Row] = []


def row(kind: str, name: str, outcome: str, *codes: str) -> Callable[[Plant], Plant]:
    """Add a row to the catalogue."""

    def add(plant: Plant) -> Plant:
        ROWS.append(Row(kind, name, plant, frozenset(codes), outcome))
        return plant

    return add


def history(anchored: AnchoredWorld) -> World:
    """Add a rotated key, a revocation and a closed epoch to the world."""
    world = anchored.world
    world.add_key(anchored.up, signer("second"))
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, 9)])
    world.anchor(anchored.up, changes=[(EntryKind.REVOKED, 10)])
    world.open_epoch(anchored.up, last_good=2)
    world.anchor(anchored.up, [world.sign(anchored.up)])
    return world


# --- ledger: events ---

Edit = Callable[[list[RawLog]], list[RawLog]]


def _altered(logs: list[RawLog]) -> list[RawLog]:
    return [*logs[:-1], replace(logs[-1], data=logs[-1].data[:-1] + bytes([logs[-1].data[-1] ^ 1]))]


def _of_no_contract(logs: list[RawLog]) -> list[RawLog]:
    return [*logs, replace(logs[-1], topics=(b"\x0f" * 32, *logs[-1].topics[1:]))]


EDITS: Final[dict[str, Edit]] = {
    "the last event is missing": lambda logs: logs[:-1],
    "the first event is missing": lambda logs: logs[1:],
    "an event in the middle is missing": lambda logs: logs[: len(logs) // 2] + logs[len(logs) // 2 + 1 :],
    "every event is missing": lambda logs: [],
    "the last event is told twice": lambda logs: [*logs, logs[-1]],
    "the last two events are reordered": lambda logs: [*logs[:-2], logs[-1], logs[-2]],
    "an event without topics": lambda logs: [*logs, replace(logs[-1], topics=())],
    "one bit of an event is altered": _altered,
    "an event that no contract of ours logs": _of_no_contract,
}
CONTRACTS: Final = ("council", "issuer_registry", "programme_registry", "credential_log")
FITTING: Final = {
    "issuer_registry": (
        "the last event is missing",
        "the first event is missing",
        "an event in the middle is missing",
        "the last event is told twice",
        "one bit of an event is altered",
        "an event that no contract of ours logs",
    ),
    "programme_registry": (
        "the last event is missing",
        "the first event is missing",
        "an event in the middle is missing",
        "the last event is told twice",
        "one bit of an event is altered",
        "an event that no contract of ours logs",
    ),
    "credential_log": (
        "the last event is missing",
        "the first event is missing",
        "an event in the middle is missing",
        "every event is missing",
        "the last event is told twice",
        "the last two events are reordered",
        "an event that no contract of ours logs",
    ),
}


def _telling(endpoint: type[Edited], contract: str, edit: Edit) -> Plant:
    def plant(anchored: AnchoredWorld) -> Asked:
        world = history(anchored)
        return Asked(world, {"ledger": endpoint(world.ledger, getattr(world.contracts, contract), edit)})

    return plant


for _contract in CONTRACTS:
    for _name, _edit in EDITS.items():
        row("ledger", f"{_contract}: {_name}", "unknown", "LEDGER_INCOMPLETE")(_telling(Untotalled, _contract, _edit))
for _contract, _names in FITTING.items():
    for _name in _names:
        row("ledger", f"{_contract}: {_name}, and the total fits", "unknown", "LEDGER_INCOMPLETE")(
            _telling(Edited, _contract, EDITS[_name])
        )


# --- ledger: views ---


class OneFalseView(RpcLedger):
    """An endpoint whose answers to one view, by its selector at one contract, are false."""

    def __init__(self, honest: RpcLedger, contract: bytes, selector: bytes, answer: bytes) -> None:
        super().__init__(honest._provider)
        self._contract, self._selector, self._answer = contract, selector, answer

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        if view.to == self._contract and view.data[:4] == self._selector:
            return view.decode(self._answer)
        return super().read(view, block)


_S = bytes(32)
VIEWS: Final[dict[str, tuple[str, View[Any]]]] = {
    "the council's total": ("council", bindings.Council(bytes(20)).total()),
    "the parties' total": ("issuer_registry", bindings.IssuerRegistry(bytes(20)).total()),
    "a party's history hash": ("issuer_registry", bindings.IssuerRegistry(bytes(20)).history(_S)),
    "the number of parties": ("issuer_registry", bindings.IssuerRegistry(bytes(20)).party_count()),
    "the programmes' total": ("programme_registry", bindings.ProgrammeRegistry(bytes(20)).total()),
    "a programme's history hash": ("programme_registry", bindings.ProgrammeRegistry(bytes(20)).history(_S)),
    "the log's total": ("credential_log", bindings.CredentialLog(bytes(20)).total()),
    "a checkpoint's word": ("credential_log", bindings.CredentialLog(bytes(20)).checkpoint_word(_S, 1, 0)),
    "the last good number": ("credential_log", bindings.CredentialLog(bytes(20)).last_good(_S, 1)),
    "the head of a log": ("credential_log", bindings.CredentialLog(bytes(20)).head(_S)),
}


def _false_view(name: str) -> Plant:
    contract, view = VIEWS[name]

    def plant(anchored: AnchoredWorld) -> Asked:
        world = history(anchored)
        answer = (77).to_bytes(32, "big")
        return Asked(
            world, {"ledger": OneFalseView(world.ledger, getattr(world.contracts, contract), view.data[:4], answer)}
        )

    return plant


for _name in VIEWS:
    row("ledger", f"false view: {_name}", "unknown", "LEDGER_INCOMPLETE")(_false_view(_name))


# --- logs ---

COPIES: Final[dict[str, tuple[Callable[[bytes], bytes], str, str]]] = {
    "a log is missing": (lambda data: b"", "unknown", "LOG_MISSING"),
    "a log lacks its last entry": (lambda data: data[:-ENTRY_BYTES], "unknown", "LOG_MISSING"),
    "a log is cut within an entry": (lambda data: data[:-1], "unknown", "LOG_MISSING"),
    "a log lacks its first entry": (lambda data: data[ENTRY_BYTES:], "unknown", "LOG_MISSING"),
    "a log ends at an earlier checkpoint": (lambda data: data[: 6 * ENTRY_BYTES], "unknown", "LOG_MISSING"),
    "a log of another institution": (
        lambda data: encode(opened(LogId(b"\x01" * 32))) + data[ENTRY_BYTES:],
        "unknown",
        "LOG_MISSING",
    ),
    "a log of zeros": (lambda data: bytes(len(data)), "unknown", "LOG_MISSING"),
    "one bit of a digest is altered": (lambda data: data[:80] + bytes([data[80] ^ 1]) + data[81:], "", ""),
    "one bit of a programme version is altered": (
        lambda data: data[:110] + bytes([data[110] ^ 1]) + data[111:],
        "",
        "",
    ),
    "two entries are swapped": (lambda data: data[:70] + data[140:210] + data[70:140] + data[210:], "", ""),
    "a revocation is moved to another position": (
        lambda data: data.replace(
            encode(status_change(EntryKind.REVOKED, 9)), encode(status_change(EntryKind.REVOKED, 8))
        ),
        "",
        "",
    ),
    "a revocation is told as a suspension": (
        lambda data: data.replace(
            encode(status_change(EntryKind.REVOKED, 9)), encode(status_change(EntryKind.SUSPENDED, 9))
        ),
        "",
        "",
    ),
}


def _copy(alter: Callable[[bytes], bytes]) -> Plant:
    def plant(anchored: AnchoredWorld) -> Asked:
        world = anchored.world
        world.anchor(anchored.up, changes=[(EntryKind.REVOKED, 9)])
        copy = EntriesAtHand({1: alter(world.entries_of(anchored.up.id).by_epoch[1])})
        return Asked(world, {"entries_of": lambda issuer: copy})

    return plant


for _name, (_alter, _outcome, _code) in COPIES.items():
    row("logs", _name, _outcome or "unknown", _code or "ROOT_MISMATCH")(_copy(_alter))


# --- documents ---


@row("documents", "every programme document is missing", "unknown", "DOCUMENT_MISSING")
def programmes_missing(anchored: AnchoredWorld) -> Asked:
    anchored.world.document_source.programmes.clear()
    return Asked(anchored.world)


@row("documents", "one programme document is missing", "unknown", "DOCUMENT_MISSING")
def programme_missing(anchored: AnchoredWorld) -> Asked:
    del anchored.world.document_source.programmes[anchored.good.programme.digest]
    return Asked(anchored.world)


@row("documents", "the scope document is missing", "unknown", "DOCUMENT_MISSING")
def scope_missing(anchored: AnchoredWorld) -> Asked:
    anchored.world.document_source.scopes.clear()
    return Asked(anchored.world)


@row("documents", "a programme document is withheld", "agrees", "DOCUMENT_WITHHELD")
def programme_withheld(anchored: AnchoredWorld) -> Asked:
    digest = anchored.good.programme.digest
    del anchored.world.document_source.programmes[digest]
    return Asked(anchored.world, {"withheld": frozenset({digest})})


@row("documents", "a programme whose document names another issuer", "agrees", "PROGRAMME_NOT_OF_ISSUER")
def programme_of_another(anchored: AnchoredWorld) -> Asked:
    world, other = anchored.world, party("centro")
    world.accredit(other, world.scope(other))
    world.approve(other, anchored.good.programme)
    return Asked(world)


def _web(label: str) -> str:
    return f"did:web:xn--{label.encode('punycode').decode()}.example"


ALIKE: Final = {
    "one for l": ("did:web:labs.example", "did:web:1abs.example"),
    "zero for o": ("did:web:nodo.example", "did:web:n0do.example"),
    "i for l": ("did:web:laguna.example", "did:web:iaguna.example"),
    "rn for m": ("did:web:campus.example", "did:web:carnpus.example"),
    "a Cyrillic letter in Punycode": ("did:web:campus.example", _web("c\u0430mpus")),
    "a Greek letter in Punycode": ("did:web:nodo.example", _web("n\u03bfdo")),
}


def _alike(pair: tuple[str, str]) -> Plant:
    def plant(anchored: AnchoredWorld) -> Asked:
        world = anchored.world
        for number, did in enumerate(pair):
            other = party(f"alike {number}", did)
            world.accredit(other, world.scope(other))
        return Asked(world)

    return plant


for _name, _pair in ALIKE.items():
    row("documents", f"two issuers' DIDs look alike: {_name}", "agrees", "DID_LOOKS_ALIKE")(_alike(_pair))


# --- issuance ---


def _late(anchored: AnchoredWorld, **how: Any) -> Asked:
    anchored.world.anchor(anchored.up, [anchored.world.sign(anchored.up)], **how)
    return Asked(anchored.world)


def _amended(**limits: object) -> Plant:
    def plant(anchored: AnchoredWorld) -> Asked:
        world = anchored.world
        world.decide(world.issuers.amend_scope(anchored.up.id, world.scope(anchored.up, **limits).digest, ACT))
        return _late(anchored)

    return plant


row("issuance", "a level out of scope", "agrees", "SCOPE_LEVEL_MISMATCH")(_amended(levels=["media superior"]))
row("issuance", "a sector out of scope", "agrees", "SCOPE_SECTOR_MISMATCH")(_amended(sectors=["turismo y servicios"]))
row("issuance", "a programme out of scope", "agrees", "SCOPE_PROGRAMME_MISMATCH")(
    _amended(programmes=["urn:mc-demo:prog:otro"])
)


@row("issuance", "issued in a checkpoint for status changes", "agrees", "ISSUED_IN_STATUS_CHECKPOINT")
def status_only(anchored: AnchoredWorld) -> Asked:
    return _late(anchored, kind=STATUS_ONLY)


_SLIPPED = ("ISSUED_IN_STATUS_CHECKPOINT",)


@row("issuance", "issued while suspended", "agrees", "ISSUER_NOT_ACCREDITED_AT_ISSUANCE", *_SLIPPED)
def suspended(anchored: AnchoredWorld) -> Asked:
    anchored.world.decide(anchored.world.issuers.suspend(anchored.up.id, ACT))
    return _late(anchored, kind=STATUS_ONLY)


@row("issuance", "issued after the accreditation ended", "agrees", "ISSUER_NOT_ACCREDITED_AT_ISSUANCE", *_SLIPPED)
def expired(anchored: AnchoredWorld) -> Asked:
    anchored.world.pass_time(366 * DAY)
    return _late(anchored, kind=STATUS_ONLY)


@row("issuance", "issued while under review", "agrees", "ISSUER_UNDER_REVIEW", *_SLIPPED)
def under_review(anchored: AnchoredWorld) -> Asked:
    suspend_at_once(anchored)
    return _late(anchored, kind=STATUS_ONLY)


@row("issuance", "issued after void_from", "agrees", "ISSUER_REVOKED_RETROACTIVE")
def void(anchored: AnchoredWorld) -> Asked:
    world = anchored.world
    world.decide(world.issuers.revoke(anchored.up.id, ACT))
    world.decide(world.issuers.set_void_from(anchored.up.id, anchored.receipt.checkpoint.time, ACT))
    return Asked(world)


@row("issuance", "anchored by an account compromised since", "agrees", "ANCHORED_BY_COMPROMISED_ACCOUNT")
def compromised_account(anchored: AnchoredWorld) -> Asked:
    world, since = anchored.world, anchored.receipt.checkpoint.time
    world.decide(world.issuers.account_compromised(anchored.up.anchoring.address, since, ACT))
    return Asked(world)


@row("issuance", "another issuer's digest", "agrees", "ISSUED_BY_TWO")
def stolen_digest(anchored: AnchoredWorld) -> Asked:
    world, other = anchored.world, party("centro")
    world.accredit(other, world.scope(other))
    anchored_by(world, other)
    world.anchor_entries(other, [issued(anchored.good.digest, own_programme(world, other).digest)])
    return Asked(world)


@row("issuance", "a digest twice", "agrees", "ISSUED_TWICE")
def twice(anchored: AnchoredWorld) -> Asked:
    anchored.world.anchor_entries(anchored.up, [anchored.good.entry])
    return Asked(anchored.world)


@row("issuance", "a digest again in a later epoch", "agrees", "ISSUED_TWICE")
def twice_in_epochs(anchored: AnchoredWorld) -> Asked:
    anchored.world.open_epoch(anchored.up, last_good=1)
    return twice(anchored)


@row("issuance", "a programme that nobody submitted", "agrees", "PROGRAMME_UNKNOWN")
def unknown_programme(anchored: AnchoredWorld) -> Asked:
    anchored.world.anchor_entries(anchored.up, [issued(Digest(b"\x01" * 32), Digest(b"\x0d" * 32))])
    return Asked(anchored.world)


@row("issuance", "a programme that was submitted only", "agrees", "PROGRAMME_NOT_APPROVED_AT_ISSUANCE")
def submitted_programme(anchored: AnchoredWorld) -> Asked:
    world, programme = anchored.world, anchored.world.documents.programme("diseno-microcredenciales", "1.1.0")
    world.act(anchored.up.control, world.programmes.submit(anchored.up.id, programme.digest))
    world.anchor(anchored.up, [world.sign(anchored.up, programme)])
    return Asked(world)


@row("issuance", "a withdrawn programme", "agrees", "PROGRAMME_NOT_APPROVED_AT_ISSUANCE")
def withdrawn_programme(anchored: AnchoredWorld) -> Asked:
    world, version = anchored.world, anchored.good.programme.digest
    world.act(anchored.up.control, world.programmes.withdraw(anchored.up.id, version, ACT))
    return _late(anchored)


@row("issuance", "another issuer's programme", "agrees", "PROGRAMME_NOT_OF_ISSUER")
def foreign_programme(anchored: AnchoredWorld) -> Asked:
    world, other = anchored.world, party("centro")
    world.accredit(other, world.scope(other))
    world.anchor_entries(other, [issued(Digest(b"\x02" * 32), anchored.good.programme.digest)])
    return Asked(world)


@row("issuance", "an opening entry in the middle of a log", "agrees", "ENTRY_MISPLACED")
def misplaced(anchored: AnchoredWorld) -> Asked:
    anchored.world.anchor_entries(anchored.up, [opened(LogId(bytes(32)))])
    return Asked(anchored.world)


@row("issuance", "a correction after a revocation", "agrees", "REPLACED_AFTER_REVOCATION")
def replaced_after(anchored: AnchoredWorld) -> Asked:
    changes = [status_change(EntryKind.REVOKED, 7), status_change(EntryKind.REPLACED, 7)]
    anchored.world.anchor_entries(anchored.up, changes)
    return Asked(anchored.world)


# --- status lists ---


def _lists(anchored: AnchoredWorld, document: object) -> Asked:
    world = anchored.world
    lists: Mapping[int, object] = {} if document is None else {0: document}
    published = PublishedLists(
        lambda issuer: lists if issuer == anchored.up.id else {}, world.document_source.dids, world.clock.now
    )
    return Asked(world, {"published": published})


def _revoked(anchored: AnchoredWorld) -> int:
    anchored.world.anchor(anchored.up, changes=[(EntryKind.REVOKED, anchored.good.position)], kind=STATUS_ONLY)
    anchored.world.pass_time(HOUR)
    return anchored.good.position % LIST_BITS


@row("status lists", "a list hides a revocation", "differs", "STATUS_MISMATCH")
def hidden(anchored: AnchoredWorld) -> Asked:
    _revoked(anchored)
    return _lists(anchored, anchored.world.status_list(anchored.up, [], issued=anchored.world.clock.now))


@row("status lists", "a list invents a revocation", "differs", "STATUS_UNANCHORED")
def invented(anchored: AnchoredWorld) -> Asked:
    index, now = _revoked(anchored), anchored.world.clock.now
    invention = anchored.world.status_list(anchored.up, [index, 77], issued=now)
    anchored.world.pass_time(HOUR)
    anchored.world.chain.mine()
    return _lists(anchored, invention)


@row("status lists", "a list is older than a revocation", "unknown", "STATUS_LIST_OLD")
def old_list(anchored: AnchoredWorld) -> Asked:
    document = anchored.world.status_list(anchored.up, [], issued=anchored.world.clock.now)
    anchored.world.pass_time(HOUR)
    _revoked(anchored)
    return _lists(anchored, document)


@row("status lists", "a list is missing", "unknown", "STATUS_LIST_MISSING")
def missing_list(anchored: AnchoredWorld) -> Asked:
    _revoked(anchored)
    return _lists(anchored, None)


@row("status lists", "a list is signed by another key", "unknown", "STATUS_LIST_INVALID")
def forged_list(anchored: AnchoredWorld) -> Asked:
    index, now = _revoked(anchored), anchored.world.clock.now
    return _lists(anchored, anchored.world.status_list(anchored.up, [index], issued=now, key=signer("thief")))


@row("status lists", "a list of another issuer", "unknown", "STATUS_LIST_INVALID")
def foreign_list(anchored: AnchoredWorld) -> Asked:
    index, now = _revoked(anchored), anchored.world.clock.now
    return _lists(anchored, anchored.world.status_list(party("centro"), [index], issued=now))


@row("status lists", "a list of another number", "unknown", "STATUS_LIST_INVALID")
def misnumbered_list(anchored: AnchoredWorld) -> Asked:
    index, now = _revoked(anchored), anchored.world.clock.now
    return _lists(anchored, anchored.world.status_list(anchored.up, [index], issued=now, list_number=1))


# --- keys ---


def _statements(of: Callable[[AnchoredWorld], bytes | None]) -> Plant:
    def plant(anchored: AnchoredWorld) -> Asked:
        data = of(anchored)
        return Asked(anchored.world, {"statement_of": lambda digest: data})

    return plant


def _statement(purpose: KeyPurpose, whose: str = "", chain: int = 31337) -> Callable[[AnchoredWorld], bytes]:
    def make(anchored: AnchoredWorld) -> bytes:
        key = signer(whose) if whose else anchored.up.key
        registry = anchored.world.contracts.issuer_registry
        return make_statement(chain, registry, IssuerId(anchored.up.id), int(purpose), key).data  # type: ignore[arg-type]

    return make


STATEMENTS: Final[dict[str, Callable[[AnchoredWorld], bytes | None]]] = {
    "one of another purpose": _statement(KeyPurpose.NOTE),
    "one of another key": _statement(KeyPurpose.ASSERTION, "thief"),
    "one of another chain": _statement(KeyPurpose.ASSERTION, chain=1),
    "the statement cut by a byte": lambda anchored: _statement(KeyPurpose.ASSERTION)(anchored)[:-1],
    "no statement at all": lambda anchored: b"{}",
}
for _name, _make in STATEMENTS.items():
    row("keys", f"in the place of a key statement: {_name}", "unknown", "KEY_STATEMENT_MISSING")(_statements(_make))
row("keys", "a key statement is missing", "unknown", "KEY_STATEMENT_MISSING")(_statements(lambda anchored: None))


@row("keys", "a key added under another key's statement", "agrees", "KEY_STATEMENT_INVALID")
def key_without_holder(anchored: AnchoredWorld) -> Asked:
    world, data = anchored.world, _statement(KeyPurpose.ASSERTION)(anchored)
    digest = hashlib.sha256(data).digest()
    world.act(
        anchored.up.control, world.issuers.add_key(anchored.up.id, bytes(31) + b"\x01", KeyPurpose.ASSERTION, digest)
    )
    return Asked(world, {"statement_of": lambda named: data})


@row("council", "a member of the council with another role", "agrees", "ACCOUNT_TWO_ROLES")
def two_roles(anchored: AnchoredWorld) -> Asked:
    world = anchored.world
    members = [member.address for member in world.members[:2]]
    world.decide(bindings.Council(world.contracts.council).set_members([*members, world.agency.address], 2))
    return Asked(world)


def page() -> str:
    """Return the page of the catalogue."""
    lines = [
        "# Frauds and accidents that an audit finds",
        "",
        "This table is made by the tests (`python -m tests.registry.audit.catalogue` writes it). Each row is planted into a",
        "small real registry, and found there by these codes. *differs* is a proven contradiction. *unknown* is could not",
        "tell, and accuses nobody. *agrees* is an observation: the ledger shows it, and the verifier already refuses it.",
        "",
        "| Kind | Fraud or accident | Codes | Answer |",
        "|---|---|---|---|",
    ]
    for each in ROWS:
        codes = ", ".join(f"`{code}`" for code in sorted(each.codes))
        lines.append(f"| {each.kind} | {each.name} | {codes} | {each.outcome} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
