"""Read programme and scope documents, and build achievements from them.

`programme`           `acredita-programme/1`
`scope`               `acredita-scope/1`
`achievement`         the achievement that a programme builds
`document_templates`  documents to be filled in, with comments
`elm`                 terms of the European Learning Model
"""
