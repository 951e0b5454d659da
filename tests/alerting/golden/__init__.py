"""The mails as they must look, byte by byte; `python -m tests.alerting.golden` writes them anew."""
