"""The file with which a service ends: a small PDF, written by hand."""

PAGE = """BT /F1 18 Tf 72 760 Td (TINH AN BINH - MO PHONG) Tj ET
BT /F1 14 Tf 72 720 Td (BAN SAO TRICH LUC HO TICH) Tj ET
BT /F1 11 Tf 72 690 Td (Ma ho so: {code}) Tj ET
BT /F1 11 Tf 72 670 Td (Tep nay do moi truong mo phong tao ra, khong co gia tri phap ly.) Tj ET"""


def pdf(code: str) -> bytes:
    """A one-page PDF that names the dossier. Without accents: the built-in PDF fonts have no Vietnamese letters."""
    stream = PAGE.format(code=code)
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Font << /F1 5 0 R >> >>",
    )
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    rows = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}"
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + table + end).encode("ascii")
