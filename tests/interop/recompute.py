"""A reader of a demonstration's folder that shares no line with us: hashlib, web3 and pyld, written from docs/protocol.md.

Run by an interpreter without acredita: `recompute.py FOLDER RPC-ADDRESS`. It recomputes from the 70-byte entries every root,
every status root and every checkpoint word that is not void and asks the contract for each; recomputes the digest of every
credential (RDFC-1.0 by pyld, SHA-256) and looks for it in the logs. Prints one JSON object of counts; any difference is an
error and a non-zero exit.
"""

import hashlib
import json
import sys
from pathlib import Path

import web3
from pyld import jsonld

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
EMPTY = hashlib.sha256(b"").digest()


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mth(leaves):
    """Compute the Merkle tree hash of RFC 9162 2.1.1 on leaf hashes, by its recursive definition."""
    if not leaves:
        return EMPTY
    while len(leaves) > 1:
        paired = [sha(b"\x01", a, b) for a, b in zip(leaves[::2], leaves[1::2])]
        leaves = paired + ([leaves[-1]] if len(leaves) % 2 else [])
    return leaves[0]


class Bits:
    """Three bits a position, from kinds 2 to 5."""

    def __init__(self):
        self.lists, self.sets = 0, [set(), set(), set()]

    def apply(self, kind, position):
        self.lists = max(self.lists, (position >> 17) + 1)
        if kind == 2:
            self.sets[0].add(position)
        elif kind == 3:
            self.sets[1].add(position)
        elif kind == 4:
            self.sets[1].discard(position)
        elif kind == 5:
            self.sets[2].add(position)

    def root(self):
        leaves = []
        for index in range(512 * self.lists):
            number, chunk = divmod(index, 512)
            first = index * 256
            strings = b""
            for positions in self.sets:
                word = sum(1 << (255 - (p - first)) for p in positions if first <= p < first + 256)
                strings += word.to_bytes(32, "big")
            leaves.append(sha(b"\x00S", number.to_bytes(4, "big"), chunk.to_bytes(4, "big"), strings))
        return sha(b"acredita/status/1", self.lists.to_bytes(4, "big"), mth(leaves))


def word(kind, number, old_size, size, time, root, status_root, previous):
    fixed = kind << 176 | number << 136 | old_size << 88 | size << 40 | time
    return sha(fixed.to_bytes(32, "big"), root, status_root, previous)


def unhex(text):
    return bytes.fromhex(text[2:])


def call(client, contract, signature, types, values, block="latest"):
    data = client.keccak(text=signature)[:4] + client.codec.encode(types, values)
    return bytes(client.eth.call({"to": client.to_checksum_address(contract), "data": data}, block))


def anchored_events(client, contract):
    """Read the Anchored and EpochOpened events of the log by web3's ABI decoder."""
    anchored = client.keccak(
        text="Anchored(bytes32,uint16,uint40,uint8,uint48,uint48,bytes32,bytes32,bytes32,bytes32,address,uint64)"
    )
    opened = client.keccak(text="EpochOpened(bytes32,uint16,uint40,bytes32,bytes32,bytes32,bytes32,bytes32,uint64)")
    found = []
    for log in client.eth.get_logs(
        {"address": client.to_checksum_address(contract), "fromBlock": 0, "toBlock": "latest"}
    ):
        issuer, data = bytes(log["topics"][1]), bytes(log["data"])
        if log["topics"][0] == anchored:
            names = (
                "epoch",
                "number",
                "kind",
                "old_size",
                "size",
                "root",
                "status_root",
                "previous",
                "word",
                "account",
                "time",
            )
            types = ["uint16", "uint40", "uint8", "uint48", "uint48", *["bytes32"] * 4, "address", "uint64"]
            found.append((issuer, "anchored", dict(zip(names, client.codec.decode(types, data)))))
        elif log["topics"][0] == opened:
            names = ("epoch", "last_good", "root", "status_root", "previous", "word", "act", "time")
            types = ["uint16", "uint40", *["bytes32"] * 5, "uint64"]
            found.append((issuer, "opened", dict(zip(names, client.codec.decode(types, data)))))
    return found


def read_entries(log, count):
    """Read the entries from bundles (c2sp.org/tlog-tiles): 256 in each but the last, each behind its length."""
    entries = []
    for number in range(-(-count // 256)):
        width = min(256, count - 256 * number)
        name = f"{number:03d}" if width == 256 else f"{number:03d}.p/{width}"
        data = (log / "tile" / "entries" / name).read_bytes()
        rows = [data[at : at + 72] for at in range(0, len(data), 72)]
        assert len(rows) == width and all(len(row) == 72 and row[:2] == b"\x00\x46" for row in rows)
        entries += [row[2:] for row in rows]
    return entries


def check_logs(folder, client, trust, summary):
    contract = trust["contracts"]["credential_log"]["address"]
    void = {(v["issuer"], v["epoch"], v["number"]) for v in summary["void_checkpoints"]}
    logs = sorted(summary["logs"], key=lambda log: (log["issuer"], log["epoch"]))
    bits, digests, counts = {}, {}, {"checkpoints": 0, "entries": 0, "void": 0}
    events = anchored_events(client, contract)
    for log in logs:
        issuer, epoch = unhex(log["issuer"]), log["epoch"]
        entries = read_entries(folder / log["path"], log["entries"])
        log_id = sha(
            b"acredita/log/1", trust["chain_id"].to_bytes(32, "big"), unhex(contract), issuer, epoch.to_bytes(4, "big")
        )
        assert entries[0] == b"\x01\x00\xff\xff\xff\xff" + log_id + bytes(32)
        leaves = [sha(b"\x00", entry) for entry in entries]
        state = bits.setdefault(issuer, Bits())
        previous = opening_word(client, contract, events, issuer, epoch, leaves[0], state)
        size = 1
        for event in (e for i, kind, e in events if i == issuer and kind == "anchored" and e["epoch"] == epoch):
            if (log["issuer"], epoch, event["number"]) in void:
                counts["void"] += 1
                continue
            assert event["old_size"] == size
            for entry in entries[size : event["size"]]:
                kind, position = entry[1], int.from_bytes(entry[2:6], "big")
                if kind == 1:
                    assert entry[6:38] not in digests
                    digests[entry[6:38]] = issuer
                else:
                    state.apply(kind, position)
            size = event["size"]
            own = word(
                event["kind"],
                event["number"],
                event["old_size"],
                size,
                event["time"],
                mth(leaves[:size]),
                state.root(),
                previous,
            )
            stored = call(
                client,
                contract,
                "checkpoint_word(bytes32,uint16,uint40)",
                ["bytes32", "uint16", "uint40"],
                [issuer, epoch, event["number"]],
            )
            assert own == stored, f"{log['issuer']} epoch {epoch} number {event['number']}"
            previous = own
            counts["checkpoints"] += 1
        assert size == len(entries)
        counts["entries"] += len(entries)
    return digests, counts


def opening_word(client, contract, events, issuer, epoch, leaf, state):
    if epoch == 1:
        return word(0, 0, 0, 1, 0, leaf, Bits().root(), bytes(32))
    event = next(e for i, kind, e in events if i == issuer and kind == "opened" and e["epoch"] == epoch)
    own = word(0, 0, 0, 1, event["time"], leaf, state.root(), event["previous"])
    stored = call(
        client, contract, "checkpoint_word(bytes32,uint16,uint40)", ["bytes32", "uint16", "uint40"], [issuer, epoch, 0]
    )
    assert own == stored
    return own


def base58(text):
    number = 0
    for letter in text[1:]:
        number = number * 58 + BASE58.index(letter)
    return number.to_bytes((number.bit_length() + 7) // 8, "big").rjust(64, b"\0")


def check_credentials(folder, contexts, digests):
    """Find every credential's digest in exactly one `issued` entry; the folder `cases` is excepted."""

    def loader(url, options):
        return {"contextUrl": None, "documentUrl": url, "document": contexts[url], "contentType": "application/ld+json"}

    def canonical(document):
        options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": loader}
        return hashlib.sha256(jsonld.normalize(document, options).encode()).digest()

    found = 0
    for path in sorted((folder / "credentials").iterdir()):
        document = json.loads(path.read_text(encoding="utf-8"))
        proof = document.pop("proof")
        options = {"@context": document["@context"], **{k: v for k, v in proof.items() if k != "proofValue"}}
        digest = sha(b"acredita/credential/1", canonical(options), canonical(document), base58(proof["proofValue"]))
        assert digest in digests, path.name
        del digests[digest]
        found += 1
    return found


def main():
    folder, address, contexts = Path(sys.argv[1]), sys.argv[2], json.loads(Path(sys.argv[3]).read_text())
    try:
        import acredita  # noqa: F401

        sys.exit("this interpreter can import acredita: it proves nothing")
    except ImportError:
        pass
    client = web3.Web3(web3.HTTPProvider(address))
    trust, summary = (json.loads((folder / name).read_text()) for name in ("trust.json", "summary.json"))
    assert client.eth.chain_id == trust["chain_id"]
    assert "0x" + bytes(client.eth.get_block(0)["hash"]).hex() == trust["genesis"]
    digests, counts = check_logs(folder, client, trust, summary)
    contexts |= json.loads((folder / "contexts.json").read_text())
    counts["credentials"] = check_credentials(folder, contexts, digests)
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
