"""What people decided about findings."""
