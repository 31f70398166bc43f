"""The node over HTTP: one module a subject, each a function from the node's parts to its routes.

Bodies are read by `bodies`, tokens by `access`, everything that goes wrong leaves through `problems`. No module here
decides anything about a credential, a key or a log; they ask the layers below and put the answer into JSON.
"""
