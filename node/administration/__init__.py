"""Set up and change an installation.

`init`              `node init`: the folder of a new node, whole or not at all
`node_role`         what a node is for
`node_configuration`  the configuration of a new node
`join`              the binding of a node to the chain of a trust file
`join_steps`        what misses before a node does its work
`public_address`    the address under which others reach a node
`single_operator`   an installation on the embedded chain in the hands of one operator
`institution_keys`  an institution's keys in keystore and registry
`key_statements`  the files by which a control account elsewhere adds keys
`key_rotation`      a new key beside the old one, for an overlap
`key_retirement`    the end of a key that has a successor
`key_compromise`    the mark of a compromised key, and its consequences
`trust_changes`     the next trust file, and what changes in it
`network_validators`  a validator's key, and the file by which it hands over enode and address
`network_files`   the files of a new network of Besu nodes
`network_readme`  the README of such a network
`deployment`      the four contracts on a chain of several parties, and what anybody can rebuild of them
`redeploy`          contracts deployed anew on an embedded chain
"""
