"""Compare the answers of a node's API with the ledger, at the block that each answer names.

An answer is not signed. One that differs from the ledger is a fault of the node that gave it, and says nothing of the
institution. A node that is behind the ledger's head is compared at its own block. One that is ahead of it, or silent, or
whose index is not whole, could not be compared. Of each kind of difference the first is kept.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.types import to_hex
from acredita.node.ledger.view import NodeObserver
from acredita.node.outbound.fetch import SourceUnavailable
from acredita.registry.codes import Code
from acredita.registry.evidence.registry_answer import (
    issuer_members,
    key_windows,
    programme_members,
    programme_timeline,
    timeline,
)
from acredita.registry.ledger_facts.histories import PartyHistory

MAX_PAGES: Final = 1_000
_OF_DOCUMENTS: Final = ("did", "name", "levels", "sectors", "id", "version", "title")  # a node may lack the document

Fetch = Callable[[str, str], bytes | None]
"""Path and query below the node's address → the body, None for a 404. Raises SourceUnavailable."""


@dataclass(frozen=True)
class AnswerFinding:
    """A difference, or a part that could not be compared. `command`: it shows the answer."""

    weight: Literal["divergence", "unknown"]
    code: Code
    kind: str
    where: str
    detail: str
    command: str


class AnswerUnavailable(Exception):
    """An answer that cannot be compared: missing, malformed, of another block than can be looked at."""


@dataclass
class NodeComparison:
    """The comparison of one node. `url`: its address; `observer`: the ledger at its head."""

    url: str
    fetch: Fetch
    observer: NodeObserver
    findings: list[AnswerFinding] = field(default_factory=list)
    _block: object = None  # of the list that was read last

    def run(self) -> list[AnswerFinding]:
        """Compare issuers, keys and programmes. Raises LedgerUnavailable."""
        for kind, path, rows in (
            ("issuers", "v1/issuers", self._compare_issuers),
            ("programmes", "v1/programmes", self._compare_programmes),
        ):
            try:
                rows(dict(self._listed(path, kind)))
            except (SourceUnavailable, AnswerUnavailable) as error:
                self._add("unknown", Code.NODE_NOT_COMPARED, kind, path, str(error))
        return self.findings

    def _listed(self, path: str, member: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield each row of a paged list by its name. Raises AnswerUnavailable where the list is not whole."""
        offset: int | None = 0
        for _ in range(MAX_PAGES):
            answer = self._answer(path, f"offset={offset}")
            rows = answer.get(member)
            if offset and answer.get("block") != self._block:
                raise AnswerUnavailable("a block came between two pages; ask again")
            self._block = answer.get("block")
            if answer.get("whole") is not True or not isinstance(rows, list):
                raise AnswerUnavailable("the node says that its list is not whole")
            for row in rows:
                yield self._name(row, member[:-1]), row
            offset = answer.get("next")
            if not isinstance(offset, int):
                return
        raise AnswerUnavailable(f"at most {MAX_PAGES} pages")

    def _name(self, row: object, member: str) -> str:
        if not isinstance(row, dict) or not isinstance(row.get(member), str):
            raise AnswerUnavailable(f"a row with {member} expected")
        return f"{row.get('owner', '')}{row[member]}"

    def _answer(self, path: str, query: str = "") -> Mapping[str, Any]:
        content = self.fetch(path, query)
        try:
            answer = None if content is None else json.loads(content)
        except ValueError as error:
            raise AnswerUnavailable("JSON expected") from error
        if not isinstance(answer, dict):
            raise AnswerUnavailable("an object expected")
        return answer

    def _at(self, answer: Mapping[str, Any]) -> NodeObserver:
        """Return the ledger at the block of an answer. Raises AnswerUnavailable, LedgerUnavailable."""
        number = answer.get("block")
        if not isinstance(number, int) or not 0 <= number <= self.observer.block.number:
            raise AnswerUnavailable(f"the node is at block {number}, the ledger at {self.observer.block.number}")
        if number == self.observer.block.number:
            return self.observer
        block = self.observer.ledger.block(number)
        if block is None:
            raise LedgerUnavailable(f"no block {number}")
        return replace(self.observer, block=block, asked_at=None)

    def _compare_issuers(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        head = self._at({"block": self._block})
        listed = {to_hex(subject): subject for subject in head.listed}
        self._compare_names("issuers", "v1/issuers", set(rows), set(listed))
        for name in sorted(rows.keys() & listed.keys()):
            path = f"v1/issuers/{listed[name].hex()}"
            answer = self._answer(path)
            at = self._at(answer)
            party = at.party(listed[name]) or PartyHistory(listed[name])
            stated = _without_documents(issuer_members(party, None, at.block.time))
            self._compare("issuers", path, stated, answer)
            self._compare("timelines", path, {"timeline": timeline(party)}, answer)
            self._compare("keys", path, {"keys": key_windows(party)}, answer)

    def _compare_programmes(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        head = self._at({"block": self._block})
        known = {f"{to_hex(owner)}{to_hex(document)}": (owner, document) for owner, document in head.versions}
        self._compare_names("programmes", "v1/programmes", set(rows), set(rows) & set(known))
        for name in sorted(rows.keys() & known.keys()):
            path = f"v1/programmes/{known[name][1].hex()}"
            answer = self._answer(path)
            at = self._at(answer)
            history = at.programme(*known[name])
            if history is not None and answer.get("owner") == to_hex(history.owner):
                stated = _without_documents(programme_members(history, None, at.block.time))
                self._compare("programmes", path, stated | {"timeline": programme_timeline(history)}, answer)

    def _compare_names(self, kind: str, path: str, answered: set[str], stated: set[str]) -> None:
        """Compare the names of a list with those of the ledger at its block."""
        for name in sorted(answered ^ stated):
            words = "is left out" if name in stated else "is not on the ledger"
            self._add("divergence", Code.NODE_ANSWER_DIFFERS, f"{kind} listed", path, f"{name} {words}")

    def _compare(self, kind: str, path: str, stated: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        for member, value in stated.items():
            if answer.get(member) != value:
                detail = f"{member}: the ledger at block {answer.get('block')} gives {json.dumps(value)}"
                self._add(
                    "divergence",
                    Code.NODE_ANSWER_DIFFERS,
                    kind,
                    path,
                    f"{detail}, the node {json.dumps(answer.get(member))}",
                )

    def _add(self, weight: Literal["divergence", "unknown"], code: Code, kind: str, path: str, detail: str) -> None:
        """Keep the first finding of a kind."""
        if not any((finding.weight, finding.kind) == (weight, kind) for finding in self.findings):
            where, command = f"{self.url}/{path}", f"curl {self.url}/{path}"
            self.findings.append(AnswerFinding(weight, code, kind, where, detail, command))


def _without_documents(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in _OF_DOCUMENTS}
