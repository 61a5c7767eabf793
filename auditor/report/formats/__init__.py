"""The drift for programs and terminals, one file a format. Pure."""
