"""A plan for people, and as a script. Pure."""
