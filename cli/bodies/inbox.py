"""`acredita inbox`: what waits for a party, read whole from the chain at its newest block."""

import json
from pathlib import Path

import typer
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.cli.bodies.account_access import address_or_file
from acredita.cli.bodies.act_options import ReadingOptions
from acredita.cli.bodies.act_report import print_lines
from acredita.cli.bodies.council import files_in
from acredita.cli.bodies.opened_installation import OpenInstallation, open_installation, trust_of
from acredita.cli.bodies.proposal_source import proposals_at
from acredita.cli.exit_codes import OK
from acredita.node.publication.trust_folder import TrustFolder
from acredita.registry.acts.party_names import names_of
from acredita.registry.acts.proposal import ActProposal
from acredita.registry.acts.shapes import Text
from acredita.registry.inbox.inbox import inbox_of
from acredita.registry.inbox.items import InboxItem
from acredita.registry.inbox.party_roles import InboxRoles
from acredita.registry.inbox.whole_registry import WholeRegistry, read_registry
from acredita.registry.inbox.wording import InboxView
from acredita.registry.verification.case import head_age_fault


def inbox(account: str, folder: Path | None, node: str | None, options: ReadingOptions) -> int:
    """Run `acredita inbox`."""
    address = address_or_file(account, "--as")
    files = {} if folder is None else files_in(folder)
    with open_installation(options, writing=False) as opened:
        now = _present(opened)
        registry = read_registry(opened.ledger, opened.trust.contracts, opened.observer.state_block)
        if node is not None:
            waiting = registry.council.open_proposals(now)
            files |= proposals_at(node, ((each.number, each.calldata_hash) for each in waiting))
        view = _view(opened, registry, files, trust_of(options.trust)[1], now)
        roles, items = inbox_of(view, opened.trust, address)
    if options.as_json:
        typer.echo(json.dumps(_document(view, roles, items, options.lang), indent=2, ensure_ascii=False))
        return OK
    print_lines([_heading(view, roles, options.lang)])
    for item in items:
        print_lines([_line(item, view.now, options.lang)])
        typer.echo(f"  {item.command_in(options.lang)}")
    if not items:
        typer.echo(Text("nothing waits", "nada espera").said(options.lang))
    return OK


def _present(opened: OpenInstallation) -> int:
    """Return the present. Raises LedgerUnavailable for a head that is too old: it would hide what came since."""
    now, observer = opened.present(), opened.observer
    fault = head_age_fault(observer.block.time, now, observer.stalled_after)
    if fault is not None:
        raise LedgerUnavailable(f"{fault}: the newest block is of {time_text(observer.block.time)}")
    return now


def _view(
    opened: OpenInstallation, registry: WholeRegistry, files: dict[bytes, ActProposal], folder: TrustFolder, now: int
) -> InboxView:
    """Name what files at hand can name. A name counts where its hash is on the chain."""
    names = names_of(did for file in files.values() for did in file.dids)
    for party in registry.institutions:
        scope = folder.scope(party.scopes[-1][1]) if party.scopes else None
        if scope is not None:
            names |= names_of([scope.did])
    titles = {calldata: file.title for calldata, file in files.items()}
    return InboxView(registry, opened.trust.contracts, names, titles, now)


def _document(view: InboxView, roles: InboxRoles, items: list[InboxItem], language: str) -> dict[str, object]:
    block = view.registry.block
    return {
        "account": to_hex(roles.account),
        "roles": roles.words(view.names, language),
        "as_of": {"block": block.number, "time": time_text(block.time)},
        "items": [_item_document(item, language) for item in items],
    }


def _item_document(item: InboxItem, language: str) -> dict[str, object]:
    return {
        "kind": item.kind.value,
        "subject": item.subject,
        "what": item.what.said(language),
        "until": None if item.until is None else time_text(item.until),
        "command": item.command_in(language),
    }


def _heading(view: InboxView, roles: InboxRoles, language: str) -> str:
    block = view.registry.block
    at = Text(f"at block {block.number} of", f"en el bloque {block.number} del").said(language)
    return f"{to_hex(roles.account)}: {', '.join(roles.words(view.names, language))} · {at} {time_text(block.time)}"


def _line(item: InboxItem, now: int, language: str) -> str:
    if item.until is None:
        return item.what.said(language)
    past, future = Text("since", "desde el"), Text("until", "hasta el")
    word = (past if item.until <= now else future).said(language)
    return f"{item.what.said(language)} · {word} {time_text(item.until)}"
