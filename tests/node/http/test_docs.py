"""docs/api.md names every route and every code a problem can have, and nothing that is not there."""

import re
from pathlib import Path

import pytest
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.node.storage.database import LeaseLostError, StorageUnavailable
from acredita.registry.codes import CODES

from tests.node.http.two_institution_node import Client

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
# The VC-API has a page of its own, and what the form page says it says to people.
SOURCES = [
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "node" / "http").glob("*.py"))
    if not path.name.startswith("vc_api_") and path.name != "verify_page.py"
]
ELSEWHERE = re.compile(r"^/(issuers|credentials|presentations)\b")


def named_routes() -> set[str]:
    """Return every path in the page's tables, with `{}` for variable parts."""
    found = set()
    for line in PAGE.splitlines():
        for path in (
            re.findall(r"`(?:[A-Z]+ )?(/[^`?#…]*)[^`]*`", line.split(" | ")[0]) if line.startswith("| `") else []
        ):
            found.add(re.sub(r"<[^>]*>", "{}", path).rstrip("/"))
    return found


def test_every_route_is_named_and_no_other(client: Client) -> None:
    document = client.get("/openapi.json").json()
    served = {re.sub(r"\{[^}]*\}", "{}", path) for path in document["paths"] if not ELSEWHERE.match(path)}
    served = {path.removesuffix("/{}") if "/tile/" in path else path for path in served}
    unlisted = {"/verificar", "/{}/did.json", "/openapi.json"}  # pages and the document itself are not operations
    assert named_routes() == served | unlisted


def codes_of_problems() -> set[str]:
    """Return every code in the sources, as text or as a member of Code, and those of the errors that become problems."""
    named = re.findall(r'RequestRefused\(\s*\d{3},\s*(?:Code\.|")([A-Z_]+)', "".join(SOURCES))
    return {*named, LedgerUnavailable.code, StorageUnavailable.code, LeaseLostError.code}


@pytest.mark.parametrize("code", sorted(codes_of_problems()))
def test_every_code_of_a_problem_is_explained(code: str) -> None:
    assert f"`{code}`" in PAGE
    assert code in CODES


def test_every_metric_is_explained(client: Client) -> None:
    text = client.get("/metrics").text
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE acredita_")}
    names -= {name for name in names if name.endswith("_created")}
    assert names
    assert all(name in PAGE for name in names)
