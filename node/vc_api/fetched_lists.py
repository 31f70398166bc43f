"""Read status lists of other hosts for one credential: each list is fetched and verified once.

A list is read only if it is a credential that verifies and is in force, with a Data Integrity proof, in an envelope, or
as a token (`application/vc+jwt`). A list that names a status of its own is not followed, because two lists could name
each other. Every list that could not be had is one answer, STATUS_UNCHECKED, whatever the cause. The log has the cause.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from acredita.contracts.coded_error import CodedError
from acredita.node.outbound.fetch import Fetcher, SourceUnavailable
from acredita.node.vc_api.checks import DATES, CheckFindings, CheckOptions
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import StatusListRefused, bit_of
from acredita.registry.json_documents.strict import JsonRefused, read_json
from acredita.registry.proofs.jose import MEDIA_TYPE

_log = logging.getLogger(__name__)

MAX_LISTS_FETCHED: Final = 4
"""Lists fetched for one credential, those that could not be had included: an entry costs its sender nothing."""

_MEDIA_TYPES: Final = re.compile(r"application/(vc|json|jwt|vc\+jwt|([a-z0-9.+-]+\+)?ld\+json)")
"""A credential, with its proof or enveloped, or a token (VCDM 6.2, VC-JOSE-COSE 6.1)."""

_TOKEN: Final = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")  # a compact JWS, RFC 7515 7.1

CheckList = Callable[[object, CheckOptions], CheckFindings]
"""Check a status list as a credential, without fetching anything."""


class StatusListUnavailable(CodedError[Code]):
    """A list that could not be had. `answered`: its host gave something else, no list that is only hard to reach."""

    def __init__(self, message: str, *, answered: bool = False) -> None:
        super().__init__(Code.STATUS_UNCHECKED, message)
        self.answered = answered


@dataclass(frozen=True)
class _ReadList:
    """A list that verifies. `labelled`: its host gave it under a media type of a credential."""

    subject: Mapping[str, Any]
    labelled: bool


class FetchedLists:
    """The status lists fetched for one credential, by their address."""

    def __init__(self, fetcher: Fetcher, check_list: CheckList) -> None:
        self.fetcher = fetcher
        self.check_list = check_list
        self.known: dict[str, _ReadList | StatusListUnavailable | StatusListRefused] = {}

    def bit(self, url: str, index: int, purpose: str) -> bool:
        """Return the bit. Raises IndexError, StatusListUnavailable or StatusListRefused (Bitstring Status List 3.2)."""
        if url not in self.known:
            self.known[url] = self._fetched(url)
        known = self.known[url]
        if not isinstance(known, _ReadList):
            raise known
        is_set = bit_of(known.subject, index, purpose)
        if not is_set and not known.labelled:  # a set bit counts in any case: a list that verifies has revoked it
            raise StatusListUnavailable("a media type of a credential expected")
        return is_set

    def _fetched(self, url: str) -> _ReadList | StatusListUnavailable | StatusListRefused:
        """Fetch and read a list, or keep why that failed, so that no address is asked twice."""
        if len(self.known) >= MAX_LISTS_FETCHED:
            return StatusListUnavailable(f"at most {MAX_LISTS_FETCHED} lists expected")
        try:
            body = self.fetcher.fetch(url)
        except SourceUnavailable as error:
            _log.info("status list not available: %s", error)
            return StatusListUnavailable(error.message)
        try:
            return _ReadList(
                self._subject(_document(body.content)), _MEDIA_TYPES.fullmatch(body.media_type) is not None
            )
        except StatusListUnavailable as error:
            _log.info("status list not available: %s", error)
            return error
        except StatusListRefused as error:
            return error

    def _subject(self, document: object) -> Mapping[str, Any]:
        """Return the status list of a credential that verifies and is in force."""
        findings = self.check_list(document, CheckOptions("assertionMethod", checks=frozenset({DATES})))
        subject = None if findings.credential is None else findings.credential["credentialSubject"]
        if not findings.verified or not isinstance(subject, dict) or subject.get("type") != "BitstringStatusList":
            raise StatusListRefused(Code.STATUS_LIST_INVALID, "a status list credential that verifies expected")
        return subject


def _document(content: bytes) -> object:
    """Return a body as a credential or an envelope. Raises StatusListUnavailable for a page or any other content."""
    token = _TOKEN.fullmatch(content.strip())
    if token is not None:
        envelope = {"@context": CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential"}
        return {**envelope, "id": f"data:application/{MEDIA_TYPE},{token[0].decode('ascii')}"}
    try:
        return read_json(content)
    except JsonRefused as error:
        raise StatusListUnavailable("a JSON document or a token expected", answered=True) from error
