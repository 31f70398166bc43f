"""`acredita network key|init`: a validator's key, and the files of a network."""

import json
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import typer
from acredita.cli.bodies.account_access import address_of
from acredita.cli.exit_codes import ArgumentRefused
from acredita.cli.spanish.sentences import facts_line
from acredita.node.administration.network_files import NetworkPlan, demo_validators, write_network
from acredita.node.administration.network_validators import (
    KEY_FILE,
    VALIDATOR_FILE,
    new_validator,
    read_validator,
    write_private_key,
)
from acredita.node.publication.trust_folder import write_json
from acredita.node.verification.language import Language


def key(name: str, host: str, port: int, out: Path, as_json: bool, lang: Language) -> None:
    """Run `acredita network key`."""
    private, validator = new_validator(name, host, port)
    if out.exists():
        raise ArgumentRefused(f"{out}: exists already, and is not written over")
    out.mkdir(mode=0o700, parents=True)
    write_private_key(out / KEY_FILE, private)
    write_json(out / VALIDATOR_FILE, validator.document())
    document = validator.document()
    _say({"address": document["address"], "enode": document["enode"], "file": str(out / VALIDATOR_FILE)}, as_json, lang)


def init(
    files: Sequence[Path],
    demo_keys: int | None,
    period: int,
    out: Path,
    allow: Sequence[str],
    chain_id: int,
    as_json: bool,
    lang: Language,
) -> None:
    """Run `acredita network init`."""
    if bool(files) == (demo_keys is not None):
        raise ArgumentRefused("either --validator or --demo-keys expected")
    demo = [] if demo_keys is None else demo_validators(demo_keys, chain_id)
    plan = NetworkPlan(
        validators=[validator for _, validator in demo] or [read_validator(file) for file in files],
        accounts=[address_of(text, "--allow") for text in allow],
        chain_id=chain_id,
        period=period,
        genesis_time=int(time.time()),
        is_demo=bool(demo),
    )
    write_network(out, plan, [private for private, _ in demo], lang)
    facts = {
        "folder": str(out),
        "validators": len(plan.validators),
        "may_fail": (len(plan.validators) - 1) // 3,
        "genesis_sha256": sha256((out / "genesis.json").read_bytes()).hexdigest(),
    }
    _say(facts, as_json, lang)


def _say(facts: Mapping[str, object], as_json: bool, lang: Language) -> None:
    typer.echo(json.dumps(facts, indent=2) if as_json else facts_line(facts, lang).replace("; ", "\n"))
