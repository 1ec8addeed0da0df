"""Users of other systems, made into the format of imports: exports, read as their systems document them."""
