"""`acredita council members|list|show|approve|retract|execute|suspend`: a member's day, act by act."""

import json
from pathlib import Path

import typer
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import FormatRefused, to_hex
from acredita.cli.bodies.act_files import read_act
from acredita.cli.bodies.act_options import ActingOptions, PublishingOptions, ReadingOptions
from acredita.cli.bodies.act_report import (
    act_lines,
    change_lines,
    print_lines,
    proposed_facts,
    proposed_lines,
    show_lines,
)
from acredita.cli.bodies.act_run import ActRun
from acredita.cli.bodies.opened_installation import OpenInstallation, open_installation
from acredita.cli.bodies.proposal_source import ProposalSource, proposals_at
from acredita.cli.bodies.publishing import publish, say_published
from acredita.cli.exit_codes import OK, ArgumentRefused
from acredita.contracts.bindings import Council, IssuerRegistry
from acredita.node.publication.trust_folder import FileRefused, read_json_file
from acredita.registry.acts.act_file import act_digest
from acredita.registry.acts.calldata import act_named, call_of, calldata_hash, decoded_act
from acredita.registry.acts.changes import changes_of
from acredita.registry.acts.council import (
    STATE_TEXTS,
    CouncilNow,
    NumberedProposal,
    ProposalState,
    approving_members,
    council_now,
    numbered_proposal,
    proposals,
)
from acredita.registry.acts.party_names import names_of
from acredita.registry.acts.proposal import ActProposal, parse_proposal
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.acts.roles import check_member, roles_of
from acredita.registry.acts.shapes import Text
from acredita.registry.keys.did import DidRefused, issuer_id

_WAITING = (ProposalState.OPEN, ProposalState.READY)


def members(options: ReadingOptions) -> int:
    """Run `acredita council members`."""
    with open_installation(options, writing=False) as opened:
        council = Council(opened.trust.contracts.council)
        now = council_now(opened.ledger, council)
        holders = opened.ledger.read(council.recovery_members())
        needed = opened.ledger.read(council.recovery_threshold())
    facts = {
        "members": [to_hex(member) for member in now.members],
        "threshold": now.threshold,
        "recovery_members": [to_hex(holder) for holder in holders],
        "recovery_threshold": needed,
        "configuration": now.configuration,
    }
    if options.as_json:
        typer.echo(json.dumps(facts, indent=2))
        return OK
    language = options.lang
    typer.echo(_of_text("members", "miembros", now.threshold, len(now.members), language))
    for member in now.members:
        typer.echo(f"  {to_hex(member)}")
    typer.echo(_of_text("recovery set", "grupo de recuperación", needed, len(holders), language))
    for holder in holders:
        typer.echo(f"  {to_hex(holder)}")
    return OK


def list_proposals(every: bool, folder: Path | None, node: str | None, options: ReadingOptions) -> int:
    """Run `acredita council list`."""
    files = {} if folder is None else files_in(folder)
    with open_installation(options, writing=False) as opened:
        council = Council(opened.trust.contracts.council)
        now = council_now(opened.ledger, council)
        listed = [each for each in proposals(opened.ledger, council, now) if every or each.state in _WAITING]
        if node is not None:
            files |= proposals_at(node, ((each.number, each.stored.calldata_hash) for each in listed))
        rows = [_row(each, now, files.get(each.stored.calldata_hash), opened, options) for each in listed]
    if options.as_json:
        typer.echo(json.dumps({"proposals": rows}, indent=2, ensure_ascii=False))
        return OK
    for each, row in zip(listed, rows, strict=True):
        typer.echo(f"{_summary(each, now, options.lang)}  {row.get('title', '')}".rstrip())
    if not rows:
        typer.echo(Text("no proposal waits", "ninguna propuesta espera").said(options.lang))
    return OK


def show(number: int, source: ProposalSource, options: ReadingOptions) -> int:
    """Run `acredita council show`."""
    with open_installation(options, writing=False) as opened:
        council = Council(opened.trust.contracts.council)
        now = council_now(opened.ledger, council)
        stored = _known(opened, number, now)
        approving = approving_members(opened.ledger, council, number, now)
        facts = _facts(stored, now) | {"approved_by": [to_hex(member) for member in approving]}
        lines = [_summary(stored, now, options.lang)]
        by = Text("approved by", "aprobada por").said(options.lang)
        lines += [f"{by} {to_hex(member)}" for member in approving]
        source.fetch_act(stored)
        read_from = None if source.act is None and source.node is None else source.check_act(stored)
        if source.proposal is None and source.node is None:
            lines.append(_to_see_it(number, options.lang))
        else:
            file = source.checked(stored, opened)
            names = names_of(file.dids)
            facts |= proposed_facts(file.call, opened, names, options.lang) | {"act_title": file.title}
            lines += [*_said(file, stored, opened, options), _title(file, read_from, options.lang)]
    if options.as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        print_lines(lines)
    return OK


def approve(number: int, source: ProposalSource, options: ActingOptions) -> int:
    """Run `acredita council approve`."""
    with open_installation(options, writing=options.prepare is None) as opened:
        council = Council(opened.trust.contracts.council)
        run = ActRun(opened, options)
        account = run.account()
        check_member(roles_of(opened.ledger, opened.name.contracts, account))
        stored = _known(opened, number, council_now(opened.ledger, council))
        file, read_from = source.checked(stored, opened), source.check_act(stored)
        run.check_accepted(file.approving(number))
        _show(number, file, read_from, opened, options)
        receipt = run.carry_out(file.approving(number), file.dids)
        if receipt is not None:
            run.confirm(lambda: opened.ledger.read(council.approved(number, account)))
            run.say(
                {"approved": number, **run.place(receipt)},
                _approved(number, opened),
            )
    return OK


def retract(number: int, options: ActingOptions) -> int:
    """Run `acredita council retract`."""
    with open_installation(options, writing=options.prepare is None) as opened:
        council = Council(opened.trust.contracts.council)
        run = ActRun(opened, options)
        account = run.account()
        check_member(roles_of(opened.ledger, opened.name.contracts, account))
        now = council_now(opened.ledger, council)
        show_lines([_summary(_known(opened, number, now), now, options.lang)])
        receipt = run.carry_out(council.retract(number))
        if receipt is not None:
            run.confirm(lambda: not opened.ledger.read(council.approved(number, account)))
            run.say(
                {"retracted": number, **run.place(receipt)},
                Text(f"retracted: proposal {number}", f"retirada: propuesta {number}"),
            )
    return OK


def execute(number: int, source: ProposalSource, options: ActingOptions) -> int:
    """Run `acredita council execute`."""
    with open_installation(options, writing=options.prepare is None) as opened:
        council = Council(opened.trust.contracts.council)
        run = ActRun(opened, options)
        check_member(roles_of(opened.ledger, opened.name.contracts, run.account()))
        file = source.checked(_known(opened, number, council_now(opened.ledger, council)), opened)
        run.check_accepted(file.executing(number))
        _show(number, file, None, opened, options)
        receipt = run.carry_out(file.executing(number), file.dids)
        if receipt is not None:
            run.confirm(lambda: opened.ledger.read(council.proposal(number)).executed)
            run.say(
                {"executed": number, **run.place(receipt)},
                Text(f"executed: proposal {number}", f"ejecutada: propuesta {number}"),
            )
    return OK


def suspend(did: str, act: Path, options: PublishingOptions) -> int:
    """Run `acredita council suspend`."""
    try:
        issuer = bytes(issuer_id(did))
    except DidRefused as error:
        raise ArgumentRefused(f"{did}: {error}") from error
    with open_installation(options, writing=options.prepare is None) as opened:
        run = ActRun(opened, options)
        check_member(roles_of(opened.ledger, opened.name.contracts, run.account()))
        registry = opened.trust.contracts.issuer_registry
        values = {"registry": registry, "did": issuer, "act": act_digest(read_act(act))}
        urgent, names = act_named("suspend-urgently", values), names_of([did])
        run.check_accepted(call_of(urgent, opened.name.contracts))
        changes = changes_of(urgent, opened.view(names, options.lang))
        show_lines([*act_lines(urgent, names, options.lang), *change_lines(changes, options.lang)])
        receipt = run.carry_out(call_of(urgent, opened.name.contracts), [did])
        if receipt is not None:
            run.confirm(lambda: bool(opened.ledger.read(IssuerRegistry(registry).issuer_now(issuer)).lapses))
            run.say(
                {"suspended": did, **run.place(receipt)},
                Text(f"suspended at once: {did}", f"suspendida de inmediato: {did}"),
            )
    if options.publish is not None and receipt is not None:
        say_published(options.publish, publish(options.publish, [read_act(act)]), options.lang)
    return OK


def _approved(number: int, opened: OpenInstallation) -> Text:
    """Return how many approve now, and the next command once they are enough."""
    now = council_now(opened.ledger, Council(opened.trust.contracts.council))
    stored = _known(opened, number, now)
    count = f"{stored.approvals}/{now.threshold}"
    en, es = f"approved: proposal {number} ({count})", f"aprobada: propuesta {number} ({count})"
    if stored.state is not ProposalState.READY:
        return Text(en, es)
    command = f"acredita council execute {number} --proposal"
    return Text(
        f"{en}; it can be executed: {command} FILE, or --node URL",
        f"{es}; ya se puede ejecutar: {command} ARCHIVO, o --node URL",
    )


def _to_see_it(number: int, language: str) -> str:
    """Return the command that shows what a proposal does."""
    command = f"acredita council show {number}"
    return Text(
        f"to see what it does: {command} --node URL, or {command} --proposal FILE --act FILE",
        f"para ver qué hace: {command} --node URL, o {command} --proposal ARCHIVO --act ARCHIVO",
    ).said(language)


def _said(file: ActProposal, stored: NumberedProposal, opened: OpenInstallation, options: ReadingOptions) -> list[str]:
    """Return what a proposal does; of one that waits also what it changes, now → then."""
    names = names_of(file.dids)
    if stored.state in _WAITING:
        return proposed_lines(file.call, opened, names, options.lang)
    act = decoded_act(file.call, opened.name.contracts)
    return [*act_lines(act, names, options.lang), f"keccak(calldata) 0x{calldata_hash(file.call).hex()}"]


def _known(opened: OpenInstallation, number: int, now: CouncilNow) -> NumberedProposal:
    stored = numbered_proposal(opened.ledger, Council(opened.trust.contracts.council), number, now)
    if not stored.stored.proposed:
        raise RegistryActRefused("PROPOSAL_UNKNOWN", f"the council has no proposal {number}")
    return stored


def _show(number: int, file: ActProposal, act: str | None, opened: OpenInstallation, options: ActingOptions) -> None:
    now = council_now(opened.ledger, Council(opened.trust.contracts.council))
    lines = proposed_lines(file.call, opened, names_of(file.dids), options.lang)
    show_lines([_summary(_known(opened, number, now), now, options.lang), *lines, _title(file, act, options.lang)])


def _title(file: ActProposal, act: str | None, language: str) -> str:
    line = f"{Text('act', 'resolución').said(language)}: {file.title!r} 0x{file.act.hex()}"
    return line if act is None else f"{line} = SHA-256({act})"


def _summary(each: NumberedProposal, now: CouncilNow, language: str) -> str:
    state = STATE_TEXTS[each.state].said(language)
    count = f"{each.approvals}/{now.threshold}"
    ends = f"{Text('ends', 'vence').said(language)} {time_text(each.ends)}"
    return f"{Text('proposal', 'propuesta').said(language)} {each.number} · {state} · {count} · {ends}"


def _facts(each: NumberedProposal, now: CouncilNow) -> dict[str, object]:
    return {
        "proposal": each.number,
        "state": each.state.value,
        "approvals": each.approvals,
        "threshold": now.threshold,
        "proposer": to_hex(each.stored.proposer),
        "proposed": time_text(each.stored.proposed),
        "ends": time_text(each.ends),
        "target": to_hex(each.stored.target),
        "calldata_hash": to_hex(each.stored.calldata_hash),
        "act_sha256": to_hex(each.stored.act),
    }


def _row(
    each: NumberedProposal,
    now: CouncilNow,
    file: ActProposal | None,
    opened: OpenInstallation,
    options: ReadingOptions,
) -> dict[str, object]:
    facts = _facts(each, now)
    if file is None or (file.call.to, file.act) != (each.stored.target, each.stored.act):
        return facts
    act = decoded_act(file.call, opened.name.contracts)
    return facts | {"act": act.shape.name, "title": act.shape.title.said(options.lang), "act_title": file.title}


def files_in(folder: Path) -> dict[bytes, ActProposal]:
    """Return the proposals of a folder by the keccak-256 of their calldata; other files are passed over."""
    if not folder.is_dir():
        raise ArgumentRefused(f"{folder}: a folder expected")
    files = {}
    for path in sorted(folder.glob("*.json")):
        try:
            file = parse_proposal(read_json_file(path))
        except (FormatRefused, FileRefused):
            continue
        files[calldata_hash(file.call)] = file
    return files


def _of_text(en: str, es: str, threshold: int, count: int, language: str) -> str:
    return Text(f"{en}, {threshold} of {count}", f"{es}, {threshold} de {count}").said(language)
