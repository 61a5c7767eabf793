"""An audit in numbers."""
