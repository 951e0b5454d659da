"""A page for every example of docs/checks.md that a walk can take."""

# A page calls did() for each thing it saw happen, and shows that it was all.
DID = """<script>
  const seen = new Set();
  const did = (what, all = 1) => {
    seen.add(what);
    if (seen.size >= all) document.body.insertAdjacentHTML("beforeend", "<i id=xong>xong</i>");
  };
  const came = performance.getEntriesByType("navigation")[0].type;
  const find = (css) => document.querySelector(css);
</script>"""

PAGES: dict[str, str | dict[str, str]] = {
    # By the heading under which the example stands: the page it is walked on, or pages by their path.
    "goto": {"/tra-cuu": "<script>did(1)</script>"},
    "back": {"/": "<script>if (came === 'back_forward') did(1)</script>"},
    "reload": "<script>if (came === 'reload') did(1)</script>",
    "click": "<button onclick=did(1,2)>Tiếp tục</button><button onclick=did(2,2)>Nộp hồ sơ</button>",
    "double_click": "<table><tr ondblclick=did(1)><td>H12.34-261101-0001</table>",
    "hover": """<style>a + a { display: none } nav:hover a { display: inline }</style>
      <nav><a href=#>Dịch vụ công</a><a href=# onclick=did(1)>Hộ tịch</a></nav>""",
    "scroll_to": """<p style="height:3000px"><h2>Câu hỏi thường gặp</h2>
      <script>new IntersectionObserver((all) => { if (all.some((one) => one.isIntersecting)) did(1); })
        .observe(find("h2"))</script>""",
    "drag": """<p class=the-ho-so draggable=true>H12</p>
      <section aria-label="Hồ sơ đã chọn" style="height:60px" ondragover="event.preventDefault()" ondrop=did(1,2)>
      </section><p role=slider aria-label="Mức vay" style="width:40px">x</p><script>let from = 0;
      addEventListener("pointerdown", (e) => { from = e.clientX; });
      addEventListener("pointerup", (e) => { if (Math.round(e.clientX - from) === 120) did(2, 2); });</script>""",
    "fill": """<label>Họ và tên <input oninput=did(1,2)></label>
      <label>Mật khẩu <input type=password oninput="if (this.value === 'Chim-Én-9931') did(2, 2)"></label>""",
    "clear": '<label>Nơi sinh <input value=Huế oninput="if (!this.value) did(1)"></label>',
    "type": """<input list=xa aria-label="Phường xã"
      onkeydown="if (event.key === 'ArrowDown' && this.value === 'An Thịnh') did(1)"><datalist id=xa><option>An Thịnh
      </datalist>""",
    "select": """<label>Dân tộc
      <select onchange="if (this.value === '1') did(1)"><option>Chọn<option value=1>Kinh</select></label>""",
    "check": """
      <label><input type=checkbox onchange=did(1,2)> Tôi cam đoan các thông tin trên là đúng sự thật</label>
      <label><input type=radio name=a> Bản điện tử có ký số</label>
      <label><input type=radio name=a onchange=did(2,2)> Bản điện tử</label>""",
    "uncheck": """<label><input type=checkbox checked onchange="if (!this.checked) did(1)">
      Nhận tin nhắn</label>""",
    "upload": """<label>Giấy chứng sinh <input type=file onchange=did(1,3)></label>
      <label>Ảnh chân dung <input type=file onchange="if (this.files[0].size === 200000) did(2, 3)"></label>
      <label>Tờ khai <input type=file onchange="if (this.files[0].name === 'to-khai.pdf') did(3, 3)"></label>""",
    "press": "<input autofocus onkeydown=\"if (event.key === 'Enter') did(1)\">",
    "download": ("<a href=/trich-luc.pdf download onclick=did(1)>Tải bản điện tử</a>"),
    "totp": """<label>Mã xác thực
      <input oninput="if (/^[0-9]{6}$/.test(this.value)) did(1)"></label>""",
    "store": """<p id=ma-ho-so>Mã: H12.34-261101-0001</p>
      <label>Mã hồ sơ <input oninput="if (this.value === 'H12.34-261101-0001') did(1)"></label>""",
    "new_tab": {
        "/vi-du": """<button>Mở</button><script>find("button").onclick = () => {
          const tab = window.open("/moi"); setInterval(() => { if (tab.closed) did(1); }, 20); };</script>""",
        "/moi": "<h1>Mới</h1>",
    },
    "dialog": """<button
      onclick="if (!confirm('Bạn có muốn hủy hồ sơ này?')) did(1)">Hủy</button>""",
    "if_visible": ("<button onclick=did(1)>Đã hiểu</button>"),
    "expect": "<p>Hồ sơ đã tiếp nhận</p><script>did(1)</script>",
    "Locators": """<button onclick=did(1,7)>Tiếp tục</button><label>Ngày sinh <input type=date oninput=did(2,7)></label>
      <input placeholder="Nhập từ khóa" oninput=did(3,7)><p onclick=did(4,7)>Xem chi tiết</p><b title=Đóng
      onclick=did(5,7)>x</b><u data-testid=nop-ho-so onclick=did(6,7)>Đi</u><s id=nut-tiep onclick=did(7,7)>Tiếp</s>""",
    "within": {
        "/vi-du": """<section aria-label=Khác><button>Xóa</button></section>
          <section aria-label="Người được ủy quyền"><button onclick=did(1)>Xóa</button></section>
          <iframe title="Biểu mẫu điện tử" name=bieu-mau src=/khung></iframe>""",
        "/khung": """<label>Ngày sinh <input type=date
          oninput="find('.thong-bao').textContent = 'Đã lưu'"></label><p class=thong-bao></p>""",
    },
    "or": "<p id=nut-tiep onclick=did(1)>Đi tiếp</p>",
    "Conditions": """<h1>Nộp hồ sơ thành công</h1>
      <p hidden>Đang xử lý</p><p>Mã hồ sơ: H12</p><button>Tiếp tục</button><button disabled>Quay lại</button>
      <script>history.replaceState({}, "", "/ket-qua"); document.title = "Tra cứu hồ sơ"; did(1)</script>""",
    "value": """<label>Lệ phí <input value="8.000  đồng"></label>
      <label>Phường xã <select><option>Phường An Thịnh</select></label><script>did(1)</script>""",
    "attribute": """
      <a href=/1.pdf>Tải biên nhận</a><form aria-label="Tờ khai" aria-busy=false>Khai</form><script>did(1)</script>""",
    "count": """
      <section aria-label="Kết quả"><ul><li>H12</ul></section><p class=loi hidden>Lỗi</p><script>did(1)</script>""",
    "not": """<p>Xin chào</p><label>Mã hồ sơ <input value=H12></label>
      <script>did(1)</script>""",
}
BEFORE = {"new_tab": [{"click": {"role": "button", "name": "Mở"}}]}
"""What is done before an example that goes on from something."""
