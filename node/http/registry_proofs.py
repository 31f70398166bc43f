"""Answer questions about the registry with proof: `acredita-registry-proof/1`, for whoever does not believe this node.

The proof is made at the newest block that the trust file vouches for. On a development chain that is one that the file
names, so it may be older than the head. Records and trie nodes are kept by block (`known_proofs`); the answer is made anew
for each moment that is asked about. `request_rate` bounds the requests of each address.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Literal

from acredita.anchoring.receipts import read_time
from acredita.anchoring.types import FormatRefused, IssuerId
from acredita.node.http.address_rate import within_rate
from acredita.node.http.dependencies import CurrentNode, Node
from acredita.node.http.problems import RequestRefused
from acredita.node.ledger.view import NodeObserver
from acredita.registry.codes import Code
from acredita.registry.evidence.build_bundle import EvidenceUnavailable
from acredita.registry.evidence.build_registry_proof import answer_with_proof, provable_block
from acredita.registry.evidence.registry_proof import (
    AnswerKind,
    RegistryProofRefused,
    RegistryQuestion,
    write_registry_proof,
)
from acredita.registry.ledger_facts.facts import Missing
from fastapi import Depends, Header, Query, Request, Response

Proof = Annotated[Literal["1"] | None, Query(description="1: the answer with its proof.")]
At = Annotated[str | None, Query(max_length=32, description="A moment of the past, RFC 3339 in UTC; with `proof=1`.")]
Owner = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$", description="The issuer of the version; with `proof=1`.")]


@dataclass(frozen=True)
class SoughtProof:
    """The part of a request that asks for a proof."""

    proof: bool
    at: int | None
    known_etag: str

    def question(self, kind: AnswerKind, subject: bytes, owner: IssuerId | None = None) -> RegistryQuestion:
        """Return the question about a subject."""
        return RegistryQuestion(kind, subject, owner, self.at)


async def sought_proof(proof: Proof = None, at: At = None, if_none_match: Annotated[str, Header()] = "") -> SoughtProof:
    """Read the parameters of a proof. A coroutine, because it needs no thread. Raises RequestRefused (400)."""
    if at is None:
        return SoughtProof(proof is not None, None, if_none_match)
    if proof is None:
        raise only_with_proof("at")
    try:
        return SoughtProof(True, read_time(at, "at"), if_none_match)
    except FormatRefused as error:
        raise RequestRefused(400, Code.TIME_MALFORMED, f"at: {error.rule}") from None


Sought = Annotated[SoughtProof, Depends(sought_proof)]


def only_with_proof(name: str) -> RequestRefused:
    """Return the problem of a parameter that belongs to a proof, in a request for none."""
    return RequestRefused(400, Code.PARAMETER_MALFORMED, f"{name}: only with proof=1")


async def proof_rate(request: Request, node: CurrentNode, sought: Sought) -> None:
    """Count a request for a proof like one for records. Raises RequestRefused (429)."""
    if sought.proof:
        await within_rate(request, node)


def proven_response(node: Node, observer: NodeObserver, question: RegistryQuestion, sought: SoughtProof) -> Response:
    """Return the answer with its proof. Raises RequestRefused: 400 for a moment after the block, 503 without a proof."""
    trust = node.dependencies.trust
    if isinstance(trust, Missing):
        raise RequestRefused(503, trust.code, "there is no trust file to prove under")
    try:
        block = provable_block(observer, trust)
        if question.at is not None and question.at > block.time:
            raise RequestRefused(400, Code.PROOF_NOT_PINNED, "at: after the newest block that can be proven")
        known = node.known_proofs.of(observer, trust, question, block)
        body = write_registry_proof(answer_with_proof(known, trust, question, node.given_out))
    except EvidenceUnavailable as error:
        raise RequestRefused(503, error.code, "the answer cannot be proven now") from error
    except RegistryProofRefused as error:
        raise RequestRefused(503, error.code, "the proof is larger than a reader takes") from error
    headers = {"Cache-Control": "public, no-cache", "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
    if headers["ETag"] in sought.known_etag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
