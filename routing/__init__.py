"""Package routing decides, without I/O or a clock: is a number valid, what does a text mean, how is it split
and written for a carrier, and which operator should carry it.

It knows neither the gateway nor SMPP: its input types are its own, and its errors stand in
`routing/errors.py`.
"""
