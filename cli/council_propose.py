"""Declare `acredita council propose <act> …`: one command an act, made from the table of acts."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import typer
from acredita.cli.act_options import described, with_options
from acredita.cli.bodies.act_options import PublishingOptions
from acredita.registry.acts.council_acts import COUNCIL_ACTS
from acredita.registry.acts.fields import ACT
from acredita.registry.acts.shapes import ActField, ActShape, FieldKind

propose = typer.Typer(help="Propose an act to the council. The proposer's approval counts.", no_args_is_help=True)
ZONE: Final = "America/Mexico_City"
_Title = Annotated[str, typer.Option(help="The title of the act, for whoever reads the proposal.")]
_Out = Annotated[Path, typer.Option(help="The proposal's file to write, which the other members read.")]
Zone = Annotated[str, typer.Option(help="The time zone of days, an IANA name.")]
_Anyway = Annotated[bool, typer.Option("--anyway", help="Propose it although the contracts would refuse it now.")]

_TYPES: Final[dict[FieldKind, Any]] = {
    FieldKind.NUMBER: int,
    FieldKind.CHECKPOINT: int,
    FieldKind.CONSENT: Path,
    FieldKind.ACT: Path,
    FieldKind.TRUST_FILE: Path,
    FieldKind.ACCOUNTS: list[str],
    FieldKind.VERSIONS: list[str],
}
_WITHOUT: Final[dict[FieldKind, Any]] = {
    FieldKind.CONSENT: None,
    FieldKind.OPEN_END: None,
    FieldKind.PARTY_OR_COUNCIL: None,
    FieldKind.DOCUMENT_OR_NONE: None,
}


def _command_of(act: ActShape) -> Callable[..., int]:
    """Return the command of one act, with an option for each of its fields."""
    act_fields = act.fields if ACT in act.fields else (*act.fields, ACT)

    def run(**arguments: Any) -> int:
        from acredita.cli.bodies import council_propose as body

        options = PublishingOptions(**{field.name: arguments.pop(field.name) for field in fields(PublishingOptions)})
        return body.propose(act.name, arguments, options)

    def stand_in(
        *, title: _Title, out: _Out, zone: Zone = ZONE, anyway: _Anyway = False, options: PublishingOptions
    ) -> int:
        raise RuntimeError("only its parameters are read")

    stand_in.__name__, stand_in.__doc__ = act.function, act.title.en
    parameters = [*parameters_of(act), *(parameter_of(field) for field in act_fields[len(act.fields) :])]
    shared = inspect.signature(with_options(stand_in, PublishingOptions)).parameters.values()
    return described(run, [*parameters, *shared], stand_in)


def parameters_of(act: ActShape) -> list[inspect.Parameter]:
    """Return the options of an act's fields. A field that the file of another one names may be left out."""
    left_out = _implied(act)
    parameters = [(field, parameter_of(field)) for field in act.fields]
    return [_optional(parameter) if field.name in left_out else parameter for field, parameter in parameters]


def _implied(act: ActShape) -> frozenset[str]:
    """Return the fields that a consent names, or the statement of a key."""
    kinds = {field.kind for field in act.fields}
    account = {"account-address"} if FieldKind.CONSENT in kinds else set()
    return frozenset(account | ({"key", "purpose"} if FieldKind.STATEMENT in kinds else set()))


def _optional(parameter: inspect.Parameter) -> inspect.Parameter:
    kind, option = get_args(parameter.annotation)
    return parameter.replace(default=None, annotation=Annotated[kind | None, option])


def parameter_of(field: ActField) -> inspect.Parameter:
    """Return the option of an act's field."""
    option: Any = typer.Option(f"--{field.name}", help=field.help.en)
    if field.kind is FieldKind.FLAG:
        option = typer.Option(f"--{field.name}/--no-{field.name}", help=field.help.en)
    kind: Any = bool if field.kind is FieldKind.FLAG else _TYPES.get(field.kind, str)
    default: Any = _WITHOUT.get(field.kind, inspect.Parameter.empty)
    if default is None:
        kind = kind | None
    return inspect.Parameter(
        parameter_name(field.name), inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
    )


def parameter_name(field: str) -> str:
    """Return the parameter of an act's field; none of them is one of the shared options."""
    return f"field_{field.replace('-', '_')}"


for _act in COUNCIL_ACTS:
    propose.command(_act.name)(_command_of(_act))
