"""Paper forms: printed, keyed, imported, keyed again."""
