"""What happened in an episode: events, the bus that orders them, planted secrets."""
