"""Say in Spanish what the layers below say in English.

`sentences`      the translation of a sentence, part by part
`act_texts`      accounts, acts, proposals and the contracts' refusals
`act_help_texts`  help of the commands of several hands
`audit_texts`    sentences and help of an audit, its report and its archive
`cohort_texts`   rules of cohort files, rows and identifiers
`error_texts`    sentences with which commands end
`founding_texts`  a node that is made and joins a chain
`help_texts`     help of commands, arguments and options
`help_context`   the reader's language on a command line, and the headings of help
`mirror_texts`   sentences and help of mirrors
`witness_texts`  sentences and help of the witness
`document_texts`  sentences and help of documents that are sent
`node_texts`     sentences of a node's care
`proof_texts`    rules of answers with proof and of evidence bundles
`library_texts`  sentences of the command-line library and of the operating system

An English text is the key of its Spanish form. A part that changes is `{}` in the key, and `{0}`, `{1}` in the form.
A sentence without a Spanish form is printed in English.
"""
