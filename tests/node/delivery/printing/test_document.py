"""The printed page and the badge: what stands on them, that they are one page, and that nothing in a text is markup."""

import io
import json
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
import segno
from acredita.node.delivery.printing.document import badge_png, badge_svg, credential_pdf, qr_svg
from acredita.node.delivery.printing.typesetting import typeset_image
from acredita.node.delivery.printing.wording import Wording, breakable, day
from acredita.registry.credentials.baked_png import extract_png
from acredita.registry.credentials.baked_svg import extract_svg
from pypdf import PdfReader

from tests.left_out import Want, leave_out

CREDENTIAL = json.dumps({"name": "Ñandú 🎓"}, ensure_ascii=False).encode()
RECEIPT = b'{"format":"acredita-receipt/1"}'
MADE = 1_772_323_200  # 2026-03-01T00:00:00Z
LINK = "https://registro.example/verificar#d=" + "0123456789abcdef" * 4
WORDS = Wording(
    title="Fundamentos de Industria 4.0 para la manufactura",
    issuer="Universidad Tecnológica Imaginaria (DEMO)",
    place="Guanajuato",
    description="Acredita que la persona lee datos de una celda de manufactura.",
    outcomes=("Configura la captura de datos", "Calcula indicadores", "Propone una mejora"),
    facts=(("Calificación", "Competente (nivel 3 de 4)"), ("Vigencia", "Hasta el 20 de abril de 2029")),
    awarded="20 de abril de 2026",
    link=LINK,
    digest="0123456789abcdef" * 4,
    anchored="1 de marzo de 2026, bloque 47",
    demo=False,
    incomplete=False,
    family="Atkinson Hyperlegible",
)
LONGEST = replace(
    WORDS,
    title="Diplomado superior en interoperabilidad electroencefalográfica de registros académicos descentralizados",
    issuer="Instituto de Estudios Superiores de la Región Noroeste del Estado, Unidad de Educación Continua y a Distancia",
    outcomes=tuple(f"{n}. Diseña y evalúa un procedimiento de comprobación a partir de evidencia" for n in range(18)),
)


def printed(words: Wording) -> PdfReader:
    return PdfReader(io.BytesIO(credential_pdf(words, CREDENTIAL, RECEIPT, MADE)), strict=True)


def text_of(words: Wording) -> str:
    return " ".join(" ".join(page.extract_text() for page in printed(words).pages).split())


def test_the_page_carries_credential_and_receipt_as_they_are() -> None:
    attached = {file.name: (file.content, file.associated_file_relationship) for file in printed(WORDS).attachment_list}
    assert attached == {"credencial.json": (CREDENTIAL, "/Data"), "comprobante.json": (RECEIPT, "/Supplement")}


def test_everything_stands_on_one_page() -> None:
    for words in (WORDS, LONGEST):
        assert len(printed(words).pages) == 1
        text = text_of(words)
        for said in (words.title, words.issuer, *words.outcomes, *(said for fact in words.facts for said in fact)):
            assert said in text
        assert words.digest in text


def test_a_programme_of_fifty_outcomes_takes_more_pages_and_loses_nothing() -> None:
    many = replace(WORDS, outcomes=tuple(f"Resultado {n}: " + "comprueba " * 30 for n in range(50)))
    assert len(printed(many).pages) > 1
    text = text_of(many)
    assert all(f"Resultado {n}:" in text for n in range(50))
    assert "Compruebe que sigue vigente" in text


def test_texts_are_set_as_text_and_never_as_markup() -> None:
    hostile = ("#panic(1)", "*no* _énfasis_ $x$", "= título", '#read("/etc/passwd")', "</svg>")
    text = text_of(replace(WORDS, title="#set text(red)", outcomes=hostile))
    for said in ("#set text(red)", *hostile):
        assert said in text


def test_a_character_that_no_font_has_keeps_nobody_from_printing() -> None:
    words = replace(WORDS, title="Ελληνικά 漢字 \U0001f393")
    assert "Ελληνικά" in text_of(words)
    assert badge_png(words, CREDENTIAL, RECEIPT)


def test_the_page_is_made_to_be_kept_and_uses_its_own_fonts() -> None:
    reader = printed(WORDS)
    xmp = reader.xmp_metadata
    assert xmp is not None
    assert "<pdfaid:part>3</pdfaid:part>" in xmp.stream.get_data().decode()
    resources = reader.pages[0]["/Resources"]
    fonts = {font.get_object()["/BaseFont"].split("+")[1] for font in resources["/Font"].values()}  # type: ignore[index]
    assert {name.split("-")[0] for name in fonts} == {"AtkinsonHyperlegible", "DejaVuSansMono"}


def test_the_demonstration_says_so_and_nothing_else_does() -> None:
    assert "sin valor oficial" in text_of(replace(WORDS, demo=True))
    assert "sin valor oficial" not in text_of(WORDS)


def test_the_same_values_give_the_same_bytes() -> None:
    for render in (
        lambda: credential_pdf(WORDS, CREDENTIAL, RECEIPT, MADE),
        lambda: badge_png(WORDS, CREDENTIAL, RECEIPT),
        lambda: badge_svg(WORDS, CREDENTIAL, RECEIPT),
    ):
        assert render() == render()


def test_the_badge_is_an_image_with_the_credential_inside() -> None:
    png, svg = badge_png(WORDS, CREDENTIAL, RECEIPT), badge_svg(WORDS, CREDENTIAL, RECEIPT)
    assert (extract_png(png).credential, extract_png(png).receipt) == (CREDENTIAL, RECEIPT)
    assert (extract_svg(svg).credential, extract_svg(svg).receipt) == (CREDENTIAL, RECEIPT)
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"


def test_an_endless_word_is_broken_and_a_word_of_spanish_is_not() -> None:
    assert breakable("electroencefalográficamente") == "electroencefalográficamente"
    assert breakable("x" * 60) == "x" * 28 + "\u200b" + "x" * 28 + "\u200b" + "x" * 4
    values = {"title": breakable("x" * 200), "issuer": "y", "awarded": "z", "demo": False, "family": "Noto Sans"}
    wide = typeset_image("insignia", values, "svg")
    assert wide


def test_a_day_as_it_is_read() -> None:
    assert day(date(1970, 1, 1)) == "1 de enero de 1970"
    assert day(date(2026, 2, 28)) == "28 de febrero de 2026"


def test_the_code_holds_the_link_and_stands_damage() -> None:
    code = segno.make(LINK, error="q", micro=False)
    assert code.error == "Q"
    assert qr_svg(LINK).startswith("<svg ")
    assert qr_svg(LINK) != qr_svg(LINK + "0")


@pytest.mark.interop
def test_a_reader_that_is_not_ours_decodes_the_printed_code(tmp_path: Path) -> None:
    if shutil.which("zbarimg") is None or shutil.which("pdftoppm") is None:
        leave_out(Want.CODE_READERS, "the printed code, read by a program that is not ours")
    page = tmp_path / "page.pdf"
    page.write_bytes(credential_pdf(WORDS, CREDENTIAL, RECEIPT, MADE))
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", str(page), str(tmp_path / "page")], check=True)
    found = subprocess.run(
        ["zbarimg", "-q", "--raw", "--nodbus", str(tmp_path / "page.png")], check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == LINK
