"""The evidence page under a reader's hands: clicks, filters, keys, narrow screens and paper, in headless Chromium."""

from __future__ import annotations

import base64
import io
import shutil

import pytest
from pypdf import PdfReader

from kepudraft.export import html
from kepudraft.export.evidence import of_text
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.verify.review import review

pytest.importorskip("selenium", reason="selenium is not installed: pip install 'kepudraft[browser]'")
pytestmark = pytest.mark.skipif(
    not (shutil.which("chromium") or shutil.which("google-chrome")) or not shutil.which("chromedriver"),
    reason="no Chromium with its driver: apt-get install chromium chromium-driver",
)

FACTS = "单位：江州市科技馆\n年度：2025\n科普讲座46场，听众9800人次（上年40场、9000人次）\n巡展12站\n图书室藏书3200册\n"
TEXT = "江州市科技馆2025年科普工作总结\n一、主要活动\n举办科普讲座64场，听众9800人次，比上年增长8.9%。巡展12站。"


@pytest.fixture(scope="module")
def driver():
    from eval.evidence import browser

    with browser() as opened:
        yield opened


@pytest.fixture
def page(driver, tmp_path):
    """Opens a page and gives what finds elements on it; nothing may be left in the browser's log."""

    def show(content: str, width: int = 1280):
        path = tmp_path / "page.html"
        path.write_text(content, encoding="utf-8")
        driver.set_window_size(width, 900)
        driver.get(path.as_uri())
        return lambda selector: driver.find_elements("css selector", selector)

    yield show
    assert [entry["message"] for entry in driver.get_log("browser")] == []


def checked(text: str = TEXT, facts: str = FACTS) -> str:
    sheet = read_facts_from_bytes(facts.encode())
    return html.page(of_text(text, review(text, sheet), sheet))


def press(driver, key: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(driver).send_keys(key).perform()


def test_a_click_on_a_figure_shows_its_fact_with_file_and_cell(page, sample):
    find = page(html.render(sample))
    next(f for f in find(".sheet .fig") if f.text.startswith("9.0%")).click()
    shown = find("#detail")[0].text
    for part in ("算出", "(38.6-35.4)÷35.4=9.0%", "接待观众38.6万人次", "事实.txt 第1行", "由程序按规则写成"):
        assert part in shown
    assert [row.get_attribute("id") for row in find("tr.on")] == ["row-5"]


def test_a_wrong_figure_says_what_should_stand_there(page):
    find = page(checked())
    find(".sheet .fig.wrong")[0].click()
    assert "46场" in find("#detail")[0].text
    assert find("#detail .badge.wrong")


def test_filters_leave_the_figures_asked_for(page):
    find = page(checked())
    find('.chip[data-v="wrong"]')[0].click()
    assert [f.text for f in find(".sheet .fig:not(.off)")] == ["64场"]
    assert [row.is_displayed() for row in find("#checklist tbody tr")].count(True) == 1
    assert find("#status")[0].text == "显示1个，共5个"
    find('.chip[data-v="all"]')[0].click()
    assert not find(".fig.off")


def test_keys_walk_filter_and_close(page, driver):
    find = page(checked())
    press(driver, "w")
    press(driver, "\ue014")  # →
    assert find(".fig.on")[0].text.startswith("64场")
    assert driver.switch_to.active_element.get_attribute("id") == find(".fig.on")[0].get_attribute("id")
    press(driver, "a")
    press(driver, "\ue014")
    assert find(".fig.on")[0].text == "9800人次"
    press(driver, "\ue012")  # ←
    assert find(".fig.on")[0].text.startswith("64场")
    press(driver, "\ue00c")  # Esc
    assert not find(".fig.on")
    assert "点一个数字" in find("#detail")[0].text


def test_tab_and_enter_reach_a_figure(page, driver):
    find = page(checked())
    driver.execute_script("document.querySelectorAll('.sheet .fig')[3].focus()")
    press(driver, "\ue007")
    assert find(".fig.on")[0].text.startswith("8.9%")
    assert "9800人次－9000人次" in find("#detail")[0].text


def test_a_fact_leads_to_the_figures_that_rest_on_it(page, driver):
    find = page(checked())
    find('#facts .card a[data-n="5"]')[0].click()
    assert find(".fig.on")[0].text == "12站"


def test_origins_are_shown_by_a_tag_before_each_sentence(page, sample, driver):
    find = page(html.render(sample))
    press(driver, "o")
    tag = "return getComputedStyle(document.querySelector('.s[data-o]'), '::before').content"
    assert driver.execute_script(tag) == '"规则"'
    press(driver, "o")
    assert driver.execute_script(tag) == "none"
    assert find(".sheet")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overflows_the_screen(page, driver, sample, width):
    page(html.render(sample), width)
    inner, needed = driver.execute_script("return [document.documentElement.clientWidth, document.documentElement.scrollWidth]")
    assert needed <= inner


def test_on_a_narrow_screen_the_evidence_lies_over_the_text(page, driver):
    find = page(checked(), 500)  # no window can be made narrower
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True})
    try:
        assert not find("#detail")[0].is_displayed()
        find(".sheet .fig.wrong")[0].click()
        box = find("#detail")[0].rect
        assert box["width"] == 390
        figure = find(".fig.on")[0]
        bottom = driver.execute_script("return arguments[0].getBoundingClientRect().bottom", figure)
        top = driver.execute_script("return arguments[0].getBoundingClientRect().top", find("#detail")[0])
        assert bottom <= top
        find("#detail .close")[0].click()
        assert not find("#detail")[0].is_displayed()
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_on_paper_everything_is_there_even_what_a_filter_hides(page, driver):
    find = page(checked())
    find('.chip[data-v="wrong"]')[0].click()
    printed = PdfReader(io.BytesIO(base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])))
    size = printed.pages[0].mediabox
    assert (round(float(size.width)), round(float(size.height))) == (595, 842)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert all(row.is_displayed() for row in find("#checklist tbody tr"))
        assert not find(".tools")[0].is_displayed()
        assert find(".signed")[0].is_displayed()
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_markup_in_facts_and_text_is_shown_and_not_run(page, driver):
    attack = "<img src=x onerror=\"document.title='bad'\"></script><script>document.title='bad'</script>\u2028'\"&amp;"
    facts = FACTS + f"展览{attack}3次\n"
    find = page(checked(TEXT + f"展览{attack}3次。", facts))
    for figure in find(".sheet .fig"):
        driver.execute_script("arguments[0].click()", figure)
    assert "bad" not in driver.title
    assert not find("img")
    assert "onerror" in find(".sheet")[0].text


def test_if_escaping_failed_the_policy_would_stop_it(page, driver):
    content = checked().replace("</main>", "<script>document.title = 'bad'</script></main>")
    page(content)
    assert driver.title != "bad"
    blocked = [entry["message"] for entry in driver.get_log("browser")]
    assert any("Content Security Policy" in message for message in blocked)


def test_without_script_a_figure_still_leads_to_its_row(sample):
    content = html.render(sample)
    assert 'href="#row-3"' in content
    assert 'id="row-3"' in content
