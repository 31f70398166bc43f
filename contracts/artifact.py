"""The committed products of the compiler, read from the installed package.

An artifact is what `compile` wrote: ABI, creation and runtime bytecode, storage layout, compiler version and
the SHA-256 of the source. This module reads and does not compile, so an installation needs no compiler.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

ARTIFACT_FORMAT = "acredita-artifact/1"


class ArtifactError(Exception):
    """No readable artifact of that name is installed."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One compiled contract. `abi` and `storage_layout` are the compiler's own JSON."""

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    runtime_bytecode: bytes
    storage_layout: dict[str, dict[str, Any]]
    compiler: str
    evm_version: str
    source_sha256: str


def from_json(text: str) -> Artifact:
    """Read an artifact. Raises ArtifactError for another format."""
    document = json.loads(text)
    if document["format"] != ARTIFACT_FORMAT:
        raise ArtifactError(f"artifact format {document['format']!r}, expected {ARTIFACT_FORMAT!r}")
    return Artifact(
        name=document["name"],
        abi=tuple(document["abi"]),
        bytecode=bytes.fromhex(document["bytecode"].removeprefix("0x")),
        runtime_bytecode=bytes.fromhex(document["runtime_bytecode"].removeprefix("0x")),
        storage_layout=document["storage_layout"],
        compiler=document["compiler"],
        evm_version=document["evm_version"],
        source_sha256=document["source_sha256"],
    )


@cache
def load(name: str) -> Artifact:
    """Load the artifact of a contract by its name, for example `CredentialLog`."""
    file = resources.files("acredita.contracts").joinpath("artifacts", f"{name}.json")
    if not file.is_file():
        raise ArtifactError(f"no compiled contract named {name!r}")
    return from_json(file.read_text(encoding="utf-8"))
