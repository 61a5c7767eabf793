"""Tells people what an audit found."""
