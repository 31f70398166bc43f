"""Mirror what other institutions publish, so that any node answers for all of them.

`sources`          addresses and folders that are asked, within a budget
`refusals`         why something that a source serves is not kept
`tiles_on_disk`    the tiles of a log that grows from a folder
`tile_check`       whether the tiles in a folder are the log of its root
`unfinished_step`  what a slow source has sent of one checkpoint
`log_copy`         one log, checked against the anchored checkpoints
`list_copy`        one status list, checked against its issuer's keys and log
`note_copy`        the signed checkpoint of a log
`document_copies`  documents and key statements by their hashes
`withheld_copy`    the list of documents that are not given out
`state`            what was fetched when, from where, and what was refused
`mirror`           one round over every institution of the registry

No source is believed. Logs are compared with the roots that the ledger holds, lists with keys and bits, documents with their
hashes. What does not agree is not kept, and the next source is asked. No copy goes back.
"""
