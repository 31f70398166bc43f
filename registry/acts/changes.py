"""Say what an act will change: what the ledger states now, and what it will state then.

Read at the newest block. What is shown is the act's own effect. Whether the contract accepts it, a simulation tells.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from acredita.anchoring.checkpoint import unpack_head
from acredita.anchoring.ledger import Ledger
from acredita.contracts.abi import Deployment
from acredita.contracts.answers import AccountPurpose, IssuerState, ProgrammeState
from acredita.contracts.bindings import Council, CredentialLog, IssuerRegistry, ProgrammeRegistry, programme_version
from acredita.registry.acts import state_words
from acredita.registry.acts.calldata import DecodedAct
from acredita.registry.acts.party_names import Names, subject_words
from acredita.registry.acts.shapes import Text
from acredita.registry.acts.words import accounts_words, moment_words, version_words

REVIEW_SECONDS: Final = 72 * 3600  # an urgent suspension lapses after them


@dataclass(frozen=True, slots=True)
class ActChange:
    """One fact that an act changes, in the reader's language."""

    subject: str
    now: str
    then: str


@dataclass(frozen=True)
class LedgerView:
    """The ledger at its newest block, for a reader of one language."""

    ledger: Ledger
    contracts: Deployment
    names: Names
    language: str
    time: int

    @property
    def issuers(self) -> IssuerRegistry:
        """The issuer registry."""
        return IssuerRegistry(self.contracts.issuer_registry)

    @property
    def programmes(self) -> ProgrammeRegistry:
        """The programme registry."""
        return ProgrammeRegistry(self.contracts.programme_registry)

    @property
    def council(self) -> Council:
        """The council."""
        return Council(self.contracts.council)

    def said(self, en: str, es: str) -> str:
        """Return a phrase in the reader's language."""
        return Text(en, es).said(self.language)

    def until(self, seconds: int) -> str:
        """Return the end of a window in words."""
        return (
            self.said("until", "hasta el") + " " + moment_words(seconds) if seconds else self.said("no end", "sin fin")
        )


def changes_of(act: DecodedAct, view: LedgerView) -> list[ActChange]:
    """Return what an act changes; empty where nothing but a record is added. Raises LedgerUnavailable."""
    change = _CHANGES.get(act.shape.name)
    return [] if change is None else change(act.values, view)


# ---- institutions -------------------------------------------------------------------------------------------------


def _to_state(state: IssuerState) -> Callable[[Mapping[str, Any], LedgerView], list[ActChange]]:
    def change(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
        subject = values["did"]
        now = view.ledger.read(view.issuers.issuer_now(subject))
        end = values.get("until", now.until if state is IssuerState.ACTIVE else 0)
        then = state_words.ISSUER_STATES[state].said(view.language)
        return [
            ActChange(
                subject_words(subject, view.names),
                _issuer_words(subject, view),
                f"{then} {view.until(end)}" if end else then,
            )
        ]

    return change


def _issuer_words(subject: bytes, view: LedgerView) -> str:
    now = view.ledger.read(view.issuers.issuer_now(subject))
    state = state_words.ISSUER_STATES[now.state].said(view.language)
    if now.lapses:
        return view.said(
            f"under review until {moment_words(now.lapses)}", f"en revisión hasta el {moment_words(now.lapses)}"
        )
    return f"{state} {view.until(now.until)}" if now.state in (IssuerState.ACTIVE, IssuerState.EXPIRED) else state


def _activate(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    return _to_state(IssuerState.ACTIVE)(values, view) + _scope(values, view)


def _scope(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    scope = view.ledger.read(view.issuers.scope_at(values["did"], view.time))
    subject = f"{view.said('scope of', 'alcance de')} {subject_words(values['did'], view.names)}"
    return [ActChange(subject, _digest_or_none(scope, view), f"0x{values['scope'].hex()}")]


def _urgently(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    end = moment_words(view.time + REVIEW_SECONDS)
    then = view.said(f"under review until about {end}", f"en revisión hasta el {end}, más o menos")
    return [ActChange(subject_words(values["did"], view.names), _issuer_words(values["did"], view), then)]


def _delegate(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    now = view.ledger.read(view.issuers.issuer_now(values["did"])).delegates
    subject = f"{view.said('may accredit', 'puede acreditar')}: {subject_words(values['did'], view.names)}"
    return [ActChange(subject, _yes(now, view), _yes(values["delegates"], view))]


def _void(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    now = view.ledger.read(view.issuers.void_from(values["did"]))
    subject = f"{view.said('void since', 'sin validez desde')}: {subject_words(values['did'], view.names)}"
    return [ActChange(subject, moment_words(now) if now else _none(view), moment_words(values["since"]))]


# ---- keys and accounts --------------------------------------------------------------------------------------------


def _control(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    now = view.ledger.read(view.issuers.control_of(values["did"]))
    subject = f"{view.said('control account of', 'cuenta de control de')} {subject_words(values['did'], view.names)}"
    changes = [ActChange(subject, _account_or_none(now, view), f"0x{values['account-address'].hex()}")]
    if values["keep"]:
        return changes
    keys = view.ledger.read(view.issuers.usable_keys(values["did"]))
    accounts = view.ledger.read(view.issuers.usable_accounts(values["did"]))
    count = f"{len(keys)} + {len(accounts)}"
    return [*changes, ActChange(view.said("usable keys and accounts", "claves y cuentas en uso"), count, "0")]


def _custodian(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    of = view.said("custodian of", "cuenta de custodia de")
    then = f"{of} {subject_words(values['did'], view.names)}"
    return [ActChange(f"0x{values['account-address'].hex()}", _account_words(values["account-address"], view), then)]


def _agency_account_words(values: Mapping[str, Any], view: LedgerView) -> ActChange:
    window = view.ledger.read(view.issuers.agency_at(values["did"], view.time))
    subject = f"{view.said('account of', 'cuenta de')} {subject_words(values['did'], view.names)}"
    return ActChange(subject, _account_or_none(window.account, view), f"0x{values['account-address'].hex()}")


def _recognise(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    then = f"{view.said('recognised', 'reconocida')} {view.until(values['until'])}"
    return [_agency(values, view, then), _agency_account_words(values, view)]


def _end_agency(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    return [_agency(values, view, view.said("not recognised", "sin reconocimiento"))]


def _agency(values: Mapping[str, Any], view: LedgerView, then: str) -> ActChange:
    window = view.ledger.read(view.issuers.agency_at(values["did"], view.time))
    recognised = window.recognised_until > view.time
    now = f"{view.said('recognised', 'reconocida')} {view.until(window.recognised_until)}"
    nothing = view.said("not recognised", "sin reconocimiento")
    return ActChange(subject_words(values["did"], view.names), now if recognised else nothing, then)


def _end_account(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    account = values["account-address"]
    return [ActChange(f"0x{account.hex()}", _account_words(account, view), view.said("ended", "terminada"))]


def _account_since(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    account, since = values["account-address"], moment_words(values["since"])
    then = view.said(f"compromised since {since}", f"comprometida desde el {since}")
    return [ActChange(f"0x{account.hex()}", _account_words(account, view), then)]


def _account_words(account: bytes, view: LedgerView) -> str:
    record = view.ledger.read(view.issuers.account(account))
    if record.purpose is AccountPurpose.NONE:
        return view.said("no role", "sin función")
    of = view.said("of", "de")
    return (
        f"{state_words.ACCOUNT_PURPOSES[record.purpose].said(view.language)} {of} {subject_words(record.subject, view.names)}"
        + (f", {_window(record.until, record.compromised, view)}")
    )


def _key_since(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    record = view.ledger.read(view.issuers.key(values["did"], values["key"]))
    since = moment_words(values["since"])
    then = view.said(f"compromised since {since}", f"comprometida desde el {since}")
    subject = f"{view.said('key', 'clave')} 0x{values['key'].hex()}"
    return [ActChange(subject, _window(record.until, record.compromised, view), then)]


def _window(until: int, compromised: int, view: LedgerView) -> str:
    if compromised:
        since = moment_words(compromised)
        return view.said(f"compromised since {since}", f"comprometida desde el {since}")
    return view.until(until) if until else view.said("in force", "vigente")


# ---- programmes ---------------------------------------------------------------------------------------------------


def _to_programme_state(state: ProgrammeState) -> Callable[[Mapping[str, Any], LedgerView], list[ActChange]]:
    def change(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
        value = values["programme"]
        versions = [value] if isinstance(value[0], bytes) else list(value)
        end = values.get("until", 0)
        then = state_words.PROGRAMME_STATES[state].said(view.language) + (f" {view.until(end)}" if end else "")
        return [
            ActChange(version_words(each, view.names, view.language), _version_now(each, view), then)
            for each in versions
        ]

    return change


def _version_now(version: tuple[bytes, bytes], view: LedgerView) -> str:
    now = view.ledger.read(view.programmes.programme_now(programme_version(*version)))
    return state_words.PROGRAMME_STATES[now.state].said(view.language)


# ---- the council --------------------------------------------------------------------------------------------------


def _members(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    members, threshold = view.ledger.read(view.council.members()), view.ledger.read(view.council.threshold())
    return [
        ActChange(view.said("members", "miembros"), accounts_words(members), accounts_words(values["member"])),
        ActChange(view.said("threshold", "umbral"), str(threshold), str(values["threshold"])),
    ]


def _trust(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    number = view.ledger.read(view.council.trust_number())
    digest = view.ledger.read(view.council.trust_file(number)) if number else bytes(32)
    now = f"{number}, 0x{digest.hex()}" if number else _none(view)
    then = f"{values['trust-file'][0]}, 0x{values['trust-file'][1].hex()}"
    return [ActChange(view.said("newest recorded trust file", "último archivo de confianza registrado"), now, then)]


def _cancel(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    recovery = view.ledger.read(view.council.recovery(values["recovery"]))
    now = view.said("closed", "cerrada") if recovery.closed else view.said("open", "abierta")
    subject = f"{view.said('recovery', 'recuperación')} {values['recovery']}"
    return [ActChange(subject, now, view.said("cancelled", "cancelada"))]


def _epoch(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
    head = unpack_head(view.ledger.read(CredentialLog(view.contracts.credential_log).head(values["did"])))
    subject = f"{view.said('log of', 'bitácora de')} {subject_words(values['did'], view.names)}"
    number = int.from_bytes(values["last-good"][0], "big") >> _NUMBER_BIT & _NUMBER_MASK
    now = view.said(
        f"epoch {head.epoch}, checkpoint {head.number}", f"época {head.epoch}, punto de control {head.number}"
    )
    then = view.said(
        f"epoch {head.epoch + 1}; of epoch {head.epoch} all after checkpoint {number} is void",
        f"época {head.epoch + 1}; de la época {head.epoch} queda sin efecto lo posterior al punto de control {number}",
    )
    return [ActChange(subject, now, then)]


def _predecessor(registry: str) -> Callable[[Mapping[str, Any], LedgerView], list[ActChange]]:
    def change(values: Mapping[str, Any], view: LedgerView) -> list[ActChange]:
        now = view.ledger.read(view.issuers.predecessor() if registry == "issuers" else view.programmes.predecessor())
        then = f"0x{values['predecessor'].hex()}"
        return [ActChange(view.said("predecessor", "registro anterior"), _account_or_none(now, view), then)]

    return change


def _digest_or_none(digest: bytes, view: LedgerView) -> str:
    return f"0x{digest.hex()}" if any(digest) else _none(view)


def _account_or_none(account: bytes, view: LedgerView) -> str:
    return f"0x{account.hex()}" if any(account) else _none(view)


def _none(view: LedgerView) -> str:
    return state_words.NONE.said(view.language)


def _yes(flag: bool, view: LedgerView) -> str:
    return (state_words.YES if flag else state_words.NO).said(view.language)


_NUMBER_BIT: Final = 136  # of a checkpoint's fixed word, as in `anchoring.checkpoint`
_NUMBER_MASK: Final = (1 << 40) - 1
_CHANGES: Final[Mapping[str, Callable[[Mapping[str, Any], LedgerView], list[ActChange]]]] = {
    "recognise-agency": _recognise,
    "end-agency": _end_agency,
    "activate": _activate,
    "renew": _to_state(IssuerState.ACTIVE),
    "amend-scope": _scope,
    "reject": _to_state(IssuerState.REJECTED),
    "suspend": _to_state(IssuerState.SUSPENDED),
    "reinstate": _to_state(IssuerState.ACTIVE),
    "revoke": _to_state(IssuerState.REVOKED),
    "delegate": _delegate,
    "replace-control": _control,
    "custodian": _custodian,
    "end-account": _end_account,
    "account-compromised": _account_since,
    "key-compromised": _key_since,
    "void-from": _void,
    "approve-programme": _to_programme_state(ProgrammeState.APPROVED),
    "approve-programmes": _to_programme_state(ProgrammeState.APPROVED),
    "suspend-programme": _to_programme_state(ProgrammeState.SUSPENDED),
    "reinstate-programme": _to_programme_state(ProgrammeState.APPROVED),
    "members": _members,
    "record-trust": _trust,
    "cancel-recovery": _cancel,
    "open-epoch": _epoch,
    "predecessor": _predecessor("issuers"),
    "programmes-predecessor": _predecessor("programmes"),
    "suspend-urgently": _urgently,
    "propose-recovery": _members,
    "execute-recovery": _members,
    "apply": _to_state(IssuerState.APPLIED),
    "attest-quality": _to_state(IssuerState.QA_ATTESTED),
    "withdraw": _to_state(IssuerState.WITHDRAWN),
    "submit-programme": _to_programme_state(ProgrammeState.SUBMITTED),
    "withdraw-programme": _to_programme_state(ProgrammeState.WITHDRAWN),
}
