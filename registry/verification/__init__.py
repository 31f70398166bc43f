"""Verification of one credential, and the one door for programs that use this project as a library.

`twelve_steps`    `verify`: the twelve steps in order
`case`            what the steps look at: credential, evidence, ledger and moment
`receipt_choice`  the receipt to rest on: made from the log, or handed in
`anchorable`      whether any anchor up to B could have been recognised
`anchor`          steps 6 and 7: the checkpoint on the chain, the entry in its tree
`accreditation`   steps 5, 8 and 9: key, issuer and programme at one time
`signing_key`     the key of step 3: the ledger's for a party, its document's for anybody else
`status`          step 10: revoked, suspended or replaced
`foreign`         a credential outside our profile: somebody else's, or ours in another shape
`verdict`         the verdict and its main code, from the steps' outcomes
`results`         the values of a report
`checked_answer`  what an answer of the registry with its proof is worth
`proven_bundle`   `verify_bundle`: the same steps over an evidence bundle, offline

The names below are what a program needs (docs/library.md). They are loaded when first used, so importing a module of this
room loads no other.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acredita.registry.codes import Code
    from acredita.registry.evidence.bundle import Bundle, EvidenceRefused, read_bundle
    from acredita.registry.evidence.credential import CheckedCredential, Evidence, check_proof, read_credential
    from acredita.registry.ledger_facts.facts import LedgerFacts, Missing
    from acredita.registry.ledger_facts.trust_file import Trust, TrustRefused, read_trust_file
    from acredita.registry.ledger_facts.trust_succession import check_successor
    from acredita.registry.verification.case import Moment
    from acredita.registry.verification.proven_bundle import ProvenBundle, prove_bundle, verify_bundle
    from acredita.registry.verification.results import StepOutcome, StepResult, Verdict, VerificationReport
    from acredita.registry.verification.twelve_steps import verify

__all__ = [
    "Bundle",
    "CheckedCredential",
    "Code",
    "Evidence",
    "EvidenceRefused",
    "LedgerFacts",
    "Missing",
    "Moment",
    "ProvenBundle",
    "StepOutcome",
    "StepResult",
    "Trust",
    "TrustRefused",
    "Verdict",
    "VerificationReport",
    "check_proof",
    "check_successor",
    "prove_bundle",
    "read_bundle",
    "read_credential",
    "read_trust_file",
    "verify",
    "verify_bundle",
]

_MODULES = {
    "acredita.registry.codes": ("Code",),
    "acredita.registry.evidence.bundle": ("Bundle", "EvidenceRefused", "read_bundle"),
    "acredita.registry.evidence.credential": ("CheckedCredential", "Evidence", "check_proof", "read_credential"),
    "acredita.registry.ledger_facts.facts": ("LedgerFacts", "Missing"),
    "acredita.registry.ledger_facts.trust_file": ("Trust", "TrustRefused", "read_trust_file"),
    "acredita.registry.ledger_facts.trust_succession": ("check_successor",),
    "acredita.registry.verification.case": ("Moment",),
    "acredita.registry.verification.proven_bundle": ("ProvenBundle", "prove_bundle", "verify_bundle"),
    "acredita.registry.verification.results": ("StepOutcome", "VerificationReport", "StepResult", "Verdict"),
    "acredita.registry.verification.twelve_steps": ("verify",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

if not TYPE_CHECKING:  # because a type checker that sees it accepts every name

    def __getattr__(name: str) -> object:
        """Load one of the names above from its module (PEP 562)."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
