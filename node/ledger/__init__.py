"""Connect this node to its ledger, and take one snapshot of it for many requests.

`connect`               the ledger that the configuration names
`endpoints`             its endpoints, each with token, certificate and authorities
`accreditation_watch`   what the registry says of each institution, for `/readyz` and the metrics
`endpoint_watch`        what each endpoint says of itself, looked at from time to time
`known_logs`            logs that were read, extended from head to head
`own_logs`              the logs of the node's own institutions, from its storage
`naming`                where the ledger's records name a document
`no_endpoint`           a ledger that was not named yet
`passing`               a ledger that passes every question on
`records_node`          a subject's records from another node, beside the ledger's own logs
`read_only`             a ledger for reading alone
`folded`                what was folded from the index, kept while it is the same
`development_clock`     the present on a development chain
`view`                  the ledger at one block, until there is a newer one
`single_operator_acts`  acts of authority and control account, where one operator holds both
"""
