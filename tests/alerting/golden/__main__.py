"""Writes the golden files from what the code renders now; read the difference before committing it."""

from pathlib import Path

from tests.alerting.letter_cases import mails

if __name__ == "__main__":
    for name, mail in mails().items():
        folder = Path(__file__).parent
        (folder / f"{name}.txt").write_text(f"{mail.subject}\n\n{mail.text}", encoding="utf-8")
        (folder / f"{name}.html").write_text(mail.html, encoding="utf-8")
