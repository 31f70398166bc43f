"""Check anybody's credential or presentation without a verdict: structure, proof, binding, dates, status.

This is a proof-only answer in the sense of docs/verification.md. It does not know registry, programme or ledger, so
that "verified" here is never "recognised". Structure, proof and binding are always checked. Dates and status are
checked unless the caller names other checks. The findings of a check that was not requested are warnings. A status that
could not be looked up is an error if the caller names that check, else a warning. Nothing is fetched but status lists,
and those only from hosts that the operator lists (`node/outbound/fetch.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from acredita.node.outbound.fetch import Fetcher
from acredita.node.vc_api.checks import BINDING, STRUCTURE, CheckFindings, CheckOptions, CheckSources
from acredita.node.vc_api.contents import check_contents, holder_faults, issuer_faults, self_asserted_faults
from acredita.node.vc_api.proofs import check_claims, check_proofs, open_envelope
from acredita.registry.canonicalisation.safe_values import CanonicalFormRefused
from acredita.registry.json_documents.schema_faults import SchemaFault, pointer
from acredita.registry.proofs.cryptosuites import signs_json
from acredita.registry.proofs.jose import verify_jwt, verify_presentation_jwt
from acredita.registry.vcdm.hidden_terms import hidden_terms
from acredita.registry.vcdm.structure import credential_faults, is_enveloped, is_self_asserted, presentation_faults

ENVELOPED: Final = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION: Final = "EnvelopedVerifiablePresentation"


def check_credential(sources: CheckSources, document: object, requested: CheckOptions) -> CheckFindings:
    """Check a credential. The steps after the structure run only if the structure is sound.

    1. structure
    2. proof, and terms that it would hide
    3. binding of the issuer to the proof, if the proof holds
    4. dates 5. status
    """
    if is_enveloped(document, ENVELOPED):
        return _check_enveloped_credential(sources, document, requested)
    findings = CheckFindings()
    if findings.run(STRUCTURE, credential_faults(document, bytes_of=sources.known.bytes_of)):  # 1
        assert isinstance(document, dict)  # the structure says so
        findings.credential = document
        checks = check_proofs(sources, document, requested, findings)  # 2
        if any(not signs_json(check.options.cryptosuite) for check in checks):
            findings.run(STRUCTURE, _hidden_terms(sources, document))
        if checks:
            methods = [check.verification_method for check in checks]
            findings.run(BINDING, issuer_faults(sources, document, methods))  # 3
        _check_contents(sources, document, requested, findings)  # 4, 5
    return findings


def _hidden_terms(sources: CheckSources, document: Mapping[str, Any]) -> Iterator[SchemaFault]:
    try:
        yield from hidden_terms(document, contexts=sources.known.contexts)
    except CanonicalFormRefused as error:  # a proof held, so only the budget can be at its end
        yield SchemaFault(error.pointer, error.code, "a request within the budget of counted operations")


def check_presentation(sources: CheckSources, document: object, requested: CheckOptions) -> CheckFindings:
    """Check the presentation's own structure, proof and holder, then each credential in it."""
    if is_enveloped(document, ENVELOPED_PRESENTATION):
        return _check_enveloped_presentation(sources, document, requested)
    findings = CheckFindings()
    if not findings.run(STRUCTURE, presentation_faults(document, bytes_of=sources.known.bytes_of)):
        return findings
    assert isinstance(document, dict)  # the structure says so
    checks = check_proofs(sources, document, requested, findings)
    _check_presented(sources, document, [check.verification_method for check in checks], requested, findings)
    return findings


def _check_enveloped_credential(sources: CheckSources, document: object, requested: CheckOptions) -> CheckFindings:
    """Check a JOSE-secured credential in a data: URL (VCDM 4.13.1)."""
    findings = CheckFindings()
    envelope = open_envelope(sources, document, ENVELOPED, verify_jwt, requested, findings)
    if envelope is None:
        return findings
    credential = envelope.document
    if findings.run(STRUCTURE, credential_faults(credential, bytes_of=sources.known.bytes_of)):
        findings.credential = credential
        findings.run(BINDING, issuer_faults(sources, credential, [envelope.verification_method]))
        _check_contents(sources, credential, requested, findings)
    return findings


def _check_enveloped_presentation(sources: CheckSources, document: object, requested: CheckOptions) -> CheckFindings:
    """Check a JOSE-secured presentation in a data: URL (VCDM 4.13.2)."""
    findings = CheckFindings()
    envelope = open_envelope(sources, document, ENVELOPED_PRESENTATION, verify_presentation_jwt, requested, findings)
    if envelope is None:
        return findings
    check_claims(envelope.claims, requested, findings)
    presentation = envelope.document
    if findings.run(STRUCTURE, presentation_faults(presentation, bytes_of=sources.known.bytes_of)):
        _check_presented(sources, presentation, [envelope.verification_method], requested, findings)
    return findings


def _check_presented(
    sources: CheckSources,
    presentation: Mapping[str, Any],
    methods: Sequence[str],
    requested: CheckOptions,
    findings: CheckFindings,
) -> None:
    """Check holder and credentials of a presentation signed by these methods; none if its proof did not hold."""
    if methods:
        findings.run(BINDING, holder_faults(sources, presentation, methods))
    held = presentation.get("verifiableCredential", [])
    for index, credential in enumerate(held if isinstance(held, list) else [held]):
        inner = CheckFindings()
        if is_self_asserted(presentation, credential):
            findings.run(BINDING, self_asserted_faults(presentation, methods, index))
            _check_contents(sources, credential, requested, inner)
        else:
            inner = check_credential(sources, credential, CheckOptions("assertionMethod", checks=requested.checks))
        findings.within(pointer(("verifiableCredential", index)), inner)


def _check_contents(
    sources: CheckSources, credential: Mapping[str, Any], requested: CheckOptions, findings: CheckFindings
) -> None:
    """Check dates and status; the lists fetched for it are checked without fetching others."""
    offline = replace(sources, fetcher=Fetcher())
    check_contents(
        sources, credential, requested, findings, lambda document, options: check_credential(offline, document, options)
    )
