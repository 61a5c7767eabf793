"""The door to AWS: sessions, pacing, calls, reading, errors. The only place that imports boto3."""
