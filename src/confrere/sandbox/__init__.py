"""A LinkedIn of its own: a separate program that speaks LinkedIn's web protocol, strictly, to try a gateway on.

It shares no code with the rest of confrere and nothing imports it; `python -m confrere.sandbox` runs it.
"""
