"""The interfaces: command line, HTTP service, MCP and chats, thin over `qa`."""
