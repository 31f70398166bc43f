"""Read status lists of other hosts for one credential: each list is fetched and verified once.

A list is read only if it is a credential that verifies and is in force. A list that names a status of its own is not
followed, because two lists could name each other.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from acredita.node.outbound.fetch import Fetcher, SourceUnavailable
from acredita.node.vc_api.checks import DATES, CheckFindings, CheckOptions
from acredita.registry.codes import Code
from acredita.registry.credentials.status_list import StatusListRefused, decode_foreign_list, is_set
from acredita.registry.json_documents.strict import JsonRefused, read_json

MAX_LISTS_FETCHED: Final = 4
"""Lists fetched for one credential: an entry costs its sender nothing."""

CheckList = Callable[[object, CheckOptions], CheckFindings]
"""Check a status list as a credential, without fetching anything."""


class FetchedLists:
    """The status lists fetched for one credential, by their address."""

    def __init__(self, fetcher: Fetcher, check_list: CheckList) -> None:
        self.fetcher = fetcher
        self.check_list = check_list
        self.subjects: dict[str, Mapping[str, Any]] = {}

    def bit(self, url: str, index: int, purpose: str) -> bool:
        """Return the bit. Raises IndexError, SourceUnavailable or StatusListRefused (Bitstring Status List 3.2)."""
        if url not in self.subjects and len(self.subjects) >= MAX_LISTS_FETCHED:
            raise SourceUnavailable(Code.STATUS_UNCHECKED, f"at most {MAX_LISTS_FETCHED} lists")
        if url not in self.subjects:
            self.subjects[url] = self._subject(self.fetcher.fetch(url))
        subject = self.subjects[url]
        purposes = subject["statusPurpose"]
        if purpose not in (purposes if isinstance(purposes, list) else [purposes]):
            raise StatusListRefused(Code.STATUS_LIST_INVALID, "the purpose of the entry expected")
        bits = decode_foreign_list(subject["encodedList"])
        if index >= 8 * len(bits):
            raise IndexError(index)
        return is_set(bits, index)

    def _subject(self, data: bytes) -> Mapping[str, Any]:
        """Return the status list of a credential that verifies and is in force."""
        try:
            document = read_json(data)
        except JsonRefused as error:
            raise StatusListRefused(Code.STATUS_LIST_INVALID, "JSON expected") from error
        findings = self.check_list(document, CheckOptions("assertionMethod", checks=frozenset({DATES})))
        subject = document.get("credentialSubject") if isinstance(document, dict) else None
        if not findings.verified or not isinstance(subject, dict) or subject.get("type") != "BitstringStatusList":
            raise StatusListRefused(Code.STATUS_LIST_INVALID, "a status list credential that verifies expected")
        return subject
