"""Baked badges: what is baked comes out byte for byte; what is no badge, or a bomb, is refused by a named limit."""

import json
import struct
import time
import zlib

import pytest
from acredita.registry.credentials import baked_badge, baked_png, baked_svg
from acredita.registry.credentials.baked_badge import BakingRefused
from acredita.registry.credentials.baked_png import bake_png, extract_png
from acredita.registry.credentials.baked_svg import bake_svg, extract_svg

CREDENTIAL = json.dumps(
    {"name": "Ñandú ]]> <&> 🎓 \ufffe", "depth": {"a": [1, 2]}}, ensure_ascii=False, indent=2
).encode()
RECEIPT = b'{"format":"acredita-receipt/1"}'
SVG = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- <svg> in a comment is not the root -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox='0 0 2 2' class="a>b"><rect width="2" height="2"/></svg>"""


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*extra: bytes) -> bytes:
    """Return a grey pixel with these chunks before its data."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        baked_png.PNG_SIGNATURE
        + header
        + b"".join(extra)
        + chunk(b"IDAT", zlib.compress(b"\0\x7f"))
        + chunk(b"IEND", b"")
    )


def packed_text(text: bytes) -> bytes:
    return chunk(b"iTXt", baked_png.KEYWORD + b"\0\x01\0\0\0" + zlib.compress(text, 9))


def code_of(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(BakingRefused) as refused:
        call(*arguments)
    return refused.value.code


def test_a_png_gives_back_what_was_baked_and_stays_the_same_image() -> None:
    baked = bake_png(png(), CREDENTIAL, RECEIPT)
    found = extract_png(baked)
    assert (found.credential, found.receipt) == (CREDENTIAL, RECEIPT)
    text = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + CREDENTIAL)
    assert baked.count(text) == 1  # uncompressed, as the specification asks
    assert baked.replace(text, b"").replace(chunk(b"iTXt", b"acredita-receipt\0\0\0\0\0" + RECEIPT), b"") == png()


def test_an_svg_gives_back_what_was_baked() -> None:
    baked = bake_svg(SVG, CREDENTIAL, RECEIPT)
    found = extract_svg(baked)
    assert json.loads(found.credential) == json.loads(CREDENTIAL)
    assert found.credential == CREDENTIAL.replace("\ufffe".encode(), b"\\ufffe")
    assert found.receipt == RECEIPT
    assert b'class="a>b" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">\n<openbadges:credential>' in baked
    assert baked.endswith(b'<rect width="2" height="2"/></svg>')


def test_without_a_receipt_there_is_none() -> None:
    assert extract_png(bake_png(png(), CREDENTIAL)).receipt is None
    assert extract_svg(bake_svg(SVG, CREDENTIAL)).receipt is None


def test_a_second_credential_is_neither_baked_nor_taken() -> None:
    once = bake_png(png(), CREDENTIAL)
    assert code_of(bake_png, once, CREDENTIAL) == "BAKED_TWICE"
    text = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + CREDENTIAL)
    assert code_of(extract_png, png(text, text)) == "BAKED_TWICE"
    drawn = bake_svg(SVG, CREDENTIAL)
    assert code_of(bake_svg, drawn, CREDENTIAL) == "BAKED_TWICE"
    element = drawn[drawn.index(b"<openbadges:credential>") : drawn.index(b"<rect")]
    assert code_of(extract_svg, drawn.replace(element, element * 2)) == "BAKED_TWICE"


def test_an_image_without_a_credential_says_so() -> None:
    assert code_of(extract_png, png()) == "BAKED_EMPTY"
    assert code_of(extract_svg, SVG) == "BAKED_EMPTY"


def test_a_foreign_prefix_in_the_namespace_is_read() -> None:
    foreign = SVG.replace(
        b"<rect", b'<x:credential xmlns:x="https://purl.imsglobal.org/ob/v3p0">{}</x:credential><rect'
    )
    assert extract_svg(foreign).credential == b"{}"


def test_a_prefix_that_means_something_else_is_not_baked_over() -> None:
    other = SVG.replace(b"viewBox", b'xmlns:openbadges="urn:other" viewBox')
    assert code_of(bake_svg, other, CREDENTIAL) == "BAKED_MALFORMED"
    assert code_of(bake_svg, b'<svg xmlns="http://www.w3.org/2000/svg"/>', CREDENTIAL) == "BAKED_MALFORMED"


def test_a_packed_text_is_read_within_the_limit() -> None:
    assert extract_png(png(packed_text(CREDENTIAL))).credential == CREDENTIAL


def test_a_bomb_in_a_packed_text_stops_at_the_limit() -> None:
    bomb = png(packed_text(b"{" + b" " * (64 << 20)))
    assert len(bomb) < 100_000
    assert code_of(extract_png, bomb) == "BAKED_TOO_LARGE"


def test_the_largest_document_passes_and_one_byte_more_does_not() -> None:
    largest = b" " * baked_badge.MAX_TEXT_BYTES
    assert extract_png(bake_png(png(), largest)).credential == largest
    for bake, image in ((bake_png, png()), (bake_svg, SVG)):
        assert code_of(bake, image, largest + b" ") == "BAKED_TOO_LARGE"
    assert code_of(extract_png, png(packed_text(largest + b" "))) == "BAKED_TOO_LARGE"


def test_an_svg_with_entities_is_refused_before_they_grow() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE svg [<!ENTITY a0 "ha">{laughs}]><svg xmlns="http://www.w3.org/2000/svg">&a11;</svg>'.encode()
    assert code_of(extract_svg, bomb) == "BAKED_MALFORMED"


def test_limits_of_count_and_size() -> None:
    many = png(*[chunk(b"tEXt", b"a\0b")] * baked_png.MAX_CHUNKS)
    assert code_of(extract_png, many) == "BAKED_TOO_LARGE"
    elements = SVG.replace(b"<rect", b"<g/>" * baked_svg.MAX_ELEMENTS + b"<rect")
    assert code_of(extract_svg, elements) == "BAKED_TOO_LARGE"
    for extract in (extract_png, extract_svg):
        assert code_of(extract, b"\0" * (baked_badge.MAX_IMAGE_BYTES + 1)) == "BAKED_TOO_LARGE"


@pytest.mark.parametrize(
    "image",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        png()[:-1],
        png()[8:],
        png().replace(b"IHDR", b"IHDS"),
        baked_png.PNG_SIGNATURE + struct.pack(">I", 0xFFFFFFFF) + b"IHDR" + b"\0" * 40,
        baked_png.PNG_SIGNATURE + chunk(b"IEND", b""),
        png(chunk(b"iTXt", baked_png.KEYWORD)),
        png(chunk(b"iTXt", baked_png.KEYWORD + b"\0\x02\0\0\0{}")),
        png(chunk(b"iTXt", baked_png.KEYWORD + b"\0\x01\0\0\0nothing packed")),
    ],
)
def test_what_is_no_png_is_refused(image: bytes) -> None:
    assert code_of(extract_png, image) == "BAKED_MALFORMED"


@pytest.mark.parametrize(
    "image",
    [
        b"",
        SVG[:-3],
        SVG.replace(b"<rect", b'<x:credential xmlns:x="https://purl.imsglobal.org/ob/v3p0"><b/></x:credential><rect'),
        SVG.decode().encode("utf-16"),
    ],
)
def test_what_is_no_svg_is_refused(image: bytes) -> None:
    assert code_of(extract_svg, image) == "BAKED_MALFORMED"


def test_another_document_in_xml_carries_no_badge() -> None:
    assert code_of(extract_svg, b"<html/>") == "BAKED_EMPTY"


TYPES = [
    b"<!DOCTYPE svg>",
    b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">',
    b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 20010904//EN' 'http://www.w3.org/TR/2001/REC-SVG-20010904/DTD/svg10.dtd' >",
    b'<!DOCTYPE  svg\n  SYSTEM "svg11.dtd">',
    b'<!-- Generator: a drawing program --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">',
    b'<!DOCTYPE svg:svg PUBLIC "-//W3C//DTD SVG 1.1 Basic//EN" "a>b.dtd">',
]


@pytest.mark.parametrize("declared", TYPES)
def test_a_document_type_that_declares_nothing_is_passed_over(declared: bytes) -> None:
    prolog, rest = SVG.split(b"?>", 1)
    for typed in (
        prolog + b"?>" + declared + rest,
        b"\xef\xbb\xbf" + prolog + b"?>\n" + declared + rest,
        declared + rest,
    ):
        assert extract_svg(bake_svg(typed, CREDENTIAL, RECEIPT)).receipt == RECEIPT


@pytest.mark.parametrize(
    "declared",
    [
        b'<!DOCTYPE svg [<!ENTITY a "x">]>',
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY a SYSTEM "file:///etc/hosts">]>',
        b"<!DOCTYPE svg []>",
        b"<!DOCTYPE html>",
        b"<!DOCTYPE svg><!DOCTYPE svg>",
        b'<!DOCTYPE svg "x">',
    ],
)
def test_a_document_type_with_a_subset_or_another_one_is_refused(declared: bytes) -> None:
    baked = bake_svg(SVG, CREDENTIAL)
    prolog, rest = baked.split(b"?>", 1)
    assert code_of(extract_svg, prolog + b"?>" + declared + rest) == "BAKED_MALFORMED"


@pytest.mark.parametrize(
    "place", [b"<rect>&a;</rect>", b'<rect class="&a;"/>', b"<rect>&nbsp;</rect>", b"<rect>%a;&b;</rect>"]
)
def test_an_entity_is_refused_also_below_a_document_type_that_could_declare_it(place: bytes) -> None:
    baked = bake_svg(SVG.replace(b'<rect width="2" height="2"/>', b"<rect/>"), CREDENTIAL)
    with_entity = baked.replace(b"<rect/>", place).replace(b"?>", b"?>" + TYPES[1], 1)
    assert code_of(extract_svg, with_entity) == "BAKED_MALFORMED"


def test_hostile_prologs_cost_one_pass() -> None:
    for filler in (b"<!--", b"<?x ?>", b" ", b"<!-- -->", b'<!DOCTYPE svg PUBLIC "'):
        started = time.process_time()
        with pytest.raises(BakingRefused):
            extract_svg(filler * (1_000_000 // len(filler)))
        assert time.process_time() - started < 10


TOKEN = b"eyJhbGciOiJFZERTQSJ9.eyJ2YyI6e319.c2ln"


def test_a_badge_that_carries_a_token_gives_the_token() -> None:
    as_attribute = SVG.replace(
        b"<rect", b'<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0" verify="%s"/><rect' % TOKEN
    )
    as_text = as_attribute.replace(b'verify="%s"/>' % TOKEN, b">\n%s\n</o:credential>" % TOKEN)
    with_empty_text = as_attribute.replace(b'"/><rect', b'"> </o:credential><rect')
    for image in (as_attribute, as_text, with_empty_text):
        assert extract_svg(image).credential == TOKEN
    assert extract_png(bake_png(png(), TOKEN)).credential == TOKEN
    both = as_text.replace(b'ob/v3p0"', b'ob/v3p0" verify="%s"' % TOKEN)
    assert code_of(extract_svg, both) == "BAKED_TWICE"


@pytest.mark.parametrize("kind", [b"tEXt", b"eXIf", b"IDAT", b"iTXt", b"pHYs"])
def test_a_wrong_checksum_of_a_foreign_chunk_does_not_matter(kind: bytes) -> None:
    """Take the credential out of an image that an editor spoiled elsewhere; its pixels are not read."""
    spoiled = chunk(kind, b"Comment\0\0\0\0\0from a photo editor")
    spoiled = spoiled[:-1] + bytes([spoiled[-1] ^ 1])
    whole = bake_png(png(), CREDENTIAL, RECEIPT)
    for at in (33, len(whole) - 12):  # after IHDR, before IEND
        assert extract_png(whole[:at] + spoiled + whole[at:]).credential == CREDENTIAL
    assert code_of(bake_png, png(spoiled), CREDENTIAL) == "BAKED_MALFORMED"  # nobody bakes into a spoiled image


def test_a_wrong_checksum_of_our_own_chunk_is_refused() -> None:
    whole = bytearray(bake_png(png(), CREDENTIAL))
    whole[whole.index(CREDENTIAL) + 20] ^= 1
    assert code_of(extract_png, bytes(whole)) == "BAKED_MALFORMED"


def test_every_cut_of_a_baked_image_is_refused_or_whole() -> None:
    for whole, extract in ((bake_png(png(), CREDENTIAL), extract_png), (bake_svg(SVG, CREDENTIAL), extract_svg)):
        for end in range(len(whole)):
            assert code_of(extract, whole[:end]) == "BAKED_MALFORMED"


def test_one_flipped_bit_of_a_baked_png_gets_nothing_else_out() -> None:
    whole = bake_png(png(), CREDENTIAL)
    for bit in range(0, len(whole) * 8, 7):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            assert extract_png(bytes(changed)).credential == CREDENTIAL  # a bit of another chunk
        except BakingRefused as refused:
            assert refused.code in ("BAKED_MALFORMED", "BAKED_EMPTY")
