"""One endpoint's questions and answers, bounded in number, bytes and time.

Invariants: an endpoint that lies, hangs, drips or answers something else can make a question fail, and nothing more. An
answer is at most MAX_ANSWER_BYTES; a question takes at most QUESTION_SECONDS in each of its parts; an endpoint that gave no
answer SILENCES times in a row is asked nothing more; nor is one whose questions or time are spent. Words of an endpoint are
shown as printable ASCII, and few of them.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from acredita.anchoring.rpc_batch import line_fault
from acredita.anchoring.rpc_provider import EndpointProvider
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint

MAX_ANSWER_BYTES: Final = 8 << 20
QUESTION_SECONDS: Final = 10.0
MAX_QUESTIONS: Final = 10_000
CHECK_SECONDS: Final = 180.0  # for all subjects but the transactions of price zero, whose time is their own
SILENCES: Final = 3
MAX_WORDS: Final = 120

_NOT_ADMITTED: Final = ("HTTP 401", "HTTP 403")
_HUNG_UP: Final = ("SSLError", "ConnectionError")


class AnswerUnavailable(CodedError[Code]):
    """The endpoint gave no answer that can be judged; the code says why."""


class QuestionRefused(Exception):
    """The endpoint refused a question by an error object. `words`: its own, made harmless; `data`: what it added, as text."""

    def __init__(self, number: int | None, words: str, data: str) -> None:
        super().__init__(words)
        self.number, self.words, self.data = number, words, data


def endpoint_provider(url: str, access: Mapping[str, Any], seconds: float = QUESTION_SECONDS) -> EndpointProvider:
    """Open an endpoint within the bounds. `access`: how we prove who asks, as `requests` takes it."""
    request = {"timeout": seconds, "allow_redirects": False, **access}
    provider = EndpointProvider(url, request_kwargs=request, exception_retry_configuration=None)
    provider.max_bytes, provider.seconds = MAX_ANSWER_BYTES, seconds
    return provider


class AskedEndpoint:
    """An endpoint that is asked single questions within bounds. `clock` only measures waiting."""

    def __init__(
        self,
        provider: BaseProvider,
        clock: Callable[[], float] = time.monotonic,
        seconds: float = CHECK_SECONDS,
        questions: int = MAX_QUESTIONS,
    ) -> None:
        self._provider, self._clock = provider, clock
        self._end, self._questions, self._silences = clock() + seconds, questions, 0

    def extend(self, seconds: float) -> None:
        """Give the endpoint so many seconds from now on, if it has fewer."""
        self._end = max(self._end, self._clock() + seconds)

    def ask(self, method: str, *params: Any) -> Any:
        """Return the value of an answer. Raises AnswerUnavailable, QuestionRefused."""
        self._spend()
        try:
            answer = self._provider.make_request(RPCEndpoint(method), list(params))
        except (OSError, ValueError) as error:  # sockets and HTTP; no JSON, or too deep
            self._silences += 1
            raise AnswerUnavailable(Code.LEDGER_UNREACHABLE, f"{method}: {line_fault(error)}") from error
        if not isinstance(answer, Mapping) or ("result" not in answer and "error" not in answer):
            self._silences += 1
            raise AnswerUnavailable(Code.LEDGER_UNREACHABLE, f"{method}: no JSON-RPC")
        self._silences = 0
        if "error" in answer:
            raise _refused(answer["error"])
        return answer["result"]

    def _spend(self) -> None:
        """Count a question. Raises AnswerUnavailable where there are no more."""
        if self._silences >= SILENCES:
            raise AnswerUnavailable(Code.LEDGER_UNREACHABLE, f"no answer {SILENCES} times in a row, not asked again")
        if self._questions <= 0 or self._clock() >= self._end:
            raise AnswerUnavailable(Code.CHECK_CUT_SHORT, "")
        self._questions -= 1


def is_not_admitted(error: AnswerUnavailable) -> bool:
    """Return True if the endpoint answered that it does not know who asks."""
    return any(each in str(error) for each in _NOT_ADMITTED)


def is_hung_up(error: AnswerUnavailable) -> bool:
    """Return True if the endpoint closed the line, as one does that wants a certificate."""
    return any(each in str(error) for each in _HUNG_UP)


def harmless(words: object) -> str:
    """Return an endpoint's words as a short line of printable ASCII."""
    text = str(words)[: 2 * MAX_WORDS]
    return "".join(each if " " <= each <= "~" else "?" for each in text)[:MAX_WORDS]


def _refused(error: Any) -> QuestionRefused:
    number = error.get("code") if isinstance(error, Mapping) else None
    words = error.get("message", "") if isinstance(error, Mapping) else error
    data = str(error.get("data", "")) if isinstance(error, Mapping) else ""
    return QuestionRefused(number if type(number) is int else None, harmless(words), data)
