# pragma version 0.4.3
"""
@title CredentialLog
@license Apache-2.0
@notice Anchors the checkpoints of each issuer's append-only credential log, and refuses a rewritten log, an
        issuer that may not anchor, and everything replayed from another chain, contract, issuer or epoch.
@dev A log is (issuer, epoch). Stored are one packed head an issuer,
         epoch << 128 | number << 88 | size << 40 | time,
     and one word a checkpoint,
         word  = sha256(fixed || root || status root || previous word)
         fixed = kind << 176 | number << 136 | old size << 88 | size << 40 | time.
     The caller hands the four parts of the newest checkpoint back in, so the old root needs no slot of its own.
     Checkpoint 0 holds entry 0 alone, which names the log id; in epoch 1 it is computed, not stored. `size` is
     the issuer's claim: RFC 9162 consistency binds roots, not sizes, so readers rebuild both from the entries.
"""

from modules import totals

interface IssuerRegistry:
    def anchor_rights(account: address) -> (bytes32, bool, bool): view


event Anchored:
    issuer: indexed(bytes32)
    epoch: uint16
    number: uint40
    kind: uint8
    old_size: uint48
    size: uint48
    root: bytes32
    status_root: bytes32
    previous: bytes32
    word: bytes32
    account: address
    time: uint64


event EpochOpened:
    issuer: indexed(bytes32)
    epoch: uint16
    last_good: uint40
    root: bytes32
    status_root: bytes32
    previous: bytes32
    word: bytes32
    act: bytes32
    time: uint64


ANCHORED: constant(bytes32) = keccak256(
    "Anchored(bytes32,uint16,uint40,uint8,uint48,uint48,bytes32,bytes32,bytes32,bytes32,address,uint64)"
)
EPOCH_OPENED: constant(bytes32) = keccak256(
    "EpochOpened(bytes32,uint16,uint40,bytes32,bytes32,bytes32,bytes32,bytes32,uint64)"
)

# What a checkpoint may hold: 1 = issued entries and status entries, 2 = status entries only.
KIND_OPEN: constant(uint8) = 1
KIND_STATUS: constant(uint8) = 2

PATH_HASHES: constant(uint256) = 64
NODE_PREFIX: constant(bytes1) = 0x01  # RFC 9162 2.1.1

# A head and the fixed part of a checkpoint begin alike, from bit 0: time 40, size 48. Then a head has number 40 and
# epoch 16, and a checkpoint has old size 48, number 40 and kind 8.
SIZE_BIT: constant(uint256) = 40
HEAD_NUMBER_BIT: constant(uint256) = 88
EPOCH_BIT: constant(uint256) = 128
OLD_SIZE_BIT: constant(uint256) = 88
NUMBER_BIT: constant(uint256) = 136
KIND_BIT: constant(uint256) = 176

NUMBER_MASK: constant(uint256) = 2**40 - 1
SIZE_MASK: constant(uint256) = 2**48 - 1
TIME_MASK: constant(uint256) = 2**40 - 1

# Epoch 1, number 0, size 1, time 0: what an empty head slot means.
FIRST_HEAD: constant(uint256) = (1 << EPOCH_BIT) | (1 << SIZE_BIT)
# kind 0, number 0, old size 0, size 1, time 0.
FIRST_FIXED: constant(uint256) = 1 << SIZE_BIT
# The status root of no lists: sha256("acredita/status/1" || 0 as 4 bytes || sha256("")).
EMPTY_STATUS_ROOT: constant(bytes32) = 0x43b73d55ce889fe00a1469d56603b4db1edc6106cd9b52808f12f38779c8e76d

REGISTRY: immutable(IssuerRegistry)
COUNCIL: immutable(address)

heads: HashMap[bytes32, uint256]
words: HashMap[bytes32, HashMap[uint16, HashMap[uint40, bytes32]]]
last_good_numbers: HashMap[bytes32, HashMap[uint16, uint40]]
initializes: totals
exports: totals.total


@deploy
def __init__(issuer_registry: address, council: address):
    """
    @notice Binds the log to the registry that says who may anchor and to the council that opens epochs.
    @param issuer_registry The IssuerRegistry.
    @param council The Council.
    """
    assert issuer_registry.is_contract, "log: registry"
    assert council.is_contract, "log: council"
    REGISTRY = IssuerRegistry(issuer_registry)
    COUNCIL = council


@external
def anchor(
    kind: uint8,
    size: uint48,
    root: bytes32,
    status_root: bytes32,
    previous: bytes32[4],
    consistency_path: DynArray[bytes32, PATH_HASHES],
):
    """
    @notice Anchors the next checkpoint of the sender's issuer, in its current epoch.
    @param kind 1 (open) needs an issuer active now with every accreditor above it; 2 (status only) is taken
           from a valid anchoring account in any state of its issuer, and from a custodian of the council.
    @param size The number of entries the log has now; more than before.
    @param root The Merkle root of these entries.
    @param status_root The status root after these entries.
    @param previous fixed, root, status root and previous word of the newest checkpoint.
    @param consistency_path RFC 9162 proof that the tree under `root` extends the newest checkpoint's tree.
    """
    assert kind == KIND_OPEN or kind == KIND_STATUS, "log: kind"
    issuer: bytes32 = self._sender_issuer(kind)

    head: uint256 = self._head(issuer)
    epoch: uint16 = convert(head >> EPOCH_BIT, uint16)
    number: uint40 = convert((head >> HEAD_NUMBER_BIT) & NUMBER_MASK, uint40)
    old_size: uint256 = (head >> SIZE_BIT) & SIZE_MASK
    new_size: uint256 = convert(size, uint256)
    assert new_size > old_size, "log: size"
    assert block.timestamp > head & TIME_MASK, "log: time"

    previous_word: bytes32 = self._word_of(previous)
    assert previous_word == self._word_at(issuer, epoch, number), "log: previous"
    assert len(consistency_path) != 0, "log: path"
    self._check_consistency(old_size, new_size, previous[1], root, consistency_path)

    number += 1
    fixed: uint256 = (convert(kind, uint256) << KIND_BIT) | self._tail(number, old_size, new_size)
    word: bytes32 = self._word_of([convert(fixed, bytes32), root, status_root, previous_word])
    self.heads[issuer] = (convert(epoch, uint256) << EPOCH_BIT) | self._head_tail(number, new_size)
    self.words[issuer][epoch][number] = word
    self._record(
        ANCHORED,
        issuer,
        abi_encode(
            epoch,
            number,
            kind,
            convert(old_size, uint48),
            size,
            root,
            status_root,
            previous_word,
            word,
            msg.sender,
            convert(block.timestamp, uint64),
        ),
    )


@external
def open_epoch(issuer: bytes32, previous: bytes32[4], act: bytes32):
    """
    @notice Closes an issuer's epoch at its last good checkpoint and opens the next: what followed is void.
    @dev Only the council, for a stolen anchoring account or a log that cannot be rebuilt.
    @param issuer The issuer whose log starts anew.
    @param previous fixed, root, status root and previous word of the last good checkpoint of the current epoch.
    @param act The hash of the legal act.
    """
    assert msg.sender == COUNCIL, "log: council"
    head: uint256 = self._head(issuer)
    closed: uint16 = convert(head >> EPOCH_BIT, uint16)

    # The number is the caller's word until the stored word confirms it.
    last: uint40 = convert((convert(previous[0], uint256) >> NUMBER_BIT) & NUMBER_MASK, uint40)
    previous_word: bytes32 = self._word_of(previous)
    assert previous_word == self._word_at(issuer, closed, last), "log: previous"

    epoch: uint16 = closed + 1
    root: bytes32 = self._opening_root(issuer, epoch)
    fixed: uint256 = self._tail(0, 0, 1)
    word: bytes32 = self._word_of([convert(fixed, bytes32), root, previous[2], previous_word])
    self.last_good_numbers[issuer][closed] = last
    self.heads[issuer] = (convert(epoch, uint256) << EPOCH_BIT) | self._head_tail(0, 1)
    self.words[issuer][epoch][0] = word
    self._record(
        EPOCH_OPENED,
        issuer,
        abi_encode(
            epoch, last, root, previous[2], previous_word, word, act, convert(block.timestamp, uint64)
        ),
    )


@external
@view
def head(issuer: bytes32) -> uint256:
    """
    @notice The packed head of an issuer's current epoch; epoch 1, number 0, size 1, time 0 before any anchor.
    @param issuer The issuer.
    @return epoch << 128 | number << 88 | size << 40 | time.
    """
    return self._head(issuer)


@external
@view
def checkpoint_word(issuer: bytes32, epoch: uint16, number: uint40) -> bytes32:
    """
    @notice The word of one checkpoint, void ones included; zero where there is none.
    @param issuer The issuer.
    @param epoch The epoch of its log, from 1.
    @param number The checkpoint's number, from 0.
    @return The word.
    """
    return self._word_at(issuer, epoch, number)


@external
@view
def last_good(issuer: bytes32, epoch: uint16) -> uint40:
    """
    @notice The last checkpoint of a closed epoch that still counts; reverts for an epoch that is not closed.
    @param issuer The issuer.
    @param epoch A closed epoch.
    @return The checkpoint's number.
    """
    assert epoch != 0 and convert(epoch, uint256) < self._head(issuer) >> EPOCH_BIT, "log: epoch"
    return self.last_good_numbers[issuer][epoch]


@external
@view
def log_id(issuer: bytes32, epoch: uint16) -> bytes32:
    """
    @notice What entry 0 of a log names.
    @param issuer The issuer.
    @param epoch The epoch of its log, from 1.
    @return sha256("acredita/log/1" || chain id 32 || this contract 20 || issuer 32 || epoch 4).
    """
    return self._log_id(issuer, epoch)


@internal
@view
def _sender_issuer(kind: uint8) -> bytes32:
    issuer: bytes32 = empty(bytes32)
    may_open: bool = False
    may_status: bool = False
    issuer, may_open, may_status = staticcall REGISTRY.anchor_rights(msg.sender)
    if kind == KIND_STATUS:
        assert may_status, "log: account"
    elif not may_open:
        # Here are a valid account of an issuer that is not active, and a custodian.
        assert may_status, "log: account"
        raise "issuer: not active"
    return issuer


@internal
@view
def _head(issuer: bytes32) -> uint256:
    packed: uint256 = self.heads[issuer]
    if packed == 0:
        return FIRST_HEAD
    return packed


@internal
@view
def _word_at(issuer: bytes32, epoch: uint16, number: uint40) -> bytes32:
    if epoch == 1 and number == 0:
        root: bytes32 = self._opening_root(issuer, 1)
        return self._word_of([convert(FIRST_FIXED, bytes32), root, EMPTY_STATUS_ROOT, empty(bytes32)])
    return self.words[issuer][epoch][number]


@internal
@pure
def _word_of(parts: bytes32[4]) -> bytes32:
    return sha256(concat(parts[0], parts[1], parts[2], parts[3]))


@internal
@view
def _tail(number: uint40, old_size: uint256, size: uint256) -> uint256:
    return (convert(number, uint256) << NUMBER_BIT) | (old_size << OLD_SIZE_BIT) | (size << SIZE_BIT) | block.timestamp


@internal
@view
def _head_tail(number: uint40, size: uint256) -> uint256:
    return (convert(number, uint256) << HEAD_NUMBER_BIT) | (size << SIZE_BIT) | block.timestamp


@internal
@view
def _log_id(issuer: bytes32, epoch: uint16) -> bytes32:
    return sha256(
        concat(
            b"acredita/log/1",
            convert(chain.id, bytes32),
            convert(self, bytes20),
            issuer,
            convert(convert(epoch, uint32), bytes4),
        )
    )


@internal
@view
def _opening_root(issuer: bytes32, epoch: uint16) -> bytes32:
    # Leaf hash of entry 0: version 1, kind 0, no position, log id, zeros.
    return sha256(
        concat(0x00, 0x0100, 0xffffffff, self._log_id(issuer, epoch), empty(bytes32))
    )


@internal
@pure
def _check_consistency(
    old_size: uint256,
    new_size: uint256,
    old_root: bytes32,
    new_root: bytes32,
    path: DynArray[bytes32, PATH_HASHES],
):
    # RFC 9162 2.1.4.2, for 0 < old size < new size and a path that is not empty.
    position: uint256 = old_size - 1
    last: uint256 = new_size - 1
    for i: uint256 in range(48):
        if position & 1 == 0:
            break
        position >>= 1
        last >>= 1

    # An old tree of 2^k leaves is one complete subtree: its root starts the path.
    skip: bool = old_size & (old_size - 1) != 0
    old_node: bytes32 = old_root
    if skip:
        old_node = path[0]
    new_node: bytes32 = old_node

    for sibling: bytes32 in path:
        if skip:
            skip = False
            continue
        if position & 1 == 1:
            old_node = sha256(concat(NODE_PREFIX, sibling, old_node))
            new_node = sha256(concat(NODE_PREFIX, sibling, new_node))
        elif position != last:
            new_node = sha256(concat(NODE_PREFIX, new_node, sibling))
        else:
            # Up the right edge of both trees; position = last > 0 has a bit that ends it.
            assert last != 0, "log: path"
            old_node = sha256(concat(NODE_PREFIX, sibling, old_node))
            new_node = sha256(concat(NODE_PREFIX, sibling, new_node))
            for i: uint256 in range(48):
                position >>= 1
                last >>= 1
                if position & 1 == 1:
                    break
        position >>= 1
        last >>= 1

    assert last == 0, "log: path"
    assert old_node == old_root and new_node == new_root, "log: consistency"


@internal
def _record(topic: bytes32, issuer: bytes32, data: Bytes[352]):
    """
    The one way to emit: the event's bytes are counted in the total.
    """
    totals._count(concat(topic, issuer, data))
    raw_log([topic, issuer], data)
