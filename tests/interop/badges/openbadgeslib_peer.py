"""Bakes, takes out and verifies Open Badges 3.0 with PyPI openbadgeslib, one JSON line in, one out.

Run by the oracle environment's Python with a file of the bundled contexts (URL → document) as its only argument. Images
travel as base64; every pixel of a PNG is decoded by pypng, so that an image that only looks like one is no answer.
"""

import base64
import io
import json
import sys
from pathlib import Path
from typing import Any

import png
from openbadgeslib import baking
from openbadgeslib.ob3 import OB3VerificationError, resolve_verification_method, verify_data_integrity_proof


def extract(request: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    image = base64.b64decode(request["image"])
    if request["kind"] == "png":
        width, height, rows, _info = png.Reader(bytes=image).read()
        pixels = sum(1 for _ in rows)
        found = baking.extract_png(image, keyword=baking.ITXT_KEYWORD_OB3)
        return {"token": found, "size": [width, height], "rows": pixels}
    return {"token": baking.extract_svg(image, element=baking.SVG_ELEMENT_OB3, text_fallback=True)}


def bake(request: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    image, token = base64.b64decode(request["image"]), request["token"]
    if request["kind"] == "png":
        baked = baking.bake_png(image, token, "made elsewhere", keyword=baking.ITXT_KEYWORD_OB3)
    else:
        baked = baking.bake_svg(
            image,
            token,
            "made elsewhere",
            element=baking.SVG_ELEMENT_OB3,
            namespace=baking.SVG_NS_OB3,
            as_text=request["as_text"],
        )
    return {"image": base64.b64encode(baked).decode()}


def verify(request: dict[str, Any], contexts: dict[str, Any]) -> dict[str, Any]:
    document = request["document"]
    try:
        key = resolve_verification_method(document["proof"]["verificationMethod"])
        verify_data_integrity_proof(document, key, extra_contexts=contexts)
    except OB3VerificationError as error:
        return {"verified": False, "error": str(error)}
    return {"verified": True, "error": None}


def blank(_request: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    """Return a PNG made by another encoder."""
    image = io.BytesIO()
    png.Writer(2, 2, greyscale=False).write(image, [[255, 0, 0, 0, 255, 0], [0, 0, 255, 9, 9, 9]])
    return {"image": base64.b64encode(image.getvalue()).decode()}


def main() -> None:
    contexts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"extract": extract, "bake": bake, "verify": verify, "blank": blank}[request["op"]](request, contexts)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
