"""What the answers say: estimates with honest intervals. Knows no Flask, no SQL, no texts.

* ``estimate``, ``refusal``, ``labels``: what a result is, why there is none, labels as numbers.
* ``intervals``: how sure a figure is; ``disclosure``: which figures may be seen.
* ``simple_sample``: from counts of a survey to shares and indices; ``comparison``: two of them, or
  many, side by side.
* ``complex_sample``: from rows with strata, clusters and weights to tables; ``plans``: which table
  somebody wants of a file.
* ``weighting``, ``drivers``, ``small_area``: methods that stand alone.
"""
