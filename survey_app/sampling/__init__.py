"""Whom to ask: frames, sample sizes, allocations and draws that anybody can repeat."""
