"""Documents from results: pages, PDF, Excel, CSV, JSON. Formats numbers, computes none."""
