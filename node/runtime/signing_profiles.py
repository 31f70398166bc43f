"""Signing profiles: which key, cryptosuite, status and policy stand behind a name in the VC-API.

A profile of policy `programme` belongs to an institution: it signs only what an approved programme allows, by the
institution's own path from queue to log. One of policy `any` signs other people's data models for other uses; what it signs
never stands in a log and never gets a verdict. Its key is its own. Profiles are made once at start.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from acredita.anchoring.types import IssuerId
from acredita.node.config import Configuration, ConfigurationError, ContextSettings, SigningProfileSettings
from acredita.node.runtime.tenant import Tenant
from acredita.node.storage.trail import MAX_ACTOR_CHARACTERS
from acredita.registry.canonicalisation.contexts import ContextRefused, ContextSet, bundled_contexts, pinned_document
from acredita.registry.keys.did import did_key, key_method
from acredita.registry.keys.keystore import Keystore
from acredita.registry.keys.multikey import ED25519, P256, P384, Algorithm, parse_multikey
from acredita.registry.keys.signer import PrivateKeySigner, Signer
from acredita.registry.proofs.cryptosuites import SUITES
from acredita.registry.vcdm.related_resources import bundled_bytes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

JWT: Final = "vc+jwt"
OWNER_DOMAIN: Final = b"acredita/signing-profile/1"
_JWT_ALGORITHMS: Final[tuple[Algorithm, ...]] = (ED25519, P256)
_LIST_SUITES: Final[Mapping[Algorithm, str]] = {
    ED25519: "eddsa-rdfc-2022",
    P256: "ecdsa-rdfc-2019",
    P384: "ecdsa-rdfc-2019",
}


class SigningPolicy(StrEnum):
    """The documents that a profile may sign."""

    PROGRAMME = "programme"
    ANY = "any"


@dataclass(frozen=True)
class SigningProfile:
    """One name of the VC-API. `tenant`: the institution behind policy `programme`, None for `any`."""

    name: str
    policy: SigningPolicy
    did: str
    verification_method: str
    signer: Signer
    cryptosuite: str
    status: tuple[str, ...] = ()
    relaxed: bool = False
    open: bool = False
    tenant: Tenant | None = None

    @property
    def list_owner(self) -> IssuerId:
        """The owner of the profile's status lists: the institution, or 32 bytes that are no issuer on the ledger."""
        if self.tenant is not None:
            return self.tenant.issuer
        return IssuerId(hashlib.sha256(OWNER_DOMAIN + self.did.encode()).digest())

    @property
    def list_cryptosuite(self) -> str:
        """Lists are JSON-LD whatever the credentials are."""
        return _LIST_SUITES[self.signer.algorithm]


@dataclass(frozen=True)
class KnownContexts:
    """The bundled contexts and those the configuration adds, with their bytes for digests of related resources."""

    contexts: ContextSet
    added: Mapping[str, bytes]

    def bytes_of(self, url: str) -> bytes | None:
        """Return the bytes of a context, added or bundled."""
        return self.added.get(url) or bundled_bytes(url)


def bundled_only() -> KnownContexts:
    """Return the bundled contexts alone."""
    return KnownContexts(bundled_contexts(), {})


def open_contexts(settings: Iterable[ContextSettings]) -> KnownContexts:
    """Open the contexts that a configuration adds. Raises ConfigurationError for a missing file or one that is not
    the pinned one.
    """
    added: dict[str, bytes] = {}
    documents = {}
    for row in settings:
        try:
            added[row.url] = row.file.read_bytes()
            documents[row.url] = pinned_document(row.url, added[row.url], row.sha256)
        except OSError as error:
            raise ConfigurationError(f"context {row.url}: {row.file}: {error.strerror}") from error
        except (ContextRefused, ValueError) as error:
            raise ConfigurationError(f"context {error}") from error
    try:
        return KnownContexts(bundled_contexts().with_documents(documents), added)
    except ContextRefused as error:
        raise ConfigurationError(f"context {error}") from error


def open_profiles(
    configuration: Configuration, passphrase: bytes | None, tenants: Iterable[Tenant]
) -> tuple[SigningProfile, ...]:
    """Open the profiles that can sign now; those whose keystore stays closed are left out, as the institutions are."""
    by_name = {tenant.profile: tenant for tenant in tenants}
    known = {institution.profile for institution in configuration.institutions}
    opened = []
    for settings in configuration.signing_profiles:
        if settings.institution and settings.institution not in known:
            raise ConfigurationError(f"signing_profile {settings.name}: no institution {settings.institution}")
        profile = _profile(settings, passphrase, by_name.get(settings.institution))
        if profile is not None:
            opened.append(profile)
    return tuple(opened)


def _profile(
    settings: SigningProfileSettings, passphrase: bytes | None, tenant: Tenant | None
) -> SigningProfile | None:
    if settings.policy == SigningPolicy.PROGRAMME:
        return None if tenant is None else of_institution(settings.name, tenant)
    if settings.keystore is None:
        signer = _new_signer(settings.cryptosuite, settings.curve)
    elif passphrase is None:
        return None
    else:
        signer = Keystore.open(settings.keystore, passphrase).signer(settings.key)
    return of_key(
        settings.name,
        signer,
        cryptosuite=settings.cryptosuite,
        status=settings.status,
        relaxed=settings.binding == "relaxed",
        open_to_all=settings.open,
    )


def of_institution(name: str, tenant: Tenant) -> SigningProfile:
    """Build the profile of an institution: its key, its DID, its lists, its log."""
    key = tenant.keys.shown()
    return SigningProfile(
        name,
        SigningPolicy.PROGRAMME,
        tenant.institution.did,
        key.verification_method,
        key.signer,
        key.cryptosuite,
        tenant=replace(tenant, institution=tenant.institution.acting(f"profile:{name}"[:MAX_ACTOR_CHARACTERS])),
    )


def of_key(
    name: str,
    signer: Signer,
    *,
    cryptosuite: str,
    status: tuple[str, ...] = (),
    relaxed: bool = False,
    open_to_all: bool = False,
) -> SigningProfile:
    """Build a profile of policy `any` whose DID is the did:key of its key. Raises ConfigurationError for a key of
    another kind.
    """
    if signer.algorithm not in _algorithms(name, cryptosuite):
        raise ConfigurationError(f"signing_profile {name}: {cryptosuite} does not sign with {signer.algorithm}")
    key = parse_multikey(signer.multikey)
    return SigningProfile(
        name, SigningPolicy.ANY, did_key(key), key_method(key), signer, cryptosuite, status, relaxed, open_to_all
    )


def _algorithms(name: str, cryptosuite: str) -> tuple[Algorithm, ...]:
    if cryptosuite == JWT:
        return _JWT_ALGORITHMS
    if cryptosuite not in SUITES:
        known = ", ".join([*SUITES, JWT])
        raise ConfigurationError(f"signing_profile {name}: cryptosuite: one of {known} expected")
    return SUITES[cryptosuite].algorithms


def _new_signer(cryptosuite: str, curve: str) -> Signer:
    """Make a key that lives as long as this process."""
    algorithm = curve or _algorithms("", cryptosuite)[0]
    if algorithm == ED25519:
        return PrivateKeySigner.of(ed25519.Ed25519PrivateKey.generate())
    return PrivateKeySigner.of(ec.generate_private_key(ec.SECP256R1() if algorithm == P256 else ec.SECP384R1()))
