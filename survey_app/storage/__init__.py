"""Rows: the only room that knows SQL. Models, named queries, connections, migrations."""
