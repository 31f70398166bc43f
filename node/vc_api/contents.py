"""Check the contents of a document whose structure is sound: binding to its issuer or holder, dates, status, resources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from acredita.node.vc_api.checks import DATES, STATUS, CheckFindings, CheckOptions, CheckSources
from acredita.node.vc_api.fetched_lists import CheckList, FetchedLists, StatusListUnavailable
from acredita.registry.canonicalisation.budget import PER_STATUS_ENTRY, current_budget
from acredita.registry.canonicalisation.safe_values import CanonicalFormRefused
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import StatusListRefused
from acredita.registry.json_documents.schema_faults import SchemaFault, pointer
from acredita.registry.keys.did import DidRefused, split_method
from acredita.registry.vcdm.date_time_stamp import seconds_of
from acredita.registry.vcdm.hidden_terms import is_entry
from acredita.registry.vcdm.structure import holder_of, is_first_version, issuer_of, unchecked_resources
from acredita.registry.verification.case import EARLY_SECONDS

_CODES: Final = {"revocation": Code.CREDENTIAL_REVOKED, "suspension": Code.CREDENTIAL_SUSPENDED}

_AVAILABLE: Final = "a status list of this node, or one that an allowed host gives as a credential"
"""One text for every list that could not be had, so that an answer does not show what a host answers."""


@dataclass(frozen=True)
class _StatusFinding:
    """One status entry that is not known to be clear. `stays_open`: nothing speaks for or against it."""

    fault: SchemaFault
    stays_open: bool = False


def check_contents(
    sources: CheckSources,
    credential: Mapping[str, Any],
    requested: CheckOptions,
    findings: CheckFindings,
    check_list: CheckList,
) -> None:
    """Check dates and status. Add a warning for each related resource that could not be read.

    A status that stays open is an error if the caller names the check, because it is no approval; else a warning.
    """
    findings.run(DATES, _dates(credential, sources.now), requested=requested.includes(DATES))
    statuses = _status(sources, credential, FetchedLists(sources.fetcher, check_list))
    blocking = [row.fault for row in statuses if requested.names(STATUS) or not row.stays_open]
    findings.run(STATUS, blocking, requested=requested.includes(STATUS))
    findings.warnings += [row.fault for row in statuses if row.fault not in blocking]
    for where in unchecked_resources(credential, bytes_of=sources.known.bytes_of):
        findings.warnings.append(
            SchemaFault(where, Code.RELATED_RESOURCE_UNCHECKED, "a context of this node, whose bytes are known")
        )


def issuer_faults(
    sources: CheckSources, credential: Mapping[str, Any], methods: Sequence[str]
) -> Iterator[SchemaFault]:
    """Yield a fault if no proof is by a key of the issuer. Other proofs beside it are accepted."""
    if not sources.relaxed and issuer_of(credential) not in map(_did_of, methods):
        yield SchemaFault("/issuer", Code.KEY_NOT_OF_ISSUER, "a proof by a key of the issuer")


def holder_faults(
    sources: CheckSources, presentation: Mapping[str, Any], methods: Sequence[str]
) -> Iterator[SchemaFault]:
    """Yield a fault if the presentation names a holder and no proof is by a key of the holder."""
    if not sources.relaxed and "holder" in presentation and holder_of(presentation) not in map(_did_of, methods):
        yield SchemaFault("/holder", Code.HOLDER_NOT_OF_KEY, "a proof by a key of the holder")


def self_asserted_faults(presentation: Mapping[str, Any], methods: Sequence[str], index: int) -> Iterator[SchemaFault]:
    """Yield a fault if a self-asserted credential is in a presentation that its holder did not sign.

    VCDM 4.13.4: the presentation's proof secures this credential too. It must be the holder's, also for a relaxed profile.
    """
    if holder_of(presentation) not in map(_did_of, methods):
        where = pointer(("verifiableCredential", index, "proof"))
        yield SchemaFault(where, Code.HOLDER_NOT_OF_KEY, "a presentation signed by the holder who asserts this")


def _dates(credential: Mapping[str, Any], now: int) -> Iterator[SchemaFault]:
    first = is_first_version(credential)
    start, end = ("issuanceDate", "expirationDate") if first else ("validFrom", "validUntil")
    begins, ends = _moment(credential, start), _moment(credential, end)
    if begins is not None and begins > now + EARLY_SECONDS:
        yield SchemaFault(f"/{start}", Code.CREDENTIAL_NOT_YET_VALID, "a moment that has come")
    if ends is not None and ends < now:
        yield SchemaFault(f"/{end}", Code.CREDENTIAL_EXPIRED, "a moment still to come")


def _status(sources: CheckSources, credential: Mapping[str, Any], lists: FetchedLists) -> list[_StatusFinding]:
    """Return what each status entry shows, one finding an entry that is not clear."""
    entries = credential.get("credentialStatus", [])
    statuses = []
    for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
        where = pointer(("credentialStatus", index) if isinstance(entries, list) else ("credentialStatus",))
        statuses.append(_entry_finding(sources, entry, where, lists))
    return [row for row in statuses if row is not None]


def _entry_finding(
    sources: CheckSources, entry: Mapping[str, Any], where: str, lists: FetchedLists
) -> _StatusFinding | None:
    if not is_entry(entry) or entry.get("statusSize", 1) != 1:
        return _StatusFinding(SchemaFault(where, Code.STATUS_UNCHECKED, "a BitstringStatusListEntry of one bit"), True)
    try:
        current_budget().spend(PER_STATUS_ENTRY)
        bit = _bit(sources, entry, lists)
    except CanonicalFormRefused as error:
        return _StatusFinding(SchemaFault(where, error.code, "a request within the budget of counted operations"), True)
    except IndexError:
        return _StatusFinding(SchemaFault(f"{where}/statusListIndex", Code.STATUS_RANGE, "an index inside the list"))
    except StatusListRefused as error:
        return _StatusFinding(SchemaFault(where, error.code, "a list of this purpose that verifies and decodes"))
    except StatusListUnavailable as error:
        return _StatusFinding(SchemaFault(where, error.code, _AVAILABLE), not error.answered)
    code = _CODES.get(entry["statusPurpose"])
    return _StatusFinding(SchemaFault(where, code, "a status that is not set")) if bit and code else None


def _bit(sources: CheckSources, entry: Mapping[str, Any], lists: FetchedLists) -> bool:
    url, index, purpose = entry["statusListCredential"], int(entry["statusListIndex"]), entry["statusPurpose"]
    own = sources.bit(url, index, purpose)
    return lists.bit(url, index, purpose) if own is None else own


def _moment(credential: Mapping[str, Any], key: str) -> Decimal | None:
    return seconds_of(credential[key]) if key in credential else None


def _did_of(method: str) -> str | None:
    try:
        return split_method(method)[0]
    except DidRefused:
        return None
