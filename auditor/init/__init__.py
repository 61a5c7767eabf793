"""The first settings, guessed from what regions hold. Pure."""
