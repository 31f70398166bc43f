"""Show the report of an audit to people: pages in HTML and PDF, in Spanish and English, from the signed document alone.

`report_files`  the five files of a report
`content`       the document as titles, facts, findings and charts of one language
`wording`       the texts of the pages
`charts`        bar charts as SVG
`html_page`     one self-contained HTML page
`samples`       signing times of credentials, and the index of a node
"""
