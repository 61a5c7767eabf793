"""What a run keeps on this machine: its journal, its lock, the key of the fingerprints."""
