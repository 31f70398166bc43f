"""Read the documents of the project: which pages there are, and the sentences of a page."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(rf"{FENCED.pattern}|`[^`]*`", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Return every Markdown file under version control."""
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for line in listed.splitlines() if (path := ROOT / line).is_file()]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(text: str) -> str:
    """Return a page's text with CODE in place of code."""
    return CODE.sub("CODE", text)


def sentences(text: str) -> list[str]:
    """Return the sentences of paragraphs and list items; headings, tables and code are left out."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", prose(text)):
        lines = [line.strip() for line in block.splitlines() if not re.match(r"[#|<!]", line.strip())]
        joined = re.sub(r"^(?:[-*]|\d+\.) +", "", " ".join(lines).strip())
        found += re.split(r"(?<=[.!?])[*_)]* +(?=[*_(]*[A-Z])", joined)
    return [sentence.strip("*_( ") for sentence in found if sentence]
