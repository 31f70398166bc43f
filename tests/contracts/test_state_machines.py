"""Each contract against its plain-Python model: random operations by random senders at random times.

After every step contract and model agree on whether it was refused and why; at the end they agree on every question about
every moment, and the contract's history hashes equal the fold of its events. Longer runs are marked slow.
"""

import pytest
from acredita.anchoring.types import IssuerId
from acredita.contracts.bindings import (
    NO_SUBJECT,
    AccountPurpose,
    Call,
    Event,
    IssuerState,
    KeyPurpose,
    ProgrammeState,
    members_hash,
    programme_version,
)
from acredita.registry.ledger_facts.histories import PartyState, fold_party, fold_programme
from eth_hash.auto import keccak
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.contracts.harness import (
    ACT,
    AGENCY,
    AGENCY_ACCOUNT,
    DAY,
    HOUR,
    MEMBERS,
    RECOVERY,
    STRANGER,
    YEAR,
    Institution,
    World,
    apply,
    deploy,
    digest,
    recognise_agency,
)
from tests.contracts.log_evm import account
from tests.contracts.models import CouncilModel, IssuerModel, No, ProgrammeModel, Version, refused

DEFAULT = settings(
    max_examples=20, stateful_step_count=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
MOMENTS = 4  # asked about at the end of each run
LONG = settings(DEFAULT, max_examples=1000)

INSTITUTIONS = tuple(Institution(name) for name in ("one", "two", "three", "four"))
SUBJECTS = tuple(who.subject for who in INSTITUTIONS)
KEYS = (digest("key a"), digest("key b"))
SPARE = tuple(account(f"spare {n}") for n in range(3))
AGENCIES = (AGENCY, digest("did:agency two"))
AGENCY_ACCOUNTS = (AGENCY_ACCOUNT, account("agency two"))
COUNCIL = b"the council itself"

institutions = st.sampled_from(INSTITUTIONS)
delays = st.sampled_from((1, HOUR, 72 * HOUR - 1, 72 * HOUR, 10 * DAY, 30 * DAY, YEAR))
lives = st.sampled_from((0, DAY, 20 * DAY, YEAR, 5 * YEAR))


def some(moments: set[int]) -> list[int]:
    """Return a few of the moments at which something changed, and the second before each."""
    edges = sorted(moments | {moment - 1 for moment in moments})
    return edges[:: max(1, len(edges) // MOMENTS)]


def told_of(world: World, subject: bytes) -> list[Event]:
    """Return the events of one subject, in order."""
    return [event for event in world.events if getattr(event, "subject", None) == subject]


class IssuerMachine(RuleBasedStateMachine):
    """The issuer registry, its council's urgent suspension included."""

    @initialize()
    def found(self) -> None:
        self.world: World = deploy()
        self.council = self.world.council.address
        self.model = IssuerModel(self.council, MEMBERS, self.world.now)
        self.moments = {self.world.now}
        one, two, three, four = INSTITUTIONS
        self.bring_up(one, None)
        self.bring_up(two, one)
        self.delegate(two, True, COUNCIL)
        self.bring_up(three, two)
        self.apply(four, two.subject, False)

    def both(self, sender: bytes, call: Call, operation: str, *values: object) -> bool:
        """Perform the operation on both sides; return whether it was accepted."""
        sender = self.council if sender == COUNCIL else sender
        expected = refused(getattr(self.model, operation), sender, *values)
        reason = self.world.attempt(sender, call).reason
        assert reason == expected, operation
        self.moments.add(self.world.now)
        return expected is None

    def own(self, who: Institution, wrong: bool) -> bytes:
        """Choose the account that should act for an institution, or another one."""
        party = self.model.parties.get(who.subject)
        return STRANGER if wrong else party.control if party else who.control

    wrong = st.integers(0, 9).map(lambda n: n == 0)  # one in ten is sent by the wrong hand
    decider = st.integers(0, 9).map(lambda n: STRANGER if n == 0 else COUNCIL)

    @rule(seconds=delays)
    def wait(self, seconds: int) -> None:
        self.world.pass_time(seconds)
        self.model.now = self.world.now
        self.moments |= {self.world.now, self.world.now - 1}

    @rule(who=institutions, above=st.sampled_from((None, None, *INSTITUTIONS)))
    def bring_up(self, who: Institution, above: Institution | None) -> None:
        """Take the straight way to an accreditation, so that runs often reach the deeper states."""
        accreditor = above.subject if above else NO_SUBJECT
        issuers, control = self.world.issuers, self.own(who, wrong=False)
        if self.model.agency_of(AGENCY_ACCOUNT) == NO_SUBJECT:
            self.consent(AGENCY_ACCOUNT, AGENCY, AccountPurpose.AGENCY)
            self.recognise(0, 0, 5 * YEAR, COUNCIL)
        self.both(control, issuers.apply(who.subject, accreditor, ACT), "apply", who.subject, accreditor)
        self.add_key(who, KEYS[0], KeyPurpose.ASSERTION, False)
        self.consent(who.anchoring, who.subject, AccountPurpose.ANCHORING)
        self.add_account(who, who.anchoring, False)
        self.attest(who, False)
        self.review(who, 0, True)
        decider = self.own(above, wrong=False) if above else COUNCIL
        self.activate(who, YEAR, decider)
        if above is None:
            self.delegate(who, True, COUNCIL)

    @rule(who=institutions, above=st.sampled_from((NO_SUBJECT, *SUBJECTS, AGENCY)), wrong=wrong)
    def apply(self, who: Institution, above: bytes, wrong: bool) -> None:
        call = self.world.issuers.apply(who.subject, above, ACT)
        self.both(self.own(who, wrong), call, "apply", who.subject, above)

    @rule(sender=st.sampled_from((*MEMBERS, *SPARE)), subject=st.sampled_from((*AGENCIES, *SUBJECTS)))
    def apply_oddly(self, sender: bytes, subject: bytes) -> None:
        self.both(sender, self.world.issuers.apply(subject, NO_SUBJECT, ACT), "apply", subject, NO_SUBJECT)

    @rule(who=institutions)
    def leave_and_return(self, who: Institution) -> None:
        """Let a rejected institution apply again, to no particular accreditor."""
        self.decide(who, COUNCIL, "reject")
        self.apply(who, NO_SUBJECT, False)

    @rule(who=institutions, wrong=wrong)
    def attest(self, who: Institution, wrong: bool) -> None:
        self.both(
            self.own(who, wrong), self.world.issuers.attest_quality(who.subject, ACT), "attest_quality", who.subject
        )

    @rule(who=institutions, wrong=wrong)
    def withdraw(self, who: Institution, wrong: bool) -> None:
        self.both(self.own(who, wrong), self.world.issuers.withdraw(who.subject, ACT), "withdraw", who.subject)

    @rule(who=institutions, key=st.sampled_from(KEYS), purpose=st.sampled_from(KeyPurpose), wrong=wrong)
    def add_key(self, who: Institution, key: bytes, purpose: KeyPurpose, wrong: bool) -> None:
        call = self.world.issuers.add_key(who.subject, key, purpose, ACT)
        self.both(self.own(who, wrong), call, "add_key", who.subject, key, purpose)

    @rule(who=institutions, key=st.sampled_from(KEYS), wrong=wrong)
    def end_key(self, who: Institution, key: bytes, wrong: bool) -> None:
        call = self.world.issuers.end_key(who.subject, key)
        self.both(self.own(who, wrong), call, "end_key", who.subject, key)

    @rule(
        who=institutions,
        key=st.sampled_from(KEYS),
        ago=st.sampled_from((-1, 0, HOUR, 72 * HOUR, 72 * HOUR + 1, YEAR)),
        by=st.sampled_from((None, COUNCIL, STRANGER)),
    )
    def compromise_key(self, who: Institution, key: bytes, ago: int, by: bytes | None) -> None:
        since = self.world.now - ago
        call = self.world.issuers.key_compromised(who.subject, key, since, ACT)
        self.both(by or self.own(who, False), call, "key_compromised", who.subject, key, since)

    @rule(
        by=st.sampled_from((*SPARE, *AGENCY_ACCOUNTS)),
        subject=st.sampled_from((*SUBJECTS, *AGENCIES)),
        purpose=st.sampled_from(AccountPurpose),
    )
    def consent(self, by: bytes, subject: bytes, purpose: AccountPurpose) -> None:
        """Consent, take it back, or change one's mind about the purpose."""
        self.both(by, self.world.issuers.consent(subject, purpose), "consent", subject, purpose)

    @rule(
        who=institutions, added=st.sampled_from((*SPARE, MEMBERS[0], AGENCY_ACCOUNT)), wrong=wrong, asked=st.booleans()
    )
    def add_account_asked(self, who: Institution, added: bytes, wrong: bool, asked: bool) -> None:
        """Add an account; half of them were asked before."""
        if asked:
            self.consent(added, who.subject, AccountPurpose.ANCHORING)
        self.add_account(who, added, wrong)

    @rule(who=institutions, count=st.integers(1, 20))
    def fill(self, who: Institution, count: int) -> None:
        """Add many keys of one's own, until no more are allowed."""
        party = self.model.parties.get(who.subject)
        first = len(party.keys) if party else 0
        for number in range(first, first + count):
            self.add_key(who, digest(f"{who.name} key {number}"), KeyPurpose.NOTE, False)

    @rule(who=institutions, times=st.integers(1, 6))
    def come_and_go(self, who: Institution, times: int) -> None:
        """Withdraw and apply again, until no more is allowed."""
        for _ in range(times):
            self.withdraw(who, False)
            self.apply(who, NO_SUBJECT, False)
            self.attest(who, False)

    def add_account(self, who: Institution, added: bytes, wrong: bool) -> None:
        call = self.world.issuers.add_anchoring_account(who.subject, added)
        self.both(self.own(who, wrong), call, "add_anchoring_account", who.subject, added)

    @rule(data=st.data(), by=st.sampled_from((None, None, COUNCIL, STRANGER)))
    def end_account(self, data: st.DataObject, by: bytes | None) -> None:
        ended = self._some_account(data)
        self.both(by or self._holder(ended), self.world.issuers.end_account(ended, ACT), "end_account", ended)

    @rule(data=st.data(), by=st.sampled_from((None, COUNCIL, STRANGER)), ago=st.sampled_from((0, DAY, 5 * DAY)))
    def compromise_account(self, data: st.DataObject, by: bytes | None, ago: int) -> None:
        marked, since = self._some_account(data), self.world.now - ago
        call = self.world.issuers.account_compromised(marked, since, ACT)
        self.both(by or self._holder(marked), call, "account_compromised", marked, since)

    @rule(agency=st.integers(0, 1), by=st.integers(0, 1), life=lives, sender=decider)
    def recognise(self, agency: int, by: int, life: int, sender: bytes) -> None:
        subject, acting, until = AGENCIES[agency], AGENCY_ACCOUNTS[by], self.world.now + life
        call = self.world.issuers.recognise_agency(subject, acting, until, ACT)
        self.both(sender, call, "recognise_agency", subject, acting, until)

    @rule(subject=st.sampled_from((*AGENCIES, SUBJECTS[0])), by=st.sampled_from((MEMBERS[0], SPARE[0])))
    def recognise_oddly(self, subject: bytes, by: bytes) -> None:
        until = self.world.now + YEAR
        call = self.world.issuers.recognise_agency(subject, by, until, ACT)
        self.both(COUNCIL, call, "recognise_agency", subject, by, until)

    @rule(agency=st.sampled_from(AGENCIES), sender=decider)
    def end_agency(self, agency: bytes, sender: bytes) -> None:
        self.both(sender, self.world.issuers.end_agency(agency, ACT), "end_agency", agency)

    @rule(who=institutions, by=st.integers(0, 1), favourable=st.booleans())
    def review(self, who: Institution, by: int, favourable: bool) -> None:
        call = self.world.issuers.review(who.subject, favourable, ACT)
        self.both(AGENCY_ACCOUNTS[by], call, "review", who.subject, favourable)

    @rule(who=institutions, life=lives, sender=decider)
    def activate(self, who: Institution, life: int, sender: bytes) -> None:
        until, scope = self.world.now + life, digest("scope")
        call = self.world.issuers.activate(who.subject, until, scope, ACT)
        self.both(sender, call, "activate", who.subject, until, scope)

    @rule(who=institutions, life=lives, by=st.sampled_from((None, *INSTITUTIONS)))
    def renew(self, who: Institution, life: int, by: Institution | None) -> None:
        until = self.world.now + life
        sender = self.own(by, False) if by else COUNCIL
        self.both(sender, self.world.issuers.renew(who.subject, until, ACT), "renew", who.subject, until)

    @rule(who=institutions, scope=st.sampled_from((digest("wider"), bytes(32))), by=st.sampled_from(INSTITUTIONS))
    def amend_scope(self, who: Institution, scope: bytes, by: Institution) -> None:
        sender = COUNCIL if by == who else self.own(by, False)
        call = self.world.issuers.amend_scope(who.subject, scope, ACT)
        self.both(sender, call, "amend_scope", who.subject, scope)

    @rule(who=institutions, sender=decider, what=st.sampled_from(("reject", "suspend", "reinstate", "revoke")))
    def decide(self, who: Institution, sender: bytes, what: str) -> None:
        self.both(sender, getattr(self.world.issuers, what)(who.subject, ACT), what, who.subject)

    @rule(who=institutions, delegates=st.booleans(), sender=decider)
    def delegate(self, who: Institution, delegates: bool, sender: bytes) -> None:
        call = self.world.issuers.set_delegation(who.subject, delegates, ACT)
        self.both(sender, call, "set_delegation", who.subject, delegates)

    @rule(
        who=institutions,
        named=st.sampled_from((*SPARE, account("new control"))),
        keep=st.booleans(),
        ago=st.sampled_from((-1, 0, HOUR, 10 * DAY, YEAR)),
        sender=decider,
        asked=st.sampled_from((True, True, False)),
    )
    def replace_control(self, who: Institution, named: bytes, keep: bool, ago: int, sender: bytes, asked: bool) -> None:
        if asked:
            self.consent(named, who.subject, AccountPurpose.CONTROL)
        since = 0 if keep else self.world.now - ago
        call = self.world.issuers.replace_control(who.subject, named, keep, since, ACT)
        self.both(sender, call, "replace_control", who.subject, named, keep, since)

    @rule(
        who=institutions,
        named=st.sampled_from((*SPARE, account("custodian"))),
        sender=decider,
        asked=st.sampled_from((True, True, False)),
    )
    def appoint(self, who: Institution, named: bytes, sender: bytes, asked: bool) -> None:
        if asked:
            self.consent(named, who.subject, AccountPurpose.CUSTODIAN)
        call = self.world.issuers.appoint_custodian(who.subject, named, ACT)
        self.both(sender, call, "appoint_custodian", who.subject, named)

    @rule(who=institutions, ago=st.sampled_from((-1, 0, DAY, YEAR)), sender=decider)
    def void(self, who: Institution, ago: int, sender: bytes) -> None:
        since = self.world.now - ago
        call = self.world.issuers.set_void_from(who.subject, since, ACT)
        self.both(sender, call, "set_void_from", who.subject, since)

    @rule(who=institutions, member=st.sampled_from((MEMBERS[0], MEMBERS[0], MEMBERS[1], STRANGER)))
    def suspend_urgently(self, who: Institution, member: bytes) -> None:
        call = self.world.council.suspend_urgently(self.world.issuers.address, who.subject, ACT)
        self.both(member, call, "suspend_urgently", who.subject)

    def _some_account(self, data: st.DataObject) -> bytes:
        return data.draw(st.sampled_from([STRANGER, *sorted(self.model.accounts)]))

    def _holder(self, named: bytes) -> bytes:
        window = self.model.accounts.get(named)
        party = self.model.parties.get(window.subject) if window else None
        return party.control if party else STRANGER

    def teardown(self) -> None:
        for moment in some(self.moments):
            self._compare_at(moment)
        for named in self.model.accounts:
            rights = self.world.ask(self.world.issuers.anchor_rights(named))
            expected = self.model.anchor_rights(named)
            assert (rights.issuer, rights.may_open, rights.may_status) == expected
        for subject, party in self.model.parties.items():
            self._compare_now(subject, party.void_from)
            self._compare_fold(subject)
        self._compare_histories()
        self.world.check_totals()

    def _compare_at(self, t: int) -> None:
        ask, issuers, model = self.world.ask, self.world.issuers, self.model
        for subject in model.parties:
            assert ask(issuers.state_at(subject, t)) == model.state_at(subject, t)
            assert ask(issuers.recognised_at(subject, t)) == model.recognised_at(subject, t)
            assert ask(issuers.scope_at(subject, t)) == model.scope_at(subject, t)
            assert ask(issuers.key_at(subject, KEYS[0], t)) == model.key_at(subject, KEYS[0], t)
        for named in model.accounts:
            assert ask(issuers.account_at(named, t)) == model.account_at(named, t)
        for agency in AGENCIES:
            window = ask(issuers.agency_at(agency, t))
            expected = model.agency_at(agency, t) or (0, 0, bytes(20))
            assert (window.recognised_from, window.recognised_until, window.account) == expected

    def _compare_now(self, subject: bytes, void_from: int) -> None:
        issuers = self.world.issuers
        now = self.world.ask(issuers.issuer_now(subject))
        step = self.model.step_at(subject, self.world.now)
        assert now.state == self.model.state_at(subject, self.world.now)
        assert (now.time, now.until) == (step.time, step.until)
        assert (now.accreditor, now.delegates) == (step.accreditor, step.delegates)
        under_review = step.urgent and now.state == IssuerState.SUSPENDED
        assert now.lapses == (step.time + 72 * HOUR if under_review else 0)
        assert self.world.ask(issuers.void_from(subject)) == void_from
        assert self.world.ask(issuers.control_of(subject)) == self.model.control_of(subject)
        assert set(self.world.ask(issuers.usable_keys(subject))) == set(self.model.usable_keys(subject))
        assert set(self.world.ask(issuers.usable_accounts(subject))) == set(self.model.usable_accounts(subject))

    def _compare_fold(self, subject: bytes) -> None:
        """Compare the state that an auditor folds from the events with the contract's answers."""
        history = fold_party(IssuerId(subject), told_of(self.world, subject))
        assert (history.void_from or 0) == self.model.parties[subject].void_from
        for t in some(self.moments):
            now, step = history.at(t), self.model.step_at(subject, t)
            under_review = now.state is PartyState.UNDER_REVIEW
            name = "suspended" if under_review else now.state.value
            assert name == self.model.state_at(subject, t).name.lower()
            assert (now.accreditor or NO_SUBJECT, now.delegates) == (step.accreditor, step.delegates)
            assert (history.scope_at(t) or NO_SUBJECT) == self.model.scope_at(subject, t)
            for key, window in history.keys.items():
                assert window.holds(t) == (self.model.key_at(subject, key, t) != KeyPurpose.NONE)
            for named, window in history.accounts.items():
                assert window.holds(t) == (self.model.account_at(named, t)[0] == subject)

    def _compare_histories(self) -> None:
        for registry, subject in self.world.histories:
            stored = self.world.ask(self.world.issuers.history(subject))
            assert stored == self.world.history(registry, subject)


DOCUMENTS = FIRST, SECOND, *_ = tuple(digest(f"document {n}") for n in range(3))
OWNERS = INSTITUTIONS[:2]


class ProgrammeMachine(RuleBasedStateMachine):
    """The programme registry over an issuer registry with two owners and two agencies."""

    @initialize()
    def found(self) -> None:
        self.world: World = deploy()
        self.council = self.world.council.address
        ends = (self.world.now + 40 * DAY, self.world.now + 10 * YEAR)
        recognise_agency(self.world, ends[0])
        issuers = self.world.issuers
        self.world.send(AGENCY_ACCOUNTS[1], issuers.consent(AGENCIES[1], AccountPurpose.AGENCY))
        self.world.as_council(issuers.recognise_agency(AGENCIES[1], AGENCY_ACCOUNTS[1], ends[1], ACT))
        for owner in OWNERS:
            apply(self.world, owner)
        control = {owner.subject: owner.control for owner in OWNERS}
        until = dict(zip(AGENCY_ACCOUNTS, ends, strict=True))
        self.model = ProgrammeModel(self.council, self.world.now, control, until)
        self.moments = {self.world.now}
        self.submit(OWNERS[0], FIRST, NO_SUBJECT, OWNERS[0])
        self.submit(OWNERS[0], SECOND, FIRST, OWNERS[0])
        self.submit(OWNERS[1], FIRST, NO_SUBJECT, OWNERS[1])
        self.approve_batch([(OWNERS[0].subject, FIRST), (OWNERS[1].subject, FIRST)])

    def both(self, sender: bytes, call: Call, operation: str, *values: object) -> None:
        sender = self.council if sender == COUNCIL else sender
        expected = refused(getattr(self.model, operation), sender, *values)
        assert self.world.attempt(sender, call).reason == expected, operation
        self.moments.add(self.world.now)

    documents = st.sampled_from(DOCUMENTS)
    owners = st.sampled_from((*OWNERS, OWNERS[0]))
    versions = st.tuples(owners.map(lambda owner: owner.subject), documents)
    decider = st.integers(0, 9).map(lambda n: STRANGER if n == 0 else COUNCIL)

    @rule(seconds=st.sampled_from((1, DAY, 30 * DAY, YEAR)))
    def wait(self, seconds: int) -> None:
        self.world.pass_time(seconds)
        self.model.now = self.world.now
        self.moments |= {self.world.now, self.world.now - 1}

    @rule(owner=owners, document=documents, supersedes=st.sampled_from((NO_SUBJECT, *DOCUMENTS)), by=owners)
    def submit(self, owner: Institution, document: bytes, supersedes: bytes, by: Institution) -> None:
        call = self.world.programmes.submit(owner.subject, document, supersedes)
        self.both(by.control, call, "submit", (owner.subject, document), supersedes)

    @rule(version=versions, by=owners)
    def withdraw(self, version: Version, by: Institution) -> None:
        self.both(by.control, self.world.programmes.withdraw(*version, ACT), "withdraw", version)

    @rule(version=versions, by=st.sampled_from((*AGENCY_ACCOUNTS, STRANGER)), favourable=st.booleans())
    def review(self, version: Version, by: bytes, favourable: bool) -> None:
        self.both(by, self.world.programmes.review(*version, favourable, ACT), "review", version, favourable)

    @rule(version=versions, life=st.sampled_from((None, None, 0, DAY, YEAR)), sender=decider)
    def approve(self, version: Version, life: int | None, sender: bytes) -> None:
        until = 0 if life is None else self.world.now + life
        self.both(sender, self.world.programmes.approve(*version, until, ACT), "approve", version, until)

    @rule(versions=st.lists(versions, min_size=1, max_size=4, unique=True))
    def approve_batch(self, versions: list[Version]) -> None:
        """Approve all of a batch or none of it: the model tries it on a copy."""
        trial = ProgrammeModel(self.council, self.world.now, {}, {})
        trial.entries = {version: list(entries) for version, entries in self.model.entries.items()}
        trial.supersedes = self.model.supersedes
        reasons = (refused(trial.approve, self.council, version, 0) for version in versions)
        expected = next((reason for reason in reasons if reason), None)
        call = self.world.programmes.approve_batch(versions, 0, ACT)
        assert self.world.attempt(self.council, call).reason == expected
        if expected is None:
            self.model.entries = trial.entries

    @rule(version=versions, sender=decider, what=st.sampled_from(("suspend", "reinstate")))
    def decide(self, version: Version, sender: bytes, what: str) -> None:
        self.both(sender, getattr(self.world.programmes, what)(*version, ACT), what, version)

    @rule(owner=owners)
    def lose_control(self, owner: Institution) -> None:
        """Report the owner's control account as stolen, by itself: it cannot act any more."""
        if self.model.control.pop(owner.subject, None):
            call = self.world.issuers.account_compromised(owner.control, self.world.now, ACT)
            self.world.send(owner.control, call)

    def teardown(self) -> None:
        ask, programmes = self.world.ask, self.world.programmes
        self.world.check_totals()
        for (owner, document), entries in self.model.entries.items():
            version, key = programme_version(owner, document), (owner, document)
            assert ask(programmes.transition_count(version)) == len(entries)
            now = ask(programmes.programme_now(version))
            assert now.state == self.model.state_at(key, self.world.now)
            assert (now.time, now.until) == (entries[-1].time, entries[-1].until)
            assert (now.owner, now.supersedes) == (owner, self.model.supersedes[key])
            assert ask(programmes.history(version)) == self.world.history(programmes.address, version)
            history = fold_programme(told_of(self.world, version))
            assert (history.owner, history.document) == key
            for t in self.moments:
                assert history.state_at(t).value == self.model.state_at(key, t).name.lower()
            for t in some(self.moments):
                state = self.model.state_at(key, t)
                assert ask(programmes.state_at(version, t)) == state
                assert ask(programmes.approved_at(version, t)) == (state == ProgrammeState.APPROVED)


PEOPLE = tuple(account(f"member {n}") for n in range(4))


class CouncilMachine(RuleBasedStateMachine):
    """The council, proposing to change itself, to act on a registry, and to fail."""

    @initialize()
    def found(self) -> None:
        self.world: World = deploy()
        council, issuers = self.world.council, self.world.issuers
        far = self.world.now + 100 * YEAR
        self.contents = {
            "recognise": (issuers.recognise_agency(AGENCY, AGENCY_ACCOUNT, far, ACT), None, ()),
            "refused": (issuers.end_agency(AGENCIES[1], ACT), "agency: unknown", ()),
            "nobody": (Call(STRANGER, b""), "council: no contract", ()),
            "first three": (council.set_members(PEOPLE[:3], 2), None, PEOPLE[:3]),
            "last three": (council.set_members(PEOPLE[1:], 2), None, PEOPLE[1:]),
            "all": (council.set_members(PEOPLE, 2), None, PEOPLE),
            **{f"trust {n}": (council.record_trust(n, ACT), None, ()) for n in (1, 2, 3)},
            "too few": (council.set_members(PEOPLE[:2], 2), "council: threshold", ()),
        }
        self.world.send(AGENCY_ACCOUNT, issuers.consent(AGENCY, AccountPurpose.AGENCY))
        self.model = CouncilModel(PEOPLE[:3], 2, RECOVERY, 2, self.world.now)

    def both(self, sender: bytes, call: Call, expected: str | None) -> None:
        assert self.world.attempt(sender, call).reason == expected

    people = st.sampled_from((*PEOPLE, PEOPLE[0], PEOPLE[1], STRANGER))
    keepers = st.sampled_from((*RECOVERY, PEOPLE[0]))

    @rule(seconds=st.sampled_from((1, DAY, 29 * DAY, 30 * DAY)))
    def wait(self, seconds: int) -> None:
        self.world.pass_time(seconds)
        self.model.now = self.world.now

    @rule(sender=people, data=st.data())
    def propose(self, sender: bytes, data: st.DataObject) -> None:
        content = data.draw(st.sampled_from(sorted(self.contents)))
        call = self.contents[content][0]
        proposal = self.world.council.propose(call.to, keccak(call.data), ACT)
        self.both(sender, proposal, refused(self.model.propose, sender, content))

    @rule(sender=people, back=st.integers(0, 3), lie=st.sampled_from((None, None, None, *range(3))))
    def approve(self, sender: bytes, back: int, lie: int | None) -> None:
        """Approve a proposal, at times another than the one that is stored under its number."""
        number = max(0, len(self.model.proposals) - back)
        stored = self.world.ask(self.world.council.proposal(number))
        read = [stored.target, stored.calldata_hash, stored.act]
        if lie is not None:
            read[lie] = bytes(len(read[lie]) - 1) + b"\x07"
        expected = refused(self.model.approve, sender, number, lie is None)
        self.both(sender, self.world.council.approve(number, *read), expected)

    @rule(sender=people, back=st.integers(0, 3))
    def retract(self, sender: bytes, back: int) -> None:
        number = max(0, len(self.model.proposals) - back)
        self.both(sender, self.world.council.retract(number), refused(self.model.retract, sender, number))

    @rule(sender=people, back=st.integers(0, 3))
    def execute(self, sender: bytes, back: int) -> None:
        number = max(0, len(self.model.proposals) - back)
        content = self.model.proposals[number - 1].content if number else "recognise"
        call, inner, members = self._content(content)
        expected = refused(self.model.execute, sender, number, inner, members)
        self.both(sender, self.world.council.execute(number, call.data), expected)
        if expected is None and content.startswith("trust"):
            self.model.trust = int(content.split()[1])
        if expected is None and content.startswith("cancel"):
            self.model.recoveries[int(content.split()[1]) - 1].closed = True

    @rule(first=st.sampled_from(PEOPLE), second=st.sampled_from(PEOPLE), data=st.data())
    def carry(self, first: bytes, second: bytes, data: st.DataObject) -> None:
        """Propose, approve, carry out, and once more: the way that succeeds."""
        self.propose(first, data)
        self.approve(second, 0, None)
        self.execute(second, 0)
        self.execute(first, 0)

    @rule(members=st.sampled_from((PEOPLE[:3], PEOPLE)), days=st.sampled_from((30, 29, 60)), data=st.data())
    def recover(self, members: tuple[bytes, ...], days: int, data: st.DataObject) -> None:
        """Recover by the recovery set: it agrees, waits, and takes over where nothing came between."""
        self.propose_recovery(RECOVERY[0], members)
        self.approve_recovery(RECOVERY[1], 0, True)
        if data.draw(st.booleans()):
            self.carry(PEOPLE[1], PEOPLE[2], data)
        self.wait(days * DAY)
        self.execute_recovery(RECOVERY[0], 0)
        self.approve_recovery(RECOVERY[2], 0, True)

    @rule(sender=keepers, members=st.sampled_from((PEOPLE[:3], PEOPLE)))
    def propose_recovery(self, sender: bytes, members: tuple[bytes, ...]) -> None:
        expected = refused(self.model.propose_recovery, sender, members, 2)
        self.both(sender, self.world.council.propose_recovery(members, 2), expected)
        if expected is None:
            number = len(self.model.recoveries)
            self.contents[f"cancel {number}"] = (self.world.council.cancel_recovery(number), None, ())

    @rule(sender=keepers, back=st.integers(0, 2), same=st.sampled_from((True, True, True, False)))
    def approve_recovery(self, sender: bytes, back: int, same: bool) -> None:
        number = max(0, len(self.model.recoveries) - back)
        members = self.model.recoveries[number - 1].members if number else PEOPLE
        read = members_hash(members, 2 if same else 3)
        expected = refused(self.model.approve_recovery, sender, number, same)
        self.both(sender, self.world.council.approve_recovery(number, read), expected)

    @rule(sender=keepers, back=st.integers(0, 2))
    def execute_recovery(self, sender: bytes, back: int) -> None:
        number = max(0, len(self.model.recoveries) - back)
        members = self.model.recoveries[number - 1].members if number else PEOPLE
        expected = refused(self.model.execute_recovery, sender, number)
        self.both(sender, self.world.council.execute_recovery(number, members, 2), expected)

    def _content(self, content: str) -> tuple[Call, str | None, tuple[bytes, ...]]:
        call, inner, members = self.contents[content]
        if content.startswith("trust") and int(content.split()[1]) <= self.model.trust:
            inner = "trust: only upward"
        if content.startswith("cancel"):
            try:
                self.model.open_recovery(int(content.split()[1]))
            except No as refusal:
                inner = str(refusal)
        return call, inner, members

    def teardown(self) -> None:
        ask, council = self.world.ask, self.world.council
        assert ask(council.members()) == self.model.members
        assert ask(council.threshold()) == self.model.threshold
        assert ask(council.configuration()) == self.model.configuration
        for number, proposal in enumerate(self.model.proposals, 1):
            assert ask(council.approvals(number)) == self.model.approvals(number)
            stored = ask(council.proposal(number))
            assert (stored.executed, stored.closed) == (proposal.executed, proposal.closed)
        assert ask(council.trust_number()) == self.model.trust
        assert ask(council.trust_file(3)) == (ACT if self.model.trust == 3 else bytes(32))
        self.world.check_totals()


MACHINES = (IssuerMachine, ProgrammeMachine, CouncilMachine)


@pytest.mark.parametrize("machine", MACHINES)
def test_contract_and_model_agree(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(machine, settings=DEFAULT)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("machine", MACHINES)
def test_contract_and_model_agree_for_long(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(machine, settings=LONG)
