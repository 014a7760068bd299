"""What the rule-driven agent knows: reading a screen, cues of danger, and chores."""
