"""The HTTP of getting in: one file per door (consent, tokens, sessions, ...)."""
