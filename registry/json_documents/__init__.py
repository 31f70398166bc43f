"""Read JSON strictly, write it canonically (JCS), and check it by schema.

`strict`                one text, one value
`toml_form`             a document that a person writes with comments
`jcs`                   RFC 8785
`members`               exactly the keys of a format
`compiled_schema`       a schema compiled for speed
`invisible_characters`  characters that a reader cannot see
`schema_faults`         the type of a fault, and the schemas
`jsonschema_faults`     every fault of a document
"""
