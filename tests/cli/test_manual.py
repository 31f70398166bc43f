"""The manual page has every text of the help in each language, and roff reads it without a warning."""

import re
import shutil
import subprocess

import pytest
from acredita.cli.main import main
from acredita.node.verification.language import Language

from tests.cli.test_language import all_commands, texts_of
from tests.left_out import Want, leave_out


def page(capsys: pytest.CaptureFixture[str], language: Language) -> str:
    assert main(["manual", "--lang", language.value]) == 0
    return capsys.readouterr().out


def plain(roff: str) -> str:
    """Return the text of a page without macros, fonts and escapes, its white space in one form."""
    text = re.sub(r"^\.(SH|SS|TP|PP|TH|B) ?", "", roff, flags=re.MULTILINE)
    text = re.sub(r"\\f[BIR]|\\&", "", text).replace("\\-", "-").replace("\\(dq", '"').replace("\\e", "\\")
    return " ".join(text.split())


@pytest.mark.parametrize("language", list(Language))
def test_every_command_option_and_text_is_in_the_page(capsys: pytest.CaptureFixture[str], language: Language) -> None:
    text = plain(page(capsys, language))
    for words, command in all_commands(language):
        assert f"acredita {' '.join(words)}" in text
        for wanted in texts_of(command):
            assert " ".join(wanted.split()) in text, words
        for param in command.params:
            assert all(name in text or not name.startswith("-") for name in (*param.opts, *param.secondary_opts))
    assert "ACREDITA_CONFIG" in text


def test_a_page_is_in_one_language(capsys: pytest.CaptureFixture[str]) -> None:
    spanish, english = page(capsys, Language.ES), page(capsys, Language.EN)
    assert ("\n.SH NOMBRE\n" in spanish, "\n.SH NAME\n" in english) == (True, True)
    assert spanish.count("\n.SS ") == english.count("\n.SS ") > 80
    assert [line for line in english.splitlines() if re.search(r"[áéíóúñ¿¡]", line)] == []


@pytest.mark.parametrize("language", list(Language))
def test_roff_reads_the_page(capsys: pytest.CaptureFixture[str], language: Language) -> None:
    if shutil.which("groff") is None:
        leave_out(Want.SHELLS, "the manual page in roff")
    roff = page(capsys, language).encode()
    command = ["groff", "-man", "-ww", "-K", "utf8", "-T", "utf8"]
    ran = subprocess.run(command, input=roff, capture_output=True, check=True, timeout=120)
    assert ran.stderr == b""
    assert b"--trust" in re.sub(rb".\x08|\x1b\[[0-9;]*m", b"", ran.stdout)  # bold is a letter struck twice
