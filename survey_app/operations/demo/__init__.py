"""A small, clearly marked demo province."""
