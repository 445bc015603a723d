"""Made-up runs for the tests of the report: a few articles that disagree, hostile ones, and many incidents."""

import hashlib
from pathlib import Path

from msgspec.structs import replace

from pipeline.bulk.documents import INCIDENTS, DocumentFormat, document_file
from pipeline.incidents.merge import merge_incidents
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES
from pipeline.records import write_jsonl
from pipeline.report.contents import Run
from pipeline.schema import (
    Attribution,
    Claim,
    CountRange,
    DateRange,
    Document,
    Fact,
    Incident,
    LedgerEntry,
    Member,
    MergedIncident,
    ScoredSentence,
    ScoredSpan,
)
from tests.results import extracted


def sentence(text, words, spans=(), events=("shelling_missile",), responsibility=(), source="none"):
    start = text.index(words)
    return ScoredSentence(
        start=start,
        end=start + len(words),
        events=events,
        event_scores={key: 0.9 if key in events else 0.02 for key in EVENT_TYPES},
        responsibility=responsibility,
        responsibility_scores={key: 0.8 if key in responsibility else 0.02 for key in RESPONSIBILITY},
        attribution_source=source,
        attribution_source_scores={key: 0.88 if key == source else 0.02 for key in SOURCES},
        spans=tuple(
            ScoredSpan(role, text.index(quoted, start), text.index(quoted, start) + len(quoted), 0.97)
            for role, quoted in spans
        ),
    )


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def result(article, sentences, incidents):
    return extracted(
        article.id,
        *incidents,
        published=article.published,
        source=article.source,
        title=article.title,
        text_sha256=digest(article.text),
        sentences=tuple(sentences),
    )


def told(article, words, died, voice, blame):
    """An article of three sentences with one incident: what happened, who died, who is said to have done it."""
    first, second, third = words
    text = article.text
    at = [(text.index(each), text.index(each) + len(each)) for each in words]
    incident = Incident(
        id=f"{article.id}#1",
        type="shelling_missile",
        incident=f"{article.id}#1",
        main=True,
        sentences=(0, 1, 2),
        date=DateRange("2019-06-11", "2019-06-11"),
        place="Bria",
        country="CAF",
        targets=("barracks",),
        actors=(blame[1],) if blame[1] else (),
        weapons=("rockets",),
        killed=CountRange(died[1], died[1]),
        attribution=blame[0],
        attributed_to=blame[1],
        lat=6.54,
        lon=21.99,
        geo_precision="place",
        claims=(
            Claim("killed", CountRange(died[1], died[1]), None, *voice, 1, *at[1]),
            Claim("responsibility", blame[1], blame[0], *blame[2], 2, *at[2]),
        ),
    )
    sentences = [
        sentence(text, first, [("weapon", "ockets"), ("target", "barracks"), ("location", "Bria")]),
        sentence(text, second, [("killed", died[0]), ("source", voice[0])], source=voice[1]),
        sentence(
            text, third, [("actor", blame[1])] if blame[1] else (), responsibility=(blame[0],), source=blame[2][1]
        ),
    ]
    return result(article, sentences, [incident])


WORDS = {
    "one": ("Rockets hit the barracks in Bria.", "Nine died, police said.", "No one has claimed it."),
    "two": ("Three rockets hit the barracks in Bria.", "Two died, a nurse said.", "The army blamed the Azawen Front."),
    "three": ("Rockets struck the barracks of Bria.", "Two died, a nurse said.", "The Azawen Front said it had fired."),
}
ARTICLES = {
    name: Document(
        id=name,
        text=f"{words[0]} {words[1]}\n\n{words[2]}",
        published=f"2019-06-{day}",
        source=f"{name.title()} Courier",
        title=f"Report {name}",
        url=f"https://{name}.example/report",
    )
    for (name, words), day in zip(WORDS.items(), ("12", "13", "20"), strict=True)
}


def small_run():
    """Three reports of one attack that disagree on the dead and the culprit, and a protest elsewhere."""
    results = [
        told(
            ARTICLES["one"],
            WORDS["one"],
            ("Nine", 9),
            ("police", "official"),
            ("unattributed", None, (None, "none")),
        ),
        told(
            ARTICLES["two"],
            WORDS["two"],
            ("Two", 2),
            ("nurse", "witness"),
            ("accused", "Azawen Front", ("army", "official")),
        ),
        told(
            ARTICLES["three"],
            WORDS["three"],
            ("Two", 2),
            ("nurse", "witness"),
            ("claimed", "Azawen Front", ("Azawen Front", "armed_group")),
        ),
    ]
    march = Document(id="march", text="Students marched in Kano.", published="2020-03-02", source="Kano Post")
    record = Incident(
        id="march#1",
        type="protest",
        incident="march#1",
        main=True,
        sentences=(0,),
        date=DateRange("2020-03-01", "2020-03-01"),
        place="Kano",
        country="NGA",
        lat=12.0,
        lon=8.5,
        geo_precision="region",
    )
    marched = [sentence(march.text, march.text, [("actor", "Students"), ("location", "Kano")], events=("protest",))]
    results.append(result(march, marched, [record]))
    return Run(incidents=merge_incidents(results), documents=results), [*ARTICLES.values(), march]


HOSTILE = (
    "<script>document.title='ran'; alert(1)</script>",
    '"><img src=x onerror="document.title=\'ran\'; alert(1)">',
    "</script><script>document.title='ran'; alert(1)</script>",
    "<!--<script>",
    "</template></ol></article><svg onload=alert(1)>",
    "' onfocus=alert(1) autofocus x='",
    "{{ 7 * 7 }}{% raw %}${alert(1)}`",
    "</style><style>*{display:none}</style><link rel=stylesheet href=https://evil.example/a.css>",
    "javascript:alert(1)",
    "\u202eesrever\u2028\u0000\ufeff&lt;b&gt;&#60;script&#62;",
    "&at=s-0-0#incident=m:one#1%00%3Cscript%3E",
)
"""What an article could say to make a page run, fetch or show what it should not."""


def hostile_run():
    """A report for each hostile text, with that text wherever an article's words get to."""
    results, articles = [], []
    for number, words in enumerate(HOSTILE):
        text = f"{words} hit Bria.\n{words}"
        day = f"{2001 + number}-06-11"
        article = Document(
            id=f"{number}{words}", text=text, published=day, title=words, source=words, url=f"javascript:{words}"
        )
        record = Incident(
            id=f"{article.id}#1",
            type="riot",
            incident=f"{article.id}#1",
            main=True,
            sentences=(0,),
            date=DateRange(day, day),
            place=words,
            country="CAF",
            targets=(words,),
            actors=(words,),
            weapons=(words,),
            attribution="accused",
            attributed_to=words,
            claims=(
                Claim("responsibility", words, "accused", words, "official", 0, 0, len(text) - len(words) - 1),
                Claim("damage", words, None, words, "witness", 0, 0, len(words)),
            ),
            lat=float(number),
            lon=20.0,
        )
        spans = [("actor", words), ("location", "Bria")]
        results.append(result(article, [sentence(text, f"{words} hit Bria.", spans, events=("riot",))], [record]))
        articles.append(article)
    return Run(incidents=merge_incidents(results), documents=results), articles


def large_run(count):
    """So many incidents, each told by a report of its own."""
    article = ARTICLES["two"]
    blame = ("accused", "Azawen Front", ("army", "official"))
    first = told(article, WORDS["two"], ("Two", 2), ("nurse", "witness"), blame)
    countries = ("CAF", "MLI", "NGA", "SDN", "YEM")
    incidents, results = [], []
    for number in range(count):
        name = f"d{number}"
        day = f"{2010 + number % 12}-{1 + number % 12:02}-{1 + number % 28:02}"
        record = first.incidents[0]
        results.append(_renamed(first, name))
        start, end = record.claims[1].start, record.claims[1].end
        incidents.append(
            MergedIncident(
                id=f"m:{name}#1",
                type=("shelling_missile", "riot", "protest")[number % 3],
                date=DateRange(day, day),
                place=f"Place {number}",
                country=countries[number % 5],
                lat=number % 30 + number / count,
                lon=(number * 7) % 40 + number / count,
                geo_precision="place",
                members=(Member(name, f"{name}#1"),),
                links=(),
                ledger={
                    "responsibility": Fact(
                        (LedgerEntry("Azawen Front", "accused", "army", "official", name, start, end),), None
                    )
                },
                crosswalk={},
                history=(Attribution(day, "accused", "Azawen Front", "army", "official", name, start, end),),
            )
        )
    return Run(incidents=incidents, documents=results), []


def _renamed(report, name):
    return replace(report, id=name, incidents=(replace(report.incidents[0], id=f"{name}#1", incident=f"{name}#1"),))


def write_run(run, folder: Path):
    """A run as ``extract`` leaves it."""
    write_jsonl(document_file(folder, DocumentFormat.JSONL), run.documents)
    write_jsonl(folder / INCIDENTS, run.incidents)
    return folder
