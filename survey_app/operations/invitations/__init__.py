"""Slips and links that invite a citizen, one by one or by lists."""
