"""Speak JSON-RPC for the embedded chain, the way Anvil does.

`server`               HTTP
`provider`             a web3 provider in the same process
`dispatch`             one request or a batch to its method
`ethereum_methods`     `eth_*` without filters, `net_*`, `web3_*`
`filter_methods`       `eth_getLogs` and filters
`development_methods`  `evm_*`, `anvil_*`, `hardhat_*`
`calls`                a call or an unsigned transaction
`parameters`           parameters read into values
`json_forms`           blocks, transactions, receipts, logs and proofs as JSON
`state_dump`           `anvil_dumpState`, `anvil_loadState`
`errors`               answers that are errors
"""
