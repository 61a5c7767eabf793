"""A region configuration drift auditor and reconciler for AWS."""

__version__ = "0.1.0"
