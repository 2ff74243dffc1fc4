"""Draw results: the page that opens by double click, and what it is made of."""
