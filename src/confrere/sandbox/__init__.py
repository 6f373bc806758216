"""A simulated LinkedIn: a separate program that implements LinkedIn's web protocol strictly, for tests and trials.

It shares no code with the rest of confrere and nothing imports it; `python -m confrere.sandbox` runs it.
"""
