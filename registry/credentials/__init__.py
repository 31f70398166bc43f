"""Parse and build credentials, cohort files, status lists and baked badges.

`parse`            a credential's JSON to typed fields, or a refusal
`shapes`           the keys and values that the profile allows
`build`            a credential from a programme and an award
`days`             days of a calendar, in an institution's time zone
`cohort_columns`   the columns of a cohort file
`cohort_rows`      CSV and JSON lines to rows
`file_kind`        the name of a file that is no text
`identifier`       identifiers, and what spreadsheets make of them
`rounded_numbers`  identifiers that a spreadsheet rounded to 15 digits
`cohort_file`      rows to awards
`status_list`      status list credentials
`status_position`  list, index and position
`baked_badge`      what PNG and SVG images with a credential have in common
`baked_png`        credentials in PNG images
`baked_svg`        credentials in SVG images
"""
