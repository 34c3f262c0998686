"""Proof that the fake is what Atlassian documents: drives use every served operation, their exchanges are validated."""
