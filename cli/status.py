"""`acredita revoke|suspend|reinstate|correct|status`: what becomes of a credential after it was issued."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from acredita.anchoring.types import Digest, to_hex
from acredita.cli.exit_codes import OK, ActRefused
from acredita.cli.node_options import DEFAULT_CONFIG, AsJson, Config, Profile, digest_of, opened
from acredita.node.issuance.institution import Institution
from acredita.node.publication.trust_folder import read_json_file
from acredita.node.runtime.anchor_now import anchor_now
from acredita.node.write_path.progress import standings
from acredita.registry.programmes.programme import ProgrammeRefused, parse_programme

Which = Annotated[str, typer.Argument(metavar="CREDENTIAL", help="A credential file, or its digest in hex.")]
Wait = Annotated[bool, typer.Option("--anchor/--no-anchor", help="Anchor now, or leave it to the node.")]


def register(app: typer.Typer) -> None:
    app.command("revoke")(revoke)
    app.command("suspend")(suspend)
    app.command("reinstate")(reinstate)
    app.command("correct")(correct)
    app.command("status")(status)


def revoke(
    credential: Which, profile: Profile, config: Config = DEFAULT_CONFIG, wait: Wait = True, as_json: AsJson = False
) -> int:
    """Revoke a credential for good. The chain takes it also from a suspended institution."""
    return _change(credential, profile, config, wait, as_json, "revoked", Institution.revoke)


def suspend(
    credential: Which, profile: Profile, config: Config = DEFAULT_CONFIG, wait: Wait = True, as_json: AsJson = False
) -> int:
    """Suspend a credential until it is reinstated."""
    return _change(credential, profile, config, wait, as_json, "suspended", Institution.suspend)


def reinstate(
    credential: Which, profile: Profile, config: Config = DEFAULT_CONFIG, wait: Wait = True, as_json: AsJson = False
) -> int:
    """Lift the suspension of a credential."""
    return _change(credential, profile, config, wait, as_json, "reinstated", Institution.reinstate)


def correct(
    credential: Which,
    profile: Profile,
    programme: Annotated[Path, typer.Option(help="Programme document (JSON).")],
    result: Annotated[str, typer.Option(help="The right result.")],
    out: Annotated[Path | None, typer.Option(help="Where to write the corrected credential.")] = None,
    config: Config = DEFAULT_CONFIG,
    wait: Wait = True,
    as_json: AsJson = False,
) -> int:
    """Correct the result: same id, newer validFrom; the old file reads as superseded from then on."""
    try:
        version = parse_programme(read_json_file(programme))
    except ProgrammeRefused as error:
        lines = "".join(f"\n  {problem}" for problem in error.faults)
        raise ActRefused(f"{programme}: the programme is refused:{lines}") from error
    with opened(config) as node:
        tenant = node.tenant(profile)
        new = tenant.institution.correct(digest_of(credential, tenant), version, result=result)
        if out is not None:
            out.write_bytes(tenant.institution.credential(new))
        told = anchor_now(node, tenant, wait)
    _say({"corrected": to_hex(new), "anchoring": told.sentence}, as_json)
    return OK


def status(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> int:
    """How each institution of the node stands: backlog and its age, checkpoints, stops."""
    with opened(config) as node:
        found = standings(node.database, node.clock())
    if as_json:
        typer.echo(json.dumps([standing.document() for standing in found], indent=2))
        return OK
    for standing in found:
        typer.echo(standing.sentence())
    return OK


def _change(
    credential: str,
    profile: str,
    config: Path,
    wait: bool,
    as_json: bool,
    word: str,
    change: Callable[[Institution, Digest], bool],
) -> int:
    with opened(config) as node:
        tenant = node.tenant(profile)
        digest = digest_of(credential, tenant)
        fresh = change(tenant.institution, digest)
        told = anchor_now(node, tenant, wait)
    _say({word: to_hex(digest), "changed": fresh, "anchoring": told.sentence}, as_json)
    return OK


def _say(document: dict[str, object], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(document))
    else:
        typer.echo("; ".join(f"{name}: {value}" for name, value in document.items()))
