"""Ask other hosts over HTTP, within bounds of time, size and address.

`fetch`    what a submitted document names, from allow-listed public hosts
`bounded`  one exchange with a deadline and a size limit
"""
