"""Texts as Mexico writes them are printed. A character that no font draws is named before the approval and on the page."""

import hashlib
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from acredita.node.delivery.printing.document import credential_pdf
from acredita.node.delivery.printing.printable import MAX_NAMED, family_for, notice, unprintable, unprintable_in
from acredita.node.delivery.printing.wording import Wording
from acredita.node.verification.language import Language
from pypdf import PdfReader

from tests.node.delivery.printing.test_document import CREDENTIAL, MADE, RECEIPT, WORDS, text_of

ROOT = Path(__file__).resolve().parents[4]
FONTS = ROOT / "node" / "delivery" / "printing" / "fonts"

LANGUAGES = {
    "español": "áéíóúüñ ÁÉÍÓÚÜÑ ¿¡ «» “” ‘’ – — … ª º ½ € °",
    "náhuatl": "Nāhuatlahtōlli ēīōā ꞌ",
    "maya": "tʼaan kuxtalil xookoʼob k’iin",
    "mixteco": "Tuꞌun Ñuu Savi ɨ̱ ñuú kui̱yo",
    "zapoteco": "Didxazá lë̀ xhonha̱ ’",
    "otomí": "hñähñu ya̱ u̱ o̱ e̱ xä̱dä",
    "mazateco": "chjotaꞌ énná ngiꞌyá nguìxó³",
    "mazahua": "jñatjo e̷ u̷ a̷ dyaꞌa",
    "chinanteco": "jmiiꞌ dsä́ hë́ᵌ kiéː ʉ́ ʔ",
    "tsotsil y tseltal": "batsʼi kʼop ch’ieltik",
    "huichol y cora": "wixárika ʉ ɨ́ naáyarite ṣ",
    "triqui y amuzgo": "xnánj nu̱꞉ Nn̄ancue Ñomndaa",
    "tepehua y totonaco": "lhima̱ʼalhʼama̱ ɬ ƛ",
    "seri y yaqui": "cmiique iitom ꟼ jiak noki".replace("ꟼ", "ö"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_mexico_writes_is_printed(language: str) -> None:
    assert unprintable(LANGUAGES[language]) == ()


def test_letters_and_marks_are_of_one_font() -> None:
    """Set a text with a mark in one family, because a mark of one font is misplaced on a letter of another."""
    text = LANGUAGES["otomí"]
    words = replace(WORDS, title=text, issuer=text, description=text, family=family_for(text))
    assert words.family == "Noto Sans"
    reader = PdfReader(io.BytesIO(credential_pdf(words, CREDENTIAL, RECEIPT, MADE)), strict=True)
    resources = reader.pages[0]["/Resources"]
    fonts = {font.get_object()["/BaseFont"].split("+")[1].split("-")[0] for font in resources["/Font"].values()}  # type: ignore[index]
    assert fonts == {"NotoSans", "DejaVuSansMono"}
    assert family_for("Análisis y diseño: “niño” — 4 €") == "Atkinson Hyperlegible"


@pytest.mark.parametrize("character", ["🎓", "中", "한", "あ", "ไ", "𓀀", "👩"])
def test_what_no_font_draws_is_named(character: str) -> None:
    assert unprintable(f"Título {character} más") == (character,)
    document = {"title": {"es": f"Título {character}"}, "region": "Guanajuato"}
    assert dict(unprintable_in(document)) == {"/title/es": (character,)}
    for language, words in ((Language.ES, "no se puede imprimir"), (Language.EN, "cannot be printed")):
        said = notice("/title/es", (character,), language)
        assert f"U+{ord(character):04X}" in said
        assert words in said


def test_every_printed_text_of_a_document_is_looked_at() -> None:
    document = {
        "title": {"es": "a🎓"},
        "name": {"es": "b🎓"},
        "description": {"es": "c🎓", "en": "not printed 中"},
        "region": "d🎓",
        "learning_outcomes": [{"text": {"es": "x"}}, {"text": {"es": "e🎓"}}],
        "grading": {"scale": ["f", "f🎓"]},
        "validity": {"none_because": {"es": "g🎓"}},
        "level": {"mx": "h🎓"},
    }
    assert [where for where, _ in unprintable_in(document)] == [
        "/title/es",
        "/name/es",
        "/description/es",
        "/region",
        "/learning_outcomes/1/text/es",
        "/grading/scale/1",
        "/validity/none_because/es",
        "/level/mx",
    ]
    assert f"+ {5}" in notice("/x", [chr(0x4E00 + number) for number in range(MAX_NAMED + 5)], Language.ES)


def test_the_page_says_so_where_a_box_stays() -> None:
    def with_title(title: str) -> Wording:
        return replace(WORDS, title=title, incomplete=bool(unprintable(title)))

    assert "no se puede imprimir y queda como recuadro" in text_of(with_title("Título 🎓"))
    assert "no se puede imprimir" not in text_of(with_title("Título"))


def test_the_fonts_are_those_whose_digests_are_documented() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"\| `([\w.-]+\.ttf)` \|[^\n]*\| `([0-9a-f]{64})` \|", page))
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in FONTS.glob("*.ttf")}
    assert documented == files
