"""Sending files on to a server that the page's origin or the administrator vouches for."""
