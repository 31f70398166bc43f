"""Turn the document of a report into the titles, facts, findings and charts of a page in one language.

HTML and PDF are set from the same content, so that both say the same. Texts that come from findings are shown as they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from acredita.anchoring.receipts import read_time
from acredita.node.audit_report.charts import BarChart
from acredita.node.audit_report.wording import TEXTS
from acredita.node.verification.language import Language, in_language
from acredita.registry.audit.report import weights_of
from acredita.registry.audit.report_signature import ReportSignature
from acredita.registry.audit.severity import ANSWER_MEANINGS, ANSWERS, MEANINGS, SEVERITIES, Words
from acredita.registry.codes import sentence
from acredita.registry.credentials.days import zone_of

REPORT_FILE: Final = "report.json"

Translate = Callable[[str, Language], str]
"""An English sentence in the reader's language."""

Facts = tuple[tuple[str, str], ...]
"""Terms and values."""


@dataclass(frozen=True)
class Table:
    """A table with the heads of its columns."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class FindingText:
    """One finding on a page. `weight`: for the colour beside the word."""

    weight: str
    severity: str
    code: str
    sentence: str
    facts: Facts
    command: str


@dataclass(frozen=True)
class Figure:
    """A chart and the table of its numbers."""

    chart: BarChart
    table: Table


@dataclass(frozen=True)
class ReportContent:
    """All that a page of one language shows. `says`: text of the wording by name."""

    language: Language
    outcome: str
    answer: str
    answer_meaning: str
    severities: Table
    covered: Facts
    logs: Table
    unread: tuple[FindingText, ...]
    refused: tuple[str, ...]
    findings: tuple[FindingText, ...]
    figures: tuple[Figure, ...]
    has_latency: bool
    command: str
    signature: Facts
    check_command: str
    says: Callable[[str], str]


def report_content(
    document: Mapping[str, Any], signature: ReportSignature, language: Language, translate: Translate
) -> ReportContent:
    """Return what a page shows of a signed report."""
    names = {each["issuer"]: each["name"].get(language.value) or each["name"]["es"] for each in document["names"]}

    def says(name: str) -> str:
        return in_language(TEXTS[name], language)

    def word(words: Words) -> str:
        return in_language(words, language)

    findings = tuple(_finding(each, names, language, says, translate) for each in document["findings"])
    signed_at = _local(int(signature.created.timestamp()), document["zone"])
    counts = weights_of(document)
    return ReportContent(
        language=language,
        outcome=document["outcome"],
        answer=word(ANSWERS[document["outcome"]]),
        answer_meaning=word(ANSWER_MEANINGS[document["outcome"]]),
        severities=Table(
            (says("severity"), says("count"), says("meaning")),
            tuple((word(SEVERITIES[w]), str(counts[w]), word(MEANINGS[w])) for w in SEVERITIES),
        ),
        covered=_covered(document, says),
        logs=_logs(document, names, says),
        unread=tuple(each for each in findings if each.weight == "unknown"),
        refused=tuple(document["refused"]),
        findings=findings,
        figures=tuple(_figures(document, says)),
        has_latency=bool(document["latencies"]),
        command=document["command"],
        signature=((says("key"), signature.key.multibase), (says("signed"), signed_at)),
        check_command=f"acredita audit verify-report {REPORT_FILE} --key {signature.key.multibase}",
        says=says,
    )


def _local(seconds: int, zone: str) -> str:
    """Return a time in the registry's zone, with its offset."""
    moment = datetime.fromtimestamp(seconds, zone_of(zone))
    offset = moment.strftime("%z")
    return f"{moment:%Y-%m-%d %H:%M:%S} (UTC{offset[:3]}:{offset[3:]})"


def _named(text: str, names: Mapping[str, str]) -> str:
    """Return a place with the name of the party that it begins with, where that is known."""
    subject = text.partition(" ")[0]
    return f"{names[subject]} · {text}" if subject in names else text


def _finding(
    finding: Mapping[str, Any],
    names: Mapping[str, str],
    language: Language,
    says: Callable[[str], str],
    translate: Translate,
) -> FindingText:
    where = _named(translate(finding["where"], language), names)
    facts = [(says("where"), where), (says("detail"), translate(finding["detail"], language))]
    facts += [(f"{says('evidence')}: {each['name']}", each["value"]) for each in finding["evidence"]]
    if finding["looked_in"]:
        facts.append((says("looked_in"), ", ".join(finding["looked_in"])))
    return FindingText(
        weight=finding["weight"],
        severity=in_language(SEVERITIES[finding["weight"]], language),
        code=finding["code"],
        sentence=sentence(finding["code"], language.value),
        facts=tuple(facts),
        command=finding["command"],
    )


def _covered(document: Mapping[str, Any], says: Callable[[str], str]) -> Facts:
    registry, zone = document["registry"], document["zone"]
    unproven = "told_by_archive" if "archive" in document else "told"
    facts = [
        (says("block"), f"{document['block']} · {document['block_hash']}"),
        (says("block_time"), _local(read_time(document["as_of"], "/as_of"), zone)),
        (says("now"), _local(read_time(document["now"], "/now"), zone)),
        (says("zone"), zone),
        (says("chain"), f"{registry['chain_id']} · {registry['genesis']}"),
        (says("trust"), f"{registry['trust_number']} · {registry['trust_sha256']}"),
        (says("ledger_word"), says("proven" if document["proven"] else unproven)),
        (says("parties"), str(document["parties"])),
        (says("programmes"), str(document["programmes"])),
        (says("state"), document["state_hash"]),
        (says("sources"), ", ".join(document["sources"])),
    ]
    if "archive" in document:
        facts.append((says("archive"), document["archive"]))
    return tuple(facts)


def _logs(document: Mapping[str, Any], names: Mapping[str, str], says: Callable[[str], str]) -> Table:
    heads = tuple(says(name) for name in ("issuer", "epoch", "entries", "checkpoints", "void"))
    rows = (
        (
            _named(log["issuer"], names),
            str(log["epoch"]),
            str(log["entries"]),
            str(log["checkpoints"]),
            ", ".join(map(str, log["void"])) or "–",
        )
        for log in document["logs"]
    )
    return Table(heads, tuple(rows))


def _figures(document: Mapping[str, Any], says: Callable[[str], str]) -> Iterable[Figure]:
    months = document["months"]
    names = ("issued", "revoked", "replaced", "suspended", "entries_unread", "checkpoints")
    keys = ("issued", "revoked", "replaced", "suspended", "unread", "checkpoints")
    table = Table(
        (says("month"), *map(says, names)), tuple((m["month"], *(str(m[key]) for key in keys)) for m in months)
    )
    yield _figure("months", "months_chart", months, "month", {"issued": "issued", "revoked": "revoked"}, says, table)
    yield _figure("accredited", "accredited_chart", months, "month", {"accredited": "accredited"}, says)
    if document["latencies"]:
        bars = {"median": "median", "longest": "longest"}
        yield _figure("latency", "latency_chart", document["latencies"], "month", bars, says)
    if document["indexes"]:
        heads = (says("node"), says("index_block"), says("behind"))
        rows = tuple((each["node"], str(each["block"]), str(each["behind"])) for each in document["indexes"])
        bars = {"behind": "behind"}
        yield _figure("index", "index_chart", document["indexes"], "node", bars, says, Table(heads, rows))


def _figure(
    name: str,
    title: str,
    rows: Sequence[Mapping[str, Any]],
    label: str,
    bars: Mapping[str, str],
    says: Callable[[str], str],
    table: Table | None = None,
) -> Figure:
    """Build a chart of some numbers of each row. `bars`: key of the document → name of its text."""
    labels = tuple(str(row[label]) for row in rows)
    series = tuple((says(text), tuple(int(row[key]) for row in rows)) for key, text in bars.items())
    largest = "; ".join(f"{text}: {says('largest')} {max(values, default=0)}" for text, values in series)
    chart = BarChart(name, says(title), f"{says(title)}. {largest}. {says('table_follows')}", labels, series)
    heads = (says(label), *(text for text, _ in series))
    own = tuple((each, *(str(values[place]) for _, values in series)) for place, each in enumerate(labels))
    return Figure(chart, table or Table(heads, own))
