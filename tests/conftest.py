"""Hooks and fixtures of all tests: published vectors, patience with slow machines, the last line of a run."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.left_out import Want, leave_out, pytest_sessionfinish  # noqa: F401 - a hook of pytest
from tests.simulators.installed_wheel import install_wheel

# A busy machine draws examples slowly: neither that nor a slow example is a fault of the code under test.
settings.register_profile("acredita", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("acredita")

# Sentences of commands are compared in English, unless a test asks for Spanish with --lang.
os.environ.setdefault("ACREDITA_LANG", "en")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report a skipped test as failed with ACREDITA_NO_SKIPS, because everything is installed there."""
    report = yield
    if os.environ.get("ACREDITA_NO_SKIPS") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was left out: {call.excinfo.value if call.excinfo else ''}"
    return report


@pytest.fixture(scope="session")
def published() -> Path:
    """Return the folder of published vectors, or leave the test out."""
    folder = os.environ.get("ACREDITA_VECTORS")
    if folder is None and os.environ.get("ACREDITA_REQUIRE_VECTORS"):
        pytest.fail("ACREDITA_REQUIRE_VECTORS is set and ACREDITA_VECTORS is not")
    if folder is None:
        leave_out(Want.VECTORS, "the whole published sets")
    return Path(folder)


@pytest.fixture(scope="session")
def installed_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment with the built wheel and everything the project depends on."""
    return install_wheel(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="session")
def figures() -> Path:
    """Return the folder of our own small files of published figures, each with its origin."""
    return Path(__file__).parent / "vectors"
