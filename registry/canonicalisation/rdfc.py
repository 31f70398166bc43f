"""Canonicalise RDF datasets by RDFC-1.0, under a work budget.

A quad is four strings already in canonical N-Quads spelling: subject, predicate, object, graph (empty for the default
graph). A term that begins with `_` is a blank node; `iri` and `literal` make the others. Blank nodes with equal hashes
are distinguished by walking their neighbours, which for a hostile graph never ends. The walk stops at `MAX_WORK` with
DatasetRefused.

Section numbers are those of the W3C Recommendation "RDF Dataset Canonicalization" of 21 May 2024.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import permutations
from typing import Literal

from acredita.registry.canonicalisation.pace import current_pace

Quad = tuple[str, str, str, str]
HashName = Literal["sha256", "sha384"]

MAX_WORK = 60_000
"""Quads read, nodes ordered and identifiers copied while distinguishing nodes with equal hashes; about 40 ms. W3C's
hardest positive cases take 22,680. 1EdTech's full Open Badge, a page of a credential with forty blank nodes, takes
20,308."""
MAX_WALK = 100
"""Nodes in a row that a walk may pass; each takes four frames of Python's stack."""

XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"

_BLANK = "_:"
# 5, canonical form: control characters, quote and backslash are escaped, everything else is unchanged.
_ESCAPED = re.compile('[\x00-\x1f"\\\\\x7f]')
_NAMED = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


class DatasetRefused(Exception):
    """The dataset's blank nodes are too alike to be distinguished within MAX_WORK."""


def iri(value: str) -> str:
    """Return an IRI as an N-Quads term. The caller has refused characters that N-Quads would have to escape."""
    return f"<{value}>"


def literal(value: str, datatype: str = XSD_STRING, language: str = "") -> str:
    """Return a literal in canonical N-Quads (RDFC-1.0 5)."""
    quoted = f'"{_ESCAPED.sub(_escape, value)}"'
    if language:
        return f"{quoted}@{language}"
    return quoted if datatype == XSD_STRING else f"{quoted}^^<{datatype}>"


def canonicalise(
    quads: Iterable[Quad],
    *,
    hash_name: HashName = "sha256",
    max_work: int = MAX_WORK,
    spend: Callable[[int], None] = lambda _: None,
) -> bytes:
    """Return the canonical N-Quads of a dataset: sorted lines, blank nodes renamed `_:c14n0`, `_:c14n1`, …

    `spend` is called with the operations of each step. Raises DatasetRefused.
    """
    dataset = set(quads)
    spend(len(dataset))
    labels = canonical_labels(dataset, hash_name=hash_name, max_work=max_work, spend=spend)
    return "".join(sorted(_line(quad, labels) for quad in dataset)).encode("utf-8")


def canonical_labels(
    dataset: Iterable[Quad],
    *,
    hash_name: HashName = "sha256",
    max_work: int = MAX_WORK,
    spend: Callable[[int], None] = lambda _: None,
) -> dict[str, str]:
    """Map each blank node to its canonical blank node (4.4.3). Raises DatasetRefused."""
    return _Canonicaliser(dataset, hash_name, max_work, spend).labels()


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _NAMED[character] if character in _NAMED else f"\\u{ord(character):04X}"


def _line(quad: Quad, labels: dict[str, str]) -> str:
    subject, predicate, object_, graph = quad
    subject, object_ = labels.get(subject, subject), labels.get(object_, object_)
    if not graph:
        return f"{subject} {predicate} {object_} .\n"
    return f"{subject} {predicate} {object_} {labels.get(graph, graph)} .\n"


class _IdentifierIssuer:
    """Labels, issued in the order of the requests (4.5)."""

    __slots__ = ("issued", "prefix")

    def __init__(self, prefix: str, issued: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued = issued if issued is not None else {}

    def issue(self, node: str) -> str:
        if node not in self.issued:
            self.issued[node] = f"{self.prefix}{len(self.issued)}"
        return self.issued[node]

    def copy(self) -> "_IdentifierIssuer":
        return _IdentifierIssuer(self.prefix, dict(self.issued))


class _Canonicaliser:
    """The state (4.2): the quads of each blank node, its hash, and the labels issued so far."""

    def __init__(
        self, dataset: Iterable[Quad], hash_name: HashName, max_work: int, spend: Callable[[int], None]
    ) -> None:
        self.hash = hashlib.sha256 if hash_name == "sha256" else hashlib.sha384
        self.work_left = max_work
        self.spend_of_request = spend
        self.pace = current_pace()
        self.walked = 0
        self.canonical = _IdentifierIssuer("_:c14n")
        self.quads_of: dict[str, list[Quad]] = {}
        for quad in dataset:
            subject, _, object_, graph = quad
            if subject[0] == "_":
                self.quads_of.setdefault(subject, []).append(quad)
            if object_[0] == "_" and object_ != subject:
                self.quads_of.setdefault(object_, []).append(quad)
            if graph and graph[0] == "_" and graph not in (subject, object_):
                self.quads_of.setdefault(graph, []).append(quad)
        self.first_degree = {node: self._first_degree(node) for node in self.quads_of}

    def labels(self) -> dict[str, str]:
        by_hash: dict[str, list[str]] = defaultdict(list)
        for node, digest in self.first_degree.items():
            by_hash[digest].append(node)
        shared: list[list[str]] = []
        for digest in sorted(by_hash):  # 4.4.3 step 4: unique hashes first
            if len(by_hash[digest]) == 1:
                self.canonical.issue(by_hash[digest][0])
            else:
                shared.append(by_hash[digest])
        for nodes in shared:  # step 5
            self._label_alike(nodes)
        return self.canonical.issued

    def _label_alike(self, nodes: Sequence[str]) -> None:
        results: list[tuple[str, _IdentifierIssuer]] = []
        for node in nodes:
            if node in self.canonical.issued:
                continue
            issuer = _IdentifierIssuer("_:b")
            issuer.issue(node)
            results.append(self._n_degree(node, issuer))
        for _, issuer in sorted(results, key=lambda result: result[0]):
            for node in issuer.issued:
                self.canonical.issue(node)

    def _digest(self, text: str) -> str:
        return self.hash(text.encode("utf-8")).hexdigest()

    def _first_degree(self, node: str) -> str:
        # 4.6: the node's quads with itself called _:a and every other blank node _:z
        lines = []
        for subject, predicate, object_, graph in self.quads_of[node]:
            if subject[0] == "_":
                subject = "_:a" if subject == node else "_:z"
            if object_[0] == "_":
                object_ = "_:a" if object_ == node else "_:z"
            if graph and graph[0] == "_":
                graph = "_:a" if graph == node else "_:z"
            lines.append(
                f"{subject} {predicate} {object_} {graph} .\n" if graph else f"{subject} {predicate} {object_} .\n"
            )
        lines.sort()
        return self._digest("".join(lines))

    def _related_hash(self, related: str, predicate: str, issuer: _IdentifierIssuer, position: str) -> str:
        # 4.7
        label = self.canonical.issued.get(related) or issuer.issued.get(related) or self.first_degree[related]
        return self._digest(f"{position}{predicate if position != 'g' else ''}{label}")

    def _related_groups(self, node: str, issuer: _IdentifierIssuer) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = defaultdict(list)
        for subject, predicate, object_, graph in self.quads_of[node]:
            for related, position in ((subject, "s"), (object_, "o"), (graph, "g")):
                if related.startswith(_BLANK) and related != node:
                    groups[self._related_hash(related, predicate, issuer, position)].append(related)
        return groups

    def _n_degree(self, node: str, issuer: _IdentifierIssuer) -> tuple[str, _IdentifierIssuer]:
        # 4.8
        self._spend(len(self.quads_of[node]))
        self.walked += 1
        if self.walked > MAX_WALK:
            raise DatasetRefused("too many blank nodes in a row are alike")
        groups = self._related_groups(node, issuer)
        parts: list[str] = []
        for digest in sorted(groups):
            chosen_path, issuer = self._shortest_path(groups[digest], issuer)
            parts += (digest, chosen_path)
        self.walked -= 1
        return self._digest("".join(parts)), issuer

    def _shortest_path(self, related: Sequence[str], issuer: _IdentifierIssuer) -> tuple[str, _IdentifierIssuer]:
        # 4.8.3 step 5: of all orderings the one whose path sorts first
        chosen = ""
        chosen_issuer = issuer
        for ordering in permutations(related):
            self._spend(len(issuer.issued))  # its copy, 5.4.1
            candidate = self._path(ordering, issuer.copy(), chosen)
            if candidate is not None and (not chosen or candidate[0] < chosen):
                chosen, chosen_issuer = candidate
        return chosen, chosen_issuer

    def _path(
        self, ordering: Sequence[str], issuer: _IdentifierIssuer, chosen: str
    ) -> tuple[str, _IdentifierIssuer] | None:
        self._spend(len(ordering))
        path = ""
        to_walk: list[str] = []
        for node in ordering:
            if node in self.canonical.issued:
                path += self.canonical.issued[node]
            else:
                if node not in issuer.issued:
                    to_walk.append(node)
                path += issuer.issue(node)
            if _longer_and_later(path, chosen):
                return None
        for node in to_walk:
            digest, walked = self._n_degree(node, issuer)
            path += f"{issuer.issue(node)}<{digest}>"
            issuer = walked
            if _longer_and_later(path, chosen):
                return None
        return path, issuer

    def _spend(self, units: int) -> None:
        self.spend_of_request(units)
        self.work_left -= units
        self.pace.step()
        if self.work_left < 0:
            raise DatasetRefused("blank nodes are too alike to be named within the work budget")


def _longer_and_later(path: str, chosen: str) -> bool:
    return bool(chosen) and len(path) >= len(chosen) and path > chosen
