"""Write trust files: the unsigned draft, and one signature after another.

A draft lacks signatures and nothing else. Each signer adds one with a key of his own; the file counts when the thresholds
are met (`trust_file`, `trust_succession`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import BlockHash, to_hex
from acredita.contracts.abi import Deployment
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.keys.signer import Signer
from acredita.registry.ledger_facts.trust_file import (
    CONTRACTS,
    DOMAIN,
    FORMAT,
    LIFETIME_SECONDS,
    ServiceKey,
    TrustAuthority,
    signed_part,
)
from acredita.registry.ledger_facts.trusted_chain import TrustedChain, chain_document

EXAMPLE_AUTHORITY: Final = TrustAuthority(
    "did:web:autoridad.example",
    {"es": "Autoridad de demostración (DEMO)", "en": "Demonstration authority (DEMO)"},
    "https://autoridad.example",
)
"""The authority of an installation that one operator runs for trial."""


@dataclass(frozen=True)
class TrustDraft:
    """The content of a trust file, before anybody signed it. `keys`: Multikeys as texts."""

    number: int
    issued: int
    chain_id: int
    genesis: BlockHash
    contracts: Deployment
    code_hashes: Mapping[str, bytes]
    chain: TrustedChain
    keys: Sequence[str]
    threshold: int
    authority: TrustAuthority = EXAMPLE_AUTHORITY
    sources: Sequence[str] = ()
    services: Sequence[ServiceKey] = ()
    lifetime: int = LIFETIME_SECONDS

    def document(self) -> dict[str, object]:
        """Return the file without a signature."""
        authority = self.authority
        return {
            "format": FORMAT,
            "number": self.number,
            "issued": time_text(self.issued),
            "expires": time_text(self.issued + self.lifetime),
            "authority": {"did": authority.did, "name": dict(authority.name), "url": authority.url},
            "chain_id": self.chain_id,
            "genesis": to_hex(self.genesis),
            "contracts": {
                name: {"address": to_hex(getattr(self.contracts, name)), "code_hash": to_hex(self.code_hashes[name])}
                for name in CONTRACTS
            },
            "chain": chain_document(self.chain),
            "sources": list(self.sources),
            "services": [
                {"key": service.key.multibase, "purpose": service.purpose, "until": time_text(service.until)}
                for service in self.services
            ],
            "keys": sorted(set(self.keys)),
            "threshold": self.threshold,
            "signatures": [],
        }


def add_signature(document: Mapping[str, object], signer: Signer) -> dict[str, object]:
    """Return the file with one more signature, in the place of an earlier one by the same key."""
    return with_signature(document, signer, DOMAIN)


def with_signature(document: Mapping[str, object], signer: Signer, domain: bytes) -> dict[str, object]:
    """Return a file of trust signers with one more signature over a domain and the JCS form of the rest."""
    key = encode_multibase(signer.multikey)
    signature = encode_multibase(signer.sign(domain + jcs(signed_part(document))))
    listed = document.get("signatures")
    earlier = [item for item in listed if item["key"] != key] if isinstance(listed, list) else []
    signatures = sorted([*earlier, {"key": key, "signature": signature}], key=lambda item: str(item["key"]))
    return {**document, "signatures": signatures}


def sign_trust(
    *,
    number: int,
    issued: int,
    chain_id: int,
    genesis: BlockHash,
    contracts: Deployment,
    code_hashes: Mapping[str, bytes],
    chain: TrustedChain,
    signers: Sequence[Signer],
    authority: TrustAuthority = EXAMPLE_AUTHORITY,
) -> dict[str, object]:
    """Make a trust file that all of these signers sign and must sign, valid for 90 days."""
    draft = TrustDraft(
        number=number,
        issued=issued,
        chain_id=chain_id,
        genesis=genesis,
        contracts=contracts,
        code_hashes=code_hashes,
        chain=chain,
        keys=[encode_multibase(signer.multikey) for signer in signers],
        threshold=len(signers),
        authority=authority,
    )
    document = draft.document()
    for signer in signers:
        document = add_signature(document, signer)
    return document
