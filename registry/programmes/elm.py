"""List terms of the European Learning Model that a programme document names by URI.

The tables hold only codes of the published controlled vocabularies (publications office of the EU, ELM 3) that this
project has seen confirmed. A type in these tables must carry the table's URI, and the other way round. A type in no
table is accepted with any other URI, because the vocabularies are longer than our tables.
"""

_SNB = "http://data.europa.eu/snb"

ASSESSMENT: dict[str, str] = {
    "practical": f"{_SNB}/assessment/6a4db9f11d",
    "project": f"{_SNB}/assessment/795dac4096",
    "oral_examination": f"{_SNB}/assessment/d30284d7df",
    "written_examination": f"{_SNB}/assessment/6e6cb2cc78",
    "portfolio": f"{_SNB}/assessment/4f03b91c0e",
    "artefact": f"{_SNB}/assessment/de4d165a6c",
    "attendance": f"{_SNB}/assessment/7331eb4762",
}
ATTENDANCE = ASSESSMENT["attendance"]

PARTICIPATION: dict[str, str] = {
    "on_site": f"{_SNB}/learning-assessment/9191af2ed9",
    "online": f"{_SNB}/learning-assessment/920fbb3cbe",
    "blended": f"{_SNB}/learning-assessment/e92d221e4d",
    "work_based": f"{_SNB}/learning-assessment/729f3bed4b",
    "project_based": f"{_SNB}/learning-assessment/7813801c77",
}

QUALITY_ASSURANCE: dict[str, str] = {
    "institutional": f"{_SNB}/accreditation/bb4618238e",
    "programme": f"{_SNB}/accreditation/820101cba6",
    "institutional_licence": f"{_SNB}/accreditation/003293d2ce",
    "programme_licence": f"{_SNB}/accreditation/e57dddfcf3",
}


def agrees(table: dict[str, str], name: str, uri: str) -> bool:
    """Return True if a type and its URI name the same term, as far as the table knows either."""
    if name in table:
        return table[name] == uri
    return uri not in table.values()


def eqf_uri(level: int) -> str:
    """Return the EU's URI of a level of the European Qualifications Framework."""
    return f"{_SNB}/eqf/{level}"
