"""Readers of a saved notebook: their rules, and the matrix of readers and endings.

`python tests/readers/matrix.py` prints the matrix; `rules.py` emulates hosts that cannot run here,
and `programs.py` runs the programs that execute notebooks.
"""
