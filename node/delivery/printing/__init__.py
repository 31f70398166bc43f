"""Print a credential: one page as PDF and the badge's image. Neither proves anything.

`document`     the page, the badge and their QR code
`wording`      the Spanish texts of the page
`printable`    the characters that no font draws
`typesetting`  Typst, with the fonts of this folder
"""
