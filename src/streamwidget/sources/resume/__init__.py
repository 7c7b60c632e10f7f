"""Going on with a stream whose connection dropped: designs, positions, attempts. No I/O.

`designs` says what `resume=` may be. A `Session` decides what is asked next and what an answer or a
break means; whoever has the sockets (`sources.http`) does what it says.
"""
