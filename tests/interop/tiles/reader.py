"""A reader of tiled logs by the text of C2SP alone: signed-note, tlog-checkpoint, tlog-tiles, and RFC 8032 for Ed25519.

Runs in an interpreter without acredita, on the standard library; pymerkle, where it is asked for, says what the roots are.

    reader.py PREFIX VERIFIER-KEY SIZE,SIZE,… SEED

It fetches the checkpoint, verifies its signature, reads every full tile and bundle of the log and the partial ones of each
size, and prints what it has found as JSON. The first thing that does not fit ends it with a sentence.
"""

import base64
import hashlib
import json
import random
import sys
import urllib.error
import urllib.request
from itertools import pairwise

import pymerkle

WIDTH = 256
HASH = 32


def sha256(data):
    return hashlib.sha256(data).digest()


def demand(condition, sentence):
    if not condition:
        sys.exit(sentence)


# --- RFC 8032 5.1: Ed25519 verification, in integers -----------------------------------------------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    demand(y < P, "a point's y is out of range")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    demand((x * x - square) % P == 0, "a point is not on the curve")
    return P - x if x & 1 != sign else x


def point(data):
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = recover_x(y, number >> 255)
    return x, y, 1, x * y % P


def add(a, b):
    a1, b1 = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c1, d1 = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = b1 - a1, d1 - c1, d1 + c1, b1 + a1
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, base):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, base)
        base, scalar = add(base, base), scalar >> 1
    return total


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def ed25519_verifies(public, message, signature):
    r, s = point(signature[:32]), int.from_bytes(signature[32:], "little")
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    h = int.from_bytes(digest, "little") % Q
    return s < Q and same(times(s, BASE), add(r, times(h, point(public))))


# --- signed-note, tlog-checkpoint ------------------------------------------------------------------------------------


def open_checkpoint(data, verifier_key):
    """Return (size, root, extension lines) of a checkpoint that this key has signed."""
    name, key_id, encoded = verifier_key.split("+", 2)
    typed = base64.b64decode(encoded)
    demand(typed[:1] == b"\x01", "the verifier key is not Ed25519")
    demand(sha256(name.encode() + b"\n" + typed)[:4].hex() == key_id, "the verifier key's id is not its own")
    text, _, signatures = data.decode().rpartition("\n\n")
    text += "\n"
    verified = 0
    for line in signatures.splitlines():
        dash, signer, blob = line.split(" ")
        demand(dash == "\u2014", "a signature line begins with an em dash")
        blob = base64.b64decode(blob)
        if signer == name and blob[:4].hex() == key_id:
            demand(ed25519_verifies(typed[1:], text.encode(), blob[4:]), "the signature does not verify")
            verified += 1
    demand(verified == 1, "the log's key has not signed")
    origin, size, root, *extensions = text.splitlines()
    demand(origin == name, "the key's name is not the origin")
    return int(size), base64.b64decode(root), extensions


# --- tlog-tiles ------------------------------------------------------------------------------------------------------


class Log:
    def __init__(self, prefix):
        self.prefix = prefix
        self.kept = {}

    def get(self, path):
        if path not in self.kept:
            with urllib.request.urlopen(f"{self.prefix}/{path}", timeout=60) as answer:
                self.kept[path] = answer.read()
        return self.kept[path]

    def is_absent(self, path):
        try:
            self.get(path)
        except urllib.error.HTTPError as error:
            return error.code == 404
        return False

    def tile(self, level, index, width):
        """Return the hashes of a tile, or the entries of a bundle for the level `entries`."""
        data = self.get(tile_path(level, index, width))
        if level == "entries":
            return unpack(data, width)
        demand(len(data) == width * HASH, f"tile {level}/{index} has not {width} hashes")
        return [data[at : at + HASH] for at in range(0, len(data), HASH)]

    def row(self, level, size):
        """Return every hash of a tile level in a tree of this size."""
        height = 0 if level == "entries" else level
        count = size // WIDTH**height
        full, rest = divmod(count, WIDTH)
        found = [item for index in range(full) for item in self.tile(level, index, WIDTH)]
        return found + (self.tile(level, full, rest) if rest else [])


def tile_path(level, index, width):
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    number = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{number}" + (f".p/{width}" if width < WIDTH else "")


def unpack(data, width):
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    demand(len(entries) == width and at == len(data), "a bundle has not its number of entries")
    return entries


# --- RFC 6962 2.1 over tiles -----------------------------------------------------------------------------------------


def node(left, right):
    return sha256(b"\x01" + left + right)


def tree_head(hashes):
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node(tree_head(hashes[:split]), tree_head(hashes[split:]))


def head_from_tiles(log, size):
    """Compute the tree head of the first `size` entries from the fewest hashes: the rows' tails, highest level first."""
    rows, level = [], 0
    while size >> 8 * level:
        count = size >> 8 * level
        rest = count % WIDTH
        rows.append(log.tile(level, count // WIDTH, rest) if rest else [])
        level += 1
    head = None
    for row in rows:  # what is left over at a level stands to the right of everything above it
        spans = subtrees(row)
        for span in reversed(spans):
            head = span if head is None else node(span, head)
    return head


def subtrees(row):
    """Yield the heads of the complete subtrees that span a row, left to right."""
    found, at = [], 0
    while at < len(row):
        width = 1 << (len(row) - at).bit_length() - 1
        found.append(tree_head(row[at : at + width]))
        at += width
    return found


def check_rows(log, size):
    """Hash full tiles into the level above, and bundles into level 0 (tlog-tiles, Merkle Tree, Log entries)."""
    entries, leaves = log.row("entries", size), log.row(0, size)
    demand([sha256(b"\x00" + entry) for entry in entries] == leaves, "entries and leaf hashes differ")
    level, below = 1, leaves
    while size >> 8 * level:
        row = log.row(level, size)
        heads = [tree_head(below[at : at + WIDTH]) for at in range(0, len(row) * WIDTH, WIDTH)]
        demand(row == heads, f"level {level} is not made of the full tiles below it")
        level, below = level + 1, row
    return entries, leaves


def inclusion(index, leaves):
    """Compute the inclusion path of RFC 6962 2.1.1 from the leaf hashes."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*inclusion(index, leaves[:split]), tree_head(leaves[split:])]
    return [*inclusion(index - split, leaves[split:]), tree_head(leaves[:split])]


def main(prefix, verifier_key, sizes, seed):
    log = Log(prefix)
    size, root, extensions = open_checkpoint(log.get("checkpoint"), verifier_key)
    entries, leaves = check_rows(log, size)
    demand(head_from_tiles(log, size) == root, "the tiles do not lead to the signed root")

    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries:
        oracle.append_entry(entry)
    for anchored in sizes:
        demand(head_from_tiles(log, anchored) == oracle.get_root(anchored), f"the root of {anchored} entries differs")
        rest = anchored % WIDTH
        if rest:
            demand(len(log.tile("entries", anchored // WIDTH, rest)) == rest, f"no bundle for {anchored} entries")
    for old, new in pairwise(sizes):
        proof = oracle.prove_consistency(old, new)
        pymerkle.verify_consistency(head_from_tiles(log, old), head_from_tiles(log, new), proof, old, new)

    chosen = random.Random(seed).sample(range(size), min(size, 16))
    for index in chosen:
        path = oracle.prove_inclusion(index + 1, size).serialize()["path"]
        demand([step.hex() for step in inclusion(index, leaves)] == path[1:], f"the path of entry {index} differs")

    not_anchored = next(width for width in range(1, WIDTH) if not any(s % WIDTH == width for s in (size, *sizes)))
    demand(log.is_absent(tile_path(0, size // WIDTH, not_anchored)), "a partial tile of no anchored size is served")
    demand(log.is_absent(tile_path(0, size // WIDTH, WIDTH)), "a tile above the checkpoint is served")
    json.dump({"size": size, "root": root.hex(), "extensions": extensions, "proved": len(chosen)}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], [int(size) for size in sys.argv[3].split(",")], int(sys.argv[4]))
