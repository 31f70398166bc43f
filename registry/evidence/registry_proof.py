"""An answer of the registry with its proof, `acredita-registry-proof/1`: one JSON object, at most 1 MiB.

It holds the question, the answer, the plain records that the answer is made from, the scope or programme documents it
takes names from, and the header and trie nodes of one block. Nothing in it is believed: `proven_answer` checks it against
a trust file. Keys: docs/protocol.md. Reading proves nothing, opens no socket and uses no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from acredita.anchoring.receipts import read_time, time_text
from acredita.anchoring.state_proof import MAX_HEADER_BYTES, MAX_NODE_BYTES, MAX_NODES
from acredita.anchoring.types import HASH_BYTES, Digest, FormatRefused, IssuerId, from_hex, to_hex
from acredita.contracts import bindings
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.evidence.bundle import MAX_PARTIES, MAX_RECORD_BYTES, MAX_RECORDS
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.json_documents.members import data_of, list_of, object_of
from acredita.registry.json_documents.strict import JsonRefused, read_json

FORMAT: Final = "acredita-registry-proof/1"
MAX_PROOF_BYTES: Final = 1024 * 1024
MAX_DOCUMENTS: Final = 3  # the scopes in force then, then as known now, and now


class RegistryProofRefused(CodedError[Code]):
    """A file that is no readable answer with proof; `code` is stable."""


class AnswerKind(StrEnum):
    """The subjects that an answer is about."""

    ISSUER = "issuer"
    PROGRAMME = "programme"


@dataclass(frozen=True)
class RegistryQuestion:
    """The question of an answer. `subject`: an issuer, or the digest of a programme document, which `owner` submitted.

    `at`: a moment of the past that is asked about as well, Unix seconds.
    """

    kind: AnswerKind
    subject: bytes
    owner: IssuerId | None = None
    at: int | None = None

    @property
    def contract(self) -> str:
        """The contract whose records answer, by its name in the trust file."""
        return "issuer_registry" if self.kind is AnswerKind.ISSUER else "programme_registry"

    @property
    def key(self) -> bytes:
        """The subject under which the contract records: the issuer, or the owner's version."""
        if self.kind is AnswerKind.ISSUER or self.owner is None:
            return self.subject
        return bindings.programme_version(self.owner, Digest(self.subject))


@dataclass(frozen=True)
class RegistryProof:
    """An answer with proof as read. `records`: subject → records (topic 0 ‖ subject ‖ data), oldest first.

    `header`, `nodes`: of the block that the answer is as of.
    """

    question: RegistryQuestion
    answer: Mapping[str, object]
    records: Mapping[bytes, tuple[bytes, ...]]
    documents: tuple[object, ...]
    header: bytes
    nodes: tuple[bytes, ...]


def write_registry_proof(proof: RegistryProof) -> bytes:
    """Write the file's bytes, the same for the same proof. Raises RegistryProofRefused beyond a limit."""
    written = jcs(proof_document(proof))
    try:
        read_registry_proof(written)
    except RegistryProofRefused as error:
        raise RegistryProofRefused(Code.EVIDENCE_TOO_LARGE, f"beyond what a reader takes: {error}") from error
    return written


def read_registry_proof(data: bytes) -> RegistryProof:
    """Read an answer with proof from a file's bytes. Raises RegistryProofRefused."""
    try:
        return _parse(read_json(data, max_bytes=MAX_PROOF_BYTES))
    except JsonRefused as error:
        raise RegistryProofRefused(error.code, str(error)) from error
    except FormatRefused as error:
        raise RegistryProofRefused(Code.EVIDENCE_MALFORMED, str(error)) from error


def proof_document(proof: RegistryProof) -> dict[str, Any]:
    """Return the JSON object of an answer with proof."""
    return {
        "format": FORMAT,
        "question": question_document(proof.question),
        "answer": dict(proof.answer),
        "records": {to_hex(subject): _hexes(records) for subject, records in proof.records.items()},
        "documents": list(proof.documents),
        "header": to_hex(proof.header),
        "nodes": _hexes(proof.nodes),
    }


def question_document(question: RegistryQuestion) -> dict[str, str]:
    """Return the JSON object of a question."""
    document = {"kind": question.kind.value, "subject": to_hex(question.subject)}
    if question.owner is not None:
        document["owner"] = to_hex(question.owner)
    if question.at is not None:
        document["at"] = time_text(question.at)
    return document


def _hexes(values: tuple[bytes, ...]) -> list[str]:
    return [to_hex(value) for value in values]


# --- JSON in ---

_REQUIRED: Final = frozenset({"format", "question", "answer", "records", "documents", "header", "nodes"})


def _parse(document: object) -> RegistryProof:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FormatRefused("/format", f'"{FORMAT}" expected')
    body = object_of(document, "", _REQUIRED)
    answer = body["answer"]
    if not isinstance(answer, dict):
        raise FormatRefused("/answer", "an object expected")
    return RegistryProof(
        question=_question(body["question"]),
        answer=answer,
        records=_records(body["records"]),
        documents=tuple(list_of(body["documents"], "/documents", MAX_DOCUMENTS)),
        header=data_of(body["header"], "/header", MAX_HEADER_BYTES),
        nodes=_datas(body["nodes"], "/nodes", MAX_NODES, MAX_NODE_BYTES),
    )


def _question(value: object) -> RegistryQuestion:
    kinds = [kind for kind in AnswerKind if isinstance(value, dict) and value.get("kind") == kind.value]
    if not kinds:
        raise FormatRefused("/question/kind", '"issuer" or "programme" expected')
    owner = frozenset({"owner"}) if kinds[0] is AnswerKind.PROGRAMME else frozenset[str]()
    members = object_of(value, "/question", owner | {"kind", "subject"}, frozenset({"at"}))
    return RegistryQuestion(
        kind=kinds[0],
        subject=from_hex(members["subject"], HASH_BYTES, "/question/subject"),
        owner=IssuerId(from_hex(members["owner"], HASH_BYTES, "/question/owner")) if owner else None,
        at=read_time(members["at"], "/question/at") if "at" in members else None,
    )


def _records(value: object) -> dict[bytes, tuple[bytes, ...]]:
    if not isinstance(value, dict) or len(value) > MAX_PARTIES:
        raise FormatRefused("/records", f"an object of at most {MAX_PARTIES} subjects expected")
    return {
        from_hex(subject, HASH_BYTES, f"/records/{subject}"): _datas(
            records, f"/records/{subject}", MAX_RECORDS, MAX_RECORD_BYTES
        )
        for subject, records in value.items()
    }


def _datas(value: object, where: str, items: int, most: int) -> tuple[bytes, ...]:
    return tuple(data_of(item, f"{where}/{place}", most) for place, item in enumerate(list_of(value, where, items)))
