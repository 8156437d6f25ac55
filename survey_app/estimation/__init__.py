"""What the answers say: estimates with honest intervals. Knows no Flask, no SQL, no texts."""
