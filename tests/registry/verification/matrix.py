"""The matrix of docs/verification.md, written from the fixtures that reach each code.

    python -m tests.registry.verification.matrix

rewrites it between its two marks; a test compares the committed page with what the fixtures say.
"""

import sys
from pathlib import Path

from acredita.cli.bodies.verify import OF_VERDICT

from tests.registry.verification.asking import Row
from tests.registry.verification.cases import MATRIX

PAGE = Path(__file__).resolve().parents[3] / "docs" / "verification.md"
BEGIN, END = "<!-- matrix: written by the tests -->", "<!-- end of matrix -->"


def render() -> str:
    """Return the table, in the order of steps."""
    lines = [
        "| code | step | asked of | outcome | verdict | main code | exit | fixture |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join(lines + [_line(case.row) for case in MATRIX])


def _line(row: Row) -> str:
    main = "the same" if row.main == row.code else f"`{row.main}`"
    cells = (
        f"`{row.code}`",
        str(row.step),
        row.moment,
        row.outcome.value,
        f"`{row.verdict.value}`",
        main,
        str(OF_VERDICT[row.verdict]),
        f"`{row.name}`",
    )
    return "| " + " | ".join(cells) + " |"


def with_matrix(page: str) -> str:
    """Return the page with the table between its marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{render()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_matrix(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE}: {len(MATRIX)} rows\n")
