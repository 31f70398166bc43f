"""Check an endpoint of a network before it is relied on: one line a subject, each with a code where something is wrong.

`lines`         a line of the report, its outcome, and the report's exit
`expected`      the chain as trust file and genesis.json name it
`asking`        one endpoint's questions and answers, bounded in number, bytes and time
`checked_chain`  blocks as the endpoint tells them, each header hashed
`subject`       a subject's name, label and function, and the context that it is given
`chain_subjects`  the chain's id, first block, seals, validators, head, period, peers
`rule_subjects`  the rules of execution: fees, gas, opcodes, size of contracts, the next block
`history_subjects`  logs, blocks and state of the past, and beyond the head
`access_subjects`  who may ask, and who may send transactions
`free_price`    a transaction of price zero in a block of every proposer
`check`         all subjects of one endpoint, and the document of a report
"""
