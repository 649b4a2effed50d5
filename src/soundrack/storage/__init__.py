"""Objects: uploads and results, and the signed links by which a client reaches them."""
