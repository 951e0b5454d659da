"""The board: server-rendered pages for people, from frozen contexts that pure functions build."""
