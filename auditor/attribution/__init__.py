"""Who changed what differs: CloudTrail's events, held against findings. Pure."""
