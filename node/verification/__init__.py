"""Lead a file or a request to a verdict, and the verdict to words.

`verifier`        evidence gathered, the ledger asked, `verify` called
`answers`         names of approved documents beside a report, and containers of several credentials
`files`           the sources of a file's verification
`unpack`          the credential in a badge, PDF, ZIP or bundle
`unpack_pdf`      attachments of a PDF, within limits
`carried_parts`   parts and limits common to all carriers
`node_documents`  documents, lists and logs of this node
`pinned_trust`    the pinned trust file
`trust_update`    the walk from a trust file to the newest
`mirrored_trust`  trust files kept by a mirror
`sourced_folder`  a public folder completed from sources
`seen_blocks`     the highest block seen of each chain
`report`          a report as JSON and as text
`language`        Spanish or English
"""
