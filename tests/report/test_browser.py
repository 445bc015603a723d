"""The page in a real Chromium, as a reader uses it: with the mouse, with the keyboard, on a phone, in the dark."""

import json
import shutil
import time
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from pipeline.report.contents import gather
from pipeline.report.model import read_model
from pipeline.report.write import write_page
from tests.report.sample import HOSTILE, hostile_run, large_run, small_run

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
AXE = Path(__file__).parent / "axe" / "axe.min.js"
ROOT = Path(__file__).parents[2]
MANY = 2000
FIRST_SENTENCE = """
    const words = document.querySelector('.text p')?.cloneNode(true);
    for (const link of words?.querySelectorAll('.back') ?? []) link.remove();
    return words?.textContent.trimEnd();
"""

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium and chromedriver here: apt-get install chromium chromium-driver"
)


@pytest.fixture(scope="module")
def chromium():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(120)
    yield driver
    driver.quit()


class Page:
    """A page that is open in Chromium; what it logged, asked for or showed by itself is checked at the end."""

    def __init__(self, driver, path):
        self.driver, self.address = driver, path.as_uri()

    def open(self, fragment="", width=1300, height=900, scheme="light"):
        self.media(scheme)
        self.size(width, height)
        self.driver.get("about:blank")
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)
        self.driver.get(self.address + fragment)
        self.until(lambda: self.all("#timeline svg, #timeline p") or not self.find("#overview").is_displayed())
        return self

    def size(self, width, height):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def media(self, scheme, kind="screen"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": features})

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script, *values):
        return self.driver.execute_script(script, *values)

    def until(self, condition):
        return WebDriverWait(self.driver, 60, poll_frequency=0.05).until(lambda _: condition())

    def rows(self):
        return [row.text for row in self.all("#list li:not([hidden])")]

    def active(self):
        return self.driver.switch_to.active_element

    def quiet(self):
        """Nothing was logged, nothing was asked for but the page itself."""
        assert self.driver.get_log("browser") == []
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = {
            event["params"]["request"]["url"].split("#")[0]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        }
        assert {url for url in asked if not url.startswith("data:")} <= {self.address, "about:blank"}
        assert not [event for event in events if event["method"] == "Page.javascriptDialogOpening"]


def written(folder, run, articles, model=None):
    path = folder / "page.html"
    write_page(gather(run, articles, "Attacks", model), path)
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory, chromium):
    model = read_model(ROOT / "metrics", ROOT / "plots")
    return Page(chromium, written(tmp_path_factory.mktemp("small"), *small_run(), model))


@pytest.fixture
def page(small):
    yield small.open()
    small.quiet()


def test_filters_narrow_the_list_and_stand_in_the_address(page):
    assert len(page.rows()) == 2
    page.find("[name=q]").send_keys("kano")
    assert [row.split("\n")[1] for row in page.rows()] == ["Protest Kano, Nigeria"]
    assert page.driver.current_url.endswith("#q=kano")
    page.driver.refresh()
    page.until(lambda: len(page.rows()) == 1)
    page.find("button[type=reset]").click()
    page.until(lambda: len(page.rows()) == 2)
    page.find("#filters [data-chosen=attribution]").click()
    page.find("[name=attribution][value=claimed]").click()
    assert "Bria" in page.rows()[0]
    assert len(page.rows()) == 1
    assert page.find("#count").text == "1 of 2"
    page.find("[name=disputed]").click()
    page.run(
        "const box = document.querySelector('[name=from]'); box.value = '2020-01-01';"
        "box.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert page.rows() == []
    assert page.find("#empty").is_displayed()


def test_a_claim_leads_to_its_sentence_and_back(page):
    page.find("#list a[href*='one']").click()
    page.until(lambda: page.all("#case h2"))
    assert [tag.text for tag in page.all(".fact.disputed h4 .tag")] == ["≠ reports disagree"] * 2
    claim = next(each for each in page.all("a.quote") if each.text == "Nine died, police said.")
    claim.click()
    sentence = page.until(lambda: page.find(".text li.lit"))
    assert sentence.find_element(By.TAG_NAME, "p").text.startswith("Nine")
    assert page.active() == sentence
    assert page.find("#case h2").is_displayed()
    assert page.run("return [scrollY, getComputedStyle(document.querySelector('.pane')).overflowY]") == [0, "auto"]
    sentence.find_element(By.LINK_TEXT, "↩ killed: 9").click()
    page.until(lambda: page.active() == claim)
    page.driver.back()
    page.until(lambda: page.active() == sentence)


def test_all_goes_by_keyboard(page):
    row = page.find("#list a[href*='one']")
    row.send_keys(Keys.ENTER)
    page.until(lambda: page.active().tag_name == "h2")
    page.find(".text li").send_keys(Keys.ARROW_DOWN)
    sentence = page.active()
    assert sentence.get_attribute("data-hint").startswith("shelling missile 90 %")
    assert page.find("#hint").text == sentence.get_attribute("data-hint")
    sentence.send_keys(Keys.ARROW_RIGHT)
    mark = page.active()
    assert (mark.tag_name, mark.text, page.find("#hint").text) == ("mark", "Nine", "killed 97 %")
    mark.send_keys(Keys.ESCAPE)
    assert not page.find("#hint").is_displayed()
    mark.send_keys(Keys.ARROW_LEFT)
    assert page.active() == sentence
    page.find("[data-go=list]").send_keys(Keys.ENTER)
    page.until(lambda: page.active() == row)


def test_the_legend_takes_highlights_away_and_names_stand_without_colour(page):
    page.open("#incident=m%3Aone%231")
    label = "return getComputedStyle(document.querySelector('mark.r-killed'), '::after').content"
    back = "return getComputedStyle(document.querySelector('mark.r-killed')).backgroundColor"
    assert page.run(label) == '"killed"'
    before = page.run(back)
    page.find("[data-role=killed]").click()
    assert page.run(label) == "none"
    assert page.run(back) != before
    assert page.find("[data-role=killed]").get_attribute("aria-pressed") == "false"
    page.find("[data-role=killed]").click()
    lines = page.run(
        "return [...document.querySelectorAll('.legend [class*=r-]')]"
        ".map(key => { const s = getComputedStyle(key); return s.borderBottomStyle + s.borderBottomWidth; })"
    )
    assert len(set(lines)) == len(lines) == 8


@pytest.mark.parametrize(("width", "scheme"), [(1300, "light"), (390, "dark")])
@pytest.mark.parametrize("fragment", ["", "#incident=m%3Aone%231", "#view=model", "#view=about"])
def test_every_view_is_accessible_and_no_wider_than_the_screen(small, fragment, width, scheme):
    small.open(fragment, width, scheme=scheme)
    small.run(AXE.read_text())
    found = small.driver.execute_async_script(
        "const done = arguments[0]; axe.run().then(r => done(r.violations.map("
        "v => [v.id, v.help, v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + n.failureSummary)])))"
    )
    assert not found, "\n".join(map(str, found))
    assert small.run("return document.documentElement.scrollWidth") <= width
    dark = small.run("return getComputedStyle(document.documentElement).backgroundColor") == "rgb(23, 23, 21)"
    assert dark == (scheme == "dark")
    small.quiet()


def test_print_has_the_articles_and_not_the_controls(page):
    page.open("#incident=m%3Aone%231", scheme="dark")
    page.media("dark", "print")
    assert page.find(".text mark").is_displayed()
    assert not page.find(".legend").is_displayed()
    assert not page.find("nav").is_displayed()
    assert page.run("return getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run("return getComputedStyle(document.querySelector('.pane')).overflowY") == "visible"


def test_the_charts_are_drawn_and_described(page):
    page.open("#view=model")
    page.until(lambda: len(page.all("#model .chart svg")) >= 4)
    for chart in page.all("#model .chart > svg"):
        assert chart.get_attribute("aria-label")
    page.open()
    assert len(page.all("#map [data-mark=dot] circle")) == 2
    assert len(page.all("#timeline [data-mark=rect] rect")) == 2


def test_hostile_articles_run_nothing(chromium, tmp_path):
    run, articles = hostile_run()
    page = Page(chromium, written(tmp_path, run, articles)).open()
    assert len(page.rows()) == len(HOSTILE)
    told = set()
    for number in range(len(HOSTILE)):
        page.run("location.hash = document.querySelector(`#list li[data-n='${arguments[0]}'] a`).hash", number)
        page.until(lambda: page.run(FIRST_SENTENCE) not in {None, *told})
        told.add(page.run(FIRST_SENTENCE))
        page.run("for (const link of document.querySelectorAll('.quote, .back')) link.click()")
        page.run("for (const each of document.querySelectorAll('.text li, .text mark')) each.focus()")
        assert not page.all("#case img, #case svg, #case script, #case style, #case link")
    assert told == {f"{words} hit Bria.".replace("\0", "\ufffd") for words in HOSTILE}
    page.run("location.hash = 'view=about'")
    assert page.driver.title == "Attacks"
    page.quiet()


def test_even_markup_that_got_in_would_not_run(chromium, tmp_path):
    """The policy holds by itself: what a template let through is neither run nor fetched."""
    path = written(tmp_path, *small_run())
    slip = "<script>document.title='ran'</script><img src='https://evil.example/x.png' onerror='document.title=1'>"
    path.write_text(path.read_text().replace("<main", f"{slip}<main"))
    page = Page(chromium, path).open()
    assert page.driver.title == "Attacks"
    refused = [entry["message"] for entry in chromium.get_log("browser")]
    assert len(refused) >= 2
    assert all("Content Security Policy" in message for message in refused)


def test_thousands_of_incidents_are_quick(chromium, tmp_path):
    page = Page(chromium, written(tmp_path, *large_run(MANY)))
    started = time.monotonic()
    page.open()
    assert time.monotonic() - started < 30
    assert page.find("#count").text == f"all {MANY}"
    took = page.driver.execute_async_script(
        "const done = arguments[0], box = document.querySelector('[name=type]'), start = performance.now();"
        "box.click(); requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => "
        "done(performance.now() - start))))"
    )
    assert took < 2000
    assert 0 < len(page.all("#list li:not([hidden])")) < MANY
    page.quiet()
