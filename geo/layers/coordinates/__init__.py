"""Where the rows of a source say that they are: columns, texts, geometries, and which of them is believed."""
