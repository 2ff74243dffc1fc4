"""One module per kind of file: where its bytes lie, what they are held to, and the rows they give."""
