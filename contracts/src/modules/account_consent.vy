# pragma version 0.4.3
# SPDX-License-Identifier: Apache-2.0
"""
@title account_consent
@license Apache-2.0
@notice An account is bound to a party only with its own consent: its EIP-712 signature, or its own call of `consent`.
@dev keccak-256 of a DID is the subject, so the digest of `AccountConsent(string did, string purpose, uint64 deadline)`
     is made from the subject, and a wallet shows the words.
"""

DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
CONSENT_TYPE: constant(bytes32) = keccak256("AccountConsent(string did,string purpose,uint64 deadline)")
NAME: constant(bytes32) = keccak256("Acredita")
VERSION: constant(bytes32) = keccak256("1")

# by purpose of accounts, from 1
PURPOSES: constant(bytes32[4]) = [
    keccak256("anchoring"), keccak256("custodian"), keccak256("control"), keccak256("agency")
]

# a consent that is signed now is of no use after this
MAX_LIFE: constant(uint256) = 45 * 86400
SIGNATURE_BYTES: constant(uint256) = 65
# half the order of secp256k1: of the two s of a signature the lower one counts
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

# by account and subject: the purpose the account itself consented to
consents: public(HashMap[address, HashMap[bytes32, uint8]])


@external
def consent(subject: bytes32, purpose: uint8):
    """
    @notice Consent as the sender to be bound to a party for a purpose, or take it back with purpose 0. For accounts
            that cannot sign, such as wallets that are contracts.
    """
    self.consents[msg.sender][subject] = purpose


@internal
@view
def _check_consent(account: address, subject: bytes32, purpose: uint256, deadline: uint64, signature: Bytes[65]):
    """
    Without a signature the account's own call counts.
    """
    if len(signature) == 0:
        assert convert(self.consents[account][subject], uint256) == purpose, "consent: missing"
        return
    until: uint256 = convert(deadline, uint256)
    assert block.timestamp <= until and until <= block.timestamp + MAX_LIFE, "consent: deadline"
    structure: bytes32 = keccak256(abi_encode(CONSENT_TYPE, subject, PURPOSES[purpose - 1], deadline))
    domain: bytes32 = keccak256(abi_encode(DOMAIN_TYPE, NAME, VERSION, chain.id, self))
    signer: address = empty(address)
    if len(signature) == SIGNATURE_BYTES:
        s: uint256 = extract32(signature, 32, output_type=uint256)
        v: uint256 = convert(slice(signature, 64, 1), uint256)
        # of the two signatures with opposite s the lower one alone counts
        if s <= HALF_ORDER and (v == 27 or v == 28):
            digest: bytes32 = keccak256(concat(0x1901, domain, structure))
            signer = ecrecover(digest, v, extract32(signature, 0, output_type=uint256), s)
    # no account is the zero address, which is what a wrong signature gives
    assert signer == account, "consent: signature"
