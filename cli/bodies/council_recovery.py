"""`acredita council recovery …`: holders of the recovery set replace the members; the council can cancel it."""

import json
from pathlib import Path

import typer
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.cli.bodies.account_access import address_of
from acredita.cli.bodies.act_files import check_absent, read_act, read_file, write_new
from acredita.cli.bodies.act_options import ActingOptions, PublishingOptions, ReadingOptions
from acredita.cli.bodies.act_report import act_lines, change_lines, show_lines
from acredita.cli.bodies.act_run import ActRun
from acredita.cli.bodies.council_propose import propose_call, publish_proposed
from acredita.cli.bodies.opened_installation import OpenInstallation, open_installation
from acredita.cli.exit_codes import OK
from acredita.contracts.abi import Call
from acredita.contracts.bindings import Council, RecoveryProposed, StoredRecovery, decode_event
from acredita.node.publication.trust_folder import write_json
from acredita.registry.acts.act_file import act_digest
from acredita.registry.acts.calldata import act_named, call_of, decoded_act
from acredita.registry.acts.changes import changes_of
from acredita.registry.acts.proposal import new_proposal
from acredita.registry.acts.recovery import RecoveryFile, parse_recovery
from acredita.registry.acts.roles import check_future_members, check_recovery_holder, roles_of
from acredita.registry.acts.shapes import Text


def propose(member: list[str], threshold: int, out: Path, options: ActingOptions) -> int:
    """Run `acredita council recovery propose`."""
    if options.send is None:
        check_absent(out)
    with open_installation(options, writing=options.prepare is None) as opened:
        members = tuple(bytes(address_of(text, "--member")) for text in member)
        name = opened.name
        file = RecoveryFile(name.contracts.council, name.chain_id, name.genesis, members, threshold)
        run = _run(opened, options, file)
        receipt = run.carry_out(file.proposing())
        if receipt is None:
            write_new(out, file.document())
            return OK
        events = [decode_event(log) for log in receipt.logs if log.address == name.contracts.council]
        number = next(event.recovery for event in events if isinstance(event, RecoveryProposed))
        write_json(out, file.numbered(number).document())
        run.confirm(lambda: _stored(opened, number).members_hash == file.hash)
        run.say(
            {"recovery": number, "file": str(out)}, Text(f"recovery {number}: {out}", f"recuperación {number}: {out}")
        )
    return OK


def list_recoveries(options: ReadingOptions) -> int:
    """Run `acredita council recovery list`."""
    with open_installation(options, writing=False) as opened:
        council = Council(opened.trust.contracts.council)
        needed = opened.ledger.read(council.recovery_threshold())
        rows = []
        for number in range(opened.ledger.read(council.recovery_count()), 0, -1):
            stored = _stored(opened, number)
            rows.append(
                {
                    "recovery": number,
                    "approvals": stored.approvals,
                    "threshold": needed,
                    "from": time_text(stored.ready) if stored.ready else None,
                    "closed": stored.closed,
                    "members_hash": to_hex(stored.members_hash),
                }
            )
    if options.as_json:
        typer.echo(json.dumps({"recoveries": rows}, indent=2))
        return OK
    for row in rows:
        words = [f"{row['approvals']}/{row['threshold']}"]
        if row["from"]:
            words.append(f"{Text('from', 'desde').said(options.lang)} {row['from']}")
        if row["closed"]:
            words.append(Text("closed", "cerrada").said(options.lang))
        typer.echo(f"{Text('recovery', 'recuperación').said(options.lang)} {row['recovery']} · {' · '.join(words)}")
    return OK


def approve(number: int, path: Path, options: ActingOptions) -> int:
    """Run `acredita council recovery approve`."""
    with open_installation(options, writing=options.prepare is None) as opened:
        file, before = _checked(path, number, opened), _stored(opened, number).approvals
        run = _run(opened, options, file)
        if run.carry_out(file.approving(number)) is not None:
            run.confirm(lambda: _stored(opened, number).approvals > before)
            run.say({"approved": number}, Text(f"approved: recovery {number}", f"aprobada: recuperación {number}"))
    return OK


def execute(number: int, path: Path, options: ActingOptions) -> int:
    """Run `acredita council recovery execute`."""
    with open_installation(options, writing=options.prepare is None) as opened:
        file = _checked(path, number, opened)
        run = _run(opened, options, file)
        if run.carry_out(file.executing(number)) is not None:
            council = Council(opened.trust.contracts.council)
            run.confirm(lambda: opened.ledger.read(council.members()) == file.members)
            run.say({"executed": number}, Text(f"executed: recovery {number}", f"ejecutada: recuperación {number}"))
    return OK


def cancel(number: int, act: Path, title: str, out: Path, options: PublishingOptions) -> int:
    """Run `acredita council recovery cancel`."""
    if options.send is None:
        check_absent(out)
    with open_installation(options, writing=options.prepare is None) as opened:
        cancelling = act_named("cancel-recovery", {"recovery": number})
        call = call_of(cancelling, opened.name.contracts)
        proposal = new_proposal(opened.name, call, act_digest(read_act(act)), title)
        code = propose_call(proposal, out, False, opened, options)
    publish_proposed(out, act, options)
    return code


def _run(opened: OpenInstallation, options: ActingOptions, file: RecoveryFile) -> ActRun:
    """Check the roles of the holder and of the future members, and show what will change."""
    run = ActRun(opened, options)
    check_recovery_holder(roles_of(opened.ledger, opened.name.contracts, run.account()))
    check_future_members(opened.ledger, opened.name.contracts, file.members)
    act = decoded_act(_replacing(file), opened.name.contracts)
    changes = changes_of(act, opened.view({}, options.lang))
    show_lines([*act_lines(act, {}, options.lang), *change_lines(changes, options.lang)])
    return run


def _replacing(file: RecoveryFile) -> Call:
    return file.proposing() if file.number is None else file.executing(file.number)


def _checked(path: Path, number: int, opened: OpenInstallation) -> RecoveryFile:
    file = read_file(path, parse_recovery)
    file.check_installation(opened.name)
    file.check_on_chain(number, _stored(opened, number))
    return file


def _stored(opened: OpenInstallation, number: int) -> StoredRecovery:
    return opened.ledger.read(Council(opened.trust.contracts.council).recovery(number))
