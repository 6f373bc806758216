"""Our own API for management under `/v1`: accounts, keys, do-not-contact, sends."""
