"""The product: articles in, cited answers out."""
