"""Test unpacking: carriers give the credential out; broken, doubled or huge ones stop at a named limit with a named
code.
"""

import gzip
import io
import random
import struct
import zipfile
import zlib

import pytest
from acredita.node.verification import carried_parts, unpack_pdf
from acredita.node.verification.carried_parts import Carried, UnpackingRefused
from acredita.node.verification.unpack import unpack
from acredita.registry.credentials.baked_png import KEYWORD, PNG_SIGNATURE

CREDENTIAL = '{"name":"Ñandú"}'.encode()
RECEIPT = b'{"format":"acredita-receipt/1"}'
BOMB_BYTES = 64 << 20


def archive(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return written.getvalue()


def flate(content: bytes) -> tuple[bytes, bytes]:
    return b"/Filter /FlateDecode", zlib.compress(content, 9)


def pdf(*attached: tuple[str, tuple[bytes, bytes]], kids: int = 0, more: bytes = b"") -> bytes:
    """Build a PDF with these attachments: name, then the stream's filter and bytes."""
    names, objects = b"", []
    for number, (name, (filtered, stream)) in enumerate(attached):
        spec, body = 3 + 2 * number, 4 + 2 * number
        names += b"(%s) %d 0 R " % (name.encode(), spec)
        objects.append(b"<< /Type /Filespec /F (%s) /EF << /F %d 0 R >> >>" % (name.encode(), body))
        length = len(stream)
        objects.append(b"<< /Length %d %s >>\nstream\n%s\nendstream" % (length, filtered, stream))
    tree = b"/Kids [%s]" % (b"2 0 R " * kids) if kids else b"/Names [%s]" % names
    catalogue = b"<< /Type /Catalog /Names << /EmbeddedFiles << %s >> >> %s >>" % (tree, more)
    return written([catalogue, b"<< /Names [%s] >>" % (b"null " * 1_000), *objects])


def written(objects: list[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (size, rows, size)
    return out + table + b"startxref\n%d\n%%%%EOF\n" % len(out)


def code_of(content: bytes) -> str:
    with pytest.raises(UnpackingRefused) as refused:
        unpack(content)
    return refused.value.code


BOTH = (("credencial.json", flate(CREDENTIAL)), ("comprobante.json", flate(RECEIPT)))


def test_any_other_file_is_the_credential_itself() -> None:
    for content in (b"", CREDENTIAL, b"\x1f\x8c\x08", b" " * (carried_parts.MAX_FILE_BYTES + 1)):
        assert unpack(content) == Carried(content, None)


def test_a_zip_and_a_pdf_give_what_they_carry() -> None:
    held = Carried(CREDENTIAL, RECEIPT)
    assert unpack(archive(("a/credencial.json", CREDENTIAL), ("a/x", b"y"), ("a/comprobante.json", RECEIPT))) == held
    assert unpack(archive(("credencial.json", CREDENTIAL), method=zipfile.ZIP_STORED)) == Carried(CREDENTIAL)
    assert unpack(pdf(*BOTH)) == held
    assert unpack(pdf(BOTH[0], ("other.txt", flate(b"x")))) == Carried(CREDENTIAL)


def test_two_credentials_in_one_file_are_refused() -> None:
    assert code_of(archive(("a/credencial.json", CREDENTIAL), ("b/credencial.json", CREDENTIAL))) == "FILE_TWICE"
    assert code_of(pdf(BOTH[0], BOTH[0])) == "FILE_TWICE"


def test_a_file_without_a_credential_says_so() -> None:
    assert code_of(archive(("comprobante.json", RECEIPT))) == "NOT_A_CREDENTIAL"
    assert code_of(pdf(BOTH[1])) == "NOT_A_CREDENTIAL"
    assert code_of(pdf()) == "NOT_A_CREDENTIAL"
    assert code_of(b'<svg xmlns="http://www.w3.org/2000/svg"> </svg>') == "NOT_A_CREDENTIAL"


@pytest.mark.parametrize("name", ["credencial.json", "comprobante.json"])
def test_a_zip_bomb_stops_at_the_limit(name: str) -> None:
    bomb = archive(("credencial.json", b"{}"), ("../" + name, b" " * BOMB_BYTES))
    assert len(bomb) < 100_000
    assert code_of(bomb) == "FILE_TOO_LARGE"


def test_a_zip_that_lies_about_a_size_is_bounded_by_what_comes_out() -> None:
    bomb = archive(("credencial.json", b" " * BOMB_BYTES))
    assert code_of(bomb.replace(struct.pack("<I", BOMB_BYTES), struct.pack("<I", 10))) in (
        "FILE_TOO_LARGE",
        "FILE_MALFORMED",
    )


def test_a_bomb_beside_the_credential_is_not_unpacked() -> None:
    assert unpack(archive(("credencial.json", CREDENTIAL), ("bomb", b" " * BOMB_BYTES))).credential == CREDENTIAL
    assert unpack(pdf(BOTH[0], ("bomb", flate(b" " * BOMB_BYTES)))).credential == CREDENTIAL


def test_a_pdf_bomb_stops_at_the_limit() -> None:
    assert code_of(pdf(("credencial.json", flate(b" " * BOMB_BYTES)))) == "FILE_TOO_LARGE"
    twice = zlib.compress(zlib.compress(b" " * BOMB_BYTES, 9), 9)
    assert code_of(pdf(("credencial.json", (b"/Filter [/FlateDecode /FlateDecode]", twice)))) == "FILE_TOO_LARGE"
    over = b" " * (carried_parts.MAX_PART_BYTES + 1)
    assert code_of(pdf(("credencial.json", flate(over)))) == "FILE_TOO_LARGE"


def test_a_pdf_whose_cross_references_are_the_bomb_stops_too() -> None:
    filtered, stream = flate(b"\0" * BOMB_BYTES)
    head = b"<< /Type /XRef /Size 9999999 /W [1 2 1] /Root 1 0 R /Length %d %s >>" % (len(stream), filtered)
    content = b"%PDF-1.7\n1 0 obj\n" + head + b"\nstream\n" + stream + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"
    assert code_of(content) == "FILE_TOO_LARGE"


def test_a_pdf_with_many_branches_ends_soon() -> None:
    assert code_of(pdf(kids=unpack_pdf.MAX_PDF_ITEMS - 10)) == "NOT_A_CREDENTIAL"
    assert code_of(pdf(kids=unpack_pdf.MAX_PDF_ITEMS + 10)) in ("FILE_TOO_LARGE", "FILE_MALFORMED")


def test_a_png_bomb_stops_at_the_limit() -> None:
    text = KEYWORD + b"\0\x01\0\0\0" + zlib.compress(b" " * BOMB_BYTES, 9)
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", b"\0" * 13), (b"iTXt", text), (b"IEND", b""))
    )
    assert code_of(PNG_SIGNATURE + chunks) == "BAKED_TOO_LARGE"


def test_many_parts_and_large_files_are_refused() -> None:
    parts = carried_parts.MAX_PARTS
    assert code_of(archive(("credencial.json", b"{}"), *((f"{n}", b"") for n in range(parts)))) == "FILE_TOO_LARGE"
    assert code_of(pdf(BOTH[0], *((f"{n}", flate(b"")) for n in range(parts)))) == "FILE_TOO_LARGE"
    for content in (archive(("credencial.json", CREDENTIAL)), pdf(*BOTH)):
        assert code_of(content + b"\0" * carried_parts.MAX_FILE_BYTES) == "FILE_TOO_LARGE"


def test_methods_that_choose_their_readers_memory_are_refused() -> None:
    assert code_of(archive(("credencial.json", CREDENTIAL), method=zipfile.ZIP_LZMA)) == "FILE_MALFORMED"
    assert code_of(archive(("credencial.json", CREDENTIAL), method=zipfile.ZIP_BZIP2)) == "FILE_MALFORMED"
    locked = bytearray(archive(("credencial.json", CREDENTIAL)))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert code_of(bytes(locked)) == "FILE_MALFORMED"


@pytest.mark.parametrize("kind", ["pdf", "zip"])
def test_a_damaged_carrier_gives_an_answer_or_a_named_refusal(kind: str) -> None:
    draw = random.Random(20_261_122)
    whole = pdf(*BOTH) if kind == "pdf" else archive(("credencial.json", CREDENTIAL), ("comprobante.json", RECEIPT))
    codes = set()
    for _ in range(600):
        changed = bytearray(whole)
        for _ in range(draw.choice((1, 1, 2, 8))):
            at = draw.randrange(5, len(changed))
            changed[at : at + draw.choice((0, 1, 4))] = draw.randbytes(draw.choice((0, 1, 4)))
        try:
            unpack(bytes(changed))
            codes.add("carried")
        except UnpackingRefused as error:
            codes.add(error.code)
    assert {"carried", "FILE_MALFORMED"} <= codes


# --- evidence bundles ---


def test_a_bundle_that_is_none_or_a_bomb_is_named() -> None:
    assert code_of(b"\x1f\x8b\x08") == "EVIDENCE_MALFORMED"
    assert code_of(gzip.compress(b'{"format":"acredita-evidence/1"}', mtime=0)) == "EVIDENCE_MALFORMED"
    assert code_of(gzip.compress(bytes(BOMB_BYTES), mtime=0)) == "EVIDENCE_TOO_LARGE"
