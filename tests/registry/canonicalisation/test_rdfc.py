"""RDFC-1.0: W3C's whole suite, escapes, ties between blank nodes, and a poison graph stopped by the budget."""

import json
import random
import re
from pathlib import Path

import pytest
from acredita.registry.canonicalisation.rdfc import (
    MAX_WORK,
    XSD_STRING,
    DatasetRefused,
    HashName,
    Quad,
    canonical_labels,
    canonicalise,
    iri,
    literal,
)

_TERM = r'<(?P<{0}i>[^>]*)>|(?P<{0}b>_:[^\s<>"]+?)(?=\s)'
_LITERAL = r'"(?P<text>(?:[^"\\]|\\.)*)"(?:\^\^<(?P<datatype>[^>]*)>|@(?P<language>[A-Za-z0-9-]+))?'
_QUAD = re.compile(
    rf"\s*(?:{_TERM.format('s')})\s*<(?P<p>[^>]*)>\s*(?:{_TERM.format('o')}|{_LITERAL})\s*(?:{_TERM.format('g')})?\s*\."
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_NAMED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _NAMED.get(m[3], m[3]), text)


def read_nquads(text: str) -> list[Quad]:
    """Return the quads of an N-Quads text in canonical spelling."""
    quads: list[Quad] = []
    for line in text.split("\n"):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _QUAD.match(line)
        assert match, line

        def term(name: str, found: re.Match[str] = match) -> str:
            blank, value = found[f"{name}b"], found[f"{name}i"]
            return blank or ("" if value is None else iri(unescaped(value)))

        object_ = term("o")
        if match["text"] is not None:
            datatype = unescaped(match["datatype"]) if match["datatype"] else XSD_STRING
            object_ = literal(unescaped(match["text"]), datatype, match["language"] or "")
        quads.append((term("s"), iri(unescaped(match["p"])), object_, term("g")))
    return quads


def test_w3c_suite(published: Path) -> None:
    folder = published / "w3c-rdf-canon" / "tests"
    entries = json.loads((folder / "manifest.jsonld").read_text(encoding="utf-8"))["entries"]
    done = {"rdfc:RDFC10EvalTest": 0, "rdfc:RDFC10MapTest": 0, "rdfc:RDFC10NegativeEvalTest": 0}
    for entry in entries:
        quads = read_nquads((folder / entry["action"]).read_text(encoding="utf-8"))
        name: HashName = "sha384" if entry.get("hashAlgorithm") == "SHA384" else "sha256"
        done[entry["type"]] += 1
        if entry["type"] == "rdfc:RDFC10NegativeEvalTest":
            with pytest.raises(DatasetRefused):
                canonicalise(quads, hash_name=name)
        elif entry["type"] == "rdfc:RDFC10EvalTest":
            assert canonicalise(quads, hash_name=name) == (folder / entry["result"]).read_bytes(), entry["id"]
        else:
            labels = {k[2:]: v[2:] for k, v in canonical_labels(set(quads), hash_name=name).items()}
            assert labels == json.loads((folder / entry["result"]).read_text()), entry["id"]
    assert done == {"rdfc:RDFC10EvalTest": 64, "rdfc:RDFC10MapTest": 21, "rdfc:RDFC10NegativeEvalTest": 1}


def poison(size: int) -> list[Quad]:
    """Link every blank node to every other: all alike, in size! orders."""
    nodes = [f"_:n{i}" for i in range(size)]
    return [(a, "<urn:p>", b, "") for a in nodes for b in nodes if a != b]


@pytest.mark.parametrize("size", [8, 10, 40])
def test_poison_is_refused(size: int) -> None:
    with pytest.raises(DatasetRefused):
        canonicalise(poison(size))


def ring(size: int) -> list[Quad]:
    """Return alike nodes in a ring."""
    return [(f"_:n{i}", "<urn:p>", f"_:n{(i + 1) % size}", "") for i in range(size)]


def two_stars(size: int) -> list[Quad]:
    """Return many alike nodes between the same two."""
    return [(hub, "<urn:p>", f"_:n{i}", "") for i in range(size) for hub in ("_:s", "_:t")]


@pytest.mark.parametrize("quads", [ring(2_000), ring(20_000), two_stars(100), two_stars(5_000)])
def test_long_walks_and_wide_nodes_are_refused(quads: list[Quad]) -> None:
    with pytest.raises(DatasetRefused):
        canonicalise(quads)


def test_lists_of_equal_values_are_named() -> None:
    for size in (2, 7, 30):
        cells = [f"_:cell{i}" for i in range(size)]
        quads: list[Quad] = [("<urn:s>", "<urn:list>", cells[0], "")]
        for cell, following in zip(cells, [*cells[1:], "<urn:nil>"], strict=True):
            quads += [(cell, "<urn:first>", '"a"', ""), (cell, "<urn:rest>", following, "")]
        assert canonicalise(quads) == canonicalise(list(reversed(quads)))


def test_budget_counts_work_not_time() -> None:
    with pytest.raises(DatasetRefused):
        canonicalise(poison(4), max_work=10)
    assert canonicalise(poison(4), max_work=MAX_WORK).count(b"\n") == 12


def test_labels_do_not_depend_on_names_or_order() -> None:
    generator = random.Random(9162)
    for _ in range(60):
        nodes = [f"_:n{i}" for i in range(5)]
        quads: list[Quad] = [
            (
                generator.choice(nodes),
                f"<urn:p{generator.randrange(2)}>",
                generator.choice([*nodes, '"a"', "<urn:o>"]),
                "",
            )
            for _ in range(generator.randrange(1, 12))
        ]
        names = dict(zip(nodes, generator.sample([f"_:x{i}" for i in range(50)], 5), strict=True))
        renamed = [tuple(names.get(term, term) for term in quad) for quad in quads]
        generator.shuffle(renamed)
        assert canonicalise(quads) == canonicalise([(s, p, o, g) for s, p, o, g in renamed])


def test_repeated_quads_are_one() -> None:
    assert canonicalise([("_:a", "<urn:p>", '"x"', "")] * 3) == b'_:c14n0 <urn:p> "x" .\n'


def test_literal_escapes() -> None:
    # RDFC-1.0 5: seven names, \u with capitals for other control characters, nothing else escaped
    assert literal('\b\t\n\f\r"\\') == '"\\b\\t\\n\\f\\r\\"\\\\"'
    assert literal("\x00\x0b\x1f\x7f") == '"\\u0000\\u000B\\u001F\\u007F"'
    assert literal("ñ\x80\u2028\U0001f600") == '"ñ\x80\u2028\U0001f600"'
    assert literal("x", language="es") == '"x"@es'
    assert literal("x", "urn:d") == '"x"^^<urn:d>'
