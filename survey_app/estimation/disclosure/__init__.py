"""Small groups protected: in tables, in cross tables, in files of rows."""
