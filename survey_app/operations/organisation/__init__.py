"""Who runs surveys: accounts, keys of other software, the tree of units, and lists of them."""
