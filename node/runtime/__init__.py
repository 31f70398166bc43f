"""Put a node together.

`open_node`         database, ledger, trust and tenants from a configuration
`tenant`            one institution in this node
`signing_profiles`  profiles of the VC-API
`index_schedule`     the index of the ledger, kept at its head
`mirror_schedule`    copies of what the other institutions publish
`endpoint_schedule`  looks at the endpoints of the ledger
`trust_reminder`    the log line before a trust file ends
`schedule`          the write path, run in jobs
`anchor_now`        the write path, run by a command
`preflight`         checks before a cohort is signed
`json_logs`         log lines without personal data
"""
