"""Let a party do an act of its own: an institution by its control account, an agency by its account.

The account's role is checked before anything is shown, and the ledger's record of the act is read after it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from acredita.anchoring.ledger import TxReceipt
from acredita.cli.bodies.act_arguments import ArgumentReader
from acredita.cli.bodies.act_options import PublishingOptions
from acredita.cli.bodies.act_report import act_lines, change_lines, show_lines
from acredita.cli.bodies.act_run import ActRun
from acredita.cli.bodies.council_propose import field_arguments
from acredita.cli.bodies.opened_installation import OpenInstallation, open_installation
from acredita.cli.bodies.programme_scope import check_submission
from acredita.cli.bodies.publishing import files_of, publish, say_published
from acredita.cli.exit_codes import OK
from acredita.contracts.bindings import NO_SUBJECT, IssuerRegistry, programme_version
from acredita.registry.acts.calldata import DecodedAct, act_named, address_of, call_of
from acredita.registry.acts.changes import changes_of
from acredita.registry.acts.party_names import names_of
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.acts.roles import (
    AccountRoles,
    check_agency,
    check_control,
    check_known,
    check_outside_council,
    roles_of,
)
from acredita.registry.acts.shapes import ActingRole, Text
from acredita.registry.acts.table import ACTS
from acredita.registry.codes import Code

_ZONE: Final = "UTC"  # of acts without a day
_SUBMIT: Final = "submit-programme"
_OF_ACCREDITORS: Final = frozenset({"activate", "renew", "amend-scope"})  # by the control account of the accreditor


def act_alone(name: str, arguments: Mapping[str, Any], options: PublishingOptions) -> int:
    """Run the command of one act of a party."""
    with open_installation(options, writing=options.prepare is None) as opened:
        values = field_arguments(arguments)
        reader = ArgumentReader(ACTS[name], opened, arguments.get("zone", _ZONE))
        act = act_named(name, reader.values(values))
        run = ActRun(opened, options)
        _check_role(act, roles_of(opened.ledger, opened.name.contracts, run.account()), opened)
        if name == _SUBMIT:
            scopes = (arguments["scope"], arguments["accreditor_scope"] or [])
            check_submission(Path(values["programme"]), *scopes, opened, options)
        run.check_accepted(call_of(act, opened.name.contracts))
        _show(act, reader.dids, opened, options)
        receipt = run.carry_out(call_of(act, opened.name.contracts), reader.dids)
        if receipt is not None:
            run.confirm(lambda: _is_recorded(act, receipt, opened))
            _say(act, receipt, run, opened)
    if options.publish is not None and receipt is not None:
        names = publish(options.publish, files_of(ACTS[name], values))
        say_published(options.publish, names, options.lang)
    return OK


def _show(act: DecodedAct, dids: list[str], opened: OpenInstallation, options: PublishingOptions) -> None:
    names, language = names_of(dids), options.lang.value
    changes = changes_of(act, opened.view(names, language))
    show_lines([*act_lines(act, names, language), *change_lines(changes, language)])


def _say(act: DecodedAct, receipt: TxReceipt, run: ActRun, opened: OpenInstallation) -> None:
    facts: dict[str, object] = {
        "act": act.shape.name,
        "subject": f"0x{_subject(act, opened).hex()}",
        **run.place(receipt),
    }
    run.say(facts, Text(f"done in block {receipt.block_number}", f"hecho en el bloque {receipt.block_number}"))


def _check_role(act: DecodedAct, roles: AccountRoles, opened: OpenInstallation) -> None:
    allowed = act.shape.roles
    if ActingRole.ANYBODY in allowed:
        check_outside_council(roles)
    elif ActingRole.AGENCY in allowed:
        check_agency(roles)
    else:
        party = _party(act, opened)
        check_known(opened.ledger, opened.name.contracts, party)
        check_control(roles, _accreditor(party, opened) if act.shape.name in _OF_ACCREDITORS else party)


def _party(act: DecodedAct, opened: OpenInstallation) -> bytes:
    """Return the institution of an act: the party itself, the owner of its programme version, or its account's party."""
    if "account-address" in act.values and "did" not in act.values:
        registry = IssuerRegistry(opened.trust.contracts.issuer_registry)
        return opened.ledger.read(registry.account(_bytes(act.values["account-address"]))).subject
    value = act.values.get("did") or act.values["programme"]
    return _bytes(value[0] if isinstance(value, tuple) else value)


def _accreditor(party: bytes, opened: OpenInstallation) -> bytes:
    """Return the institution that accredits a party. Raises RegistryActRefused where the council does."""
    registry = IssuerRegistry(opened.trust.contracts.issuer_registry)
    accreditor = opened.ledger.read(registry.issuer_now(party)).accreditor
    if accreditor == NO_SUBJECT:
        raise RegistryActRefused(Code.ACCOUNT_ROLE, f"the council accredits 0x{party.hex()}: acredita council propose")
    return accreditor


def _subject(act: DecodedAct, opened: OpenInstallation) -> bytes:
    version = act.values.get("programme")
    return programme_version(*version) if isinstance(version, tuple) else _party(act, opened)


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


def _is_recorded(act: DecodedAct, receipt: TxReceipt, opened: OpenInstallation) -> bool:
    """Return whether the contract recorded something of the act's subject in the transaction."""
    contract, subject = address_of(act.shape, opened.name.contracts), _subject(act, opened)
    return any(log.address == contract and subject in log.topics for log in receipt.logs)
