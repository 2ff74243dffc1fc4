"""Tables joined by the names of places within their parents."""
