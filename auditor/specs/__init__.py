"""The vocabulary in which resource types are described, and what derives from it. Pure."""
