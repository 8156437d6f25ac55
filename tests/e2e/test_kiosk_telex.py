"""Vietnamese by Telex: the pure module, in the browser that runs it."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

NewPage = Callable[..., Page]

#: What is typed, and what stands there. Every line is a rule or an exception to one.
TYPED = """
tieengs Vieetj=tiếng Việt
aa=â
aw=ă
ee=ê
oo=ô
ow=ơ
uw=ư
dd=đ
uow=ươ
uwow=ươ
uwo=ưo
as=á
af=à
ar=ả
ax=ã
aj=ạ
asz=a
asf=à
aaa=aa
aaaa=aaa
aww=aw
oww=ow
uww=uw
uoww=uow
ddd=dd
dddd=ddd
ass=as
asss=ass
buss=bus
Asss=Ass
awa=â
aaw=ă
ddawks lawks=đắk lắk
DDawks=Đắk
Dd=Đ
dD=đ
AAnh=Ânh
KHANHS HOAF=KHÁNH HÒA
Thanh Hoas=Thanh Hóa
hoaf=hòa
hoafn=hoàn
hoafnz=hoan
hoafz=hoa
hoaz=hoaz
oaf=òa
khoer=khỏe
thuyr=thủy
uyr ban=ủy ban
Uyr=Ủy
tuyf=tùy
thuyeenf=thuyền
khuya=khuya
khuyur=khuỷu
ngoaif=ngoài
thoaij=thoại
hoawcj=hoặc
duongwf=dường
dduowngf=đường
dduwowngf=đường
dduwongf=đường
nguowif=người
nguwowif=người
thuowr=thuở
thuowng=thương
phuowng=phương
ruowuj=rượu
huowu=hươu
nuwowcs=nước
quas=quá
quys=quý
quoocs=quốc
quyeets=quyết
quaanj=quận
quaayf=quầy
gif=gì
giaf=già
gieengs=giếng
giuwx=giữ
giuwowngf=giường
xooong=xoong
mua=mua
muaw=mưa
muaws=mứa
huwux=hữu
huuxw=hữu
toans=toán
tosan=toán
cuar=của
laaus=lấu
mays=máy
bieeur=biểu
yeeus=yếu
nghieenx=nghiễn
chuyeenr=chuyển
tuaanf=tuần
hueej=huệ
moiws=mới
doiwf=dời
gaafn=gần
muoonj=muộn
uoongs=uống
nhieeuf=nhiều
thana=thân
toio=tôi
vietej=việt
did=đi
cats=cát
catf=catf
catj=cạt
wifi=wifi
www=www
class=class
12s=12s
lowif camr own=lời cảm ơn
thowif gian, dduowngf.=thời gian, đường.
"""

PRESS = """async (typed) => {
  const { press } = await import("/static/js/kiosk/telex.js");
  return typed.map((keys) => [...keys].reduce(press, ""));
}"""
TONE = """async (pairs) => {
  const { setTone } = await import("/static/js/kiosk/telex.js");
  return pairs.map(([text, key]) => setTone(text, key));
}"""


def test_keys_become_vietnamese(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    pairs = [line.split("=") for line in TYPED.strip().splitlines()]
    found = page.evaluate(PRESS, [typed for typed, _ in pairs])
    assert [(pair[0], text) for pair, text in zip(pairs, found, strict=True)] == [
        (typed, wanted) for typed, wanted in pairs
    ]
    assert all(unicodedata.is_normalized("NFC", text) for text in found)


def test_the_tone_row_never_writes_a_letter(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    found = page.evaluate(
        TONE,
        [["hoa", "f"], ["hòa", "z"], ["hòa", "f"], ["xin chao", "f"], ["", "s"], ["12", "s"]],
    )
    assert found == ["hòa", "hoa", "hoa", "xin chào", "", "12"]


def test_text_that_is_not_composed_is_taken_as_well(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    decomposed = unicodedata.normalize("NFD", "hòa")
    assert page.evaluate(TONE, [[decomposed, "s"]]) == ["hóa"]


def test_every_vietnamese_sentence_of_the_product_can_be_typed(new_page: NewPage) -> None:
    """Each letter by itself, in the order of writing, gives the word back."""
    page = new_page()
    page.goto("/")
    source = Path(__file__).parents[2] / "questionnaires" / "sipas-counter.yaml"
    words = sorted(set(vietnamese_words(source.read_text(encoding="utf-8"))))
    assert len(words) > 200
    typed = [keys_of(word) for word in words]
    assert dict(zip(words, page.evaluate(PRESS, typed), strict=True)) == {w: w for w in words}


MARKS = {"̀": "f", "́": "s", "̉": "r", "̃": "x", "̣": "j", "̂": None, "̆": "w", "̛": "w"}


def vietnamese_words(text: str) -> list[str]:
    words = "".join(letter if letter.isalpha() else " " for letter in text).split()
    return [word for word in words if any(ord(letter) > 127 for letter in word)]


def keys_of(word: str) -> str:
    """The keys of a word as people are taught: marks at their letter, the tone at the end."""
    keys, tone = "", ""
    for letter in word:
        if letter in "đĐ":
            keys += "dd" if letter == "đ" else "DD"
            continue
        base, *marks = unicodedata.normalize("NFD", letter)
        keys += base
        for mark in marks:
            key = MARKS[mark]
            if mark in "̛̂̆":
                keys += key or base.lower()
            else:
                tone = key or ""
    return keys + tone
