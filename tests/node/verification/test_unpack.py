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
    other = CREDENTIAL + b" "
    assert code_of(archive(("a/credencial.json", CREDENTIAL), ("b/credencial.json", other))) == "FILE_TWICE"
    assert code_of(archive(("credencial.json", CREDENTIAL), ("credencial (1).json", other))) == "FILE_TWICE"
    assert code_of(pdf(BOTH[0], ("credencial.json", flate(other)))) == "FILE_TWICE"


def test_the_same_file_twice_is_one_file() -> None:
    twice = archive(("credencial.json", CREDENTIAL), ("credencial (1).json", CREDENTIAL), ("comprobante.json", RECEIPT))
    assert unpack(twice) == Carried(CREDENTIAL, RECEIPT)
    assert unpack(pdf(BOTH[0], BOTH[0])) == Carried(CREDENTIAL)


NAMES = [
    "credencial.json",
    "carpeta\\credencial.json",
    "C:\\Users\\ana\\credencial.json",
    "CREDENCIAL.JSON",
    "Mis documentos/Credencial.Json",
    "credencial (1).json",
    "credencial(12).json",
    "credencial - copia.json",
    "credencial - copia (2).json",
    "credencial copy.json",
    "credencial copy 2.json",
    "credencial 2.json",
    "credencial-1.json",
    "credencial.json.txt",
    "./credencial.json",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_zip_of_any_packer_gives_what_it_carries(name: str) -> None:
    receipt = name.replace("credencial", "comprobante").replace("Credencial", "Comprobante")
    receipt = receipt.replace("CREDENCIAL", "COMPROBANTE")
    assert unpack(archive((name, CREDENTIAL), (receipt, RECEIPT))) == Carried(CREDENTIAL, RECEIPT)
    assert (
        unpack(pdf((name.replace("\\", "/").replace("(", "\\(").replace(")", "\\)"), flate(CREDENTIAL)))).credential
        == CREDENTIAL
    )


@pytest.mark.parametrize(
    "name",
    [
        "credencial.jsonx",
        "mi credencial.json",
        "credencialx.json",
        "credencial (1)",
        "credencial.json.exe",
        "credenciales.json",
    ],
)
def test_a_file_of_another_name_is_not_the_credential(name: str) -> None:
    assert code_of(archive((name, CREDENTIAL))) == "NOT_A_CREDENTIAL"


def test_what_a_mac_packs_beside_is_passed_over() -> None:
    packed = archive(
        ("entrega/", b""),
        ("entrega/credencial.json", CREDENTIAL),
        ("__MACOSX/entrega/._credencial.json", b"\0\x05\x16\x07"),
        ("__MACOSX/entrega/credencial.json", b"\0\x05\x16\x07"),
        ("entrega/.DS_Store", b"\0\0\0\x01Bud1"),
        ("entrega/comprobante.json", RECEIPT),
    )
    assert unpack(packed) == Carried(CREDENTIAL, RECEIPT)


def test_sizes_behind_the_data_and_marks_before_it_are_read() -> None:
    """Read what a packer wrote in one pass (data descriptors), a ZIP64 entry, and the mark of an archive in parts."""
    streamed = io.BytesIO()

    class OneWay(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            return streamed.write(data)  # type: ignore[call-overload,no-any-return]

    with zipfile.ZipFile(OneWay(), "w", zipfile.ZIP_DEFLATED) as packed:  # type: ignore[arg-type]
        packed.writestr("credencial.json", CREDENTIAL)
    descriptors = streamed.getvalue()
    assert descriptors[6] & 0x08
    assert unpack(descriptors).credential == CREDENTIAL
    large = io.BytesIO()
    with zipfile.ZipFile(large, "w") as packed, packed.open("credencial.json", "w", force_zip64=True) as entry:
        entry.write(CREDENTIAL)
    assert unpack(large.getvalue()).credential == CREDENTIAL
    whole = archive(("credencial.json", CREDENTIAL))
    for mark in (b"PK\x07\x08", b"PK00"):
        assert unpack(mark + whole).credential == CREDENTIAL
    assert code_of(archive()) == "NOT_A_CREDENTIAL"


def test_a_packing_that_is_not_read_is_named() -> None:
    for method, name in ((9, "Deflate64"), (93, "Zstandard"), (97, "method 97")):
        packed = bytearray(archive(("credencial.json", CREDENTIAL), method=zipfile.ZIP_STORED))
        packed[8:10] = struct.pack("<H", method)
        at = packed.index(b"PK\x01\x02") + 10
        packed[at : at + 2] = struct.pack("<H", method)
        with pytest.raises(UnpackingRefused, match=name) as refused:
            unpack(bytes(packed))
        assert refused.value.code == "FILE_PACKING_UNKNOWN"


BEFORE = [b"\n", b"\xef\xbb\xbf", b"\r\n\r\n", b"Content-Type: application/pdf\r\n\r\n", b"\0" * 64, b"x" * 1_023]


@pytest.mark.parametrize("before", BEFORE)
def test_a_pdf_with_bytes_before_its_header_gives_what_it_carries(before: bytes) -> None:
    """Read places that count from the header, and places that count from the beginning of the file."""
    whole = pdf(*BOTH)
    assert unpack(before + whole) == Carried(CREDENTIAL, RECEIPT)
    if len(before) >= len(b"%PDF-1.7\n"):
        moved = whole
        for number in range(1, 7):
            place = whole.index(b"%d 0 obj" % number)
            moved = moved.replace(b"%010d 00000 n" % place, b"%010d 00000 n" % (place + len(before)))
        at = whole.index(b"xref\n0")
        moved = moved.replace(b"startxref\n%d" % at, b"startxref\n%d" % (at + len(before)))
        assert unpack(before + moved) == Carried(CREDENTIAL, RECEIPT)


def test_a_header_further_on_or_inside_a_text_makes_no_pdf() -> None:
    for content in (b"x" * 1_025 + pdf(*BOTH), b'{"nota": "%PDF-1.7"}', b'["%PDF-"]', b"\xef\xbb\xbf {%PDF-"):
        assert unpack(content) == Carried(content)
    assert code_of(b"\n%PDF-1.7 no page") == "FILE_MALFORMED"
    assert code_of(b"<svg>%PDF-</svg>") == "NOT_A_CREDENTIAL"


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
    assert code_of(archive(("credencial.json", CREDENTIAL), method=zipfile.ZIP_LZMA)) == "FILE_PACKING_UNKNOWN"
    assert code_of(archive(("credencial.json", CREDENTIAL), method=zipfile.ZIP_BZIP2)) == "FILE_PACKING_UNKNOWN"
    locked = bytearray(archive(("credencial.json", CREDENTIAL)))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert code_of(bytes(locked)) == "FILE_PACKING_UNKNOWN"


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
