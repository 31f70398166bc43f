"""Leave out tests that need more than this machine has, and say in the last line of a run how many and why.

Pytest's own closing line stays as it is, one line above: programs read it.
"""

from collections import Counter
from collections.abc import Generator, Iterable
from enum import StrEnum
from typing import Final, NoReturn

import pytest

_PREFIX: Final = "for want of "


class Want(StrEnum):
    """A thing that some tests need and a fresh machine does not have."""

    POSTGRESQL = "PostgreSQL"
    VECTORS = "published vectors"
    ORACLES = "oracles"
    CODE_READERS = "zbarimg and pdftoppm"
    SERVICE_PROGRAMS = "docker-compose and systemd-analyze"
    SHELLS = "zsh, fish and groff"


COMMANDS_BY_CAUSE: Final = {
    Want.POSTGRESQL: ".ci/run installs it and runs them",
    Want.VECTORS: "ACREDITA_VECTORS=FOLDER make test runs them",
    Want.ORACLES: "make interop installs them and runs these",
    Want.CODE_READERS: ".ci/run installs them and runs these",
    Want.SERVICE_PROGRAMS: ".ci/run installs them and runs these",
    Want.SHELLS: ".ci/run installs them and runs these",
}


def leave_out(want: Want, what: str, *, allow_module_level: bool = False) -> NoReturn:
    """Skip a test, because the machine lacks `want`. `what`: the subject that stays untested."""
    pytest.skip(f"{_PREFIX}{want}: {what}", allow_module_level=allow_module_level)


def closing_line(reasons: Iterable[str]) -> str:
    """Return the last line of a run whose tests were skipped for these reasons; empty where none was."""
    counts = Counter(_want(reason) for reason in reasons)
    causes = [f"{counts[want]} {_PREFIX}{want} ({COMMANDS_BY_CAUSE[want]})" for want in Want if counts[want]]
    if counts[None]:
        causes.append(f"{counts[None]} that do not apply to this machine")
    number = counts.total()
    return f"{number} {'test' if number == 1 else 'tests'} left out: {', '.join(causes)}" if number else ""


def _want(reason: str) -> Want | None:
    _, found, rest = reason.partition(_PREFIX)
    return next((want for want in Want if found and rest.startswith(f"{want}: ")), None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Write the closing line after everything else, once a run: workers of xdist have no terminal."""
    yield
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or hasattr(session.config, "workerinput"):
        return
    reasons = [report.longrepr[2] for report in terminal.stats.get("skipped", []) if isinstance(report.longrepr, tuple)]
    line = closing_line(reasons)
    if line:
        terminal.write_line(line)
