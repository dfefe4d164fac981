"""A local Attentive for rehearsals, demo and tests: the contract of its API v2, on this machine.

It is a process of its own and shares nothing with Muster but code: its state
is one SQLite file, its settings come from the environment (``process``).
"""
