"""Serve the node over HTTP: one module a subject.

`app`                 the application and its table of routers
`server`              the server that runs it, and the socket it listens on
`listener`            accepts connections, as far as `admission` has places
`admission`           bounds the connections of each address and in total
`request_rate`        bounds the requests of each address for records, documents and proofs
`address_rate`        refuses a request beyond the rate of its address
`connections`         limits of a connection in time and size
`joined_answers`      the head of an answer sent with its content
`dependencies`        what the application is given at start, and what is built from it
`middleware`          log line, count, headers and last error answer of each request
`problems`            every error as `application/problem+json`
`request_bodies`      bodies read within limits of size and time
`bearer_tokens`       the right that a handler demands
`paging`              `offset`, `limit`, `next`
`verification_queue`  verification requests that share a ledger snapshot
`slow_lane`           long documents, one at a time and in pieces
`verify`              `POST /v1/verify`
`verify_page`         `/verificar`, and `/`
`verify_page_html`    its HTML
`credentials`         credentials issued, read, and their status changed
`checkpoints`         checkpoints, anchoring now, refused entries (`/v1/batches/…`)
`delivery`            `/entrega/<token>`
`trust_files`         the newest trust file, and each by its number
`records`             records of a party, a programme version or a log, a page at a time
`registry`            issuers and programmes
`registry_proofs`     their answers with proof
`known_proofs`        proven records that are kept by block
`dcc_registry`        `/registry.json`
`trqp`                `POST /authorization`
`identifiers`         DID resolution and did:web documents
`documents`           documents that the ledger names, taken and given out
`proposals`           proposals of the council, taken and given out
`withheld`            the list of withheld documents
`public_files`        status lists, tiles, contexts
`mirror`              copies of what other institutions publish (`/mirror/…`)
`accepted_types`      the media type that a request prefers
`revalidation`        304 where the reader has the content already
`tokens`              access tokens listed and revoked
`vc_api_issue`        VC-API: issue
`vc_api_verify`       VC-API: verify
`vc_api_status`       VC-API: status
`vc_api_profiles`     VC-API: profiles and their rights
`vc_api_bodies`       VC-API: requests and answers
`health`              `/healthz`, `/readyz`, `/metrics`
`metrics`             Prometheus metrics

A handler states the right it demands in its signature. The rooms below decide, and a module here puts
their answer into JSON. Exceptions: `vc_api_issue` decides by the policy `programme`, and `credentials` derives the status in
a credential's summary.
"""
