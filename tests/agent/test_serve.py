"""What `dvcwatch run` hides before it says anything."""

import pytest

from agent.serve import passwords


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("postgresql://do:bi-mat-9@127.0.0.1/dvcwatch", {"bi-mat-9"}),
        ("postgresql://do:bi%40mat@127.0.0.1/dvcwatch", {"bi%40mat", "bi@mat"}),
        ("postgresql://127.0.0.1/dvcwatch?user=do&password=bi%2Fmat", {"bi/mat"}),
        ("postgresql://[::1/dvcwatch", set()),
        ("dvcwatch.db", set()),
    ],
)
def test_a_password_in_the_address_of_a_store_is_known_in_every_place_and_form(store: str, said: set[str]) -> None:
    assert passwords(store) == said
