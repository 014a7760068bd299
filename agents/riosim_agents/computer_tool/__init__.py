"""The computer tools of Anthropic and OpenAI: their messages and what they answer."""
