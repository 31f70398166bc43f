"""Turn a JSON-LD document into canonical N-Quads, with pinned contexts.

`canonical`           document to signed bytes
`compiled_expansion`  the fast path: look-up in compiled tables
`context_tables`      those tables
`pyld_expansion`      the slow path: pyld with its gaps closed
`expanded_quads`      quads of an expanded document, in linear time
`budget`              counted operations, shared by the documents of a request
`safe_values`         values that no context makes safe
`rdfc`                RDFC-1.0 under a work budget
`pace`                hooks that pace long work
`contexts`            bundled contexts, pinned by SHA-256

Nothing is fetched.
"""
