"""Let a party do an act of its own: an institution by its control account, an agency by its account.

The account's role is checked before anything is shown, and the ledger's record of the act is read after it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from acredita.anchoring.ledger import TxReceipt
from acredita.cli.bodies.act_arguments import ArgumentReader
from acredita.cli.bodies.act_options import ActingOptions
from acredita.cli.bodies.act_report import act_lines, change_lines, show_lines
from acredita.cli.bodies.act_run import ActRun
from acredita.cli.bodies.council_propose import field_arguments
from acredita.cli.bodies.opened_installation import OpenInstallation, open_installation
from acredita.cli.bodies.programme_scope import check_submission
from acredita.cli.exit_codes import OK
from acredita.contracts.bindings import programme_version
from acredita.registry.acts.calldata import DecodedAct, act_named, address_of, call_of
from acredita.registry.acts.changes import changes_of
from acredita.registry.acts.party_names import names_of
from acredita.registry.acts.roles import AccountRoles, check_agency, check_control, check_outside_council, roles_of
from acredita.registry.acts.shapes import ActingRole, Text
from acredita.registry.acts.table import ACTS

_ZONE: Final = "UTC"  # no act of a party has a day
_SUBMIT: Final = "submit-programme"


def act_alone(name: str, arguments: Mapping[str, Any], options: ActingOptions) -> int:
    """Run the command of one act of a party."""
    with open_installation(options, writing=options.prepare is None) as opened:
        values = field_arguments(arguments)
        reader = ArgumentReader(ACTS[name], opened, _ZONE)
        act = act_named(name, reader.values(values))
        run = ActRun(opened, options)
        _check_role(act, roles_of(opened.ledger, opened.name.contracts, run.account()))
        if name == _SUBMIT:
            check_submission(Path(values["programme"]), arguments["scope"], opened, options)
        _show(act, reader.dids, opened, options)
        receipt = run.carry_out(call_of(act, opened.name.contracts), reader.dids)
        if receipt is not None:
            run.confirm(lambda: _is_recorded(act, receipt, opened))
            _say(act, receipt, run)
    return OK


def _show(act: DecodedAct, dids: list[str], opened: OpenInstallation, options: ActingOptions) -> None:
    names, language = names_of(dids), options.lang.value
    changes = changes_of(act, opened.view(names, language))
    show_lines([*act_lines(act, names, language), *change_lines(changes, language)])


def _say(act: DecodedAct, receipt: TxReceipt, run: ActRun) -> None:
    facts: dict[str, object] = {
        "act": act.shape.name,
        "subject": f"0x{_subject(act).hex()}",
        "block": receipt.block_number,
        "transaction": f"0x{receipt.transaction.hex()}",
    }
    run.say(facts, Text(f"done in block {receipt.block_number}", f"hecho en el bloque {receipt.block_number}"))


def _check_role(act: DecodedAct, roles: AccountRoles) -> None:
    allowed = act.shape.roles
    if ActingRole.ANYBODY in allowed:
        check_outside_council(roles)
    elif ActingRole.AGENCY in allowed:
        check_agency(roles)
    else:
        check_control(roles, _party(act))


def _party(act: DecodedAct) -> bytes:
    """Return the institution of an act: the owner of its programme version, or the party itself."""
    value = act.values.get("did") or act.values["programme"]
    party = value[0] if isinstance(value, tuple) else value
    assert isinstance(party, bytes)
    return party


def _subject(act: DecodedAct) -> bytes:
    version = act.values.get("programme")
    return programme_version(*version) if isinstance(version, tuple) else _party(act)


def _is_recorded(act: DecodedAct, receipt: TxReceipt, opened: OpenInstallation) -> bool:
    """Return whether the contract recorded something of the act's subject in the transaction."""
    contract, subject = address_of(act.shape, opened.name.contracts), _subject(act)
    return any(log.address == contract and subject in log.topics for log in receipt.logs)
