"""Read and write `acredita-consent/1`: an account's signed consent to be bound to a party.

The file counts where its signature is the account's over this DID, purpose and deadline, for this chain and registry.
"""

from dataclasses import dataclass
from typing import Final

from acredita.anchoring.account_signature import ConsentRefused, check_consent
from acredita.anchoring.types import Address, FormatRefused, from_hex, to_hex
from acredita.contracts.account_consent import SIGNATURE_BYTES, WORDS, ConsentDomain, SignedConsent
from acredita.contracts.answers import AccountPurpose
from acredita.registry.acts.ledger_name import InstallationName
from acredita.registry.acts.party_names import did_of
from acredita.registry.acts.refused import RegistryActRefused
from acredita.registry.codes import Code
from acredita.registry.json_documents.members import count_of, object_of
from acredita.registry.keys.did import issuer_id

FORMAT: Final = "acredita-consent/1"
_REQUIRED: Final = frozenset({"format", "account", "did", "purpose", "deadline", "chain_id", "registry", "signature"})


@dataclass(frozen=True, slots=True)
class ConsentFile:
    """A consent as its file has it. `deadline`: Unix seconds."""

    account: Address
    did: str
    purpose: AccountPurpose
    domain: ConsentDomain
    consent: SignedConsent

    def document(self) -> dict[str, object]:
        """Return the file's JSON value."""
        return {
            "format": FORMAT,
            "account": to_hex(self.account),
            "did": self.did,
            "purpose": WORDS[self.purpose],
            "deadline": self.consent.deadline,
            "chain_id": self.domain.chain_id,
            "registry": to_hex(self.domain.registry),
            "signature": to_hex(self.consent.signature),
        }

    def check(self, installation: InstallationName, purpose: AccountPurpose, account: bytes, subject: bytes) -> None:
        """Check that the file is this account's consent, for this party and purpose, here. Raises RegistryActRefused."""
        here = (installation.chain_id, installation.contracts.issuer_registry)
        if (self.domain.chain_id, self.domain.registry) != here:
            raise RegistryActRefused(Code.ACT_OTHER_LEDGER, "the consent is for another chain or registry")
        if (self.purpose, self.account) != (purpose, account):
            raise RegistryActRefused(
                "CONSENT_SIGNATURE",
                f"a consent of 0x{account.hex()} as {WORDS[purpose]} expected, "
                f"found one of 0x{self.account.hex()} as {WORDS[self.purpose]}",
            )
        if issuer_id(self.did) != subject:
            raise RegistryActRefused("CONSENT_SIGNATURE", f"the consent is for {self.did}, another party")
        try:
            check_consent(self.account, self.domain, issuer_id(self.did), self.purpose, self.consent)
        except ConsentRefused as error:
            raise RegistryActRefused("CONSENT_SIGNATURE", f"the consent's signature: {error}") from error


def parse_consent(value: object) -> ConsentFile:
    """Parse a consent's JSON value. Raises FormatRefused with the place and the rule."""
    body = object_of(value, "", _REQUIRED)
    if body["format"] != FORMAT:
        raise FormatRefused("/format", f'"{FORMAT}" expected')
    purpose = next((purpose for purpose, word in WORDS.items() if word == body["purpose"]), None)
    if purpose is None:
        raise FormatRefused("/purpose", f"one of {', '.join(WORDS.values())} expected")
    return ConsentFile(
        Address(from_hex(body["account"], 20, "/account")),
        did_of(body["did"], "/did"),
        purpose,
        ConsentDomain(count_of(body["chain_id"], "/chain_id"), from_hex(body["registry"], 20, "/registry")),
        SignedConsent(
            count_of(body["deadline"], "/deadline"), from_hex(body["signature"], SIGNATURE_BYTES, "/signature")
        ),
    )
