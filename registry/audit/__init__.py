"""Replay the whole ledger and compare it with what was published.

`replay`        every record, word and entry, in order
`logs`          checkpoints and roots of each log
`entry_copies`  entries of unsigned copies, source by source
`status_lists`  published lists against the replayed bits
`journal`       findings and the state hash
`issuance`      standing, scopes and accounts at each checkpoint
`documents`     the programmes and scopes that the ledger names
`spellings`     DIDs that look alike
`finding`       one finding: weight, code, place, evidence
`severity`      weights and answers in words for an accountant
`activity`      issuance, revocation and accreditation by month
`report`        the document of an audit
`report_signature`  its signature by the auditor's key
"""
