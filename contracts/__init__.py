"""The contracts, and the one place that encodes calls and decodes events and reasons. No state, no socket, no HTTP.

- `src/*.vy`: Council, IssuerRegistry, ProgrammeRegistry, CredentialLog (Vyper 0.4.3, EVM `shanghai`).
- `artifacts/*.json`: committed ABI, bytecode, runtime code, storage layout, compiler version. `artifact`: reads them.
- `compile`: recompiles the sources (development only).
- `abi`: `Call`, `View`, `RawLog`, `Deployment`; encoding and decoding by ABI type.
- `interface`: a contract's selectors, argument types and event topics, from its artifact.
- `bindings`: one class a contract; its methods return a `Call` or a `View`. The only module that names the functions.
- `answers`: states, purposes and compound answers of the views.
- `events`: one frozen dataclass an event; records and history hashes.
- `reasons`: every revert reason, its result code and its family.
- `slots`: the storage slot of each word that a state proof shows.
- `coded_error`: base of every exception that carries a code.
"""
