"""Named SELECTs, always ordered; one module per subject."""
