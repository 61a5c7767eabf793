"""What somebody should know before a planned call is made. Pure."""
