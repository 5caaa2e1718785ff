"""What chat completions and responses share: OpenAI's requests, texts with citations, errors."""
