"""Ships an artifact to every region: packs it, uploads it, and has it deployed."""
