"""How a stream continues after its connection dropped: designs, positions, attempts. No I/O.

`designs` lists what `resume=` can be. A `Session` decides which request to send next and what a
response or a broken connection means; the transport in `io` does what it says.
"""
