"""JSON-RPC endpoints that are half there: each lags, leaves out, repeats, invents, forks or breaks, as its seed draws.

Views are never false: what an endpoint answers to `eth_call` is some block's honest state, or does not decode, or is an
error. Its logs, heads and block numbers may be anything. The chains behind it are real embedded ones.
"""

import copy
import hashlib
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from acredita.anchoring.ledger import Ledger
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.rpc_answers import _header as encoded_header
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.contracts import bindings
from acredita.devnet.rpc.dispatch import Rpc
from eth_hash.auto import keccak
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

Ask = Callable[[str, list[Any]], dict[str, Any]]
Manner = Callable[[str, list[Any], Ask], dict[str, Any]]

GARBAGE: Sequence[Any] = (None, "0x", "0xzz", "", [], {}, 5, True, "0x" + "ff" * 31, "0x" + "ff" * 40, "0x-1", "1" * 80)
NONSENSE: Sequence[Any] = (None, "0x", "0xzz", "", [], {}, 5, True, "0x-1", "1" * 80)
REVERT = "0x08c379a0" + "20".rjust(64, "0") + "12".rjust(64, "0")
REASONS = ("issuer: not active", "log: wrong previous", "nothing anybody knows")
LOG_MANNERS = ("partial", "error", "empty", "null")


class Answers:
    """The honest answers of a chain that stands still, each computed once."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._known: dict[str, str] = {}

    def __call__(self, method: str, params: list[Any]) -> dict[str, Any]:
        question = json.dumps([method, params])
        if question not in self._known:
            request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            self._known[question] = json.dumps(self._rpc.handle(request))
        answer: dict[str, Any] = json.loads(self._known[question])
        return answer


class HalfProvider(BaseProvider):
    """An endpoint over one honest chain, behind manners that change questions and answers."""

    def __init__(self, answers: Ask, manners: Sequence[Manner]) -> None:
        super().__init__()
        self._answers, self._manners = answers, tuple(manners)

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        return self._through(len(self._manners), str(method), copy.deepcopy(list(params)))  # type: ignore[return-value]

    def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse]:
        return [self.make_request(method, params) for method, params in requests]

    def _through(self, level: int, method: str, params: list[Any]) -> dict[str, Any]:
        if level == 0:
            return self._answers(method, params)
        return self._manners[level - 1](method, params, lambda m, p: self._through(level - 1, m, p))


def failing(message: str, code: int = -32000) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message}}


def _head(ask: Ask) -> int:
    head = ask("eth_getBlockByNumber", ["latest", False])["result"]
    if head is None:  # of two chains behind it, the endpoint asks the shorter one for the longer one's height
        raise ConnectionError("no head")
    return int(head["number"], 16)


def lagging(random: Random, blocks: int, *, steady: bool) -> Manner:
    """Answer as of some blocks ago, always or, as behind a load balancer, every second time."""
    logs, state = random.choice(LOG_MANNERS), random.choice(("error", "latest"))

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if not steady and random.random() < 0.5:
            return ask(method, params)
        head = max(0, _head(ask) - blocks)
        if method == "eth_getBlockByNumber":
            if params[0] == "latest":
                return ask(method, [hex(head), *params[1:]])
            return ask(method, params) if int(params[0], 16) <= head else {"jsonrpc": "2.0", "id": 1, "result": None}
        if method == "eth_getLogs":
            return _lagging_logs(params[0], head, logs, ask)
        return _at_block(method, params, ask, head, state)

    return manner


def _lagging_logs(query: dict[str, Any], head: int, manner: str, ask: Ask) -> dict[str, Any]:
    if int(query["toBlock"], 16) <= head:
        return ask("eth_getLogs", [query])
    if manner == "error" or (manner == "partial" and int(query["fromBlock"], 16) > head):
        return failing("block range beyond the head")
    if manner == "partial":
        return ask("eth_getLogs", [{**query, "toBlock": hex(head)}])
    return {"jsonrpc": "2.0", "id": 1, "result": [] if manner == "empty" else None}


def _at_block(method: str, params: list[Any], ask: Ask, head: int, manner: str) -> dict[str, Any]:
    """Answer a question about state: blocks above the head are unknown by hash, and by number as the manner says."""
    places = {"eth_call": 1, "eth_getCode": 1, "eth_getTransactionCount": 1, "eth_getProof": 2, "eth_getStorageAt": 2}
    if method not in places:
        return ask(method, params)
    place = places[method]
    block = params[place]
    if block in ("latest", "pending"):
        params[place] = hex(head)
    elif isinstance(block, dict):
        known = ask("eth_getBlockByHash", [block["blockHash"], False])["result"]
        if known is None or int(known["number"], 16) > head:
            return failing("unknown block")
    elif int(block, 16) > head:
        if manner == "error":
            return failing("unknown block")
        params[place] = hex(head)
    return ask(method, params)


def rolled_back(blocks: int) -> Manner:
    """Name an older block as the newest, and answer everything else as it is."""

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if method == "eth_getBlockByNumber" and params[0] == "latest":
            return ask(method, [hex(max(0, _head(ask) - blocks)), *params[1:]])
        return ask(method, params)

    return manner


def heightened(number: int, edit: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list) -> Manner:
    """Name as the newest a block of a height of its own, and answer for it from the real one. `edit`: changes its logs."""

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if method == "eth_getBlockByNumber" and params[0] == "latest":
            answer = ask(method, params)
            block = {**answer["result"], "number": hex(number)}
            return {**answer, "result": {**block, "hash": "0x" + keccak(encoded_header(block)).hex()}}
        if method in ("eth_call", "eth_getCode"):
            return ask(method, [params[0], "latest"])
        if method == "eth_getLogs":
            answer = ask(method, [{**params[0], "toBlock": hex(min(int(params[0]["toBlock"], 16), _head(ask)))}])
            return {**answer, "result": edit(answer["result"])}
        return ask(method, params)

    return manner


def forked(other: Ask, random: Random, share: float) -> Manner:
    """Answer a share of the questions from another chain with the same beginning."""

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        return other(method, params) if random.random() < share else ask(method, params)

    return manner


LogEdit = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


def editing_logs(edit: LogEdit) -> Manner:
    """Return a manner that edits every list of logs."""

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        answer = ask(method, params)
        if method == "eth_getLogs" and isinstance(answer.get("result"), list):
            answer["result"] = edit(answer["result"])
        return answer

    return manner


def without(event: type[bindings.Event], *, last: bool = False) -> LogEdit:
    """Leave out every log of one kind of event, or the last of them."""
    topic = next(
        "0x" + topics[event.__name__].hex()
        for contract in ("Council", "IssuerRegistry", "ProgrammeRegistry", "CredentialLog")
        if event.__name__ in (topics := bindings.event_topics(contract))
    )

    def edit(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        places = [at for at, log in enumerate(logs) if log["topics"][0] == topic]
        dropped = set(places[-1:] if last else places)
        return [log for at, log in enumerate(logs) if at not in dropped]

    return edit


def dropping(seed: int, share: float) -> LogEdit:
    """Leave out a share of all logs, the same ones each time."""

    def is_dropped(log: dict[str, Any]) -> bool:
        name = f"{seed} {log['blockHash']} {log['logIndex']}".encode()
        return hashlib.sha256(name).digest()[0] < 256 * share

    return lambda logs: [log for log in logs if not is_dropped(log)]


def dropping_topic(random: Random) -> LogEdit:
    """Leave out every log of one kind of event, drawn at the first answer that has one."""
    chosen: list[str] = []

    def edit(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if logs and not chosen:
            chosen.append(random.choice(logs)["topics"][0])
        return [log for log in logs if log["topics"][0] not in chosen]

    return edit


def dropping_one(random: Random) -> LogEdit:
    return lambda logs: [log for at, log in enumerate(logs) if at != random.randrange(max(1, len(logs)))]


def dropping_last(_random: Random) -> LogEdit:
    return lambda logs: logs[:-1]


def cutting(random: Random) -> LogEdit:
    return lambda logs: logs[: random.randrange(len(logs) + 1)]


def repeating(random: Random) -> LogEdit:
    return lambda logs: [*logs, random.choice(logs)] if logs else logs


def repeating_in_place(random: Random) -> LogEdit:
    return lambda logs: [again for log in logs for again in [log] * (1 + (random.random() < 0.2))]


def reordering(random: Random) -> LogEdit:
    return lambda logs: random.sample(logs, len(logs))


def swapping(random: Random) -> LogEdit:
    def edit(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(logs) > 1:
            at = random.randrange(len(logs) - 1)
            logs[at], logs[at + 1] = logs[at + 1], logs[at]
        return logs

    return edit


def inventing(random: Random) -> LogEdit:
    """Add a log that never was: one of the others with other data, another event, or another block."""

    def edit(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not logs:
            return logs
        false = copy.deepcopy(random.choice(logs))
        match random.randrange(5):
            case 0:
                body = bytearray.fromhex(false["data"][2:])
                if body:
                    body[random.randrange(len(body))] ^= 1 << random.randrange(8)
                false["data"] = "0x" + body.hex()
            case 1:
                false["topics"][0] = "0x" + random.randbytes(32).hex()
            case 2:
                false["topics"] = false["topics"][:1]
            case 3:
                false["data"] = false["data"][: 2 + 64 * random.randrange(3)]
            case _:
                false["blockNumber"] = hex(int(false["blockNumber"], 16) + random.randrange(5))
        at = random.randrange(len(logs) + 1)
        return [*logs[:at], false, *logs[at if random.random() < 0.5 else min(at + 1, len(logs)) :]]

    return edit


def breaking(random: Random, share: float, *, makes_sense: bool = True) -> Manner:
    """Break a share of the answers: no answer, an error, no sense in it; or, `makes_sense`, a revert or a spoiled member."""

    def manner(method: str, params: list[Any], ask: Ask) -> dict[str, Any]:
        if random.random() >= share:
            return ask(method, params)
        match random.randrange(5 if makes_sense else 3):
            case 0:
                raise ConnectionError("connection reset")
            case 1:
                return failing("internal error", -32603)
            case 2:
                return {"jsonrpc": "2.0", "id": 1, "result": random.choice(GARBAGE if makes_sense else NONSENSE)}
            case 3:
                return _revert(random)
        answer = ask(method, params)
        if isinstance(answer.get("result"), str):  # a view's answer is never another true-looking one
            return answer | {"result": answer["result"][: random.randrange(2, 60)]}
        return answer | {"result": _spoiled(answer.get("result"), random)}

    return manner


def _revert(random: Random) -> dict[str, Any]:
    text = random.choice(REASONS).encode()
    data = REVERT[:74] + hex(len(text))[2:].rjust(64, "0") + text.hex().ljust(64, "0")
    shape = random.choice([data, {"data": data}, "0x", None, "no data", data[: random.randrange(10, 100)]])
    return {"jsonrpc": "2.0", "id": 1, "error": {"code": 3, "message": "execution reverted", "data": shape}}


def _spoiled(value: Any, random: Random) -> Any:
    """Replace one member, somewhere in an answer."""
    if isinstance(value, dict) and value:
        key = random.choice(sorted(value))
        if random.random() < 0.2:
            return {name: member for name, member in value.items() if name != key}
        return value | {key: _spoiled(value[key], random)}
    if isinstance(value, list) and value:
        at = random.randrange(len(value))
        return [*value[:at], _spoiled(value[at], random), *value[at + 1 :]]
    return random.choice(GARBAGE)


EDITS: Sequence[Callable[[Random], LogEdit]] = (
    dropping_topic,
    dropping_one,
    dropping_last,
    cutting,
    repeating,
    repeating_in_place,
    reordering,
    swapping,
    inventing,
    lambda random: dropping(random.randrange(1 << 32), random.choice((0.02, 0.1, 0.5, 1.0))),
)


def drawn_manners(random: Random, other: Ask | None, *, makes_sense: bool = True) -> list[Manner]:
    """Draw the manners of one endpoint; one without any is honest. `makes_sense`: broken answers may be believable."""
    manners: list[Manner] = []
    if other is not None and random.random() < 0.15:
        manners.append(forked(other, random, random.choice((0.1, 0.5, 1.0))))
    if random.random() < 0.35:
        manners.append(lagging(random, random.choice((1, 2, 3, 8, 20)), steady=random.random() < 0.5))
    if random.random() < 0.1:
        manners.append(rolled_back(random.choice((1, 2, 5, 1000))))
    if random.random() < 0.5:
        manners.append(editing_logs(random.choice(EDITS)(random)))
    if random.random() < 0.25:
        manners.append(breaking(random, random.choice((0.02, 0.1, 0.5)), makes_sense=makes_sense))
    return manners


def drawn_ledger(seed: int, honest: Ask, other: Ask | None = None) -> Ledger:
    """Draw a ledger of one to three endpoints, as failover where there are several."""
    random = Random(seed)
    count = random.choice((1, 1, 1, 2, 2, 3))
    endpoints = [RpcLedger(HalfProvider(honest, drawn_manners(random, other))) for _ in range(count)]
    return endpoints[0] if count == 1 else QuorumLedger(endpoints)
