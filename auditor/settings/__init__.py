"""`auditor.yaml`, options and environment as one frozen object."""
