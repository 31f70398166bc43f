"""Render a report as one HTML page without any other file: no script, no address is loaded. Every text is escaped."""

from functools import cache
from importlib import resources

from acredita.node.audit_report.charts import chart_svg
from acredita.node.audit_report.content import Facts, Figure, FindingText, ReportContent, Table
from markupsafe import Markup


def report_html(content: ReportContent, *, is_demo: bool) -> str:
    """Return the page of one language."""
    says = content.says
    sections = [
        _answer(content, is_demo=is_demo),
        _section(says("summary"), _table(content.severities)),
        _section(says("covered"), _facts(content.covered) + _sub(says("logs")) + _table(content.logs)),
        _section(says("unread"), _unread(content)),
        _section(says("findings"), _findings(content)),
        _section(says("figures"), Markup("").join(_figure(each) for each in content.figures) + _no_latency(content)),
        _section(says("repeat"), _paragraph(says("repeat_text")) + _command(content.command)),
        _section(
            says("signature"),
            _facts(content.signature) + _paragraph(says("check")) + _command(content.check_command),
        ),
    ]
    return str(
        Markup(_file("informe.html")).format(
            lang=content.language.value,
            title=says("title"),
            style=Markup(_file("informe.css")),
            body=Markup("\n").join(sections),
        )
    )


def _answer(content: ReportContent, *, is_demo: bool) -> Markup:
    demo = Markup('<p class="demo">{}</p>').format(content.says("demo")) if is_demo else Markup("")
    html = '<section class="answer {}"><p class="word">{}</p><p>{}</p>{}</section>'
    return Markup(html).format(content.outcome, content.answer, content.answer_meaning, demo)


def _section(title: str, body: Markup) -> Markup:
    return Markup("<section><h2>{}</h2>{}</section>").format(title, body)


def _sub(title: str) -> Markup:
    return Markup("<h3>{}</h3>").format(title)


def _paragraph(text: str) -> Markup:
    return Markup("<p>{}</p>").format(text)


def _command(text: str) -> Markup:
    return Markup('<pre tabindex="0"><code>{}</code></pre>').format(text)


def _facts(facts: Facts) -> Markup:
    rows = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(term, value) for term, value in facts)
    return Markup("<dl>{}</dl>").format(rows)


def _table(table: Table) -> Markup:
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(head) for head in table.heads)
    rows = Markup("").join(_row(row) for row in table.rows)
    html = '<div class="wide" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    return Markup(html).format(heads, rows)


def _row(row: tuple[str, ...]) -> Markup:
    first = Markup('<th scope="row">{}</th>').format(row[0])
    return Markup("<tr>{}{}</tr>").format(
        first, Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row[1:])
    )


def _unread(content: ReportContent) -> Markup:
    if not content.unread and not content.refused:
        return _paragraph(content.says("nothing_unread"))
    items = [_finding(each, content) for each in content.unread]
    if content.refused:
        listed = Markup("").join(Markup("<li>{}</li>").format(text) for text in content.refused)
        items.append(_sub(content.says("refused")) + Markup("<ul>{}</ul>").format(listed))
    return Markup("").join(items)


def _findings(content: ReportContent) -> Markup:
    shown = [each for each in content.findings if each.weight != "unknown"]  # the unknown ones are in their own section
    if not shown:
        return _paragraph(content.says("no_findings"))
    return Markup("").join(_finding(each, content) for each in shown)


def _finding(finding: FindingText, content: ReportContent) -> Markup:
    html = '<article class="{}"><h3>{}</h3><p>{} <span class="code">{}</span></p>{}<p class="label">{}</p>{}</article>'
    return Markup(html).format(
        finding.weight,
        finding.severity,
        finding.sentence,
        finding.code,
        _facts(finding.facts),
        content.says("command"),
        _command(finding.command),
    )


def _figure(figure: Figure) -> Markup:
    html = "<figure><figcaption>{}</figcaption>{}</figure>{}"
    return Markup(html).format(figure.chart.title, chart_svg(figure.chart), _table(figure.table))


def _no_latency(content: ReportContent) -> Markup:
    return Markup("") if content.has_latency else _paragraph(content.says("no_latency"))


@cache
def _file(name: str) -> str:
    folder = resources.files("acredita.node.audit_report") / "pages"
    return (folder / name).read_text(encoding="utf-8").rstrip("\n")
