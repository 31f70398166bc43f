"""Define the error of an act that is not fit to be signed or sent. Nothing was signed, sent or kept when it is raised."""

from acredita.contracts.coded_error import CodedError


class RegistryActRefused(CodedError[str]):
    """An act, or a file about one, that must not be signed or sent. `code` is one of `Code` or of the contracts' codes."""

    CODE_IN_TEXT = True
