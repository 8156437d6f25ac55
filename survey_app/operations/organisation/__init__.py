"""Whom surveys are about: the tree of units and what becomes of it, services, dossier counts."""
