"""Prepare what a person receives of one credential.

`parcel`     files of one credential, as a folder or a ZIP
`links`      links that open once
`link_days`  limits of a link's time

`printing/` makes the page and the badge.
"""
