"""Who stands where, and how sure that is: rank sets of units. Knows no Flask, no SQL, no texts."""
