"""Give the templates of documents that people write: TOML with a comment on each element, and nothing filled in.

A template as it stands is refused: each empty text is a fault with its place. So none is submitted by mistake.
"""

from importlib import resources
from typing import Final

PROGRAMME: Final = "programme"
SCOPE: Final = "scope"
_DID: Final = 'did = ""'
_ISSUER: Final = 'issuer = ""'


def template_of(kind: str, language: str, did: str | None) -> str:
    """Return the template of a document in `es` or `en`; with a DID, that of the institution is filled in."""
    text = (resources.files(__package__) / "templates" / f"{kind}.{language}.toml").read_text(encoding="utf-8")
    if did is None:
        return text
    return text.replace(_ISSUER, f'issuer = "{did}"').replace(_DID, f'did = "{did}"')
