"""Editing a draft: small operations on the document as plain data, each giving a new document."""
