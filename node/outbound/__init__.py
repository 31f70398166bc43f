"""Ask other hosts over HTTP, within bounds of time, size and address.

`fetch`    what a submitted document names, from allow-listed public hosts
`named_host`  a file from the address that the operator named
`named_put`  a file sent to such an address
`bounded`  one exchange with a deadline and a size limit
"""
