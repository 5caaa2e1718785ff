"""The archive for language models: the Model Context Protocol, over HTTP and over stdio."""
