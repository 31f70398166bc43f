"""PyPI openbadgeslib takes our badges out of their images and verifies what it found; we read the images it bakes.

The badges are those of a delivery, as a person receives them, with the receipt beside the credential.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from acredita.anchoring.types import Digest
from acredita.node.delivery.parcel import ParcelBuilder
from acredita.node.delivery.printing.wording import PrintedNames
from acredita.node.verification.unpack import unpack
from acredita.registry.canonicalisation.contexts import bundled_contexts
from acredita.registry.credentials.baked_badge import BakingRefused
from acredita.registry.credentials.baked_png import extract_png
from acredita.registry.credentials.baked_svg import extract_svg

from tests.interop.test_credentials_accepted import PYTHON, ROOT, Ask, Peer
from tests.left_out import Want, leave_out
from tests.node.http.two_institution_node import BASE, TwoInstitutionNode, open_two_institution_node

pytestmark = pytest.mark.interop

SCRIPT = Path(__file__).parent / "badges" / "openbadgeslib_peer.py"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><rect width="2" height="2"/></svg>'
KINDS = ["png", "svg"]


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    if not PYTHON.exists():
        leave_out(Want.ORACLES, "openbadgeslib")
    contexts = tmp_path_factory.mktemp("contexts") / "contexts.json"
    contexts.write_text(json.dumps(dict(bundled_contexts().documents)), encoding="utf-8")
    opened = Peer([str(PYTHON), "-I", str(SCRIPT), str(contexts)], ROOT)
    yield opened.ask
    opened.close()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoInstitutionNode]:
    opened = open_two_institution_node(tmp_path_factory.mktemp("node"))
    yield opened
    opened.demo.close()


@pytest.fixture(scope="module")
def parcel(node: TwoInstitutionNode) -> dict[str, bytes]:
    """Return the files that one person receives, by name."""
    programmes = {programme.digest: programme for programme in node.demo.texts.programmes}
    name = node.tenant.institution.name
    builder = ParcelBuilder(node.tenant.institution, BASE, programmes.get, lambda: PrintedNames(name, True))
    return {file.name: file.content for file in builder.parcel(node.digests[0]).files}


def text_of(image: bytes) -> str:
    return base64.b64encode(image).decode()


@pytest.mark.parametrize("kind", KINDS)
def test_what_they_take_out_of_ours_is_the_credential_and_verifies(
    peer: Ask, node: TwoInstitutionNode, parcel: dict[str, bytes], kind: str
) -> None:
    answer = peer("extract", kind=kind, image=text_of(parcel[f"insignia.{kind}"]))
    taken = json.loads(answer["token"])
    assert taken == json.loads(node.credential(node.digests[0]))
    if kind == "png":  # the same bytes, and every row of the picture still decodes
        assert answer["token"].encode() == parcel["credencial.json"]
        assert answer["rows"] == answer["size"][1] > 100
    assert peer("verify", document=taken) == {"verified": True, "error": None}
    taken["name"] = "Otra"
    assert peer("verify", document=taken)["verified"] is False


@pytest.mark.parametrize(("kind", "as_text"), [("png", True), ("svg", True), ("svg", False)])
def test_what_they_bake_is_read_and_recognised(
    peer: Ask, node: TwoInstitutionNode, parcel: dict[str, bytes], kind: str, as_text: bool
) -> None:
    """Read an SVG with the credential as text, as for Data Integrity, and in the attribute, where others may put it."""
    token = parcel["credencial.json"].decode()
    plain = peer("blank")["image"] if kind == "png" else text_of(SVG)
    baked = base64.b64decode(peer("bake", kind=kind, image=plain, token=token, as_text=as_text)["image"])
    taken = (extract_png if kind == "png" else extract_svg)(baked)
    assert json.loads(taken.credential) == json.loads(token)
    assert taken.receipt is None
    assert unpack(baked).credential == taken.credential
    with node.client() as client:  # the node has the receipt in its storage
        report = client.post("/v1/verify", content=taken.credential).json()
    assert report["verdict"] == "recognised"


@pytest.mark.parametrize("kind", KINDS)
def test_what_they_bake_into_ours_makes_two_and_neither_is_taken(
    peer: Ask, parcel: dict[str, bytes], kind: str
) -> None:
    image = text_of(parcel[f"insignia.{kind}"])
    twice = base64.b64decode(peer("bake", kind=kind, image=image, token="{}", as_text=True)["image"])
    with pytest.raises(BakingRefused, match=r"found two|one credential"):
        (extract_png if kind == "png" else extract_svg)(twice)


def test_the_parcel_is_of_the_digest_asked_for(node: TwoInstitutionNode, parcel: dict[str, bytes]) -> None:
    assert json.loads(parcel["manifiesto.json"])["digest"] == "0x" + Digest(node.digests[0]).hex()
