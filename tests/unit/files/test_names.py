"""Names are made harmless and then judged."""

import pytest

from files.names import extension_of, safe_name, with_extension


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("路口积水.jpg", "路口积水.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\照片.jpg", "照片.jpg"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\u2066b\u2069.jpg", "ab.jpg"),
        ("a\x00b\r\n.jpg", "ab.jpg"),
        ("a\u200b\ufeff.jpg", "a.jpg"),
        ("\ud800.jpg", "jpg"),
        ('a"b<c>.jpg', "a_b_c_.jpg"),
        ("  a   b .jpg  ", "a b .jpg"),
        ("...", ""),
        (".htaccess", "htaccess"),
        ("a.jpg.", "a.jpg"),
        ("", ""),
        ("ｅ\u0301.jpg", "ｅ\u0301.jpg"),
    ],
)
def test_safe_name(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_long_name_keeps_its_extension() -> None:
    short = safe_name("长" * 300 + ".jpeg")
    assert len(short) <= 100
    assert short.endswith("….jpeg")
    assert len(safe_name("长" * 300)) == 100


def test_extensions() -> None:
    assert extension_of("a.tar.GZ") == "gz"
    assert extension_of("a") == extension_of("a.长") == ""


@pytest.mark.parametrize(
    ("given", "format_", "name"),
    [
        ("", "heic", "file.heic"),
        ("blob", "pdf", "blob.pdf"),
        ("a.jpeg", "jpeg", "a.jpeg"),
        ("a.JPG", "jpeg", "a.JPG"),
        ("mmexport1.png", "jpeg", "mmexport1.jpg"),
        ("IMG_1.HEIC", "jpeg", "IMG_1.jpg"),
        ("合同.jpg", "pdf", "合同.pdf"),
        ("报告v1.2", "docx", "报告v1.2.docx"),
        ("a.exe", "jpeg", "a.exe.jpg"),
        ("长" * 95 + ".html", "xlsx", "长" * 95 + ".xlsx"),
    ],
)
def test_the_name_follows_the_content(given: str, format_: str, name: str) -> None:
    assert with_extension(given, format_) == name
