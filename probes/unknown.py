"""Errors that nobody has described yet: never guessed about, always counted."""


class UnknownFaultError(Exception):
    """A table has no row for what happened; the runner makes it inconclusive and counts it.

    `where` is one of a few words (`lookup`, `socket`, `tls`, `http`, `dns`, `chromium`, `playwright`), for a metric;
    `code` is the error's own name or number, without anything a page or a citizen wrote.
    """

    def __init__(self, where: str, code: str) -> None:
        super().__init__(f"{where}: {code}")
        self.where = where
        self.code = code
