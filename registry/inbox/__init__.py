"""Say what waits for one party of the registry, from the chain alone.

`whole_registry`   every record of the council and the two registries at one block
`council_history`  the council's open proposals and running recoveries, folded from its events
`party_roles`      the roles of an account, as the records give them
`items`            one thing that waits: what, until when, by which command
`wording`          the sentences and commands that several kinds of party share
`member_items`     what waits for a member of the council, or a holder of the recovery set
`institution_items`  what waits for an institution, and for one that accredits others
`agency_items`     what waits for a quality agency
`trust_items`      what the trust file asks of a party
`inbox`            all that waits for an account
"""
