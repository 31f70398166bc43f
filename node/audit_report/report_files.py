"""Make the files of a report: the signed document, and its pages as HTML and PDF in Spanish and English.

The pages are views of the document alone, so that one document gives the same bytes everywhere. The PDF has the document
attached.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from acredita.node.audit_report.charts import chart_svg
from acredita.node.audit_report.content import REPORT_FILE, ReportContent, Translate, report_content
from acredita.node.audit_report.html_page import report_html
from acredita.node.audit_report.wording import TEXTS
from acredita.node.delivery.printing.printable import FAMILY
from acredita.node.delivery.printing.typesetting import typeset_pdf
from acredita.node.verification.language import Language
from acredita.registry.audit.report_signature import ReportSignature


def report_files(
    document: Mapping[str, Any], signature: ReportSignature, translate: Translate, *, is_demo: bool
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file of a signed report. `translate`: for the details of findings."""
    signed = (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
    yield REPORT_FILE, signed
    for language in (Language.ES, Language.EN):
        content = report_content(document, signature, language, translate)
        yield f"report.{language.value}.html", report_html(content, is_demo=is_demo).encode()
        yield f"report.{language.value}.pdf", _pdf(content, signed, signature, is_demo=is_demo)


def _pdf(content: ReportContent, signed: bytes, signature: ReportSignature, *, is_demo: bool) -> bytes:
    values: dict[str, object] = {
        "family": FAMILY,
        "language": content.language.value,
        "says": {name: content.says(name) for name in TEXTS},
        "demo": is_demo,
        "outcome": content.outcome,
        "answer": content.answer,
        "answer_meaning": content.answer_meaning,
        "severities": asdict(content.severities),
        "covered": content.covered,
        "logs": asdict(content.logs),
        "unread": [asdict(each) for each in content.unread],
        "refused": content.refused,
        "findings": [asdict(each) for each in content.findings if each.weight != "unknown"],
        "figures": [
            {
                "title": figure.chart.title,
                "alternative": figure.chart.alternative,
                "svg": str(chart_svg(figure.chart)),
                **asdict(figure.table),
            }
            for figure in content.figures
        ],
        "has_latency": content.has_latency,
        "repeat_command": content.command,
        "signature": content.signature,
        "check_command": content.check_command,
    }
    return typeset_pdf("informe", values, {"report": signed.decode()}, int(signature.created.timestamp()))
