"""What each use has to be granted in IAM. Pure."""
