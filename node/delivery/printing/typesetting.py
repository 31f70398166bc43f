"""Typeset with Typst from memory: a template of this package, values as data, and the fonts of this folder.

Values reach the template as strings of one JSON object and are set as text: no part of them is read as markup. No font
of the machine is used and no package is fetched, so that the same values give the same bytes everywhere.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final, Literal

import typst

BADGE_PIXELS_PER_INCH: Final = 144.0

_FOLDER: Final = "acredita.node.delivery.printing"


def typeset_pdf(template: str, values: Mapping[str, object], files: Mapping[str, str], timestamp: int) -> bytes:
    """Return a PDF with these files attached. `files`: name → text. `timestamp` in Unix seconds.

    The format is PDF/A-3b, for archiving. It is plain PDF 1.7 if a text has a character that none of the fonts draws:
    PDF/A forbids it, and a reader shows it as an empty box.
    """
    compiler = _compiler({"values": json.dumps(values), **files})
    try:
        document = compiler.compile(_source(template), format="pdf", pdf_standards=["a-3b"], timestamp=timestamp)
    except typst.TypstError:
        document = compiler.compile(_source(template), format="pdf", pdf_standards=["1.7"], timestamp=timestamp)
    return _one(document)


def draws(characters: str) -> bool:
    """Return whether the fonts draw every text of a JSON list."""
    compiler = _compiler({"values": characters})
    try:
        compiler.compile(_source("signos"), format="pdf", pdf_standards=["a-3b"], timestamp=0)
    except typst.TypstError:
        return False
    return True


def typeset_image(template: str, values: Mapping[str, object], kind: Literal["png", "svg"]) -> bytes:
    """Return an image of the template's one page."""
    image = _compiler({"values": json.dumps(values)}).compile(_source(template), format=kind, ppi=BADGE_PIXELS_PER_INCH)
    return _one(image)


def _one(document: bytes | list[bytes] | None) -> bytes:
    if not isinstance(document, bytes):
        raise RuntimeError("a template gives one document of one page")
    return document


def _compiler(inputs: dict[str, str]) -> typst.Compiler:
    return typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)


@cache
def _source(template: str) -> bytes:
    return (resources.files(_FOLDER) / "templates" / f"{template}.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts of this folder; for missing signs those of the typesetter (docs/dependencies.md)."""
    with resources.as_file(resources.files(_FOLDER) / "fonts") as folder:
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[Path(folder)])
