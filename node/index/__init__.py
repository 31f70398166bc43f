"""Keep every event of the four contracts in SQL, checked against the contracts' totals.

`identity`  the chain and contracts that an index belongs to
`windows`   logs in windows of blocks that adapt to the endpoint
`folding`   a window's logs, folded onto the totals
`sources`   the logs that all endpoints know together
`provisional`  the events of one step until the totals agree
`doubts`    the subjects whose known events are not the ledger's whole word
`ancestor`  the last block that the index and the chain share
`agreed_events`  the events of a window that agree with the totals
`window_search`  the events of a window, at one source after the other
`missing_events`  the events that an endpoint leaves out, looked for elsewhere and later
`follower`  one step to the ledger's head
`snapshot`  every event up to one block, for readers
`read`      the state of the index, for operators

A reader never writes. It uses the index up to the block that it observes, and only what gives the contracts' totals there.
"""
