"""Watch a registry from outside: witness its logs, follow its ledger, and tell somebody what is wrong.

`witness_folder`  the folder of a witness: its key, its state, cosigned notes and evidence
`log_witness`     one log: which note may be cosigned, and what contradicts what
`hash_tiles`      the Merkle consistency of two checkpoints, from the hash tiles of a source
`witness`         one round over every log of the registry
`settings`        the configuration of a monitor
`alarms`          the state of a monitor: each alarm is told once until it clears
`channels`        webhook and e-mail
`watches`         the checks of one round
`node_answers`    the answers of a node's API against the ledger
`monitor`         one round: pull, check, tell

A monitor pulls. It offers nothing to the network, so that nobody can reach its key.
"""
