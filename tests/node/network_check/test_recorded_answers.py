"""Besu's own recorded answers, read by the subjects of a check: Besu itself has not been run.

The files are request and response pairs of Besu's JSON-RPC tests (hyperledger/besu, Apache-2.0), read from the folder of
published vectors and never committed.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acredita.node.network_check import access_subjects, chain_subjects, history_subjects, rule_subjects
from acredita.node.network_check.asking import AskedEndpoint
from acredita.node.network_check.expected import ExpectedChain
from acredita.node.network_check.lines import LineOutcome
from acredita.node.network_check.subject import CheckContext

from tests.simulators.checked_network import SETTINGS
from tests.simulators.half_endpoint import HalfProvider

Pair = dict[str, Any]
CREATION_PREFIX = 32 * 2  # characters of the recorded creation code before the code that it returns


@pytest.fixture
def recorded(published: Path) -> Callable[[str], Pair]:
    """Return Besu's request and response of a name."""

    def read(name: str) -> Pair:
        pair: Pair = json.loads((published / "besu" / "jsonrpc" / f"{name}.json").read_text(encoding="utf-8"))
        return pair

    return read


def answering(responses: dict[str, Any]) -> CheckContext:
    """Return the context of an endpoint that answers each method by one recorded response."""
    endpoint = AskedEndpoint(HalfProvider(lambda method, params: responses[method], ()))
    return CheckContext(endpoint, ExpectedChain(), SETTINGS)


def test_besu_runs_a_program_that_has_no_address(recorded: Callable[[str], Pair]) -> None:
    pair = recorded("eth_call_contractCreation_withFutureNonce")
    call = pair["request"]["params"][0]
    assert "to" not in call
    context = answering({"eth_call": pair["response"]})
    assert rule_subjects.run(context, call["data"][2:]).hex() == call["data"][2 + CREATION_PREFIX :]


@pytest.mark.parametrize("name", ["eth_getBlockByNumber_complete_shanghai", "eth_getBlockByNumber_hashes"])
def test_the_header_of_besu_has_its_hash(recorded: Callable[[str], Pair], name: str) -> None:
    block = recorded(name)["response"]
    context = answering({"eth_getBlockByNumber": block, "eth_blockNumber": {"result": block["result"]["number"]}})
    assert chain_subjects.head(context).outcome is LineOutcome.FINE
    assert rule_subjects.base_fee(context).code == "BASE_FEE_NOT_ZERO"  # 1 gwei, and none before London
    context = answering(
        {"eth_getBlockByNumber": {"result": block["result"] | {"gasUsed": "0x7"}}, "eth_blockNumber": {"result": "0x0"}}
    )
    assert chain_subjects.head(context).code == "HEADER_FALSE"


def test_null_of_besu_beyond_the_head_is_no_answer(recorded: Callable[[str], Pair]) -> None:
    null = recorded("eth_getTransactionCount_illegalRange")["response"]
    assert null["result"] is None
    block = recorded("eth_getBlockByNumber_hashes")["response"]
    context = answering({"eth_getBlockByNumber": block, "eth_blockNumber": {"result": block["result"]["number"]}})
    context.chain.head()
    context.endpoint = AskedEndpoint(HalfProvider(lambda method, params: null, ()))
    assert history_subjects.beyond_head(context).outcome is LineOutcome.FINE


@pytest.mark.parametrize("name", ["invalidRawTransaction", "invalidNonceTooLow", "unsignedTransaction"])
def test_no_other_refusal_of_besu_is_taken_for_an_allow_list(recorded: Callable[[str], Pair], name: str) -> None:
    refusal = recorded(f"eth_sendRawTransaction_{name}")["response"]
    assert "error" in refusal
    line = access_subjects.allow_list(answering({"eth_chainId": {"result": "0x7"}, "eth_sendRawTransaction": refusal}))
    assert (line.outcome, line.code) == (LineOutcome.UNKNOWN, "QUESTION_REFUSED")
