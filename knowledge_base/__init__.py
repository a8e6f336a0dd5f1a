"""FAQ articles, the index over them and the search that knows when it does not know."""
