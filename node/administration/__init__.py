"""Set up and change an installation: `node init`, single-operator acts, key rotation, redeployment."""
