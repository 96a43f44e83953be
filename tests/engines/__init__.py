"""The servers that tests bring themselves: private, in a folder of their own, gone with the session."""
