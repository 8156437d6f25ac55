"""Hài Lòng: citizen-satisfaction surveys for Vietnamese public administration.

The map of the rooms, from the ground up; a room imports only from rooms below it.

* ``errors``, ``text``, ``copied_codes``, ``clock``, ``paging``, ``i18n``, ``config``: sentences for
  people, Vietnamese text, codes that are typed off paper, time, pages of lists, settings.
* the core (no Flask, no SQL): ``questionnaire`` what is asked, ``sampling`` who is asked,
  ``estimation`` what the answers say, ``integrity`` which sheets are worth a second look,
  ``ranking`` how units compare.
* what comes from files: ``spreadsheets`` (opened in a process of their own), ``unit_import``,
  ``administrative_data``; what comes from another house: ``identity_provider`` (sign-in).
* ``interchange``: what other programs read and write (XLSForm, codebooks, DDI, scripts of
  statistics packages).
* two siblings that do not know each other: ``storage`` (rows) and ``reporting`` (documents).
* ``operations``: the verbs of running a survey, by the way of the data from ``access`` and
  ``organisation`` to ``reports``; they take a session and plain values.
* the edges: ``web`` (one package per audience), ``cli``, ``worker``; ``app`` joins everything.
"""
