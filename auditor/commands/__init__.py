"""One function a command, one line a stage: the only rooms that see pure and outside rooms together."""
