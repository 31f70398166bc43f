"""`acredita council propose <act>`: from arguments to a proposal on the chain and its file.

An act that the contracts would refuse now is not proposed, unless `--anyway` says that it will be allowed later. The file is
written once the proposal is on the chain; of a prepared one before, without its number.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acredita.anchoring.ledger import TxReceipt
from acredita.cli.bodies.act_arguments import CONSENT_PURPOSES, ArgumentReader
from acredita.cli.bodies.act_files import check_absent, read_act, read_file, write_new
from acredita.cli.bodies.act_options import ActingOptions, PublishingOptions
from acredita.cli.bodies.act_report import proposed_lines, refused_now, show_lines
from acredita.cli.bodies.act_run import ActRun
from acredita.cli.bodies.opened_installation import OpenInstallation, open_installation
from acredita.cli.bodies.publishing import publish, say_published
from acredita.cli.exit_codes import OK
from acredita.contracts.bindings import Council, Proposed, decode_event
from acredita.node.publication.trust_folder import write_json
from acredita.registry.acts.act_file import act_digest
from acredita.registry.acts.calldata import DecodedAct, act_named, call_of
from acredita.registry.acts.party_names import names_of
from acredita.registry.acts.proposal import ActProposal, check_on_chain, new_proposal, parse_proposal
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.acts.roles import check_future_members, check_member, check_party_account, roles_of
from acredita.registry.acts.shapes import Text
from acredita.registry.acts.table import ACTS

_PREFIX = "field_"


def field_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an act's fields by the names of the fields."""
    return {
        key.removeprefix(_PREFIX).replace("_", "-"): argument
        for key, argument in arguments.items()
        if key.startswith(_PREFIX)
    }


def propose(name: str, arguments: Mapping[str, Any], options: PublishingOptions) -> int:
    """Run `acredita council propose <act>`."""
    values = field_arguments(arguments)
    if options.send is None:
        check_absent(arguments["out"])
    with open_installation(options, writing=options.prepare is None) as opened:
        reader = ArgumentReader(ACTS[name], opened, arguments["zone"])
        act = act_named(name, reader.values(values))
        _check_roles(act, opened)
        proposal = new_proposal(
            opened.name,
            call_of(act, opened.name.contracts),
            act_digest(read_act(values["act"])),
            arguments["title"],
            reader.dids,
        )
        code = propose_call(proposal, arguments["out"], arguments["anyway"], opened, options)
    publish_proposed(arguments["out"], values["act"], options)
    return code


def publish_proposed(proposal: Path, act: Path, options: PublishingOptions) -> None:
    """Send a proposal and its act to the node that the options name, unless it was only prepared."""
    if options.publish is not None and options.prepare is None:
        names = publish(options.publish, [read_act(act)], read_file(proposal, parse_proposal))
        say_published(options.publish, names, options.lang)


def propose_call(
    proposal: ActProposal, out: Path, anyway: bool, opened: OpenInstallation, options: ActingOptions
) -> int:
    """Show a proposal, put it on the chain, confirm it by the ledger's state, and write its file."""
    run = ActRun(opened, options)
    check_member(roles_of(opened.ledger, opened.name.contracts, run.account()))
    show_lines(proposed_lines(proposal.call, opened, names_of(proposal.dids), options.lang))
    refusal = refused_now(proposal.call, opened)
    if refusal is not None and not anyway:
        raise refusal
    if options.send is not None and out.exists():
        _check_prepared(proposal, out)
    receipt = run.carry_out(proposal.proposing(), proposal.dids)
    if receipt is None:
        write_new(out, proposal.document())
        return OK
    numbered = proposal.numbered(_number_of(receipt, opened))
    write_json(out, numbered.document())
    number = numbered.number or 0
    stored = opened.ledger.read(Council(opened.trust.contracts.council).proposal(number))
    run.confirm(lambda: bool(stored.proposed))
    check_on_chain(numbered, number, stored)
    facts: dict[str, object] = {"proposal": number, "file": str(out), **run.place(receipt)}
    run.say(facts, Text(f"proposal {number}: {out}", f"propuesta {number}: {out}"))
    return OK


def _check_prepared(proposal: ActProposal, out: Path) -> None:
    """Check that the file written at preparation holds this proposal. Raises RegistryActRefused."""
    earlier = read_file(out, parse_proposal)
    if (earlier.call, earlier.act) != (proposal.call, proposal.act):
        raise RegistryActRefused("PROPOSAL_MISMATCH", f"{out}: the file holds another proposal")


def _number_of(receipt: TxReceipt, opened: OpenInstallation) -> int:
    for log in receipt.logs:
        event = decode_event(log) if log.address == opened.trust.contracts.council else None
        if isinstance(event, Proposed):
            return event.proposal
    raise RuntimeError("a proposal that succeeded logs its number")


def _check_roles(act: DecodedAct, opened: OpenInstallation) -> None:
    """Check the accounts that an act gives a role: one account has one role."""
    if act.shape.name == "members":
        check_future_members(opened.ledger, opened.name.contracts, _accounts(act, "member"))
    elif act.shape.name in CONSENT_PURPOSES:
        check_party_account(opened.ledger, opened.name.contracts, _account(act))


def _accounts(act: DecodedAct, name: str) -> tuple[bytes, ...]:
    accounts = act.values[name]
    assert isinstance(accounts, tuple)
    return accounts


def _account(act: DecodedAct) -> bytes:
    account = act.values["account-address"]
    assert isinstance(account, bytes)
    return account
