"""When somebody is told, who, and how the message gets there."""
