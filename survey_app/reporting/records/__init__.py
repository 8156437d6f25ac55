"""What is kept and handed on: the audit record, codebooks, edits, data sets."""
