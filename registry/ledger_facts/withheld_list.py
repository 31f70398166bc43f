"""The list of withheld documents, `acredita-withheld/1`: signed by the keys of the trust file, numbered, never going back.

- Signatures are Ed25519 over "acredita/withheld/1" ‖ JCS of the list without `signatures`. Each one in the list must hold; of
  the trust file's keys at least its threshold must have signed.
- A list is whole: what it does not name is not withheld. The next one has a higher number.

A withheld document is neither missing nor altered. It still counts in a verdict where somebody has it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.receipts import read_time, time_text
from acredita.anchoring.types import BlockHash, Digest, FormatRefused, from_hex, to_hex
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import JcsRefused, jcs
from acredita.registry.json_documents.members import count_of, list_of, object_of
from acredita.registry.keys.multikey import KeyRefused, encode_multibase
from acredita.registry.keys.signer import Signer
from acredita.registry.ledger_facts.trust_draft import with_signature
from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused, signed_part, signers_of

FORMAT: Final = "acredita-withheld/1"
DOMAIN: Final = b"acredita/withheld/1"
MAX_WITHHELD: Final = 4_096
MAX_LIST_BYTES: Final = 512 * 1024  # 4,096 hashes take 290 KB
MAX_NUMBER: Final = 2**53 - 1  # the greatest that JSON keeps exact
_DIGEST_BYTES: Final = 32
_KEYS: Final = frozenset({"format", "number", "issued", "chain_id", "genesis", "documents", "signatures"})


class WithheldListRefused(CodedError[Code]):
    """A list that does not count. `code` is stable; nothing was kept."""

    CODE_IN_TEXT = True


@dataclass(frozen=True)
class WithheldList:
    """A list whose signatures hold. `signers`: keys that signed, as Multikeys; `content`: its JCS form."""

    number: int
    issued: int
    chain_id: int
    genesis: BlockHash
    documents: frozenset[Digest]
    signers: frozenset[str]
    content: bytes

    def missing(self, trust: Trust) -> int:
        """Return how many signatures are missing by the keys of a trust file."""
        return max(0, trust.threshold - len(self.signers & set(trust.keys)))

    def check(self, trust: Trust) -> None:
        """Check that the list is of this chain and signed by enough keys of the trust file. Raises WithheldListRefused."""
        self.check_chain(trust)
        if self.missing(trust):
            signed = trust.threshold - self.missing(trust)
            raise WithheldListRefused(
                Code.WITHHELD_SIGNATURES_TOO_FEW, f"list {self.number}: {signed} of {trust.threshold} signatures"
            )

    def check_chain(self, trust: Trust) -> None:
        """Check that the list is of the chain that the trust file pins. Raises WithheldListRefused."""
        if (self.chain_id, self.genesis) != (trust.chain_id, trust.genesis):
            raise WithheldListRefused(Code.WITHHELD_OTHER_LEDGER, f"list {self.number} is for another chain")


def parse_withheld(value: object) -> WithheldList:
    """Parse a list's JSON value; it may lack signatures, and those that it has must hold.

    Raises WithheldListRefused with the place and the rule.
    """
    try:
        return _parse(value)
    except (FormatRefused, JcsRefused, KeyRefused, TrustRefused) as error:
        raise WithheldListRefused(Code.WITHHELD_MALFORMED, str(error)) from error


def draft_withheld(trust: Trust, number: int, documents: Iterable[Digest], now: int) -> dict[str, object]:
    """Return a list without a signature."""
    return {
        "format": FORMAT,
        "number": number,
        "issued": time_text(now),
        "chain_id": trust.chain_id,
        "genesis": to_hex(trust.genesis),
        "documents": sorted(to_hex(digest) for digest in set(documents)),
        "signatures": [],
    }


def sign_withheld(document: Mapping[str, object], signer: Signer) -> dict[str, object]:
    """Return the list with one more signature, in the place of an earlier one by the same key."""
    return with_signature(document, signer, DOMAIN)


def signing_key(signer: Signer) -> str:
    """Return the key of a signer as a list names it."""
    return encode_multibase(signer.multikey)


def _parse(value: object) -> WithheldList:
    body = object_of(value, "", _KEYS)
    if body["format"] != FORMAT:
        raise FormatRefused("/format", f'"{FORMAT}" expected')
    number = count_of(body["number"], "/number")
    if not 0 < number <= MAX_NUMBER:
        raise FormatRefused("/number", f"a number from 1 to {MAX_NUMBER} expected")
    listed = list_of(body["documents"], "/documents", MAX_WITHHELD)
    documents = [Digest(from_hex(item, _DIGEST_BYTES, f"/documents/{place}")) for place, item in enumerate(listed)]
    if documents != sorted(set(documents)):
        raise FormatRefused("/documents", "each hash once expected, in the order of their texts")
    return WithheldList(
        number=number,
        issued=read_time(body["issued"], "/issued"),
        chain_id=count_of(body["chain_id"], "/chain_id"),
        genesis=BlockHash(from_hex(body["genesis"], _DIGEST_BYTES, "/genesis")),
        documents=frozenset(documents),
        signers=signers_of(body["signatures"], DOMAIN + jcs(signed_part(body))),
        content=jcs(body),
    )
