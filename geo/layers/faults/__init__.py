"""What can be wrong with the rows of a layer: one module per kind of fault, each giving findings."""
