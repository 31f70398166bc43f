"""The rules of the contracts in plain Python, written from docs/contracts.md: lists of records, no packing, no storage.

Each operation returns the reason the chain must give, None where it must accept, and changes the model only then. Checks
stand in the order in which the contracts make them: where two guards fail, the first one speaks.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from acredita.contracts.bindings import AccountPurpose, IssuerState, KeyPurpose, ProgrammeState

HOUR = 3600
DAY = 24 * HOUR
NOBODY = bytes(32)

APPLICANT = (IssuerState.APPLIED, IssuerState.QA_ATTESTED, IssuerState.REVIEWED)


class No(Exception):
    """A guard that fails, by its reason."""


def need(condition: bool, reason: str) -> None:
    if not condition:
        raise No(reason)


def refused(operation: Callable[..., None], *values: object) -> str | None:
    """Return the reason an operation is refused for, None where it was done."""
    try:
        operation(*values)
    except No as refusal:
        return str(refusal)
    return None


@dataclass(frozen=True)
class Step:
    """One transition of an issuer."""

    time: int
    state: IssuerState
    until: int = 0
    accreditor: bytes = NOBODY
    delegates: bool = False
    urgent: bool = False
    member: bytes = b""

    def at(self, t: int) -> IssuerState:
        state = self.state
        if self.urgent and t >= self.time + 72 * HOUR:
            state = IssuerState.ACTIVE
        if state == IssuerState.ACTIVE and t >= self.until:
            return IssuerState.EXPIRED
        return state


@dataclass
class Window:
    """A key or an account."""

    subject: bytes
    purpose: int
    begun: int
    until: int = 0
    compromised: int = 0

    @property
    def usable(self) -> bool:
        return self.until == 0 and self.compromised == 0

    def holds(self, t: int) -> bool:
        ended = self.until != 0 and t >= self.until
        lost = self.compromised != 0 and t >= self.compromised
        return self.begun <= t and not ended and not lost


@dataclass
class Party:
    control: bytes
    steps: list[Step] = field(default_factory=list)
    scopes: list[tuple[int, bytes]] = field(default_factory=list)
    keys: dict[bytes, Window] = field(default_factory=dict)
    review: bytes = NOBODY
    void_from: int = 0
    activated: bool = False
    keys_added: int = 0
    accounts_added: int = 0
    attestations: int = 0
    returns: int = 0


@dataclass
class IssuerModel:
    """Model of the registry of issuers."""

    council: bytes
    members: tuple[bytes, ...]
    now: int
    parties: dict[bytes, Party] = field(default_factory=dict)
    agencies: dict[bytes, list[tuple[int, int, bytes]]] = field(default_factory=dict)
    accounts: dict[bytes, Window] = field(default_factory=dict)
    urgent: dict[tuple[bytes, bytes], int] = field(default_factory=dict)
    consents: dict[tuple[bytes, bytes], int] = field(default_factory=dict)
    reviewed: dict[tuple[bytes, bytes], tuple[int, IssuerState]] = field(default_factory=dict)

    # Questions

    def step_at(self, subject: bytes, t: int) -> Step:
        steps = [step for step in self.parties[subject].steps if step.time <= t] if subject in self.parties else []
        return steps[-1] if steps else Step(0, IssuerState.UNKNOWN)

    def state_at(self, subject: bytes, t: int) -> IssuerState:
        return self.step_at(subject, t).at(t)

    def recognised_at(self, subject: bytes, t: int) -> bool:
        for level in range(3):
            step = self.step_at(subject, t)
            if step.at(t) != IssuerState.ACTIVE or (level and not step.delegates):
                return False
            if step.accreditor == NOBODY:
                return True
            subject = step.accreditor
        return False

    def key_at(self, subject: bytes, key: bytes, t: int) -> KeyPurpose:
        window = self.parties[subject].keys.get(key) if subject in self.parties else None
        return KeyPurpose(window.purpose) if window and window.holds(t) else KeyPurpose.NONE

    def account_at(self, account: bytes, t: int) -> tuple[bytes, AccountPurpose]:
        window = self.accounts.get(account)
        if window is None or window.purpose == AccountPurpose.AGENCY or not window.holds(t):
            return NOBODY, AccountPurpose.NONE
        return window.subject, AccountPurpose(window.purpose)

    def anchor_rights(self, account: bytes) -> tuple[bytes, bool, bool]:
        window = self.accounts.get(account)
        if window is None or window.purpose == AccountPurpose.AGENCY:
            return NOBODY, False, False
        holds = window.holds(self.now)
        opens = holds and window.purpose == AccountPurpose.ANCHORING
        status = holds and window.purpose in (AccountPurpose.ANCHORING, AccountPurpose.CUSTODIAN)
        return window.subject, opens and self.recognised_at(window.subject, self.now), status

    def scope_at(self, subject: bytes, t: int) -> bytes:
        scopes = self.parties[subject].scopes if subject in self.parties else []
        return next((scope for time, scope in reversed(scopes) if time <= t), NOBODY)

    def agency_at(self, agency: bytes, t: int) -> tuple[int, int, bytes] | None:
        windows = [window for window in self.agencies.get(agency, []) if window[0] <= t]
        return windows[-1] if windows and t < windows[-1][1] else None

    def agency_of(self, account: bytes) -> bytes:
        window = self.accounts.get(account)
        if window is None or window.purpose != AccountPurpose.AGENCY:
            return NOBODY
        now = self.agency_at(window.subject, self.now)
        return window.subject if now and now[2] == account and account not in self.members else NOBODY

    def control_of(self, subject: bytes) -> bytes:
        control = self.parties[subject].control if subject in self.parties else b""
        return control if control and self.accounts[control].usable else bytes(20)

    # Operations

    def apply(self, sender: bytes, issuer: bytes, accreditor: bytes) -> None:
        need(accreditor == NOBODY or accreditor in self.parties, "issuer: unknown")
        if issuer not in self.parties:
            need(issuer not in self.agencies, "issuer: is an agency")
            self._free(sender)
            self.parties[issuer] = Party(sender)
            self.accounts[sender] = Window(issuer, AccountPurpose.CONTROL, self.now)
        else:
            self._control(sender, issuer)
            self._in(issuer, IssuerState.REJECTED, IssuerState.WITHDRAWN)
            if self.state_at(issuer, self.now) == IssuerState.WITHDRAWN:
                self.parties[issuer].returns = self._one_more(issuer, self.parties[issuer].returns, 4)
        self._add(issuer, Step(self.now, IssuerState.APPLIED, accreditor=accreditor))

    def attest_quality(self, sender: bytes, issuer: bytes) -> None:
        self._controlled(sender, issuer)
        self._in(issuer, IssuerState.APPLIED)
        self.parties[issuer].attestations = self._one_more(issuer, self.parties[issuer].attestations, 4)
        self._move(issuer, IssuerState.QA_ATTESTED)

    def withdraw(self, sender: bytes, issuer: bytes) -> None:
        self._controlled(sender, issuer)
        self._in(issuer, *APPLICANT)
        self._move(issuer, IssuerState.WITHDRAWN)

    def add_key(self, sender: bytes, issuer: bytes, key: bytes, purpose: KeyPurpose) -> None:
        self._controlled(sender, issuer)
        need(purpose != KeyPurpose.NONE, "key: purpose")
        party = self.parties[issuer]
        need(key not in party.keys, "key: known")
        added = self._one_more(issuer, party.keys_added, 8)
        need(len(self.usable_keys(issuer)) < 16, "key: too many")
        party.keys_added = added
        self.parties[issuer].keys[key] = Window(issuer, purpose, self.now)

    def end_key(self, sender: bytes, issuer: bytes, key: bytes) -> None:
        self._controlled(sender, issuer)
        window = self.parties[issuer].keys.get(key)
        need(window is not None, "key: unknown")
        assert window
        need(window.until == 0, "key: ended")
        window.until = self.now

    def key_compromised(self, sender: bytes, issuer: bytes, key: bytes, since: int) -> None:
        self._known(issuer)
        self._may_mark(sender, issuer, since)
        window = self.parties[issuer].keys.get(key)
        self._may_mark_again(sender, issuer, window)
        need(window is not None, "key: unknown")
        assert window
        self._mark(window, since)

    def consent(self, sender: bytes, subject: bytes, purpose: AccountPurpose) -> None:
        self.consents[sender, subject] = purpose

    def add_anchoring_account(self, sender: bytes, issuer: bytes, account: bytes) -> None:
        self._controlled(sender, issuer)
        added = self._one_more(issuer, self.parties[issuer].accounts_added, 4)
        need(len(self.usable_accounts(issuer)) < 8, "account: too many")
        self._free(account)
        self._consented(account, issuer, AccountPurpose.ANCHORING)
        self.parties[issuer].accounts_added = added
        self.accounts[account] = Window(issuer, AccountPurpose.ANCHORING, self.now)

    def end_account(self, sender: bytes, account: bytes) -> None:
        window = self.accounts.get(account)
        known = window is not None and window.purpose in (AccountPurpose.ANCHORING, AccountPurpose.CUSTODIAN)
        need(known, "account: unknown")
        assert window
        if window.purpose == AccountPurpose.CUSTODIAN:
            self._council(sender)
        else:
            self._control(sender, window.subject)
        need(window.until == 0, "account: ended")
        window.until = self.now

    def account_compromised(self, sender: bytes, account: bytes, since: int) -> None:
        window = self.accounts.get(account)
        need(window is not None and window.purpose != AccountPurpose.AGENCY, "account: unknown")
        assert window
        if window.purpose == AccountPurpose.CUSTODIAN:
            self._council(sender)
        self._may_mark(sender, window.subject, since)
        self._may_mark_again(sender, window.subject, window)
        self._mark(window, since)

    def review(self, sender: bytes, issuer: bytes, favourable: bool) -> None:
        agency = self.agency_of(sender)
        need(agency != NOBODY, "agency: not recognised")
        self._known(issuer)
        party = self.parties[issuer]
        open_to = (IssuerState.QA_ATTESTED, IssuerState.REVIEWED, IssuerState.ACTIVE)
        self._in(issuer, *open_to, IssuerState.SUSPENDED, IssuerState.EXPIRED)
        state = self.state_at(issuer, self.now)
        time, then = self.reviewed.get((agency, issuer), (0, IssuerState.UNKNOWN))
        need(state != then or self.now >= time + DAY, "agency: too soon")
        self.reviewed[agency, issuer] = (self.now, state)
        if favourable:
            party.review = agency
        elif party.review == agency:
            party.review = NOBODY
        if favourable and self.state_at(issuer, self.now) == IssuerState.QA_ATTESTED:
            self._move(issuer, IssuerState.REVIEWED)

    def recognise_agency(self, sender: bytes, agency: bytes, account: bytes, until: int) -> None:
        self._council(sender)
        need(until > self.now, "until: not later")
        need(agency not in self.parties, "agency: is an institution")
        self._apart(account)
        window = self.accounts.get(account)
        own = window is not None and (window.purpose, window.subject) == (AccountPurpose.AGENCY, agency)
        need(window is None or own, "account: known")
        if window is None:
            self._consented(account, agency, AccountPurpose.AGENCY)
        self.accounts.setdefault(account, Window(agency, AccountPurpose.AGENCY, self.now))
        self.agencies.setdefault(agency, []).append((self.now, until, account))

    def end_agency(self, sender: bytes, agency: bytes) -> None:
        self._council(sender)
        need(agency in self.agencies, "agency: unknown")
        now = self.agency_at(agency, self.now)
        need(now is not None, "agency: not recognised")
        assert now
        self.agencies[agency].append((self.now, self.now, now[2]))

    def activate(self, sender: bytes, issuer: bytes, until: int, scope: bytes) -> None:
        self._known(issuer)
        accreditor = self._accreditor(sender, issuer)
        party = self.parties[issuer]
        waiting = self.state_at(issuer, self.now) in (IssuerState.APPLIED, IssuerState.QA_ATTESTED)
        need(not waiting, "issuer: no agency review")
        self._in(issuer, IssuerState.REVIEWED)
        need(party.review != NOBODY, "issuer: no agency review")
        keys = [key for key in party.keys.values() if key.purpose == KeyPurpose.ASSERTION and key.usable]
        need(bool(keys), "issuer: no assertion key")
        need(bool(self.usable_accounts(issuer)), "issuer: no anchoring account")
        need(until > self.now, "until: not later")
        need(scope != NOBODY, "scope: zero")
        party.review = NOBODY
        party.activated = True
        party.scopes.append((self.now, scope))
        self._add(issuer, Step(self.now, IssuerState.ACTIVE, until, accreditor))

    def renew(self, sender: bytes, issuer: bytes, until: int) -> None:
        self._known(issuer)
        accreditor = self._accreditor(sender, issuer)
        self._in(issuer, IssuerState.ACTIVE, IssuerState.EXPIRED)
        need(self.parties[issuer].review != NOBODY, "issuer: no agency review")
        need(until > self.now, "until: not later")
        delegates = self.step_at(issuer, self.now).delegates
        self.parties[issuer].review = NOBODY
        self._add(issuer, Step(self.now, IssuerState.ACTIVE, until, accreditor, delegates))

    def amend_scope(self, sender: bytes, issuer: bytes, scope: bytes) -> None:
        self._known(issuer)
        self._accreditor(sender, issuer)
        self._in(issuer, IssuerState.ACTIVE, IssuerState.EXPIRED, IssuerState.SUSPENDED)
        need(scope != NOBODY, "scope: zero")
        self.parties[issuer].scopes.append((self.now, scope))

    def reject(self, sender: bytes, issuer: bytes) -> None:
        self._by_council(sender, issuer)
        self._in(issuer, *APPLICANT)
        self._move(issuer, IssuerState.REJECTED)

    def suspend(self, sender: bytes, issuer: bytes) -> None:
        self._by_council(sender, issuer)
        confirms = self.state_at(issuer, self.now) == IssuerState.SUSPENDED
        confirms = confirms and self.step_at(issuer, self.now).urgent
        if not confirms:
            self._in(issuer, IssuerState.ACTIVE, IssuerState.EXPIRED)
        self._move(issuer, IssuerState.SUSPENDED)

    def reinstate(self, sender: bytes, issuer: bytes) -> None:
        self._by_council(sender, issuer)
        self._in(issuer, IssuerState.SUSPENDED)
        self._move(issuer, IssuerState.ACTIVE)

    def revoke(self, sender: bytes, issuer: bytes) -> None:
        self._by_council(sender, issuer)
        self._in(issuer, IssuerState.ACTIVE, IssuerState.EXPIRED, IssuerState.SUSPENDED)
        self._move(issuer, IssuerState.REVOKED)

    def set_delegation(self, sender: bytes, issuer: bytes, delegates: bool) -> None:
        self._by_council(sender, issuer)
        need(self.state_at(issuer, self.now) == IssuerState.ACTIVE, "issuer: not active")
        need(not delegates or self._above(issuer) < 2, "accreditor: too deep")
        step = self.step_at(issuer, self.now)
        self._add(issuer, Step(self.now, IssuerState.ACTIVE, step.until, step.accreditor, delegates))

    def replace_control(self, sender: bytes, issuer: bytes, account: bytes, keep: bool, since: int) -> None:
        self._by_council(sender, issuer)
        party = self.parties[issuer]
        ends = not party.activated or not keep
        need(not ends or not party.activated or 0 < since <= self.now, "compromise: time")
        self._free(account)
        self._consented(account, issuer, AccountPurpose.CONTROL)
        self.accounts[party.control].until = self.now
        if ends:
            held = [party.keys[key] for key in self.usable_keys(issuer)]
            held += [self.accounts[named] for named in self.usable_accounts(issuer)]
            for window in held:
                if party.activated and window.begun >= since:
                    window.compromised = window.begun
                else:
                    window.until = self.now
        if not party.activated:
            party.keys_added = party.accounts_added = party.attestations = party.returns = 0
        self.accounts[account] = Window(issuer, AccountPurpose.CONTROL, self.now)
        party.control = account

    def appoint_custodian(self, sender: bytes, issuer: bytes, account: bytes) -> None:
        self._by_council(sender, issuer)
        self._free(account)
        self._consented(account, issuer, AccountPurpose.CUSTODIAN)
        self.accounts[account] = Window(issuer, AccountPurpose.CUSTODIAN, self.now)

    def set_void_from(self, sender: bytes, issuer: bytes, since: int) -> None:
        self._by_council(sender, issuer)
        need(0 < since <= self.now, "void: time")
        party = self.parties[issuer]
        need(party.void_from == 0 or since < party.void_from, "void: only earlier")
        party.void_from = since

    def suspend_urgently(self, member: bytes, issuer: bytes) -> None:
        need(member in self.members, "council: not a member")
        self._known(issuer)
        need(self.state_at(issuer, self.now) == IssuerState.ACTIVE, "issuer: not active")
        last = self.urgent.get((member, issuer))
        need(last is None or self.now >= last + 30 * DAY, "member: suspends again")
        mine = [subject for subject, party in self.parties.items() if self._held(party.steps[-1], member)]
        need(len(mine) < 3, "member: too many open")
        self.urgent[member, issuer] = self.now
        step = replace(self.step_at(issuer, self.now), time=self.now, state=IssuerState.SUSPENDED)
        self._add(issuer, replace(step, urgent=True, member=member))

    # Guards

    def _held(self, step: Step, member: bytes) -> bool:
        return step.urgent and step.member == member and step.at(self.now) == IssuerState.SUSPENDED

    def _council(self, sender: bytes) -> None:
        need(sender == self.council, "registry: not the council")

    def _by_council(self, sender: bytes, issuer: bytes) -> None:
        self._council(sender)
        self._known(issuer)

    def _known(self, issuer: bytes) -> None:
        need(issuer in self.parties, "issuer: unknown")

    def _control(self, sender: bytes, issuer: bytes) -> None:
        own = self.parties[issuer].control == sender and self.accounts[sender].usable
        need(own, "issuer: not the control account")

    def _controlled(self, sender: bytes, issuer: bytes) -> None:
        self._known(issuer)
        self._control(sender, issuer)

    def _in(self, issuer: bytes, *states: IssuerState) -> None:
        need(self.state_at(issuer, self.now) in states, "issuer: state")

    def _apart(self, account: bytes) -> None:
        need(account != self.council and account not in self.members, "account: is the authority")

    def _free(self, account: bytes) -> None:
        self._apart(account)
        need(account not in self.accounts, "account: known")

    def _may_mark(self, sender: bytes, issuer: bytes, since: int) -> None:
        need(0 < since <= self.now, "compromise: time")
        if sender != self.council:
            self._control(sender, issuer)
            need(since >= self.now - 72 * HOUR, "compromise: too far back")

    def _mark(self, window: Window, since: int) -> None:
        need(window.compromised == 0 or since < window.compromised, "compromise: only earlier")
        window.compromised = since

    def _may_mark_again(self, sender: bytes, issuer: bytes, window: Window | None) -> None:
        marked = window is not None and window.compromised != 0
        need(sender == self.council or self.parties[issuer].activated or not marked, "issuer: too many")

    def _consented(self, account: bytes, subject: bytes, purpose: AccountPurpose) -> None:
        need(self.consents.get((account, subject), 0) == purpose, "consent: missing")

    def _one_more(self, issuer: bytes, count: int, most: int) -> int:
        """Return the next count of what an applicant may do only so often."""
        need(self.parties[issuer].activated or count < most, "issuer: too many")
        return count + 1

    def usable_keys(self, issuer: bytes) -> list[bytes]:
        return [key for key, window in self.parties[issuer].keys.items() if window.usable]

    def usable_accounts(self, issuer: bytes) -> list[bytes]:
        anchoring = (issuer, AccountPurpose.ANCHORING)
        return [a for a, w in self.accounts.items() if (w.subject, w.purpose) == anchoring and w.usable]

    def _accreditor(self, sender: bytes, issuer: bytes) -> bytes:
        if sender == self.council:
            return NOBODY
        accreditor = self.step_at(issuer, self.now).accreditor
        need(accreditor != NOBODY, "registry: not the council")
        self._control(sender, accreditor)
        entitled = self.step_at(accreditor, self.now).delegates
        need(entitled and self.recognised_at(accreditor, self.now), "accreditor: not accredited")
        return accreditor

    def _above(self, subject: bytes) -> int:
        for count in range(3):
            subject = self.step_at(subject, self.now).accreditor
            if subject == NOBODY:
                return count
        return 3

    def _add(self, issuer: bytes, step: Step) -> None:
        self.parties[issuer].steps.append(step)

    def _move(self, issuer: bytes, state: IssuerState) -> None:
        step = self.step_at(issuer, self.now)
        self._add(issuer, replace(step, time=self.now, state=state, urgent=False, member=b""))


@dataclass(frozen=True)
class Entry:
    """One transition of a programme version."""

    time: int
    state: ProgrammeState
    until: int = 0

    def at(self, t: int) -> ProgrammeState:
        if self.state == ProgrammeState.APPROVED and self.until != 0 and t >= self.until:
            return ProgrammeState.EXPIRED
        return self.state


FINAL = (ProgrammeState.WITHDRAWN, ProgrammeState.SUPERSEDED)


Version = tuple[bytes, bytes]
"""A programme version: owner and document."""


@dataclass
class ProgrammeModel:
    """Model of the approved versions. The other registry supplies owners and agencies."""

    council: bytes
    now: int
    control: dict[bytes, bytes]
    agency_until: dict[bytes, int]
    entries: dict[Version, list[Entry]] = field(default_factory=dict)
    supersedes: dict[Version, bytes] = field(default_factory=dict)
    reviewed: dict[tuple[Version, bytes], tuple[int, ProgrammeState]] = field(default_factory=dict)

    def state_at(self, version: Version, t: int) -> ProgrammeState:
        entries = [entry for entry in self.entries.get(version, []) if entry.time <= t]
        return entries[-1].at(t) if entries else ProgrammeState.UNKNOWN

    def submit(self, sender: bytes, version: Version, supersedes: bytes) -> None:
        owner, _ = version
        need(self.control.get(owner) == sender, "programme: not the owner")
        need(version not in self.entries, "programme: known")
        need(supersedes == NOBODY or (owner, supersedes) in self.entries, "programme: unknown")
        self.supersedes[version] = supersedes
        self._add(version, ProgrammeState.SUBMITTED)

    def withdraw(self, sender: bytes, version: Version) -> None:
        self._known(version)
        need(self.control.get(version[0]) == sender, "programme: not the owner")
        need(self.state_at(version, self.now) not in FINAL, "programme: state")
        self._add(version, ProgrammeState.WITHDRAWN, self._until(version))

    def review(self, sender: bytes, version: Version, favourable: bool) -> None:
        need(self.now < self.agency_until.get(sender, 0), "agency: not recognised")
        self._known(version)
        state = self.state_at(version, self.now)
        need(state not in FINAL, "programme: state")
        time, then = self.reviewed.get((version, sender), (0, ProgrammeState.UNKNOWN))
        need(state != then or self.now >= time + DAY, "agency: too soon")
        self.reviewed[version, sender] = (self.now, state)
        if favourable and state == ProgrammeState.SUBMITTED:
            self._add(version, ProgrammeState.REVIEWED)

    def approve(self, sender: bytes, version: Version, until: int) -> None:
        need(sender == self.council, "registry: not the council")
        need(until == 0 or until > self.now, "until: not later")
        self._known(version)
        ready = (ProgrammeState.SUBMITTED, ProgrammeState.REVIEWED, ProgrammeState.EXPIRED)
        need(self.state_at(version, self.now) in ready, "programme: state")
        earlier = (version[0], self.supersedes[version])
        gives_way = (ProgrammeState.APPROVED, ProgrammeState.EXPIRED)
        if self.state_at(earlier, self.now) in gives_way:
            self._add(earlier, ProgrammeState.SUPERSEDED)
        self._add(version, ProgrammeState.APPROVED, until)

    def suspend(self, sender: bytes, version: Version) -> None:
        need(sender == self.council, "registry: not the council")
        self._known(version)
        approved = (ProgrammeState.APPROVED, ProgrammeState.EXPIRED)
        need(self.state_at(version, self.now) in approved, "programme: state")
        self._add(version, ProgrammeState.SUSPENDED, self._until(version))

    def reinstate(self, sender: bytes, version: Version) -> None:
        need(sender == self.council, "registry: not the council")
        self._known(version)
        need(self.state_at(version, self.now) == ProgrammeState.SUSPENDED, "programme: state")
        self._add(version, ProgrammeState.APPROVED, self._until(version))

    def _known(self, version: Version) -> None:
        need(version in self.entries, "programme: unknown")

    def _until(self, version: Version) -> int:
        return self.entries[version][-1].until

    def _add(self, version: Version, state: ProgrammeState, until: int = 0) -> None:
        self.entries.setdefault(version, []).append(Entry(self.now, state, until))


@dataclass
class Proposal:
    content: str
    time: int
    configuration: int
    approved: set[bytes]
    proposer: bytes
    executed: bool = False
    closed: bool = False


@dataclass
class Recovery:
    members: tuple[bytes, ...]
    threshold: int
    configuration: int
    approved: set[bytes]
    ready: int = 0
    closed: bool = False


@dataclass
class CouncilModel:
    """Model of the council's decisions. `contents` maps the name of a proposal's content to its effect."""

    members: tuple[bytes, ...]
    threshold: int
    recovery_members: tuple[bytes, ...]
    recovery_threshold: int
    now: int
    configuration: int = 1
    proposals: list[Proposal] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    trust: int = 0

    def propose(self, sender: bytes, content: str) -> None:
        self._member(sender)
        self.proposals.append(Proposal(content, self.now, self.configuration, {sender}, sender))

    def approve(self, sender: bytes, number: int, same: bool) -> None:
        """Approve. `same`: what the sender read is what was proposed."""
        self._member(sender)
        proposal = self._open(number)
        need(same, "council: other proposal")
        need(sender not in proposal.approved, "council: already approved")
        proposal.approved.add(sender)

    def retract(self, sender: bytes, number: int) -> None:
        self._member(sender)
        proposal = self._open(number)
        need(sender in proposal.approved, "council: not approved")
        proposal.approved.remove(sender)
        proposal.closed = sender == proposal.proposer

    def execute(self, sender: bytes, number: int, inner: str | None, members: tuple[bytes, ...] = ()) -> None:
        """Execute a proposal. `inner`: the reason the call itself would be refused for. `members`: the new ones, where
        it sets them.
        """
        self._member(sender)
        proposal = self._open(number)
        need(self.approvals(number) >= self.threshold, "council: too few approvals")
        if inner is not None:
            raise No(inner)
        proposal.executed = True
        if members:
            self._set(members, self.threshold)

    def approvals(self, number: int) -> int:
        return len(self.proposals[number - 1].approved & set(self.members))

    def propose_recovery(self, sender: bytes, members: tuple[bytes, ...], threshold: int) -> None:
        need(sender in self.recovery_members, "recovery: not a member")
        self.recoveries.append(Recovery(members, threshold, self.configuration, set()))
        self._approve_recovery(sender, self.recoveries[-1])

    def approve_recovery(self, sender: bytes, number: int, same: bool) -> None:
        need(sender in self.recovery_members, "recovery: not a member")
        recovery = self.open_recovery(number)
        need(same, "recovery: other members")
        need(sender not in recovery.approved, "recovery: already approved")
        self._approve_recovery(sender, recovery)

    def execute_recovery(self, sender: bytes, number: int) -> None:
        need(sender in self.recovery_members, "recovery: not a member")
        recovery = self.open_recovery(number)
        need(recovery.ready != 0, "recovery: too few approvals")
        need(self.now >= recovery.ready, "recovery: too early")
        need(self.now < recovery.ready + 30 * DAY, "recovery: expired")
        recovery.closed = True
        self._set(recovery.members, recovery.threshold)

    def open_recovery(self, number: int) -> Recovery:
        need(0 < number <= len(self.recoveries), "recovery: unknown")
        recovery = self.recoveries[number - 1]
        need(not recovery.closed, "recovery: closed")
        need(recovery.configuration == self.configuration, "recovery: void")
        return recovery

    def _approve_recovery(self, sender: bytes, recovery: Recovery) -> None:
        recovery.approved.add(sender)
        if len(recovery.approved) == self.recovery_threshold:
            recovery.ready = self.now + 30 * DAY

    def _set(self, members: tuple[bytes, ...], threshold: int) -> None:
        self.members, self.threshold = members, threshold
        self.configuration += 1

    def _member(self, sender: bytes) -> None:
        need(sender in self.members, "council: not a member")

    def _open(self, number: int) -> Proposal:
        need(0 < number <= len(self.proposals), "council: unknown proposal")
        proposal = self.proposals[number - 1]
        need(not proposal.executed, "council: executed")
        need(not proposal.closed, "council: retracted")
        need(proposal.configuration == self.configuration, "council: void")
        need(self.now < proposal.time + 30 * DAY, "council: expired")
        return proposal
