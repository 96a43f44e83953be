"""The five HTTP dialects over one core: the server, who is asking, and each dialect's words."""
