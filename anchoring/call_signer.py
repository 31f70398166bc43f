"""Sign one call of one account: by a key in this process, or by an external signer over JSON-RPC.

An external signer answers `eth_signTransaction` (geth, Web3Signer, the embedded chain) and `eth_signTypedData_v4`. Its
answer is read and compared with the request, field by field: it holds the key, and is not believed in anything else.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from acredita.anchoring.account_signature import ConsentRefused, recovered, sign_consent
from acredita.anchoring.raw_transaction import RawTransactionRefused, read_transaction
from acredita.anchoring.rpc_provider import EndpointProvider
from acredita.anchoring.transaction import SignedTransaction, TransactionSigner, UnsignedTransaction, sign
from acredita.anchoring.types import Address
from acredita.contracts.account_consent import ConsentDomain, SignedConsent, consent_digest, typed_data
from acredita.contracts.answers import AccountPurpose
from acredita.contracts.coded_error import FixedCodeError
from eth_hash.auto import keccak
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint

SIGNER_TIMEOUT_SECONDS: Final = 120.0  # a person may have to press a button
MAX_WORDS: Final = 200  # characters of the signer's own words in a message


class SignerUnavailable(FixedCodeError):
    """The external signer gave no signature. Nothing was sent."""

    CODE_IN_TEXT = True
    code = "SIGNER_UNAVAILABLE"


class ForeignSignatureRefused(FixedCodeError):
    """A signature of another account, or over something else than was requested. Nothing was sent."""

    CODE_IN_TEXT = True
    code = "SIGNATURE_FOREIGN"


class CallSigner(Protocol):
    """An account that signs calls and consents. Its key may be elsewhere."""

    @property
    def address(self) -> Address:
        """The account's address."""

    def sign_call(self, transaction: UnsignedTransaction) -> SignedTransaction:
        """Sign a call. Raises SignerUnavailable or ForeignSignatureRefused where the key is elsewhere."""

    def sign_consent(self, domain: ConsentDomain, did: str, purpose: AccountPurpose, deadline: int) -> SignedConsent:
        """Sign the account's consent to be bound to a party. Raises as `sign_call` does."""


class LocalCallSigner:
    """An account whose key is in this process."""

    def __init__(self, account: TransactionSigner) -> None:
        self._account = account

    @property
    def address(self) -> Address:
        return self._account.address

    def sign_call(self, transaction: UnsignedTransaction) -> SignedTransaction:
        return sign(
            transaction.call,
            signer=self._account,
            chain_id=transaction.chain_id,
            nonce=transaction.nonce,
            gas=transaction.gas,
        )

    def sign_consent(self, domain: ConsentDomain, did: str, purpose: AccountPurpose, deadline: int) -> SignedConsent:
        return sign_consent(self._account, domain, bytes(keccak(did.encode())), purpose, deadline)


class ExternalCallSigner:
    """An account whose key an external signer holds."""

    def __init__(self, provider: BaseProvider, address: Address) -> None:
        self._provider = provider
        self._address = address

    @classmethod
    def over_http(cls, url: str, address: Address) -> "ExternalCallSigner":
        """Name a signer at an address of the network."""
        request = {"timeout": SIGNER_TIMEOUT_SECONDS, "allow_redirects": False}
        return cls(EndpointProvider(url, request_kwargs=request, exception_retry_configuration=None), address)

    @property
    def address(self) -> Address:
        return self._address

    def sign_call(self, transaction: UnsignedTransaction) -> SignedTransaction:
        answer = self._ask("eth_signTransaction", _request(transaction, self._address))
        raw = (
            answer.get("raw") if isinstance(answer, Mapping) else answer
        )  # geth gives {raw, tx}, others the bytes alone
        try:
            read = read_transaction(_bytes(raw))
        except RawTransactionRefused as error:
            raise ForeignSignatureRefused(f"the signer's answer is not the transaction: {error.message}") from error
        if read.unsigned != transaction:
            raise ForeignSignatureRefused("the signer signed another transaction than it was asked for")
        if read.signed.sender != self._address:
            raise ForeignSignatureRefused(
                f"a signature of 0x{self._address.hex()} expected, found one of 0x{read.signed.sender.hex()}"
            )
        return read.signed

    def sign_consent(self, domain: ConsentDomain, did: str, purpose: AccountPurpose, deadline: int) -> SignedConsent:
        typed = typed_data(domain, did, purpose, deadline)
        signature = _bytes(self._ask("eth_signTypedData_v4", f"0x{self._address.hex()}", typed))
        try:
            signer = recovered(consent_digest(domain, bytes(keccak(did.encode())), purpose, deadline), signature)
        except ConsentRefused as error:
            raise ForeignSignatureRefused(f"the signer's answer is not a consent: {error}") from error
        if signer != self._address:
            raise ForeignSignatureRefused(
                f"a signature of 0x{self._address.hex()} expected, found one of 0x{signer.hex()}"
            )
        return SignedConsent(deadline, signature)

    def _ask(self, method: str, *parameters: Any) -> Any:
        try:
            answer = self._provider.make_request(RPCEndpoint(method), list(parameters))
        except (OSError, ValueError) as error:  # sockets and timeouts; an answer that is no JSON
            raise SignerUnavailable(f"the external signer does not answer: {type(error).__name__}") from error
        if not isinstance(answer, Mapping) or "result" not in answer:
            raise SignerUnavailable(f"the external signer did not sign: {_words(answer)}")
        return answer["result"]


def _request(transaction: UnsignedTransaction, sender: Address) -> dict[str, object]:
    return {
        "from": f"0x{sender.hex()}",
        "to": f"0x{transaction.call.to.hex()}",
        "data": f"0x{transaction.call.data.hex()}",
        "chainId": hex(transaction.chain_id),
        "nonce": hex(transaction.nonce),
        "gas": hex(transaction.gas),
        "value": "0x0",
        "maxFeePerGas": "0x0",
        "maxPriorityFeePerGas": "0x0",
    }


def _bytes(value: object) -> bytes:
    try:
        return bytes.fromhex(str(value).removeprefix("0x"))
    except ValueError as error:
        raise ForeignSignatureRefused("the signer's answer is not hexadecimal") from error


def _words(answer: object) -> str:
    error = answer.get("error") if isinstance(answer, Mapping) else None
    message = error.get("message") if isinstance(error, Mapping) else None
    return str(message or "no JSON-RPC answer")[:MAX_WORDS]
