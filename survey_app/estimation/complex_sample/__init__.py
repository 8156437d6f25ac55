"""Figures under complex designs: rows with strata, clusters and weights in, tables out."""
