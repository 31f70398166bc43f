"""Say in words what a call of the contracts does, before anybody signs it.

`shapes`         the parts of an act: its name, its contract's function, its fields, who may
`fields`         fields that several acts have in common
`table`          every act of the contracts, in Spanish and English
`council_acts`   the acts that the council decides by proposal
`party_acts`     the acts of institutions, agencies, members and recovery holders
`refused`        the error of an act that is not fit to be signed or sent
`calldata`       between an act with its values and the bytes of a call
`act_file`       the document of an act and its SHA-256
`party_names`    parties by their DIDs
`ledger_name`    one installation on one chain
`words`          an act, field by field, in the reader's language
`state_words`    states of issuers and programmes in words
`changes`        now and then: what an act will change
`roles`          the roles that an account has on the ledger
`proposal`       `acredita-proposal/1`
`recovery`       `acredita-recovery/1`
`transaction`    `acredita-transaction/1`: prepared, signed elsewhere, sent
`consent`        `acredita-consent/1`
`council`        proposals of the council as the ledger has them
`submission`     a programme version before it is submitted: its owner, its scope
`reason_words`   the contracts' reasons of refusal in words
"""
