"""Ask at the terminal for what `node init` was not told. A wrong answer is said to be wrong, and the question comes again."""

import os
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import typer
from acredita.anchoring.types import FormatRefused
from acredita.cli.bodies.init_answers import InitAnswers
from acredita.cli.bodies.yes_or_no import agrees
from acredita.cli.exit_codes import ArgumentRefused
from acredita.cli.spanish.sentences import said
from acredita.node.administration.init import check_name, check_profile, check_zone, did_web_of
from acredita.node.administration.node_role import NodeRole
from acredita.node.administration.public_address import parse_address
from acredita.node.config import ConfigurationError, read_endpoint
from acredita.node.verification.language import Language
from acredita.registry.acts.shapes import Text
from acredita.registry.credentials.days import DEFAULT_ZONE
from acredita.registry.keys.passphrase import PassphraseRefused, from_file

T = TypeVar("T")

PASSPHRASE_BYTES: Final = 32
_ROLES: Final = {
    NodeRole.INSTITUTION: Text(
        "institution: issues, on a chain of several parties", "institución: emite, en una cadena de varias partes"
    ),
    NodeRole.AUTHORITY: Text(
        "authority: publishes the registry; keeps no key", "autoridad: publica el registro; no guarda ninguna clave"
    ),
    NodeRole.SINGLE_OPERATOR: Text(
        "single operator: a school or a trial, with a chain of its own",
        "un solo operador: una escuela o una prueba, con una cadena propia",
    ),
    NodeRole.MIRROR: Text(
        "mirror: copies and serves what others publish", "espejo: copia y sirve lo que otros publican"
    ),
}
_KEY: Final = "did:key"


def ask_missing(answers: InitAnswers, data: Path, lang: Language) -> InitAnswers:
    """Ask for each answer that is missing, in the order in which one follows from another."""
    role = answers.role or _role(lang)
    answers = replace(answers, role=role)
    if role.has_institution:
        answers = _institution(answers, lang)
    answers = _address(answers, lang)
    if role.has_institution and answers.timezone is None:
        question = Text("Time zone of its days", "Zona horaria de sus días")
        answers = replace(answers, timezone=_ask(question, _checked(check_zone), lang, DEFAULT_ZONE))
    if role is not NodeRole.SINGLE_OPERATOR:
        answers = _endpoint(answers, lang)
    if role.has_institution and answers.passphrase_file is None:
        answers = _passphrase_file(answers, data, lang)
    return answers


def make_passphrase(path: Path) -> None:
    """Write a file of mode 0600 with a random passphrase. Raises OSError for one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(PASSPHRASE_BYTES) + "\n")


def _role(lang: Language) -> NodeRole:
    roles = list(_ROLES)
    typer.echo(Text("What is this node for?", "¿Para qué es este nodo?").said(lang), err=True)
    for number, role in enumerate(roles, 1):
        typer.echo(f"  {number}  {_ROLES[role].said(lang)}", err=True)

    def read(answer: str) -> NodeRole:
        if answer not in [str(number) for number in range(1, len(roles) + 1)]:
            raise FormatRefused(answer, "a number from 1 to 4 expected")
        return roles[int(answer) - 1]

    return _ask(Text("Number", "Número"), read, lang)


def _institution(answers: InitAnswers, lang: Language) -> InitAnswers:
    if answers.name is None:
        name = _ask(Text("Name of the institution", "Nombre de la institución"), _checked(check_name), lang)
        answers = replace(answers, name=name)
    if answers.profile is None:
        question = Text("Short name, for commands and routes", "Nombre corto, para comandos y rutas")
        profile = _ask(question, _checked(check_profile), lang, _short(str(answers.name)))
        answers = replace(answers, profile=profile)
    return answers


def _address(answers: InitAnswers, lang: Language) -> InitAnswers:
    """Ask for the public address, say what keeps others from it, and ask for the DID."""
    if answers.base is None and not answers.did_web:
        question = Text("Public address, as https://nodo.example", "Dirección pública, como https://nodo.example")
        answers = replace(answers, base=_ask(question, lambda text: parse_address(text, "URL").text, lang))
    shortcoming = answers.address().shortcoming()
    if shortcoming is not None:
        typer.echo(said(shortcoming, lang), err=True)
    if answers.did_web or answers.did_key or answers.role is NodeRole.MIRROR:
        return answers
    return _did(answers, lang)


def _did(answers: InitAnswers, lang: Language) -> InitAnswers:
    question = Text(
        "DID: host of a did:web as nodo.example/ut, or did:key, whose key can never be rotated",
        "DID: host de un did:web como nodo.example/ut, o did:key, cuya clave nunca se puede rotar",
    )
    if answers.role is NodeRole.AUTHORITY:
        question = Text("Host of the authority's did:web", "Host del did:web de la autoridad")

    def read(text: str) -> str:
        place = text.removeprefix("did:web:").replace(":", "/") if text.startswith("did:web:") else text
        if text != _KEY or answers.role is NodeRole.AUTHORITY:
            did_web_of(place)
        return place

    proposed = answers.address().did_web().removeprefix("did:web:").replace(":", "/").replace("%3A", ":")
    place = _ask(question, read, lang, proposed or (None if answers.role is NodeRole.AUTHORITY else _KEY))
    return replace(answers, did_key=True) if place == _KEY else replace(answers, did_web=place)


def _endpoint(answers: InitAnswers, lang: Language) -> InitAnswers:
    if not answers.rpc:
        question = Text("Endpoint of the chain (empty: later)", "Servidor de la cadena (vacío: después)")
        rpc = _ask(question, lambda text: text and read_endpoint(text).url, lang, "")
        answers = replace(answers, rpc=(rpc,) if rpc else ())
    if answers.rpc and answers.depth is None:
        question = Text(
            "Blocks that must follow a transaction: 1 on QBFT, 0 on a development chain",
            "Bloques que deben seguir a una transacción: 1 en QBFT, 0 en una cadena de desarrollo",
        )
        answers = replace(answers, depth=_ask(question, _number, lang, "1"))
    return answers


def _passphrase_file(answers: InitAnswers, data: Path, lang: Language) -> InitAnswers:
    """Ask for the passphrase's file, and whether one that is not there is to be made."""
    wanted = Text("Make it, with a random passphrase?", "¿Crearlo, con una frase al azar?")

    def read(text: str) -> InitAnswers:
        path = Path(text)
        if path.exists():
            from_file(path)
            return replace(answers, passphrase_file=path)
        if not agrees(wanted, lang):
            raise FormatRefused(text, "the file with the keystores' passphrase expected")
        return replace(answers, passphrase_file=path, makes_passphrase=True)

    question = Text(
        "File with the keystores' passphrase", "Archivo con la frase de contraseña de los almacenes de claves"
    )
    return _ask(question, read, lang, str(data.with_name(f"{data.name}.passphrase")))


def _ask(question: Text, read: Callable[[str], T], lang: Language, default: str | None = None) -> T:
    """Ask until the answer can be read, or the terminal ends."""
    while True:
        answer = typer.prompt(question.said(lang), default=default, show_default=bool(default), err=True)
        try:
            return read(str(answer).strip())
        except (FormatRefused, ConfigurationError, PassphraseRefused, ArgumentRefused) as error:
            typer.echo(f"  {said(str(error), lang)}", err=True)


def _checked(check: Callable[[str], None]) -> Callable[[str], str]:
    def read(text: str) -> str:
        check(text)
        return text

    return read


def _number(text: str) -> int:
    if re.fullmatch("[0-9]{1,4}", text) is None:
        raise FormatRefused(text, "a whole number expected")
    return int(text)


def _short(name: str) -> str:
    """Return a short name made from a name: its first word without accents."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall("[a-z0-9]+", plain)
    return "-".join(words)[:40].strip("-") or "institucion"
