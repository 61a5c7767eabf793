"""From drift to the ordered actions that remove it. Pure."""
