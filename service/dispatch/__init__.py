"""Who does what is due, and when. `work.py` finds what is due and does it; `embedded.py` has it done in this process.

What is due is computed from stored times, so it does not matter who asks, how often, or how long nobody did (R8).
"""
