"""Two people at one draft, from the forms to the page: ``addressing`` names fields so that they
outlive a changed order, ``carrying`` takes a button's row over to the draft as it is, ``joining``
finds what is to be decided, ``cases`` save it, ``conflict`` and ``attempt_page`` show it.
"""
