"""Find the events of a window that give the contracts' totals, at one source after the other.

1. The ledger as it is configured is asked for logs and totals in one round trip, where it takes the window at once.
2. Each source alone: the ledger, then each endpoint. A long catching-up goes on until the head is young.
3. What no source has whole is looked for elsewhere (`missing_events`).
"""

from collections.abc import Callable
from typing import Final

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable, PartialLedgerUnavailable
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch
from acredita.anchoring.quorum import endpoints_of
from acredita.node.index.agreed_events import AgreedEvents, WindowStart, agreement, totals_at
from acredita.node.index.identity import totals_of
from acredita.node.index.missing_events import MissingEvents
from acredita.node.index.provisional import ProvisionalEvents
from acredita.node.index.windows import LogWindows
from acredita.registry.ledger_facts.observed_block import check_header
from acredita.registry.ledger_facts.trust_file import Trust

MAX_HEAD_AGE: Final = 64  # blocks; Besu forgets the state of a block after 512


class WindowSearch:
    """A search for the events of one ledger's windows. `provisional`: makes an empty fold from a window's start."""

    def __init__(
        self,
        ledger: Ledger,
        trust: Trust,
        windows: LogWindows,
        provisional: Callable[[WindowStart], ProvisionalEvents],
        missing: MissingEvents,
    ) -> None:
        self._ledger = ledger
        self._trust = trust
        self._windows = windows
        self._provisional = provisional
        self._missing = missing

    def agreed(self, start: WindowStart, head: Block) -> AgreedEvents | None:
        """Return the first events that fold to the totals: of one source after the other; None if no source has them."""
        sources = (self._ledger, *endpoints_of(self._ledger))
        failure: LedgerUnavailable | None = None
        for source in sources:
            try:
                agreed = self._of_source(source, start, head)
            except PartialLedgerUnavailable:
                continue
            except LedgerUnavailable as error:
                failure = error
                continue
            if agreed is not None:
                return agreed
        if failure is not None and len(sources) == 1:
            raise failure
        return self._missing.together(start, head)

    def _of_source(self, source: Ledger, start: WindowStart, head: Block) -> AgreedEvents | None:
        """Fold one source's logs up to a block that is at most MAX_HEAD_AGE old when it is reached."""
        if source is self._ledger and head.number - start.number <= self._windows.width:
            answers = self._short_answers(start, head)
            if answers is not None:
                provisional = self._provisional(start)
                provisional.add(answers.logs, head)
                return agreement(head, provisional, answers.views)
        provisional, reached = self._provisional(start), start.number
        while True:
            windows = provisional.add_all(self._windows.each(source, reached + 1, head.number), head)
            reached = head.number
            newest = head if windows <= 1 else self._ledger.head()
            if newest.number - head.number <= MAX_HEAD_AGE:
                return agreement(head, provisional, totals_at(self._ledger, self._trust, head))
            check_header(newest)
            head = newest

    def _short_answers(self, start: WindowStart, head: Block) -> AnswerBatch | None:
        """Ask for logs and totals in one round trip; None where the endpoint refuses so many blocks at once."""
        query = self._windows.query(start.number + 1, head.number)
        try:
            return self._ledger.batch(QuestionBatch(head.hash, views=totals_of(self._trust.contracts), logs=query))
        except PartialLedgerUnavailable:
            raise
        except LedgerUnavailable:
            return None
