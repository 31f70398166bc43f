"""Serve other people's credentials: sign and check them, without a verdict.

`check`          a credential or presentation: structure, proof, contents
`checks`         requested checks and their findings
`proofs`         the proof of a document
`expectations`   what an error expected, by its code
`contents`       binding, dates, status, resources
`fetched_lists`  status lists of other hosts
`issue`          signing by profiles of policy `any`
`status_lists`   status lists of those profiles
"""
