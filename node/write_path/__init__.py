"""Carry queued entries to the chain and back: catch up, draft, anchor, release.

`anchor`         one run, from the queue to the release
`writer`         values that writing for one institution needs
`catch_up`       our record reconciled with the chain
`epochs`         epochs entered and left
`draft`          the batch, and the checkpoint it would make
`finality`       blocks of a chain of validators, which nothing undoes
`nonce`          the nonce of the anchoring transaction, compared with our own count
`refusal`        the contract's answer to the anchoring call, before it is signed
`confirm`        the outcome of a transaction
`release`        receipts stored, items anchored
`refused`        refused items, and their requeue
`log_record`     the stored log, for the holder of the lease
`log_on_chain`   the chain's record of the log
`status_memory`  status bits kept between runs
`batch_report`   the report of a run
`stop_record`    a stop recorded and cleared
`stops`          the command that ends a stop
`progress`       waiting entries, checkpoints and stops of each institution

The database holds these states. A run that follows a crash reads them and continues. docs/architecture.md has the same text.

Queue item
    (new) --enqueue--> queued --take_draft--> appended --release--> anchored

    appended -> queued      the draft is cut, its transaction reverted, or its epoch is closed or left
    appended -> refused     the contract refuses it: the issuer is not active (issued entries only)
    anchored -> appended    a reorganisation took the checkpoint off the chain
    anchored -> refused     the council closed the epoch below its checkpoint (issued entries)
    anchored -> queued      the same, for status changes
    queued   -> refused     its key was compromised, a mend cannot tell whether it was declared void, or a restore finds its
                            credential forgotten
    refused  -> queued      requeue, by an operator
    queued   -> anchored    its entry is already in a confirmed checkpoint; the same from refused

Checkpoint
    (new) --store with its transaction--> pending --release--> confirmed

    (new)     -> confirmed  the opening of an epoch, or a checkpoint mended from a mirror
    pending   -> (deleted)  its transaction reverted
    confirmed -> pending    a reorganisation took its block off the chain; the same bytes are sent again
    confirmed -> void       the council closed the epoch below it; the same from pending
    void      -> confirmed  a reorganisation undid that act, and the checkpoint had been on the chain
    void      -> (deleted)  the same, and it had never been on the chain
    any       -> (deleted)  a reorganisation undid the opening of its epoch
"""
