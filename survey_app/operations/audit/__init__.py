"""The audit record: its entries written, looked for, and their chain checked."""
