"""Carries a plan out: re-reads, writes, verifies, and writes down each step before and after it."""
