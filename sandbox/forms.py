"""Server-side validation of what was typed, chosen and attached."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sandbox.catalogue import Document, Field

TEXT_LIMIT = 200
TEXTAREA_LIMIT = 2000
FILE_LIMIT_BYTES = 5 * 1024 * 1024
FILE_STARTS: Mapping[str, bytes] = {"pdf": b"%PDF", "png": b"\x89PNG", "jpg": b"\xff\xd8", "jpeg": b"\xff\xd8"}
BROKEN = "Giá trị không hợp lệ. Vui lòng kiểm tra lại."


@dataclass(frozen=True)
class Checked:
    """A form page that was posted: its values, messages by field name, and a refusal or ""."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    refusal: str = ""


def check_page(fields: tuple[Field, ...], posted: Mapping[str, str], today: date) -> Checked:
    """Check one form page; `today` is the local date against which ages are counted."""
    values = {field.name: posted.get(field.name, "").strip() for field in fields}
    found = {field.name: field_error(field, values[field.name], today) for field in fields}
    errors = {name: message for name, message in found.items() if message}
    refusals = [f.refusal[1] for f in fields if f.refusal and values[f.name] == f.refusal[0]]
    return Checked(values, errors, refusals[0] if refusals and not errors else "")


def field_error(field: Field, value: str, today: date) -> str:
    """What is wrong with one value, as shown beside the field; "" when it is fine."""
    if not value:
        return missing_message(field) if field.required else ""
    if len(value) > (TEXTAREA_LIMIT if field.kind == "textarea" else TEXT_LIMIT):
        return "Nội dung quá dài."
    if field.options and value not in field.options:
        return "Lựa chọn không hợp lệ."
    if field.pattern and not re.fullmatch(field.pattern, value):
        return field.hint
    if field.kind == "number" and not re.fullmatch(r"\d+([.,]\d+)?", value):
        return "Vui lòng nhập số."
    return date_error(field, value, today) if field.kind == "date" else ""


def missing_message(field: Field) -> str:
    """The message for a required field that was left empty."""
    if field.kind == "checkbox":
        return f"Vui lòng đánh dấu: {field.label}."
    verb = "chọn" if field.options or field.kind == "date" else "nhập"
    return f"Vui lòng {verb} {field.label[0].lower()}{field.label[1:]}."


def date_error(field: Field, value: str, today: date) -> str:
    """What is wrong with an ISO date."""
    try:
        given = date.fromisoformat(value)
    except ValueError:
        return "Ngày không hợp lệ."
    age = today.year - given.year - ((today.month, today.day) < (given.month, given.day))
    if field.min_age and age < field.min_age:
        return f"Chưa đủ {field.min_age} tuổi theo quy định."
    return ""


def file_error(document: Document, name: str, content: bytes) -> str:
    """What is wrong with one attached file; an empty name means none was attached."""
    if not name:
        return f"Vui lòng đính kèm {document.label[0].lower()}{document.label[1:]}." if document.required else ""
    start = FILE_STARTS.get(name.rsplit(".", 1)[-1].lower())
    if start is None or not content.startswith(start):
        return "Chỉ nhận tệp PDF, JPG hoặc PNG."
    if len(content) > FILE_LIMIT_BYTES:
        return "Tệp vượt quá 5 MB."
    return ""
