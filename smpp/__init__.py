"""SMPP 3.4 (with the parts of 5.0 that carriers use): PDUs, sessions, receipts.

`constants`, `fields`, `pdu`, `codec`, `session` with its two roles `esme` and `smsc`, `timers` and `receipt` own no
socket and read no clock; `client`, `pool`, `outbind` and `server` are thin asyncio shells around them. Nothing here
knows of the gateway.

Section numbers in comments are those of "Short Message Peer to Peer Protocol Specification v3.4", Issue 1.2.
"""
