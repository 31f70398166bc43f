"""The verification page: the right word for each verdict, green for one of them, nothing from elsewhere, all escaped."""

import base64
import io
import json
import random
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest
from acredita.node.demo import cases
from acredita.node.http.verify_page_html import answer_page
from acredita.node.verification.language import Language
from acredita.node.verification.report import Answer
from acredita.registry.verification.results import StepOutcome, StepResult, Verdict, VerificationReport

from tests.node.http.two_institution_node import CANARY, Client, TwoInstitutionNode

FOREIGN = Path(__file__).resolve().parents[2] / "registry" / "fixtures" / "foreign"


class Page(HTMLParser):
    """Visible text, classes, and every attribute that makes a browser fetch something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.classes: list[str] = []
        self.fetched: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._silent += tag in ("style", "script")
        self.classes += (found.get("class") or "").split()
        self.fetched += [found[name] or "" for name in ("src", "href", "action", "srcset", "data") if name in found]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def posted(client: Client, credential: bytes, receipt: object = None, identifier: str = "", lang: str = "es") -> Page:
    form = {"credencial": credential.decode(), "identificador": identifier}
    if receipt is not None:
        form["comprobante"] = json.dumps(receipt)
    answer = client.post("/verificar", params={"lang": lang}, content=urlencode(form).encode())
    assert answer.status_code == 200
    return Page(answer.text)


def test_recognised_in_green_with_names_of_the_registry(node: TwoInstitutionNode, client: Client) -> None:
    page = posted(client, node.credential(node.digests[0]), node.receipt(node.digests[0]))
    assert "RECONOCIDA" in page.words
    assert "recognised" in page.classes
    assert node.tenant.institution.name in page.words
    assert node.demo.texts.programme("ind40-fundamentos").title["es"] in page.words
    assert page.words.count("cumple") >= 11
    assert "Cadena de demostración" in page.words


@pytest.mark.parametrize(("number", "word"), [(1, "REVOCADA"), (2, "SUSPENDIDA"), (3, "SUSTITUIDA")])
def test_a_sound_credential_that_no_longer_counts_says_why(
    node: TwoInstitutionNode, client: Client, number: int, word: str
) -> None:
    page = posted(client, node.credential(node.digests[number]))
    assert word in page.words
    assert "recognised" not in page.classes


def test_pending_is_never_green(node: TwoInstitutionNode, client: Client) -> None:
    page = posted(client, node.credential(node.pending))
    assert "FIRMADA, AÚN SIN ANCLAR" in page.words
    assert "pending_anchor" in page.classes
    assert "recognised" not in page.classes


def test_a_broken_signature_shows_nothing_of_the_file(node: TwoInstitutionNode, client: Client) -> None:
    document = json.loads(node.credential(node.digests[0]))
    document["issuer"]["name"] = "Universidad Inventada"
    page = posted(client, json.dumps(document).encode())
    assert "INVÁLIDA" in page.words
    assert "Universidad Inventada" not in page.words
    assert "no se muestra" in page.words


def test_a_stranger_is_shown_as_such(node: TwoInstitutionNode, client: Client) -> None:
    page = posted(client, cases.unknown_issuer(node.demo).credential)
    assert "NO RECONOCIDA" in page.words
    assert "no está en el registro" in page.words
    assert "programa no reconocido" in page.words


def test_without_a_ledger_it_says_so(node: TwoInstitutionNode) -> None:
    with node.client(ledger=None) as client:
        page = posted(client, node.credential(node.digests[0]))
    assert "NO VERIFICABLE AHORA" in page.words
    assert "recognised" not in page.classes


def test_the_identifier_is_checked_and_not_repeated(node: TwoInstitutionNode, client: Client) -> None:
    good = posted(client, node.credential(node.digests[0]), identifier=f"{CANARY} 1")
    assert "RECONOCIDA" in good.words
    wrong = posted(client, node.credential(node.digests[0]), identifier=f"{CANARY} 9")
    assert "NO CORRESPONDE A LA PERSONA INDICADA" in wrong.words
    assert "Sin considerar a la persona: RECONOCIDA" in wrong.words
    assert CANARY not in good.words + wrong.words
    pasted = posted(client, node.credential(node.digests[0]), identifier=f"\u202a{CANARY}\u200b 1\u202c")
    assert "RECONOCIDA" in pasted.words
    assert "El identificador se comparó sin los caracteres invisibles que traía." in pasted.words
    assert "invisibles" not in good.words


def test_in_english_too(node: TwoInstitutionNode, client: Client) -> None:
    page = posted(client, node.credential(node.digests[0]), lang="en")
    assert "RECOGNISED" in page.words
    assert "RECONOCIDA" not in page.words


@pytest.mark.parametrize("verdict", list(Verdict))
def test_green_is_for_what_is_recognised_and_nothing_else(verdict: Verdict) -> None:
    step = StepResult(1, "structure", StepOutcome.PASSED)
    steps = tuple(StepResult(n, step.name, StepOutcome.PASSED) for n in range(1, 13))
    report = VerificationReport(verdict, None if verdict is Verdict.RECOGNISED else "X_Y", steps, (), 0, None, None)
    page = Page(answer_page(Answer(report, None, None, None, False), Language.ES))
    assert ("recognised" in page.classes) is (verdict is Verdict.RECOGNISED)


def test_no_class_but_one_is_green(client: Client) -> None:
    css = client.get("/verificar").text
    greens = re.findall(r"\.([a-z_]+)[^{}]*\{[^{}]*var\(--verde\)", css)
    assert set(greens) == {"recognised", "passed"}


# --- files that carry a credential ---


def zipped(**files: bytes) -> str:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return base64.b64encode(made.getvalue()).decode()


def test_a_delivered_zip_is_verified_with_the_receipt_it_carries(node: TwoInstitutionNode, client: Client) -> None:
    def words(receipt_of: int) -> str:
        receipt = json.dumps(node.receipt(node.digests[receipt_of])).encode()
        packed = zipped(credencial_json=node.credential(node.digests[0]), comprobante_json=receipt)
        answer = client.post("/verificar", content=urlencode({"archivo": packed, "credencial": ""}).encode())
        return Page(answer.text).words

    assert "RECONOCIDA" in words(0)
    assert "RECONOCIDA" in words(4)
    assert "El comprobante que se entregó no es de esta credencial" in words(4)


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        (zipped(readme_txt=b"x"), 422, "no se pudo leer ninguna credencial"),
        (base64.b64encode(b"PK\x03\x04 no archive").decode(), 400, "no es una microcredencial"),
        (base64.b64encode(b"%PDF-1.7 no page").decode(), 400, "no es una microcredencial"),
        (base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(), 400, "no es una microcredencial"),
        (base64.b64encode(b"\x00\x01\x02").decode(), 422, "no se pudo leer ninguna credencial"),
        (base64.b64encode(b"\xff\xd8\xff\xe0\0\x10JFIF\0").decode(), 422, "no se pudo leer ninguna credencial"),
        ("not base64!", 400, "no es una microcredencial"),
    ],
)
def test_a_file_that_carries_none(client: Client, content: str, status: int, word: str) -> None:
    answer = client.post("/verificar", content=urlencode({"archivo": content}).encode())
    assert answer.status_code == status
    assert word in Page(answer.text).words


def test_what_holds_no_credential_has_no_verdict_on_the_page(client: Client) -> None:
    for text in ("[]", "{}", "no es json", '{"credential": 1}'):
        answer = client.post("/verificar", content=urlencode({"credencial": text}).encode())
        page = Page(answer.text)
        assert (answer.status_code, "No se pudo leer" in page.words) == (422, True)
        assert not {"invalid", "not_recognised"} & set(page.classes)


def test_somebody_elses_badge_is_told_by_its_signer_and_never_as_a_forgery(client: Client) -> None:
    badge = (FOREIGN / "open_badge_well_signed.json").read_bytes()
    page = posted(client, badge)
    assert "NO RECONOCIDA" in page.words
    assert "no es de este registro" in page.words
    assert "Firmada por: " + json.loads(badge)["issuer"]["id"] in page.words
    assert "No debe aceptarse" not in page.words
    assert "Insignia de prueba" not in page.words


def test_a_presentation_shows_each_credential_and_the_worst_answer_first(
    node: TwoInstitutionNode, client: Client
) -> None:
    good, revoked = (json.loads(node.credential(node.digests[number])) for number in (0, 1))
    shown = {"type": ["VerifiablePresentation"], "verifiableCredential": [good, revoked]}
    page = posted(client, json.dumps(shown).encode())
    assert "Credenciales dentro: 2. El resultado es el de la peor." in page.words
    assert page.words.index("REVOCADA") < page.words.index("Credenciales dentro") < page.words.index("RECONOCIDA")
    assert "La presentación no está firmada" in page.words


# --- forms and escaping ---

UNSIGNED = '{"type": ["VerifiableCredential"], "credentialSubject": {}}'


@pytest.mark.parametrize(
    ("form", "status", "word"),
    [
        ({}, 400, "Pegue o suelte"),
        ({"credencial": "  "}, 400, "Pegue o suelte"),
        ({"credencial": "no es json"}, 422, "no se pudo leer ninguna credencial"),
        ({"credencial": UNSIGNED, "comprobante": "{}"}, 400, "comprobante de anclaje no es"),
        ({"credencial": UNSIGNED, "comprobante": "x"}, 400, "comprobante de anclaje no es"),
        ({"credencial": UNSIGNED}, 200, "INVÁLIDA"),
    ],
)
def test_what_a_form_may_hold(client: Client, form: dict[str, str], status: int, word: str) -> None:
    answer = client.post("/verificar", content=urlencode(form).encode())
    assert answer.status_code == status
    assert word in Page(answer.text).words


def test_a_file_and_a_pasted_credential_are_one_too_many(node: TwoInstitutionNode, client: Client) -> None:
    """Verify neither of the two: the answer for one could be mistaken for the other's."""
    form = {"credencial": node.credential(node.digests[0]).decode(), "archivo": zipped(credencial_json=b"{}")}
    answer = client.post("/verificar", content=urlencode(form).encode())
    assert answer.status_code == 400
    assert "más de una microcredencial" in Page(answer.text).words


def test_the_page_knows_how_large_a_file_may_be(node: TwoInstitutionNode) -> None:
    """Name the limit on the page: a browser shows no answer at all where a server refuses a body before its end."""
    with node.client(max_body_bytes=100_000) as narrow:
        most = re.search(r'data-tope="([0-9]+)"', narrow.get("/verificar").text)
        assert most is not None
        assert int(most[1]) == 70_000
        largest = base64.b64encode(random.Random(7).randbytes(70_000)).decode()
        answer = narrow.post("/verificar", content=urlencode({"archivo": largest}).encode())
        assert answer.status_code == 422  # read to its end, and no credential


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a" * 50, b"&".join([b"a=1"] * 100), b"%zz=%"])
def test_a_form_that_is_none(client: Client, content: bytes) -> None:
    assert client.post("/verificar", content=content).status_code == 400


def test_markup_in_a_value_stays_text(node: TwoInstitutionNode, client: Client) -> None:
    document = json.loads(cases.unknown_issuer(node.demo).credential)
    document["issuer"]["id"] = 'did:web:x.example"><script>alert(1)</script>'
    answer = client.post("/verificar", content=urlencode({"credencial": json.dumps(document)}).encode())
    assert "<script>alert" not in answer.text


def test_nothing_comes_from_elsewhere(node: TwoInstitutionNode, client: Client) -> None:
    for answer in (client.get("/verificar"), client.post("/verificar", content=b"credencial=%7B%7D")):
        page = Page(answer.text)
        assert all(target.startswith(("/verificar", "data:")) for target in page.fetched)
        assert "@import" not in answer.text
        assert "url(" not in answer.text
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_home_page_leads_to_it(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/verificar")
