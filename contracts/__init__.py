"""Encode calls to the contracts and decode their answers, events and reasons.

`bindings`     one class a contract, a method for each function
`answers`      the values that views return
`account_consent`  the EIP-712 consent of an account to be bound to a party
`events`       one dataclass an event; records and history hashes
`reasons`      every revert reason, its code and the caller's action
`slots`        storage slots that state proofs show
`abi`          calls, views, logs and deployments as values
`words`        ABI types of one word
`nesting`      JSON of strangers, with a limit of depth
`general_abi`  any other ABI type, by eth-abi
`interface`    selectors, argument types and topics from an ABI
`artifact`     the committed products of the compiler
`compile`      the compiler, for development only
`coded_error`  the base of every exception that carries a code

The Vyper sources are in `src/`, the compiled artifacts in `artifacts/`. Nothing else in the project speaks ABI.
The issuer registry decides who may anchor, and the credential log asks it.
"""
