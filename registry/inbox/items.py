"""One thing that waits for a party: what it is, until when, and the command that does it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acredita.registry.acts.shapes import SPANISH, Text
from acredita.registry.ledger_facts.accreditation import ACCREDITATION_NOTICE_SECONDS

NOTICE_SECONDS: Final = ACCREDITATION_NOTICE_SECONDS  # also of recognitions and of approvals of programmes
KEY_OVERLAP_SECONDS: Final = 72 * 3600  # what `acredita keys rotate` lets an old key stay beside its successor
_PLACEHOLDERS: Final[Mapping[str, str]] = {
    "FILE": "ARCHIVO",
    "DAY": "DÍA",
    "TEXT": "TEXTO",
    "ADDRESS": "DIRECCIÓN",
}
_PLACEHOLDER: Final = re.compile(rf"(?<!\S)(?:{'|'.join(_PLACEHOLDERS)})(?!\S)")


class InboxKind(StrEnum):
    """Kinds of what waits."""

    PROPOSAL_TO_APPROVE = "proposal_to_approve"
    PROPOSAL_TO_EXECUTE = "proposal_to_execute"
    RECOVERY = "recovery"
    URGENT_SUSPENSION = "urgent_suspension"
    APPLICATION_TO_REVIEW = "application_to_review"
    APPLICATION_TO_DECIDE = "application_to_decide"
    APPLICATION_STEP = "application_step"
    PROGRAMME_TO_REVIEW = "programme_to_review"
    PROGRAMME_TO_APPROVE = "programme_to_approve"
    PROGRAMME_ENDS = "programme_ends"
    ACCREDITATION_ENDS = "accreditation_ends"
    ACCREDITATION_STOPPED = "accreditation_stopped"
    RECOGNITION_ENDS = "recognition_ends"
    KEY_DUE = "key_due"
    TRUST_FILE_DUE = "trust_file_due"


@dataclass(frozen=True)
class InboxItem:
    """One thing that waits. `until`: Unix seconds after which it is late or past, None where nothing ends.

    `subject`: the party or programme version it is about, the number of a proposal or recovery as text, or empty.
    """

    kind: InboxKind
    subject: str
    what: Text
    until: int | None
    command: str

    def command_in(self, language: str) -> str:
        """Return the command with its placeholders in a language."""
        if language != SPANISH:
            return self.command
        return _PLACEHOLDER.sub(lambda found: _PLACEHOLDERS[found[0]], self.command)

    @property
    def urgency(self) -> tuple[bool, int, str, str]:
        """The place in a list: what ends first comes first, what has no end last."""
        return self.until is None, self.until or 0, self.kind.value, self.subject
