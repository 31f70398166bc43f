# pragma version 0.4.3
# @title Probe
# @notice One function for everything a chain must answer the same way everywhere.

event Stored:
    key: indexed(uint256)
    value: uint256

event Marked:
    first: indexed(bytes32)
    second: indexed(bytes32)
    third: indexed(bytes32)
    note: String[32]

values: public(HashMap[uint256, uint256])

@deploy
@payable
def __init__():
    pass

@external
@payable
def store(key: uint256, amount: uint256):
    self.values[key] = amount
    log Stored(key=key, value=amount)

@external
def mark(first: bytes32, second: bytes32, third: bytes32, note: String[32]):
    log Marked(first=first, second=second, third=third, note=note)

@external
def whisper(words: Bytes[64]):
    raw_log([], words)

@external
def refuse(reason: String[64]):
    raise reason

@external
def refuse_with(words: Bytes[128]):
    raw_revert(words)

@external
def store_and_refuse(key: uint256):
    self.values[key] = 1
    log Stored(key=key, value=1)
    raise "probe: stored and refused"

@external
def break_down():
    raise UNREACHABLE

@external
def overflow(amount: uint256) -> uint256:
    return amount + max_value(uint256)

@external
def spawn() -> address:
    return create_minimal_proxy_to(self)

@external
def call_deep(depth: uint256, key: uint256):
    if depth == 0:
        self.values[key] = depth + 1
        log Stored(key=key, value=depth + 1)
    else:
        extcall Probe(self).call_deep(depth - 1, key)

@external
@view
def clock() -> (uint256, uint256, uint256):
    return block.number, block.timestamp, block.basefee

@external
@view
def past_hash(number: uint256) -> bytes32:
    return blockhash(number)

@external
@view
def caller() -> (address, address):
    return msg.sender, tx.origin

@external
@view
def digest(words: Bytes[128]) -> bytes32:
    return sha256(words)

interface Probe:
    def call_deep(depth: uint256, key: uint256): nonpayable
