"""Card reader over HTTP of Synjones (8989, 29999, 8080), also as JSONP."""
