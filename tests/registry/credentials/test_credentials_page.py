"""docs/credentials.md against the code: every element stands where the page says it does."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acredita.node.demo.documents import DemoDocuments

PAGE = (Path(__file__).parents[3] / "docs" / "credentials.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| (?:`(/[^`]*)`)? ?\| `([A/][^`]*)` \| [^|]* \|$", PAGE, re.MULTILINE)

Build = Callable[..., dict[str, Any]]


def at(document: Any, pointer: str) -> Any:
    for part in pointer.strip("/").split("/"):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


@pytest.mark.parametrize(("element", "source", "place"), ROWS, ids=[row[0] for row in ROWS])
def test_an_element_stands_where_the_page_says(
    demo: DemoDocuments, unsigned: Build, element: str, source: str, place: str
) -> None:
    programme = demo.programme("ind40-fundamentos")
    credential = unsigned(programme)
    found = at(credential, place.replace("A/", "/credentialSubject/achievement/", 1) if place[0] == "A" else place)
    assert found or found == 0
    if source:
        assert str(found) == str(at(programme.document, source))


def test_the_page_names_all_fifteen_elements() -> None:
    letters = {row[0].split()[0] for row in ROWS}
    assert {f"1{letter}" for letter in "abcdefghijk"} | {f"2{letter}" for letter in "abcd"} <= letters
    assert len(ROWS) == 28


def test_the_page_names_every_code_of_its_modules() -> None:
    folder = Path(__file__).parents[3] / "registry"
    modules = (
        "programmes/programme",
        "programmes/scope",
        *(f"credentials/{name}" for name in ("parse", "shapes", "build", "cohort_file", "cohort_rows", "identifier")),
    )
    sources = "".join((folder / f"{name}.py").read_text(encoding="utf-8") for name in modules)
    codes = set(
        re.findall(r"\bCode\.((?:PROGRAMME|PROFILE|FILE|COLUMN|ROW|RESULT|JSONLD|CONTEXT|PROOF)_[A-Z_0-9]+)", sources)
    )
    assert len(codes) > 25
    assert {code for code in codes if code not in PAGE} == set()
