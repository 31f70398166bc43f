"""Mutants of a JSON document: small changes that a reader may or may not notice, drawn from a seed.

Every mutant is another JSON value than the document. Half of them change a list: repeat, reorder, drop, wrap, unwrap.
"""

import copy
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

Json = Any
Steps = tuple[str | int, ...]
Change = Callable[[Random, Json], Json]

_TRIES: Final = 50


@dataclass(frozen=True)
class Mutant:
    """A changed document, the place of the change, and what was done there."""

    document: Json
    place: Steps
    change: str

    @property
    def pointer(self) -> str:
        """The place, with a star for every index of a list and every hash in a key."""
        parts = ("*" if isinstance(part, int) or part.startswith("0x") else part for part in self.place)
        return "".join(f"/{part}" for part in parts)


def mutants(document: Json, random: Random) -> Iterator[Mutant]:
    """Yield mutants without end."""
    places = list(_places(document, ()))
    lists = [place for place in places if isinstance(_at(document, place), list)]
    while True:
        place = random.choice(lists if lists and random.random() < 0.5 else places)
        yield _mutant(document, place, random)


def list_mutants(document: Json, random: Random) -> Iterator[Mutant]:
    """Yield every change of every list of a document, and every wrap of a single value as a list."""
    for place in _places(document, ()):
        old = _at(document, place)
        changes = _changes_of(old) if isinstance(old, list) else {"wrap": _ANY["wrap"]}
        for name, change in changes.items():
            new = change(random, copy.deepcopy(old))
            if not same(new, old):
                yield Mutant(_put(copy.deepcopy(document), place, new), place, name)


def _mutant(document: Json, place: Steps, random: Random) -> Mutant:
    old = _at(document, place)
    for _ in range(_TRIES):
        name = random.choice(list(_changes_of(old)))
        changed = copy.deepcopy(document)
        new = _changes_of(old)[name](random, copy.deepcopy(old))
        if not same(new, old):
            return Mutant(_put(changed, place, new), place, name)
    return Mutant(_put(copy.deepcopy(document), place, [old]), place, "wrap")


def same(one: Json, other: Json) -> bool:
    """Return whether two JSON values are the same value, of the same types: 1, 1.0 and true are three."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


# --- changes of one value ---


def _repeat(random: Random, items: Json) -> Json:
    at = random.randrange(len(items)) if items else 0
    return items[: at + 1] + items[at:] if items else [{}]


def _move(random: Random, items: Json) -> Json:
    if items:
        items.insert(random.randrange(len(items)), items.pop(random.randrange(len(items))))
    return items


def _drop(random: Random, items: Json) -> Json:
    if items:
        del items[random.randrange(len(items))]
    return items


def _unwrap(random: Random, items: Json) -> Json:
    return items[0] if len(items) == 1 else items


def _flip(random: Random, text: Json) -> Json:
    if not text:
        return "x"
    at = random.randrange(len(text))
    return text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]


def _without_key(random: Random, members: Json) -> Json:
    if members:
        del members[random.choice(list(members))]
    return members


def _key_more(random: Random, members: Json) -> Json:
    return {**members, random.choice(["@id", "@type", "@index", "@language", "description", "id", "name"]): "urn:x:y"}


def _key_renamed(random: Random, members: Json) -> Json:
    old = random.choice(list(members)) if members else "x"
    new = random.choice([old.upper(), old + " ", "@" + old, "https://www.w3.org/2018/credentials#" + old])
    return {(new if key == old else key): value for key, value in members.items()}


def _member_for_another(random: Random, members: Json) -> Json:
    if len(members) > 1:
        one, other = random.sample(list(members), 2)
        members[one] = copy.deepcopy(members[other])
    return members


_ANY: Final[dict[str, Change]] = {
    "wrap": lambda _, value: [value],
    "wrap twice": lambda _, value: [[value]],
    "wrap as @set": lambda _, value: {"@set": [value]},
    "wrap as @list": lambda _, value: {"@list": [value]},
    "wrap as @value": lambda _, value: {"@value": value},
    "wrap as @id": lambda _, value: {"@id": value},
    "language map": lambda _, value: {"es": value},
    "null": lambda _, value: None,
    "empty": lambda _, value: type(value)(),
}
_LIST: Final[dict[str, Change]] = {
    "repeat": _repeat,
    "repeat all": lambda _, items: items * 2,
    "move": _move,
    "reverse": lambda _, items: items[::-1],
    "drop": _drop,
    "unwrap": _unwrap,
    "as numbered members": lambda _, items: {str(place): item for place, item in enumerate(items)},
}
_TEXT: Final[dict[str, Change]] = {
    "flip a bit": _flip,
    "upper case": lambda _, text: text.upper(),
    "lower case": lambda _, text: text.lower(),
    "blank after": lambda _, text: text + " ",
    "blank before": lambda _, text: " " + text,
    "slash after": lambda _, text: text + "/",
    "decomposed": lambda _, text: unicodedata.normalize("NFD", text),
    "zero-width space": lambda _, text: text + "\u200b",
    "zero after": lambda _, text: text + "0",
    "fraction": lambda _, text: text.replace("Z", ".000Z"),
    "offset": lambda _, text: text.replace("Z", "+00:00"),
    "escaped": lambda _, text: text.replace(":", "%3A"),
    "number": lambda _, text: float(text) if text.isdecimal() and len(text) < 16 else text,
}
_NUMBER: Final[dict[str, Change]] = {
    "one more": lambda _, number: number + 1,
    "one less": lambda _, number: number - 1,
    "float": lambda _, number: float(number) if abs(number) < 2**53 else number,
    "text": lambda _, number: str(number),
    "negative": lambda _, number: -number,
}
_OBJECT: Final[dict[str, Change]] = {
    "a key less": _without_key,
    "a key more": _key_more,
    "a key renamed": _key_renamed,
    "a member for another": _member_for_another,
    "members reversed": lambda _, members: dict(reversed(members.items())),
}


def _changes_of(value: Json) -> dict[str, Change]:
    if isinstance(value, bool):
        return {**_ANY, "other": lambda _, flag: not flag, "text": lambda _, flag: str(flag).lower()}
    if isinstance(value, list):
        return {**_ANY, **_LIST}
    if isinstance(value, str):
        return {**_ANY, **_TEXT}
    if isinstance(value, dict):
        return {**_ANY, **_OBJECT}
    return {**_ANY, **_NUMBER}


# --- places ---


def _places(value: Json, path: Steps) -> Iterator[Steps]:
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in members:
        yield from _places(child, (*path, key))


def _at(document: Json, place: Steps) -> Json:
    for part in place:
        document = document[part]
    return document


def _put(document: Json, place: Steps, value: Json) -> Json:
    if not place:
        return value
    _at(document, place[:-1])[place[-1]] = value
    return document
