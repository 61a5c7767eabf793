"""From canonical documents to findings: what differs, how much it matters, what is accepted. Pure."""
