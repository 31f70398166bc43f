"""Base of every exception that carries a code.

The last word of an exception's name says what its caller does:

- `…Refused`: the caller's input or act is rejected; the same again is rejected again.
- `…Unavailable`: the answer could not be had; the caller retries later, or reports that it could not tell.
- `…Error`: the caller stops, and a person looks.
"""

import copyreg
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

CodeT = TypeVar("CodeT", bound=str | int)


class CodedError(Exception, Generic[CodeT]):
    """A failure with a stable `code` for programs and a `message` for people. The text of the exception is the message."""

    CODE_IN_TEXT: ClassVar[bool] = False  # the text of the exception begins with the code

    code: CodeT
    message: str

    def __init__(self, code: CodeT, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.CODE_IN_TEXT else self.message

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        """Pickle the attributes as they are, so that a subclass with other arguments crosses processes too."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class FixedCodeError(CodedError[str]):
    """A failure whose class has one code, `code` of the class, for every instance."""

    def __init__(self, message: str) -> None:
        super().__init__(self.code, message)
