"""The compatible API under `/linkedin`: sends, the ledger of an account, groups, accounts."""
