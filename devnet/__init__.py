"""Run an EVM chain in this process, with its blocks in one SQLite file.

`chain`              genesis, blocks, calls, receipts, logs, proofs, snapshots
`miner`              waiting transactions, and when they are mined
`interval`           mining at an interval
`evm`                one transaction or call on a state, by py-evm
`interpreter`        py-evm's computation with a faster inner loop
`blocks`             headers, transactions, logs and receipts as values
`database`           the chain's file
`proofs`             trie nodes of EIP-1186 proofs
`accounts`           Anvil's ten development accounts
`unlocked_accounts`  senders that need no signature
`defaults`           chain id and address, as Anvil has them
`errors`             the errors of the chain

JSON-RPC is in `rpc/`, above these modules.
"""
