"""Turn a JSON-LD document into the bytes that are signed: one function for signing and for verifying.

`canonical_nquads` is safe mode. A value that another library would lose, guess or read otherwise on the way to RDF is
refused with a pointer. The fast path is the compiled walk, which knows only pinned contexts and plain shapes. The slow
path is pyld's expansion, for everything else. Both end in the same RDFC-1.0. The slow path can be called by itself: it
is the oracle of the fast path in tests, and checks each credential again before release.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

from acredita.registry.canonicalisation import rdfc
from acredita.registry.canonicalisation.budget import FORM_BYTES, OperationBudget, current_budget
from acredita.registry.canonicalisation.compiled_expansion import CompiledWalkUnavailable, walked_quads
from acredita.registry.canonicalisation.contexts import ContextSet, bundled_contexts
from acredita.registry.canonicalisation.pyld_expansion import expanded_quads
from acredita.registry.canonicalisation.rdfc import HashName
from acredita.registry.canonicalisation.safe_values import CanonicalFormRefused, refuse_unsafe
from acredita.registry.codes import Code

__all__ = ["CanonicalFormRefused", "canonical_nquads", "canonical_nquads_slow", "statements"]


MAX_FORM_BYTES: Final = 16 << 20
"""Bytes of one canonical form. A credential of ours has 20 KB."""
MAX_PREDICATE: Final = 2_048
"""Characters of a predicate, which is hashed for each step of RDFC-1.0 between blank nodes; `<` and `>` are counted."""


def canonical_nquads(
    document: Mapping[str, Any],
    *,
    contexts: ContextSet | None = None,
    hash_name: HashName = "sha256",
    budget: OperationBudget | None = None,
) -> bytes:
    """Return the canonical N-Quads of a document. Raises CanonicalFormRefused.

    `budget`: None for that of the running request.
    """
    allowed = budget or current_budget()
    return _canonical(statements(document, contexts=contexts, budget=allowed), hash_name, allowed)


def statements(
    document: Mapping[str, Any], *, contexts: ContextSet | None = None, budget: OperationBudget | None = None
) -> list[rdfc.Quad]:
    """Return the quads of a document before its blank nodes are renamed. Raises CanonicalFormRefused."""
    known, allowed = contexts or bundled_contexts(), budget or current_budget()
    try:
        return walked_quads(document, known, allowed)
    except CompiledWalkUnavailable:
        return _expanded(document, known, allowed)


def canonical_nquads_slow(
    document: Mapping[str, Any],
    *,
    contexts: ContextSet | None = None,
    hash_name: HashName = "sha256",
    budget: OperationBudget | None = None,
) -> bytes:
    """Return the same bytes as `canonical_nquads`, by the slow path alone. Raises CanonicalFormRefused."""
    allowed = budget or current_budget()
    return _canonical(_expanded(document, contexts or bundled_contexts(), allowed), hash_name, allowed)


def _expanded(document: Mapping[str, Any], contexts: ContextSet, budget: OperationBudget) -> list[rdfc.Quad]:
    size = refuse_unsafe(document, contexts)
    budget.spend_document(size.values, size.types)
    return expanded_quads(document, contexts, budget if size.has_inline_context else None)


def _canonical(quads: list[rdfc.Quad], hash_name: HashName, budget: OperationBudget) -> bytes:
    if not quads:
        raise CanonicalFormRefused("", Code.NOTHING_SIGNED, "no statement is left of the document")
    _check_size(quads)
    try:
        form = rdfc.canonicalise(quads, hash_name=hash_name, spend=budget.spend)
    except rdfc.DatasetRefused as error:
        raise CanonicalFormRefused("", Code.GRAPH_TOO_COMPLEX, str(error)) from error
    budget.spend(len(form) // FORM_BYTES)
    return form


def _check_size(quads: list[rdfc.Quad]) -> None:
    """Refuse quads that repeat long terms: one long id may stand in thousands of them, and be hashed for each.

    The names of blank nodes are shorter here than in the canonical form, so nothing shorter than the limit is refused.
    """
    if sum(map(len, chain.from_iterable(quads))) > MAX_FORM_BYTES:
        raise CanonicalFormRefused("", Code.DOCUMENT_TOO_LARGE, f"at most {MAX_FORM_BYTES} bytes of canonical form")
    if max(len(quad[1]) for quad in quads) > MAX_PREDICATE:
        raise CanonicalFormRefused(
            "", Code.DOCUMENT_TOO_LARGE, f"at most {MAX_PREDICATE} characters of a property's IRI"
        )
