"""The same work done by others: small, honest programs in the way they are commonly written."""
