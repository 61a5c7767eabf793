"""The two Lambda functions that a push to GitHub deploys through."""
