"""What the figures of an officer's own file say."""
