"""Make the commands by which one account does an act of its own, from the table of acts."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from acredita.cli.act_options import described, with_options
from acredita.cli.bodies.act_options import PublishingOptions
from acredita.cli.council_propose import parameters_of
from acredita.registry.acts.table import ACTS


def party_command(
    name: str, *others: inspect.Parameter, text: str | None = None, demanded: str | None = None
) -> Callable[..., int]:
    """Return the command of one act, with an option for each of its fields and for each of `others`.

    `demanded`: a field that the contracts let out and this command does not. `text`: the help, else the act's title.
    """
    act = ACTS[name]
    options = [
        parameter.replace(default=inspect.Parameter.empty) if field.name == demanded else parameter
        for field, parameter in zip(act.fields, parameters_of(act), strict=True)
    ]

    def run(**arguments: Any) -> int:
        from acredita.cli.bodies import party_act as body

        options = PublishingOptions(**{field.name: arguments.pop(field.name) for field in fields(PublishingOptions)})
        return body.act_alone(act.name, arguments, options)

    def stand_in(*, options: PublishingOptions) -> int:
        raise RuntimeError("only its parameters are read")

    stand_in.__name__, stand_in.__doc__ = act.function, text or act.title.en
    shared = inspect.signature(with_options(stand_in, PublishingOptions)).parameters.values()
    return described(run, [*options, *others, *shared], stand_in)
