"""`acredita node init`: make the folder of a node from options, or from answers at the terminal."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import typer
from acredita.cli.bodies.init_answers import InitAnswers
from acredita.cli.bodies.init_dialog import ask_missing, make_passphrase
from acredita.cli.exit_codes import ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.node.administration.init import CONFIGURATION, InitOptions, initialise
from acredita.node.administration.node_configuration import NodeConfiguration
from acredita.node.administration.node_role import NodeRole
from acredita.node.config import ConfigurationError
from acredita.node.verification.language import Language
from acredita.registry.codes import Code
from acredita.registry.credentials.days import DEFAULT_ZONE
from acredita.registry.keys.passphrase import PassphraseRefused, from_file

__all__ = ["InitAnswers", "init"]


def init(
    answers: InitAnswers, data: Path, scrypt_n: int, cryptosuite: str, curve: str, lang: Language, as_json: bool
) -> None:
    """Run `acredita node init`."""
    if answers.missing() and sys.stdin.isatty() and not as_json:
        answers = ask_missing(answers, data, lang)
    if answers.missing():
        raise ArgumentRefused(f"{', '.join(answers.missing())}: must be given where nobody can be asked")
    answers.check()
    configuration = _configuration(answers, cryptosuite, curve, lang)
    with _passphrase(answers) as passphrase:
        try:
            initialise(InitOptions(data, configuration, passphrase, scrypt_n))
        except ConfigurationError as error:
            raise ArgumentRefused(f"--rpc: {error}") from error
    _tell(configuration, data, lang, as_json)


def _configuration(answers: InitAnswers, cryptosuite: str, curve: str, lang: Language) -> NodeConfiguration:
    role = answers.role
    assert role is not None
    return NodeConfiguration(
        role=role,
        base=answers.address(),
        language=lang,
        did=answers.did(),
        profile=answers.profile or "",
        name=answers.name or "",
        zone=DEFAULT_ZONE if answers.timezone is None else answers.timezone,
        keystore=f"{answers.profile}.keystore",
        passphrase_file=None if answers.passphrase_file is None else answers.passphrase_file.resolve(),
        cryptosuite=cryptosuite,
        curve=curve,
        rpc=answers.rpc,
        depth=answers.depth,
    )


@contextmanager
def _passphrase(answers: InitAnswers) -> Iterator[bytes]:
    """Yield the passphrase; empty without a file. A file that is made here goes again with a failure."""
    path = answers.passphrase_file
    if path is None:
        yield b""
        return
    with ExitStack() as undo:
        if answers.makes_passphrase:
            make_passphrase(path)
            undo.callback(path.unlink)
        try:
            passphrase = from_file(path)
        except PassphraseRefused as error:
            raise ArgumentRefused(str(error)) from error
        yield passphrase
        undo.pop_all()


def _tell(configuration: NodeConfiguration, data: Path, lang: Language, as_json: bool) -> None:
    shortcoming = configuration.base.shortcoming()
    following = _following(configuration, data)
    if as_json:
        facts: dict[str, object] = {
            "data": str(data),
            "configuration": str(data / CONFIGURATION),
            "role": configuration.role.value,
            "base": configuration.base.text,
            "did": configuration.did or None,
            "warnings": []
            if shortcoming is None
            else [{"code": Code.BASE_NOT_PUBLIC, "text": said(shortcoming, lang)}],
            "next": following,
        }
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    if shortcoming is not None:
        typer.echo(said(f"{Code.BASE_NOT_PUBLIC}: {shortcoming}", lang), err=True)
    typer.echo(said(f"made {data}; next: {following}", lang))


def _following(configuration: NodeConfiguration, data: Path) -> str:
    """Return the command that follows."""
    config = data / CONFIGURATION
    if configuration.role is NodeRole.SINGLE_OPERATOR:
        return f"acredita registry accredit --config {config} --profile {configuration.profile} …"
    return f"acredita node join --config {config} --trust …"
