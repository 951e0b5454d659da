"""The tables of docs/sandbox.md, written from the catalogue. `python -m sandbox.tables FILE` renews them."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sandbox.catalogue import AGENCIES, SERVICES, Field, Quality, Service, agency
from sandbox.faults import FAULT_KINDS
from sandbox.settings import LISTENERS, TITLES

BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
PRESENTATIONS = {
    "routed": "client-side routing",
    "framed": "form in an iframe",
    "new_tab": "form in a new tab",
    "pages": "",
}


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def ports() -> str:
    """The listeners."""
    rows = ((f"+{place}", f"`{name}`", TITLES[name]) for place, name in enumerate(LISTENERS))
    return table(("port", "id", "what"), rows)


def agencies() -> str:
    """The agencies."""
    return table(("id", "name"), ((f"`{each.id}`", each.name) for each in AGENCIES))


def services() -> str:
    """The services."""
    head = ("id", "name", "agency", "system", "fields", "form pages", "documents", "fee (đ)", "by design")
    return table(head, (_service_row(each) for each in SERVICES))


def faults() -> str:
    """The faults."""
    rows = (
        (f"`{kind.name}`", kind.layer, kind.does, ", ".join(f"`{n}` = {v:g}" for n, v in kind.params.items()))
        for kind in FAULT_KINDS
    )
    return table(("fault", "layer", "what it does", "own parameters"), rows)


def forms() -> str:
    """Every form page with its controls."""
    return "\n".join(_form(each) for each in SERVICES)


def traits(service: Service) -> str:
    """What is special about a service, in words."""
    quality, usual = service.quality, Quality()
    found = [
        PRESENTATIONS[service.presentation],
        "no sign-in" if not service.sign_in else "",
        "one-time password" if service.otp else "",
        "ends with a file download" if service.download else "",
        f"slow: +{quality.slow_s:g} s on {', '.join(quality.slow_steps)}" if quality.slow_steps else "",
        f"every page {quality.base_s:g}–{quality.base_s + quality.jitter_s:g} s"
        if quality.base_s != usual.base_s
        else "",
        f"flaky at hours {', '.join(map(str, quality.flaky_hours))}: {quality.error_probability:.0%} of pages fail"
        if quality.flaky_hours
        else "",
        "poor accessibility" if not quality.accessible else "",
        "no progress indicator" if not quality.progress else "",
        f"main button {quality.late_s:g} s late" if quality.late_s else "",
        "asks again for known data" if any(field.re_entry for field in service.fields) else "",
    ]
    return "; ".join(trait for trait in found if trait) or "fast and healthy"


def renew(text: str) -> str:
    """`text` with every marked table written anew."""
    makers: Mapping[str, Callable[[], str]] = {
        "ports": ports,
        "agencies": agencies,
        "services": services,
        "faults": faults,
        "forms": forms,
    }
    return BLOCK.sub(lambda found: f"{found[1]}\n{makers[found[2]]()}\n{found[3]}", text)


def _service_row(service: Service) -> tuple[object, ...]:
    return (
        f"`{service.id}`",
        service.name,
        agency(service.agency).name,
        f"`{service.system}`",
        len(service.fields),
        len(service.pages),
        len(service.documents),
        service.fee_vnd or "–",
        traits(service),
    )


def _form(service: Service) -> str:
    cases = "; ".join(f"“{case}”" for case in service.cases)
    lines = [f"### `{service.id}`: {service.name}\n", f"Trường hợp hồ sơ: {cases}\n" if cases else ""]
    head = ("label", "kind", "name", "required", "prefilled", "sample")
    for number, page in enumerate(service.pages, start=1):
        lines.append(f"`to-khai-{number}`, heading “{page.title}”\n")
        lines.append(table(head, (_field_row(field) for field in page.fields)))
    if service.documents:
        names = "; ".join(
            f"“{each.label}” (`{each.name}`{'' if each.required else ', optional'})" for each in service.documents
        )
        lines.append(f"`giay-to`: {names}\n")
    return "\n".join(line for line in lines if line)


def _field_row(field: Field) -> tuple[object, ...]:
    known = "yes" if field.prefill else "asked again" if field.re_entry else ""
    return (field.label, field.kind, f"`{field.name}`", "yes" if field.required else "", known, field.sample)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(renew(path.read_text(encoding="utf-8")), encoding="utf-8")
