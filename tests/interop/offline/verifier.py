"""A whole offline verifier that shares no line with us, written from docs/ alone: what evidence.md, protocol.md,
contracts.md, verification.md and credentials.md say, and nothing else.

Run by an interpreter without acredita, with a file of the contexts (URL → document) as its only argument; one JSON line
in, `{"trust": PATH, "seconds": NOW, "bundles": [PATH…]}`, one out: for each bundle its verdict, main code and the outcome of
each step. Signatures are checked by openvc-core, canonical forms made by pyld and rfc8785; hashes by hashlib, trie nodes by
rlp, ABI by eth_abi. Of steps 1 and 2 it asks only what it needs to go on (JSON without repeated keys, the contexts, one
proof); a bundle it cannot read at all is "unreadable".
"""

import base64
import datetime
import gzip
import hashlib
import io
import json
import sys
from pathlib import Path

import eth_abi
import rfc8785
import rlp
from Crypto.Hash import keccak as keccak_hash
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_keys.exceptions import ValidationError as EthValidationError
from openvc.did.did_web import DidWebResolver
from openvc.errors import OpenvcError
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_ecdsa_rdfc import EcdsaRdfcProofSuite
from openvc.proof.di_jcs import EcdsaJcsProofSuite, EddsaJcsProofSuite
from pyld import jsonld
from rlp.exceptions import RLPException

SETS = ("alignment", "assessmentType", "qualityAssurance", "tag")  # credentials.md
PACKED, UNPACKED = 64 * 1024, 1024 * 1024  # bytes, evidence.md
DAY = 24 * 3600
CLOCKS = 60  # seconds by which two clocks may differ
VC, OB = "https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OURS = "https://w3id.org/acredita/microcredential/v1"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ORDER = {  # of the curves' groups, FIPS 186-5
    "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "P-384": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
}
CURVES = {b"\xed\x01": "Ed25519", b"\x80\x24": "P-256", b"\x81\x24": "P-384"}
SUITES = {
    "eddsa-rdfc-2022": DataIntegrityProofSuite(),
    "eddsa-jcs-2022": EddsaJcsProofSuite(),
    "ecdsa-rdfc-2019": EcdsaRdfcProofSuite(),
    "ecdsa-jcs-2019": EcdsaJcsProofSuite(),
}
OTHER_RELATIONSHIPS = ("authentication", "capabilityInvocation", "capabilityDelegation", "keyAgreement")
PRIVATE = ("secretKeyMultibase", "secretKeyJwk", "privateKeyMultibase", "privateKeyJwk")
UNKNOWN, APPLIED, QA, REVIEWED, ACTIVE, SUSPENDED, REVOKED, REJECTED, WITHDRAWN, EXPIRED, REVIEW = range(11)
EVENTS = {  # contracts.md, Events: name → fields after the subject
    "StateRecorded": "uint8 uint64 bytes32 bool uint64 bytes32 address uint64",
    "ScopeRecorded": "bytes32 bytes32 uint64",
    "KeyAdded": "bytes32 uint8 bytes32 uint64",
    "KeyEnded": "bytes32 uint64",
    "KeyCompromised": "bytes32 uint64 bytes32 uint64",
    "VoidFromRecorded": "uint64 bytes32 uint64",
    "ProgrammeSubmitted": "bytes32 bytes32 bytes32 address uint64",
    "ProgrammeRecorded": "uint8 uint64 bytes32 uint64",
}


class Unreadable(Exception):
    """No bundle."""


class Unproven(Exception):
    """The bundle does not prove what a ledger says; the code says why."""


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def keccak(data):
    return keccak_hash.new(digest_bits=256, data=data).digest()


def unhex(text):
    return bytes.fromhex(text.removeprefix("0x"))


def seconds(text):
    return int(datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.UTC).timestamp())


def base58(text):
    number = 0
    for letter in text[1:]:
        number = number * 58 + BASE58.index(letter)
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


TOPICS = {keccak(f"{n}(bytes32,{t.replace(' ', ',')})".encode()): (n, t.split()) for n, t in EVENTS.items()}


# ---- reading ----


def unique(pairs):
    if len({key for key, _ in pairs}) != len(pairs):
        raise Unreadable("a key twice")
    return dict(pairs)


def read(data):
    if len(data) > PACKED:
        raise Unreadable("too large")
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        text = file.read(UNPACKED + 1)
    if len(text) > UNPACKED:
        raise Unreadable("too large")
    bundle = json.loads(text, object_pairs_hook=unique)
    if bundle["format"] != "acredita-evidence/1":
        raise Unreadable("format")
    return bundle


# ---- trees ----


def leaf_to_root(leaf, index, size, path):
    """Compute the root of RFC 9162 2.1.3.2; None for a path of the wrong length."""
    fn, sn, node = index, size - 1, leaf
    if index >= size:
        return None
    for sibling in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            node = sha(b"\x01", sibling, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = sha(b"\x01", node, sibling)
        fn, sn = fn >> 1, sn >> 1
    return node if sn == 0 else None


def checkpoint_word(fixed, root, status_root, previous):
    return sha(fixed, root, status_root, previous)


def opening_word(trust, issuer):
    """Compute the word of checkpoint 0 of epoch 1, which no slot holds."""
    chain_id, log = trust["chain_id"].to_bytes(32, "big"), unhex(trust["contracts"]["credential_log"]["address"])
    log_id = sha(b"acredita/log/1", chain_id, log, issuer, (1).to_bytes(4, "big"))
    root = sha(b"\x00", b"\x01\x00\xff\xff\xff\xff", log_id, bytes(32))
    no_lists = sha(b"acredita/status/1", bytes(4), sha())
    return checkpoint_word(fixed_of(0, 0, 0, 1, 0), root, no_lists, bytes(32))


def fixed_of(kind, number, old_size, size, time):
    return (kind << 176 | number << 136 | old_size << 88 | size << 40 | time).to_bytes(32, "big")


# ---- state (EIP-1186, yellow paper appendix D) ----


def trie_get(nodes, root, key):
    """Return the value at keccak(key), or None where the nodes prove its absence. Raises Unproven where they prove
    neither.
    """
    nibbles = [nibble for byte in keccak(key) for nibble in (byte >> 4, byte & 15)]
    if root == keccak(rlp.encode(b"")):
        return None
    reference = root
    while True:
        if isinstance(reference, bytes) and len(reference) == 32:
            if reference not in nodes:
                raise Unproven("STATE_PROOF_INVALID")
            node = rlp.decode(nodes[reference])
        else:
            node = reference  # a node shorter than a hash stands inline
        if len(node) == 17:
            if not nibbles:
                return node[16] or None
            reference, nibbles = node[nibbles[0]], nibbles[1:]
        else:
            path = [nibble for byte in node[0] for nibble in (byte >> 4, byte & 15)]
            is_leaf, path = path[0] >= 2, path[1 if path[0] & 1 else 2 :]
            if nibbles[: len(path)] != path:
                return None
            nibbles, reference = nibbles[len(path) :], node[1]
            if is_leaf:
                return reference if not nibbles else None
        if reference == b"":
            return None


# ---- blocks ----


def vouched(headers, chain):
    """Return the fields of each header, once the trust file's chain vouches for the first one (protocol.md, evidence.md)."""
    fields = [rlp.decode(header) for header in headers]
    development = chain["kind"] == "development"
    hashes = [
        keccak(header) if development else qbft_hash(field) for header, field in zip(headers, fields, strict=True)
    ]
    if [field[0] for field in fields[1:]] != hashes[:-1]:  # each names the one before as its parent
        raise Unproven("BLOCK_NOT_TRUSTED")
    ended = [validators["last"] for validators in chain.get("validators", []) if "last" in validators]
    named = {(block["number"], unhex(block["hash"])) for block in [*chain["blocks"], *ended]}
    heights = [int.from_bytes(field[8], "big") for field in fields]
    if named & set(zip(heights, hashes, strict=True)):
        return fields
    if development or heights[0] <= max((number for number, _ in named), default=-1):
        raise Unproven("BLOCK_NOT_TRUSTED")
    current = next((validators for validators in chain["validators"] if "last" not in validators), None)
    latest = max((seconds(last["time"]) for last in ended), default=-1)
    for height, field in ((heights[0], fields[0]), (heights[-1], fields[-1])):
        if current is None or height < current["first"] or int.from_bytes(field[11], "big") <= latest:
            raise Unproven("VALIDATORS_UNKNOWN")
    members = {unhex(address) for address in current["addresses"]}
    if 3 * len(members & sealers(fields[-1])) < 2 * len(members):
        raise Unproven("BLOCK_NOT_TRUSTED")
    return fields


def extra_data(fields):
    """Return vanity, validators, vote, round and seals of a QBFT header."""
    try:
        extra = rlp.decode(fields[12])
    except RLPException as error:
        raise Unproven("STATE_PROOF_INVALID") from error
    kinds = [isinstance(part, list) for part in extra] if isinstance(extra, list) else []
    if kinds != [False, True, True, False, True] or len(extra[0]) != 32:
        raise Unproven("STATE_PROOF_INVALID")
    return extra


def hash_with(fields, extra):
    return keccak(rlp.encode([*fields[:12], rlp.encode(extra), *fields[13:]]))


def qbft_hash(fields):
    if not fields[8]:  # block 0
        return keccak(rlp.encode(fields))
    return hash_with(fields, [*extra_data(fields)[:3], b"", []])


def sealers(fields):
    extra = extra_data(fields)
    sealed = hash_with(fields, [*extra[:4], []])
    found = set()
    for seal in extra[4]:
        if not isinstance(seal, bytes) or len(seal) != 65:
            raise Unproven("STATE_PROOF_INVALID")
        try:
            key = Signature(seal).recover_public_key_from_msg_hash(sealed)
        except (BadSignature, EthValidationError) as error:
            raise Unproven("STATE_PROOF_INVALID") from error
        found.add(key.to_canonical_address())
    return found


class State:
    """State of the three contracts, proved by a block's state root."""

    def __init__(self, bundle, trust):
        fields = vouched([unhex(header) for header in (bundle["header"], *bundle["headers"])], trust["chain"])
        self.time = int.from_bytes(fields[0][11], "big")
        nodes = {keccak(node): node for node in map(unhex, bundle["nodes"])}
        self.nodes, self.storage = nodes, {}
        for name in ("issuer_registry", "programme_registry", "credential_log"):
            contract = trust["contracts"][name]
            account = trie_get(nodes, fields[0][3], unhex(contract["address"]))
            if account is None:
                raise Unproven("STATE_PROOF_INVALID")
            _, _, self.storage[name], code = rlp.decode(account)
            if code != unhex(contract["code_hash"]):
                raise Unproven("CODE_CHANGED")

    def word(self, contract, slot):
        value = trie_get(self.nodes, self.storage[contract], slot)
        return (rlp.decode(value) if value else b"").rjust(32, b"\0")

    def mapped(self, contract, slot, *keys):
        place = slot.to_bytes(32, "big")
        for key in keys:
            place = keccak(place + (key if isinstance(key, bytes) else key.to_bytes(32, "big")))
        return self.word(contract, place)


# ---- histories ----


def events(subject, records, stored):
    """Name and values of each record, once their fold has given the stored hash."""
    folded, plain = bytes(32), [unhex(record) for record in records]
    for record in plain:
        folded = sha(folded, record)
    if folded != stored or any(record[32:64] != subject for record in plain):
        raise Unproven("HISTORY_MISMATCH")
    known = [(*TOPICS[record[:32]], record[64:]) for record in plain if record[:32] in TOPICS]
    return [(name, eth_abi.decode(types, data)) for name, types, data in known]


class Party:
    def __init__(self, found):
        self.states = [values for name, values in found if name == "StateRecorded"]
        self.scopes = [(values[2], values[0]) for name, values in found if name == "ScopeRecorded"]
        self.keys, self.void = {}, None
        for name, values in found:
            if name == "KeyAdded":
                self.keys[values[0]] = {"purpose": values[1], "from": values[3], "until": None, "since": None}
            elif name == "KeyEnded":
                self.keys[values[0]]["until"] = values[1]
            elif name == "KeyCompromised":
                self.keys[values[0]]["since"] = values[1]
            elif name == "VoidFromRecorded":
                self.void = values[0]

    def at(self, t):
        """State, accreditor (None: the council) and right to accredit."""
        before = [values for values in self.states if values[7] <= t]
        if not before:
            return UNKNOWN, None, False
        state, until, accreditor, delegates, lapses, *_ = before[-1]
        if lapses:  # an urgent suspension, until then or until the next record
            state = REVIEW if t < lapses else ACTIVE
        if state == ACTIVE and t >= until:
            state = EXPIRED
        return state, accreditor if any(accreditor) else None, delegates

    def scope(self, t):
        return next((scope for time, scope in reversed(self.scopes) if time <= t), None)


def chain_of(parties, party, t):
    """Return the party and every accreditor above it at t; None for one that is missing or above the second."""
    found = [party]
    while found[-1] is not None and (above := found[-1].at(t)[1]) is not None:
        found.append(parties.get(above) if len(found) < 3 else None)
    return found


# ---- the credential ----


def hash_data(document, suite, curve, contexts):
    """Compute the bytes that the cryptosuite passes to the signature primitive."""
    hashed = hashlib.sha384 if curve == "P-384" else hashlib.sha256
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    options = {key: value for key, value in document["proof"].items() if key != "proofValue"}
    if "rdfc" in suite:
        loader = lambda url, _: {"contextUrl": None, "documentUrl": url, "document": contexts[url]}  # noqa: E731
        settings = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": loader}
        canonical = lambda value: jsonld.normalize(value, settings).encode()  # noqa: E731
        options["@context"] = document["@context"]
    else:
        canonical = rfc8785.dumps
    return hashed(canonical(options)).digest() + hashed(canonical(unsecured)).digest()


def digest_of(document, multikey, contexts):
    curve, signature = CURVES[multikey[:2]], base58(document["proof"]["proofValue"])
    if curve in ORDER:  # the lower of the two s
        half = len(signature) // 2
        s = int.from_bytes(signature[half:], "big")
        signature = signature[:half] + min(s, ORDER[curve] - s).to_bytes(half, "big")
    return sha(
        b"acredita/credential/1", hash_data(document, document["proof"]["cryptosuite"], curve, contexts), signature
    )


# ---- the twelve steps ----


class Report:
    def __init__(self):
        self.then, self.now, self.never = {}, {}, None

    def fail(self, step, code, now=False):
        (self.now if now else self.then)[step] = ("failed", code)

    def missing(self, step, code, now=False):
        (self.now if now else self.then)[step] = ("not_checked", code)

    def done(self, step, now=False):
        (self.now if now else self.then).setdefault(step, ("passed", None))

    def passed(self, *steps):
        return all(self.then.get(step, ("passed",))[0] == "passed" for step in steps)


def verify(bundle, trust, clock, contexts):
    report, document, receipt = Report(), bundle["credential"], bundle["receipt"]
    issuer_did = structure(report, document)
    issuer = keccak(issuer_did.encode())
    ledger, why, now = known_of(bundle, trust, issuer, document, None, clock)
    multikey = proof(report, document, contexts, bundle["dids"], ledger, why) if report.passed(1) else None
    digest = digest_of(document, multikey, contexts) if multikey else None
    foreign = foreign_receipt(receipt, trust, issuer, digest)
    ledger, why, now = known_of(bundle, trust, issuer, document, None if foreign else receipt, clock)
    binding(report, document, issuer_did, multikey, ledger, why)
    if foreign == "chain" and ledger and multikey and report.passed(3) and names_no_party(document, ledger):
        report = Report()
        report.done(3)
        report.fail(8, "NOT_OF_THIS_REGISTRY")
        return verdict(report)
    if multikey:
        status(report, document, issuer, bundle["status"], ledger, why, now)
    if foreign:
        no_receipt(report, foreign, ledger, multikey, now)
    else:
        chain(report, receipt, ledger, why)
        if multikey:
            inclusion(report, receipt)
    dates(report, document, now)
    if foreign and ledger and multikey and report.passed(3):
        recognition_at(report, document, bundle, ledger, multikey, None, now, True)
        report.never = never_anchorable(report, document, ledger, multikey, ledger["time"])
    if not foreign and ledger and multikey and report.passed(1, 3, 4, 6, 7):
        then = seconds(receipt["checkpoint"]["time"])
        for at, is_now in ((then, False), (now, True)):
            recognition_at(report, document, bundle, ledger, multikey, receipt, at, is_now)
    else:
        for step in (5, 8, 9):
            report.missing(step, "STEP_DEPENDS")
    return verdict(report)


def known_of(bundle, trust, issuer, document, receipt, clock):
    """Return what the bundle proves of the ledger, or why it proves nothing; and the present."""
    ledger, why, now = None, None, clock
    try:
        state = State(bundle, trust)
        ledger = facts(bundle, trust, state, issuer, document, receipt)
        now = max(clock, state.time)
    except Unproven as error:
        why = str(error)
    if seconds(trust["issued"]) > now + CLOCKS:
        ledger, why = None, "TRUST_NOT_YET_ISSUED"
    if now >= seconds(trust["expires"]):
        ledger, why = None, "TRUST_EXPIRED"
    return ledger, why, now


def structure(report, document):
    """Check step 1, in part: the contexts, one issuer, one proof."""
    allowed = document.get("@context") in ([VC, OB], [VC, OB, OURS]) and isinstance(document.get("proof"), dict)
    if not allowed:
        report.fail(1, "CONTEXT_NOT_ALLOWED")
    achievement = document["credentialSubject"]["achievement"]
    sets = [document.get("evidence"), *(achievement.get(name) for name in SETS)]
    sets += [achievement.get("stackability", {}).get(name) for name in ("partOf", "precedes")]
    if any(items != in_set_form(items) for items in sets if items):
        report.fail(1, "PROFILE_SET")
    report.done(1)
    return document["issuer"]["id"]


def proof(report, document, contexts, dids, ledger, why):
    """Verify step 3 by openvc-core; the key comes as Multikey bytes, or None where there is none to verify with."""
    method = document["proof"]["verificationMethod"]
    did, _, fragment = method.partition("#")
    is_own = did == document["issuer"]["id"] and did.startswith("did:web:")
    by_method = (None, fragment) if is_key(fragment) else ("PROOF_KEY_REFUSED", None)
    if did.startswith("did:key:") or (is_own and ledger and ledger["parties"][ledger["issuer"]]):
        code, multibase = by_method  # a party's document decides nothing
    else:
        code, multibase = key_named(method, did, dids)
    code = code or ("PROOF_INVALID" if not signed(document, contexts, method, multibase) else None)
    is_refused = code in ("PROOF_KEY_REFUSED", "PROOF_INVALID")
    if is_refused and is_own and not ledger and by_method[1] and signed(document, contexts, method, fragment):
        return report.missing(3, why)
    if code and not is_refused:
        return report.missing(3, code)
    if code:
        report.fail(3, code)
    report.done(3)
    return base58(multibase) if multibase else None


def is_key(text):
    """Return whether a text is a Multikey of a curve that is read, and an Ed25519 key a point of its curve."""
    if text[:1] != "z" or any(letter not in BASE58 for letter in text[1:]):
        return False
    raw, field = base58(text), 2**255 - 19
    if CURVES.get(raw[:2]) != "Ed25519":
        return raw[:2] in CURVES
    y = int.from_bytes(raw[2:], "little") & (1 << 255) - 1
    d = -121665 * pow(121666, -1, field)  # RFC 8032 5.1
    square = (y * y - 1) * pow(d * y * y + 1, -1, field) % field
    return len(raw) == 34 and y < field and (square == 0 or pow(square, (field - 1) // 2, field) == 1)


def signed(document, contexts, method, multibase):
    """Return whether the proof fits the document by this key."""
    did = method.partition("#")[0]
    suite = SUITES[document["proof"]["cryptosuite"]]
    more = {"extra_contexts": contexts} if "rdfc" in document["proof"]["cryptosuite"] else {}
    entry = {"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": multibase}
    plain = {"id": did, "verificationMethod": [entry], "assertionMethod": [method]}
    try:
        suite.verify(document, check_temporal=False, resolver=DidWebResolver(lambda _: plain), **more)
    except OpenvcError:
        return False
    return True


def key_named(method, did, dids):
    """Return a code or None, and the key that a DID document gives to a method (vc-api.md, decision 005)."""
    document = dids.get(did)
    if not isinstance(document, dict) or document.get("id") != did:
        return "DID_UNRESOLVED", None
    members = ("verificationMethod", "assertionMethod", *OTHER_RELATIONSHIPS)
    lists = {name: document.get(name, []) for name in members}
    if not all(isinstance(items, list) for items in lists.values()):
        return "KEY_UNREADABLE", None
    full = lambda name: did + name if isinstance(name, str) and name.startswith("#") else name  # noqa: E731
    embedded = [item for items in lists.values() for item in items if isinstance(item, dict)]
    found = [item for item in embedded if full(item.get("id")) == method]
    allowed = [item.get("id") if isinstance(item, dict) else item for item in lists["assertionMethod"]]
    if not found:
        return "PROOF_KEY_REFUSED", None
    key = found[0]
    if any(item != key for item in found) or not isinstance(key.get("controller"), str):
        return "KEY_UNREADABLE", None
    is_allowed = method in map(full, allowed) or isinstance(key.get("revoked"), str)  # the ledger knows since when
    if full(key["controller"]) != did or not is_allowed or any(name in key for name in PRIVATE):
        return "PROOF_KEY_REFUSED", None
    multibase = key.get("publicKeyMultibase")
    is_read = key.get("type") == "Multikey" and isinstance(multibase, str) and "publicKeyJwk" not in key
    return (None, multibase) if is_read and is_key(multibase) else ("KEY_UNREADABLE", None)


def facts(bundle, trust, state, issuer, document, receipt):
    """Prove the facts of a ledger: histories, head, words."""
    parties = {}
    for subject, records in bundle["parties"].items():
        stored = state.mapped("issuer_registry", 1, unhex(subject))
        found = events(unhex(subject), records, stored)
        parties[unhex(subject)] = Party(found) if records else None
    named, waiting = set(), [issuer]
    while waiting:
        subject = waiting.pop()
        if subject not in parties:
            raise Unproven("EVIDENCE_INCOMPLETE")
        named.add(subject)
        above = {values[2] for values in (parties[subject].states if parties[subject] else ())} - {bytes(32)}
        waiting += above - named
    identifier = document["credentialSubject"]["achievement"]["id"].removeprefix("ni:///sha-256;")
    version = base64.urlsafe_b64decode(identifier + "=")
    subject = keccak(b"acredita/programme/1" + issuer + version)
    programme = events(subject, bundle["programme_records"], state.mapped("programme_registry", 1, subject))
    head = int.from_bytes(state.mapped("credential_log", 1, issuer), "big") or (1 << 128 | 1 << 40)
    epoch, number = head >> 128, head >> 88 & (1 << 40) - 1
    latest = [unhex(part) for part in bundle["latest"]]
    known = {
        "time": state.time,
        "parties": parties,
        "issuer": issuer,
        "version": version,
        "programme": programme,
        "latest": latest if sha(*latest) == word_of(trust, state, issuer, epoch, number) else None,
        "last_good": None,
    }
    if receipt:
        known["stored"] = word_of(trust, state, issuer, receipt["epoch"], receipt["checkpoint"]["number"])
        if receipt["epoch"] < epoch:
            known["last_good"] = int.from_bytes(state.mapped("credential_log", 3, issuer, receipt["epoch"]), "big")
    return known


def word_of(trust, state, issuer, epoch, number):
    if (epoch, number) == (1, 0):
        return opening_word(trust, issuer)
    return state.mapped("credential_log", 2, issuer, epoch, number)


def binding(report, document, issuer_did, multikey, ledger, why):
    """Check step 4: the registry answers the last two questions."""
    party = ledger["parties"][ledger["issuer"]] if ledger else None
    if multikey is None:
        report.missing(4, "STEP_DEPENDS")
    elif document["proof"]["verificationMethod"].partition("#")[0] != issuer_did:
        report.fail(4, "KEY_NOT_OF_ISSUER")
    elif not ledger:
        report.missing(4, why)
    elif party and party.keys.get(sha(multikey), {}).get("purpose") != 1:
        report.fail(4, "KEY_NOT_REGISTERED")
    elif not party and issuer_did.startswith("did:web:"):
        report.missing(4, "KEY_UNCONFIRMED")
    report.done(4)


def foreign_receipt(receipt, trust, issuer, digest):
    """Return how a receipt is of another chain, log or credential; such a receipt counts as none."""
    pinned = (trust["chain_id"], trust["genesis"], trust["contracts"]["credential_log"]["address"])
    if (receipt["chain_id"], receipt["genesis"], receipt["contract"]) != pinned:
        return "chain"
    entry = unhex(receipt["entry"])
    if unhex(receipt["issuer"]) != issuer or entry[:6] != b"\x01\x01\xff\xff\xff\xff":
        return "log"
    return "credential" if digest is not None and entry[6:38] != digest else None


def names_no_party(document, ledger):
    """Decide whether issuer, key and status list are of one DID that is no party here."""
    issuer_did = document["issuer"]["id"]
    own_key = document["proof"]["verificationMethod"].partition("#")[0] == issuer_did
    own_list = document["credentialStatus"]["statusListCredential"].split("/")[-2] == ledger["issuer"].hex()
    return own_key and own_list and ledger["parties"][ledger["issuer"]] is None


def no_receipt(report, foreign, ledger, multikey, now):
    """Check steps 6 and 7 where no receipt counts. Status, key and fraud come before a receipt of another chain."""
    party = ledger["parties"][ledger["issuer"]] if ledger else None
    window = party.keys.get(sha(multikey)) if party and multikey else None
    fallen = party and (party.void is not None or (window and window["since"] is not None and now >= window["since"]))
    if (
        foreign == "chain"
        and ledger
        and multikey
        and report.passed(3)
        and report.then[10][0] == "passed"
        and not fallen
    ):
        report.fail(6, "WRONG_CHAIN")
    else:
        report.missing(6, "RECEIPT_MISSING")
    report.missing(7, "STEP_DEPENDS")


def never_anchorable(report, document, ledger, multikey, end):
    """Return why nothing that was anchored could be recognised; None where something could."""
    party, issuer, programme = ledger["parties"][ledger["issuer"]], report.now[8], report.now[9]
    moved = [values for name, values in ledger["programme"] if name == "ProgrammeRecorded"]
    if issuer[0] == "failed" and not (party and any(values[0] == ACTIVE for values in party.states)):
        return 8, issuer[1]
    if programme[0] == "failed" and not any(values[0] == 3 for values in moved):
        return 9, programme[1]
    if programme[1] in ("PROGRAMME_MISMATCH", "PROGRAMME_NOT_OF_ISSUER"):
        return 9, programme[1]
    created = document["proof"].get("created")
    start = seconds(created) - CLOCKS if created else 0
    times = [start, *(values[3] for values in moved)]
    for other in ledger["parties"].values():
        times += [t for values in (other.states if other else ()) for t in (values[7], values[4])]
    window = party.keys.get(sha(multikey)) if party else None
    times += [window["from"]] if window else []
    if start > end or any(all_hold(ledger, party, window, moved, t) for t in times if start <= t <= end):
        return None
    return 6, "CANNOT_BE_ANCHORED"


def all_hold(ledger, party, window, moved, t):
    above = chain_of(ledger["parties"], party, t)
    active = all(link is not None and link.at(t)[0] == ACTIVE for link in above)
    entitled = all(link is not None and link.at(t)[2] for link in above[1:])
    last = next((values for values in reversed(moved) if values[3] <= t), None)
    approved = last is not None and last[0] == 3 and not (last[1] and t >= last[1])
    key = window and window["from"] <= t and (window["until"] is None or t < window["until"])
    stolen = window and window["since"] is not None and t >= window["since"]
    void = party.void is not None and t >= party.void
    return active and entitled and approved and key and not stolen and not void


def chain(report, receipt, ledger, why):
    """Check step 6."""
    checkpoint = receipt["checkpoint"]
    numbers = [checkpoint[key] for key in ("kind", "number", "old_size", "size")]
    parts = [unhex(checkpoint[key]) for key in ("root", "status_root", "previous")]
    own = checkpoint_word(fixed_of(*numbers, seconds(checkpoint["time"])), *parts)
    if not ledger:
        report.missing(6, why)
    elif seconds(checkpoint["time"]) > ledger["time"]:
        report.missing(6, "ANCHORED_LATER")
    elif own != ledger["stored"]:
        report.fail(6, "ANCHOR_NOT_FOUND")
    elif ledger["last_good"] is not None and checkpoint["number"] > ledger["last_good"]:
        report.fail(6, "CHECKPOINT_VOID")
    report.done(6)


def inclusion(report, receipt):
    """Check step 7."""
    entry, index, checkpoint = unhex(receipt["entry"]), receipt["index"], receipt["checkpoint"]
    path = [unhex(sibling) for sibling in receipt["inclusion"]]
    if not checkpoint["old_size"] <= index < checkpoint["size"]:
        report.fail(7, "CHECKPOINT_NOT_FIRST")
    elif leaf_to_root(sha(b"\x00", entry), index, checkpoint["size"], path) != unhex(checkpoint["root"]):
        report.fail(7, "MERKLE_PROOF_INVALID")
    report.done(7)


def status(report, document, issuer, shown, ledger, why, now):
    """Check step 10 by the newest checkpoint; a revocation counts however old it is, only "clear" grows stale."""
    entry = document["credentialStatus"]
    *_, place, whose, number = entry["statusListCredential"].split("/")
    if (place, whose) != ("status", issuer.hex()):
        report.fail(10, "STATUS_LIST_FOREIGN")
        return
    if not ledger:
        report.missing(10, why)
        return
    position = int(number) * 2**17 + int(entry["statusListIndex"])
    lists, bits = shown["lists"], (False, False, False)
    if "leaf" in shown:
        leaf, path = unhex(shown["leaf"]), [unhex(part) for part in shown["path"]]
        tree = leaf_to_root(sha(b"\x00", leaf), position // 256, 512 * lists, path)
        place = (position >> 17).to_bytes(4, "big") + (position >> 8 & 511).to_bytes(4, "big")
        if len(leaf) != 105 or leaf[:9] != b"S" + place:
            tree = None
        byte, bit = divmod(position % 256, 8)
        bits = tuple(bool(leaf[9 + 32 * n + byte] >> (7 - bit) & 1) for n in range(3)) if tree else bits
    else:
        tree = unhex(shown["tree"]) if position >> 17 >= lists else None
    proved = (
        tree and ledger["latest"] and ledger["latest"][2] == sha(b"acredita/status/1", lists.to_bytes(4, "big"), tree)
    )
    if not proved:
        report.missing(10, "STATUS_PROOF_INVALID")
    elif any(bits):
        revoked, _, replaced = bits
        code = "SUPERSEDED" if replaced else "CREDENTIAL_REVOKED" if revoked else "CREDENTIAL_SUSPENDED"
        report.fail(10, code)
    elif now - ledger["time"] > DAY:
        report.missing(10, "STATUS_STALE")
    report.done(10)


def dates(report, document, now):
    """Check step 11."""
    created = document["proof"].get("created")
    if now + CLOCKS < max(seconds(text) for text in (document["validFrom"], created) if text):
        report.fail(11, "CREDENTIAL_NOT_YET_VALID")
    elif "validUntil" in document and now > seconds(document["validUntil"]):
        report.fail(11, "CREDENTIAL_EXPIRED")
    report.done(11)


def recognition_at(report, document, bundle, ledger, multikey, receipt, t, is_now):
    """Check steps 5, 8 and 9 at one time."""
    party = ledger["parties"][ledger["issuer"]]
    key_step(report, party, multikey, t, is_now, receipt is not None)
    code = issuer_step(ledger, party, bundle, receipt, t, is_now)
    outcome(report, 8, code, is_now)
    outcome(report, 9, programme_step(ledger, bundle, document, receipt, t, is_now), is_now)


def outcome(report, step, code, is_now):
    if code == "DOCUMENT_MISSING":
        report.missing(step, code, is_now)
    elif code:
        report.fail(step, code, is_now)
    report.done(step, is_now)


def key_step(report, party, multikey, t, is_now, anchored):
    window = party.keys.get(sha(multikey)) if party else None
    if window and window["since"] is not None and t >= window["since"]:
        report.fail(5, "KEY_COMPROMISED_NOW" if is_now and anchored else "KEY_COMPROMISED", is_now)
    elif (
        window
        and not (is_now and anchored)
        and not (window["from"] <= t and (window["until"] is None or t < window["until"]))
    ):
        report.fail(5, "KEY_NOT_VALID_NOW" if is_now else "KEY_NOT_VALID_AT_ISSUANCE", is_now)
    report.done(5, is_now)


def issuer_step(ledger, party, bundle, receipt, t, is_now):
    if party is None:
        return "ISSUER_UNKNOWN"
    void = party.void is not None and t >= party.void
    if void and not is_now:
        return "ISSUER_REVOKED_RETROACTIVE"
    state, when = party.at(t)[0], "NOW" if is_now else "AT_ISSUANCE"
    if state == REVIEW:
        return "ISSUER_UNDER_REVIEW"
    if state != ACTIVE:
        named = {
            SUSPENDED: "ISSUER_SUSPENDED_NOW",
            EXPIRED: "ISSUER_ACCREDITATION_EXPIRED_NOW",
            REVOKED: "ISSUER_REVOKED_NOW",
        }
        return named.get(state, "ISSUER_NOT_ACCREDITED_NOW") if is_now else "ISSUER_NOT_ACCREDITED_AT_ISSUANCE"
    above = chain_of(ledger["parties"], party, t)
    if any(link is None or link.at(t)[0] != ACTIVE or not link.at(t)[2] for link in above[1:]):
        return f"ACCREDITOR_NOT_ACTIVE_{when}"
    if void:
        return "ISSUER_VOID_NOW" if receipt is not None else "ISSUER_REVOKED_RETROACTIVE"
    if not is_now and receipt["checkpoint"]["kind"] != 1:
        return "CHECKPOINT_STATUS_ONLY"
    return scope_step(bundle, ledger, above, t)


def scope_step(bundle, ledger, above, t):
    programme = document_of(bundle.get("programme"), ledger["version"])
    scopes = {sha(rfc8785.dumps(scope)): scope for scope in bundle["scopes"]}
    if programme is None:
        return "DOCUMENT_MISSING"
    for link in above:
        digest = link.scope(t)
        if digest is None:
            return "SCOPE_MISSING"
        if digest not in scopes:
            return "DOCUMENT_MISSING"
        scope = scopes[digest]
        if programme["level"]["mx"] not in scope["levels"]:
            return "SCOPE_LEVEL_MISMATCH"
        if programme["sector"] not in scope["sectors"]:
            return "SCOPE_SECTOR_MISMATCH"
        if scope["programmes"] and programme["id"] not in scope["programmes"]:
            return "SCOPE_PROGRAMME_MISMATCH"
    return None


def document_of(document, digest):
    return document if document is not None and sha(rfc8785.dumps(document)) == digest else None


def programme_step(ledger, bundle, document, receipt, t, is_now):
    if not is_now and unhex(receipt["entry"])[38:] != ledger["version"]:
        return "PROGRAMME_MISMATCH"
    programme = document_of(bundle.get("programme"), ledger["version"])
    if programme is not None and programme["issuer"] != document["issuer"]["id"]:
        return "PROGRAMME_NOT_OF_ISSUER"
    if not ledger["programme"]:
        return "PROGRAMME_UNKNOWN"
    moved = [values for name, values in ledger["programme"] if name == "ProgrammeRecorded" and values[3] <= t]
    state, until = moved[-1][:2] if moved else (0, 0)
    if state == 3 and until and t >= until:
        state = 7
    if state != 3 and not (is_now and state == 6 and receipt is not None):
        named = {5: "PROGRAMME_WITHDRAWN_NOW", 4: "PROGRAMME_SUSPENDED_NOW", 7: "PROGRAMME_WINDOW_ENDED_NOW"}
        return named.get(state, "PROGRAMME_NOT_APPROVED_NOW") if is_now else "PROGRAMME_NOT_APPROVED_AT_ISSUANCE"
    if programme is None:
        return "DOCUMENT_MISSING"
    same = rfc8785.dumps(achievement_of(programme)) == rfc8785.dumps(document["credentialSubject"]["achievement"])
    return None if same else "PROGRAMME_MISMATCH"


# ---- the achievement a programme document builds (credentials.md) ----

OUTCOMES = {"knowledge": "conocimiento", "skill": "habilidad", "competence": "competencia"}
LEVELS = {
    "media superior": "nivel-media-superior",
    "superior": "nivel-superior",
    "formación para el trabajo": "nivel-formacion-para-el-trabajo",
}


def achievement_of(programme):
    identifier = "ni:///sha-256;" + base64.urlsafe_b64encode(sha(rfc8785.dumps(programme))).decode().rstrip("=")
    achievement = {
        "id": identifier,
        "type": ["Achievement", "MicrocredentialAchievement"],
        "achievementType": programme["achievement_type"],
        "name": programme["title"]["es"],
        "description": programme["description"]["es"],
        "version": programme["version"],
        "inLanguage": "es",
        "criteria": {"narrative": programme["assessment_criteria"]["es"]},
        "alignment": in_set_form(alignments(programme)),
        "resultDescription": [grading(programme["grading"], identifier)],
        "assessmentType": in_set_form(item["uri"] for item in programme["assessment"]),
        "participationForm": programme["participation"]["uri"],
        "qualityAssurance": in_set_form(
            {"qualityAssuranceType": item["uri"], "agent": item["agent"], "decision": item["decision"]["es"]}
            for item in programme["quality_assurance"]
        ),
        "workload": {
            name: programme["workload"][key]
            for key, name in (("hours", "hours"), ("ects", "ects"), ("credits_mx", "creditsMx"))
            if key in programme["workload"]
        },
        "sector": programme["sector"],
    }
    if "duration" in programme["validity"]:
        achievement["validityPeriod"] = programme["validity"]["duration"]
    else:
        achievement["noExpiryReason"] = programme["validity"]["none_because"]["es"]
    if "ects" in programme["workload"]:
        achievement["creditsAvailable"] = programme["workload"]["ects"]
    if "field_of_study" in programme:
        achievement["fieldOfStudy"] = programme["field_of_study"]["es"]
    if programme.get("tags"):
        achievement["tag"] = in_set_form(programme["tags"])
    if "prerequisites" in programme:
        achievement["entryRequirement"] = programme["prerequisites"]["es"]
    if "supervision" in programme:
        achievement["supervisionVerification"] = programme["supervision"]
    if "stackability" in programme:
        placed = programme["stackability"]
        achievement["stackability"] = {"mode": placed["mode"]}
        for key, name in (("part_of", "partOf"), ("precedes", "precedes")):
            if placed[key]:
                achievement["stackability"][name] = in_set_form(placed[key])
    if "catalogue" in programme:
        achievement["legalRecognition"] = programme["catalogue"]["legal_recognition"]["es"]
    return achievement


def in_set_form(items):
    return [item for _, item in sorted({rfc8785.dumps(item): item for item in items}.items())]


def alignments(programme):
    found = [
        {
            **alignment(outcome["text"]["es"], outcome["id"], "ext:LearningOutcome"),
            "targetDescription": f"Resultado de aprendizaje ({OUTCOMES[outcome['type']]})",
        }
        for outcome in programme["learning_outcomes"]
    ]
    level = programme["level"]
    place = f"https://w3id.org/acredita/microcredential#{LEVELS[level['mx']]}"
    found.append(alignment(level["mx"], place, "ext:NivelMX"))
    if "eqf" in level:
        name = f"Marco Europeo de Cualificaciones, nivel {level['eqf']}"
        place = f"http://data.europa.eu/snb/eqf/{level['eqf']}"
        found.append({**alignment(name, place, "ext:EQF"), "targetCode": str(level["eqf"])})
    return found


def alignment(name, url, kind):
    return {"type": ["Alignment"], "targetName": name, "targetUrl": url, "targetType": kind}


def grading(scale, identifier):
    description = {"id": f"{identifier}#calificacion", "type": ["ResultDescription"], "name": "Calificación"}
    if scale["scale"] == "percent":
        required = rfc8785.dumps(scale["minimum"]).decode()
        return {**description, "resultType": "Percent", "valueMin": "0", "valueMax": "100", "requiredValue": required}
    levels = [
        {"id": f"{identifier}#nivel-{n}", "type": ["RubricCriterionLevel"], "name": name, "level": str(n)}
        for n, name in enumerate(scale["scale"], 1)
    ]
    required = levels[scale["scale"].index(scale["minimum"])]["id"]
    rubric = {"requiredLevel": required, "rubricCriterionLevel": levels}
    return {**description, "resultType": "RubricCriterionLevel", **rubric}


# ---- the verdict (verification.md) ----

PRECEDENCE = (
    lambda step, code: step == 3,
    lambda step, code: code == "WRONG_CHAIN",
    lambda step, code: step == 7,
    lambda step, code: code.startswith("KEY_COMPROMISED"),
    lambda step, code: code in ("ISSUER_REVOKED_RETROACTIVE", "ISSUER_VOID_NOW"),
    lambda step, code: code == "SUPERSEDED",
    lambda step, code: code == "CREDENTIAL_REVOKED",
    lambda step, code: "SUSPENDED" in code,
    lambda step, code: "EXPIRED" in code,
)
FATAL = ("KEY_COMPROMISED", "ISSUER_REVOKED_RETROACTIVE")


def verdict(report):
    then, now = report.then.items(), report.now.items()
    invalid = [
        (step, code)
        for step, (outcome, code) in then
        if outcome == "failed" and (step not in (5, 8, 9) or code in FATAL)
    ]
    refused = [(step, code) for step, (outcome, code) in then if outcome == "failed" and step in (5, 8, 9)]
    unknown = [(step, code) for step, (outcome, code) in [*then, *now] if outcome == "not_checked"]
    warned = [(step, code) for step, (outcome, code) in now if outcome == "failed"]
    for name, causes in (
        ("invalid", invalid),
        ("not_recognised", refused or ([report.never] if report.never else [])),
        ("indeterminate", unknown),
        ("valid_with_warnings", warned),
    ):
        if causes:
            return {"verdict": name, "code": main_code(causes), **told(report)}
    return {"verdict": "recognised", "code": None, **told(report)}


def main_code(causes):
    causes = sorted(cause for cause in causes if cause[1] != "STEP_DEPENDS")
    for rule in PRECEDENCE:
        for step, code in causes:
            if rule(step, code):
                return code
    return causes[0][1]


def told(report):
    return {
        "then": {str(step): row[0] for step, row in report.then.items()},
        "now": {str(s): r[0] for s, r in report.now.items()},
    }


def trust_of(path):
    """Read the trust file and count the signatures of the keys in it: a file named by --trust is trusted."""
    trust = json.loads(Path(path).read_text(encoding="utf-8"))
    signed = b"acredita/trust/2" + rfc8785.dumps({key: value for key, value in trust.items() if key != "signatures"})
    signers = set()
    for item in trust["signatures"]:
        Ed25519PublicKey.from_public_bytes(base58(item["key"])[2:]).verify(base58(item["signature"]), signed)
        signers.add(item["key"])
    if len(signers & set(trust["keys"])) < trust["threshold"]:
        raise ValueError("too few signatures")
    return trust


def judged(path, trust, now, contexts):
    try:
        return verify(read(Path(path).read_bytes()), trust, now, contexts)
    except (Unreadable, OSError, ValueError, LookupError, TypeError, ArithmeticError, RLPException) as error:
        return {"verdict": "unreadable", "code": f"{type(error).__name__}: {error}"}


def main():
    try:
        import acredita  # noqa: F401, PLC0415

        sys.exit("this interpreter can import acredita: it proves nothing")
    except ImportError:
        pass
    contexts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for line in sys.stdin:
        request = json.loads(line)
        trust = trust_of(request["trust"])
        print(
            json.dumps([judged(path, trust, request["seconds"], contexts) for path in request["bundles"]]), flush=True
        )


if __name__ == "__main__":
    main()
