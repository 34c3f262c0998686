"""Who is calling: one file per way of saying so. Decides nothing about what the caller may do."""
