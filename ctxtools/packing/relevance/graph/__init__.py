"""What the files of a pack use of each other: who imports whom, and whose names occur where.

`sources` picks the code, `imports` and `names` find its edges, which `edges` joins into one graph.
`rank` says how much each file is used; `importance` makes factors of values of it. `changes` finds
what lines that were changed use, and what uses them.
"""
