"""Web pages in the shapes of real news sites, with the metadata that a reader of each would give.

Every outlet, person and text is invented; only the structures are those of real templates.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

# One text a language; a line is a paragraph.
STORIES = {
    "en": (
        "All ferries between the two islands were cancelled on Friday as a storm with "
        "gusts of 120 kilometres an hour crossed the strait, the port authority said "
        "in a statement.\nAbout 2,400 passengers were waiting at the terminal in the "
        "evening, and the town opened a school gymnasium for those who found no bed in "
        "a hotel near the harbour.\n“We will sail again when the waves are below three "
        "metres,” the harbour master said."
    ),
    "de": (
        "Alle Fähren zwischen den beiden Inseln fielen am Freitag aus, weil ein Sturm "
        "mit Böen von 120 Kilometern in der Stunde über die Meerenge zog, teilte die "
        "Hafenbehörde mit.\nRund 2400 Reisende warteten am Abend im Terminal, und die "
        "Stadt öffnete eine Turnhalle für alle, die in den Hotels am Hafen kein Bett "
        "mehr gefunden hatten."
    ),
    "fr": (
        "Toutes les liaisons entre les deux îles ont été annulées vendredi à cause "
        "d’une tempête et de rafales de 120 kilomètres à l’heure, a annoncé l’autorité "
        "portuaire de la région.\nQuelque 2 400 passagers attendaient le soir au "
        "terminal, et la ville a ouvert un gymnase pour ceux qui n’avaient pas trouvé "
        "de lit dans un hôtel du port."
    ),
    "es": (
        "Todos los transbordadores entre las dos islas fueron cancelados el viernes "
        "por una tormenta con rachas de 120 kilómetros por hora, informó la autoridad "
        "portuaria en un comunicado.\nUnos 2.400 pasajeros esperaban por la tarde en "
        "la terminal, y el municipio abrió un gimnasio para quienes no encontraron "
        "cama en los hoteles del puerto."
    ),
    "ar": (
        "ألغيت جميع رحلات العبارات بين الجزيرتين يوم الجمعة بسبب عاصفة بلغت سرعة "
        "رياحها مئة وعشرين كيلومترا في الساعة، وفق ما أعلنت سلطة الميناء في بيان "
        "لها.\nوكان نحو ألفين وأربعمئة مسافر ينتظرون مساء في المحطة، وفتحت البلدية "
        "قاعة مدرسة لمن لم يجد سريرا في فنادق المدينة القريبة من الميناء."
    ),
    "he": (
        "כל המעבורות בין שני האיים בוטלו ביום שישי בשל סערה עם משבי רוח של מאה ועשרים "
        "קילומטרים בשעה, כך נמסר מרשות הנמל בהודעה לעיתונות.\nכאלפיים וארבע מאות "
        "נוסעים המתינו בערב במסוף, והעירייה פתחה אולם ספורט עבור מי שלא מצא מיטה באחד "
        "מבתי המלון הסמוכים לנמל."
    ),
    "ru": (
        "Все паромы между двумя островами были отменены в пятницу из-за шторма с "
        "порывами ветра до 120 километров в час, сообщило управление порта в своём "
        "заявлении.\nОколо 2400 пассажиров ждали вечером на терминале, и город открыл "
        "школьный спортзал для тех, кто не нашёл места в гостиницах возле гавани."
    ),
    "zh": (
        "港务局发表声明说，由于时速一百二十公里的暴风雨横扫海峡，两座岛屿之间的所有渡轮"
        "星期五全部停航，何时恢复要看风浪的情况再作决定。\n傍晚约有两千四百名旅客在码头"
        "等候，市政府开放了一所学校的体育馆，供没有在港口附近旅馆找到床位的人过夜。"
    ),
    "hi": (
        "बंदरगाह प्राधिकरण ने एक बयान में कहा कि एक सौ बीस किलोमीटर प्रति घंटे की "
        "रफ़्तार वाले तूफ़ान के कारण शुक्रवार को दोनों द्वीपों के बीच सभी नौकाएँ रद्द "
        "कर दी गईं।\nशाम को लगभग चौबीस सौ यात्री टर्मिनल पर प्रतीक्षा कर रहे थे और नगर "
        "ने उन लोगों के लिए एक विद्यालय खोल दिया जिन्हें होटलों में जगह नहीं मिली थी।"
    ),
}


@dataclass(frozen=True, slots=True)
class Truth:
    """What a reader of the page would write down. Dates: ISO 8601, as precise as the page."""

    title: str = "Ferries stop as storm crosses the strait"
    authors: tuple[str, ...] = ("Ann Roe",)
    published: str | None = "2024-03-04T08:00:00+00:00"
    updated: str | None = None
    source: str = "Harbour Gazette"
    language: str = "en"
    host: str = "www.harbourgazette.example"

    @property
    def url(self) -> str:
        return f"https://{self.host}/2024/03/ferries-stop"


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    html: str
    truth: Truth
    held_out: bool = False


def scripts(*blocks: Any, kind: str = "application/ld+json") -> str:
    """JSON-LD scripts; a string is written as it is."""
    texts = [block if isinstance(block, str) else json.dumps(block) for block in blocks]
    return "".join(f'<script type="{kind}">{text}</script>' for text in texts)


def metas(pairs: dict[str, str | list[str]], attribute: str = "") -> str:
    """Meta tags: ``property`` for what has a colon, else ``name``."""
    tags = []
    for name, contents in pairs.items():
        for content in contents if isinstance(contents, list) else [contents]:
            key = attribute or ("property" if ":" in name else "name")
            tags.append(f'<meta {key}="{name}" content="{escape(content)}">')
    return "".join(tags)


def paragraphs(language: str = "en") -> str:
    texts = STORIES.get(language, STORIES["en"]).split("\n")
    return "".join(f"<p>{text}</p>" for text in texts)


def document(
    truth: Truth,
    head: str,
    *,
    top: str = "",
    h1: str | None = None,
    lang: str | None = None,
    tag: str | None = None,
    end: str = "",
) -> str:
    """A whole page. ``top`` precedes the headline; ``lang`` is the html tag's, "" for none."""
    code = truth.language if lang is None else lang
    attributes = f' lang="{code}"' if code else ""
    heading = f"<h1>{escape(truth.title)}</h1>" if h1 is None else h1
    link = f'<link rel="canonical" href="{truth.url}">'
    title = f"{truth.title} | {truth.source}" if tag is None else tag
    return (
        f'<!doctype html><html{attributes}><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>"
        f"{link}{head}</head><body><nav><a href='/'>Home</a> <a href='/sport'>Sport</a></nav>"
        f"<main><article>{top}{heading}{paragraphs(truth.language)}</article>{end}</main>"
        "<footer>Cookies and imprint</footer></body></html>"
    )


def article(truth: Truth, kind: str | list[str] = "NewsArticle", **more: Any) -> dict[str, Any]:
    """The plain JSON-LD article of a truth; a field given as None is left out."""
    persons = [{"@type": "Person", "name": name} for name in truth.authors]
    node: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": kind,
        "mainEntityOfPage": {"@type": "WebPage", "@id": truth.url},
        "headline": truth.title,
        "datePublished": truth.published,
        "dateModified": truth.updated,
        "author": persons,
        "publisher": {"@type": "NewsMediaOrganization", "name": truth.source},
    }
    node |= more
    return {name: value for name, value in node.items() if value is not None}


def opengraph(truth: Truth, **more: str) -> str:
    """The OpenGraph tags that nearly every site has."""
    pairs: dict[str, str | list[str]] = {
        "og:type": "article",
        "og:title": truth.title,
        "og:url": truth.url,
        "og:site_name": truth.source,
    }
    return metas(pairs | {name.replace("_", ":", 1): value for name, value in more.items()})


def _yoast(truth: Truth) -> dict[str, Any]:
    home = f"https://{truth.host}/"
    people = [
        {"@type": "Person", "@id": f"{home}#/schema/person/{n}", "name": name}
        for n, name in enumerate(truth.authors)
    ]
    return {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "Article",
                "@id": f"{truth.url}#article",
                "isPartOf": {"@id": truth.url},
                "author": [{"name": one["name"], "@id": one["@id"]} for one in people],
                "headline": truth.title,
                "datePublished": truth.published,
                "dateModified": truth.updated,
                "publisher": {"@id": f"{home}#organization"},
                "inLanguage": f"{truth.language}-XX",
            },
            {
                "@type": "WebPage",
                "@id": truth.url,
                "url": truth.url,
                "name": f"{truth.title} - {truth.source}",
                "datePublished": truth.published,
            },
            {"@type": "WebSite", "@id": f"{home}#website", "name": truth.source},
            {"@type": "Organization", "@id": f"{home}#organization", "name": truth.source},
            *people,
        ],
    }


def _wordpress() -> Iterable[Page]:
    truth = Truth(updated="2024-03-05T09:30:00+00:00")
    yield Page("yoast graph", document(truth, scripts(_yoast(truth))), truth)
    german = Truth(
        title="Sturm legt alle Fähren lahm",
        authors=("Änne Rohde", "Bodo Fahn"),
        updated="2024-03-04T10:15:00+01:00",
        published="2024-03-04T08:00:00+01:00",
        source="Hafenbote",
        language="de",
        host="www.hafenbote.example",
    )
    yield Page(
        "yoast graph, German, two authors", document(german, scripts(_yoast(german))), german
    )
    slugs = scripts(_yoast(truth)) + metas({"author": "ann-roe", "twitter:data1": "Ann Roe"})
    yield Page("yoast beside a slug of the author", document(truth, slugs), truth)
    bare = _yoast(truth)
    bare["@graph"][0]["author"] = {"@id": "https://www.harbourgazette.example/#/schema/person/0"}
    yield Page("yoast, author by reference alone", document(truth, scripts(bare)), truth)
    webpage = _yoast(truth)
    del webpage["@graph"][0]
    webpage["@graph"][0] |= {
        "dateModified": truth.updated,
        "inLanguage": "en-US",
        "name": f"{truth.title} - {truth.source}",
    }
    byline = metas({"author": "Ann Roe"})
    yield Page("yoast without an Article node", document(truth, scripts(webpage) + byline), truth)
    rank = article(
        truth,
        "BlogPosting",
        author={"@type": "Person", "name": "Ann Roe", "url": "/author/ann"},
        description="Storm.",
        name=truth.title,
        articleSection="News",
    )
    crumbs = {"@type": "BreadcrumbList", "itemListElement": [{"item": {"name": "News"}}]}
    yield Page(
        "BlogPosting behind breadcrumbs",
        document(truth, scripts({"@context": "https://schema.org"} | crumbs, rank)),
        truth,
        held_out=True,
    )
    local = replace(truth, published="2024-03-04T08:00:00", updated=None)
    head = metas({"article:published_time": "2024-03-04T08:00:00", "author": "By Ann Roe"})
    yield Page("OpenGraph without a zone", document(local, opengraph(local) + head), local)
    suffixed = metas({"og:title": f"{truth.title} - {truth.source}", "og:site_name": truth.source})
    times = metas(
        {
            "article:published_time": truth.published or "",
            "article:modified_time": truth.updated or "",
            "author": "Ann Roe",
        }
    )
    yield Page(
        "og:title with the site's name, logo as h1",
        document(
            truth,
            suffixed + times,
            h1="<h1>Harbour Gazette</h1><h2>Storm</h2>",
            tag=f"{truth.title} - {truth.source}",
        ),
        truth,
    )


def _news_articles() -> Iterable[Page]:  # noqa: PLR0915  # a table of pages, not a procedure
    truth = Truth(
        authors=("Ann Roe", "Bo Vane"),
        published="2024-03-04T08:00:00-05:00",
        updated="2024-03-04T13:45:00-05:00",
        source="The Coast Times",
        host="www.coasttimes.example",
    )

    def page(name: str, truth: Truth, *blocks: Any, held_out: bool = False, **how: Any) -> Page:
        head = how.pop("head", "") or opengraph(truth)
        return Page(name, document(truth, head + scripts(*blocks), **how), truth, held_out)

    yield page("NewsArticle in a list", truth, [article(truth)])
    yield page("ReportageNewsArticle", truth, article(truth, "ReportageNewsArticle"))
    yield page("type as a list", truth, article(truth, ["Article", "OpinionNewsArticle"]))
    yield page("author as one string", truth, article(truth, author="By Ann Roe and Bo Vane"))
    yield page("author strings in a list", truth, article(truth, author=["Ann Roe", "Bo Vane"]))
    names = {"@type": "Person", "name": ["Ann Roe", "Bo Vane"]}
    yield page("author with a list of names", truth, article(truth, author=names))
    together = {"@type": "Person", "name": "Ann Roe, Bo Vane"}
    yield page("several names in one", truth, article(truth, author=together))
    roles = [
        {"@type": "Person", "name": "Ann Roe, Political Correspondent"},
        {"@type": "Person", "name": "Bo Vane (Washington)"},
    ]
    yield page("names with roles", truth, article(truth, author=roles))
    parts = [
        {"@type": "Person", "givenName": "Ann", "familyName": "Roe"},
        {"@type": "Person", "givenName": "Bo", "familyName": "Vane"},
    ]
    yield page("given and family names", truth, article(truth, author=parts), held_out=True)
    beside = [*article(truth)["author"], {"@type": "Organization", "name": "The Coast Times"}]
    yield page("the outlet beside its authors", truth, article(truth, author=beside))
    nobody = replace(truth, authors=())
    outlet = {"@type": "Organization", "name": "The Coast Times"}
    yield page("the outlet as the author", nobody, article(nobody, author=outlet))
    domain = {"@type": "Person", "name": "Www Coasttimes Example"}
    yield page("the domain as a person", nobody, article(nobody, author=domain))
    slugs = [{"@type": "Person", "name": name} for name in ("Ann Roe", "Ann-Roe", "Bo Vane")]
    yield page("a name and its slug", truth, article(truth, author=slugs))
    address = ["https://social.example/ann", "Ann Roe", "Bo Vane bo@coasttimes.example"]
    yield page("addresses among the authors", truth, article(truth, author=address))
    hyphens = replace(truth, authors=("Anne-Marie Roe-Vane", "Jean-Luc Ørn"))
    yield page("double names", hyphens, article(hyphens), held_out=True)
    junior = replace(truth, authors=("Ann Roe", "Bo Vane Jr."))
    text = {"@type": "Person", "name": "By Ann Roe, Bo Vane Jr. and Staff Reporter"}
    yield page("a junior and a staff reporter", junior, article(junior, author=text))

    spoiled = article(truth, headline="Ferries &amp; buses stop: &#8216;worst&#8217; storm")
    title = replace(truth, title="Ferries & buses stop: ‘worst’ storm")
    yield page("entities in the headline", title, spoiled)
    seo = article(truth, headline="Storm: ferries between islands cancelled, what we know")
    yield page("SEO title in JSON-LD", truth, seo)
    cut = article(truth, headline="Ferries stop as storm crosses…")
    yield page("headline cut off", truth, cut, h1="<h1 class='logo'>Coast</h1>")
    pipes = metas(
        {"og:title": f"{truth.title} | News | The Coast Times", "og:site_name": "The Coast Times"}
    )
    plain = article(truth, headline=None, name=None)
    yield page("og:title with section and site", truth, plain, head=pipes)
    kicker = f"<h1><span>Live</span> {truth.title}</h1>"
    yield page("a kicker in the h1", truth, article(truth), h1=kicker, held_out=True)

    related = [
        article(
            replace(
                truth,
                title=f"Another report {n}",
                authors=("Cy Mott",),
                published=f"2021-0{n}-01T00:00:00Z",
            ),
            mainEntityOfPage=None,
            url=f"/{n}",
        )
        for n in (1, 2, 3)
    ]
    yield page("related reports come first", truth, *related, article(truth))
    listed = {"@context": "https://schema.org", "@type": "ItemList", "itemListElement": related}
    yield page("related reports in a list", truth, listed, article(truth))
    video = {
        "@type": "VideoObject",
        "name": "Waves",
        "uploadDate": "2019-01-01T00:00:00Z",
        "datePublished": "2019-01-01",
        "author": "Video desk",
    }
    yield page("a video inside and outside", truth, video, article(truth, video=video))
    nested = {"@type": "WebPage", "name": "x", "mainEntity": article(truth)}
    yield page("article as the page's main entity", truth, nested)
    upper = {"@type": "http://schema.org/NewsArticle"}
    yield page("type as an address", truth, article(truth) | upper, held_out=True)
    listing = article(truth, author={"@list": article(truth)["author"]})
    yield page("authors in an @list", truth, listing, held_out=True)
    empty = article(truth, author=[{"@type": "Person", "name": ""}])
    visible = "<p class='c-byline'>By <a href='/a'>Ann Roe</a> and <a href='/b'>Bo Vane</a></p>"
    yield page("names only in the by-line", truth, empty, top=visible)
    one = article(truth, author=[{"@type": "Person", "name": "Ann Roe"}])
    authors = "<div class='Page-authors'>By <span>Ann Roe</span> and <span>Bo Vane</span></div>"
    yield page("more names in the by-line", truth, one, top=authors)
    keyed = [{"@type": "Person", "byline": name} for name in truth.authors]
    yield page("names under another key", truth, article(truth, author=keyed))


def _live() -> Iterable[Page]:
    truth = Truth(
        title="Storm latest: ferries stop, schools close",
        published="2024-03-04T06:10:00+00:00",
        updated="2024-03-04T21:55:00+00:00",
        source="Metro",
        host="metro.example",
    )
    updates = [
        {
            "@type": "BlogPosting",
            "headline": f"Update {n}",
            "datePublished": f"2024-03-04T1{n}:00:00Z",
            "dateModified": f"2024-03-06T1{n}:00:00Z",
            "author": {"@type": "Person", "name": "Di Penn"},
        }
        for n in (1, 2)
    ]
    live = article(
        truth,
        "LiveBlogPosting",
        coverageStartTime="2024-03-04T05:00:00Z",
        liveBlogUpdate=updates,
        publisher={"@type": "Organization", "name": "Metro.co.example"},
    )
    head = opengraph(truth) + scripts(live)
    stamps = "<time datetime='2024-03-06T20:00:00Z'>20:00</time>"
    yield Page("live blog", document(truth, head, end=f"<section>{stamps}</section>"), truth)
    both = scripts(updates[0], live, article(truth, "NewsArticle", dateModified=None))
    yield Page("live blog beside its updates", document(truth, opengraph(truth) + both), truth)
    rewritten = Truth(
        title="What the alliance is and how it works",
        authors=(),
        published="2012-05-10T11:00:00+00:00",
        updated="2026-04-20T09:00:00+00:00",
        source="Isle News",
        host="www.islenews.example",
    )
    yield Page(
        "a page rewritten for years",
        document(rewritten, opengraph(rewritten) + scripts(article(rewritten))),
        rewritten,
    )
    early = replace(truth, updated=None)
    wrong = article(truth, dateModified="2024-03-01T00:00:00+00:00")
    yield Page("modified before published", document(early, scripts(wrong)), early)


def _broken() -> Iterable[Page]:
    truth = Truth(
        authors=("Cy Mott",),
        published="2024-03-04T08:00:00+02:00",
        updated="2024-03-04T18:20:00+02:00",
        source="Plains Observer",
        host="plainsobserver.example",
    )
    text = json.dumps(article(truth), indent=1)
    control = text.replace("Ferries stop", "Ferries\tstop")
    blocks = {
        "control characters": control,
        "HTML comment around it": f"<!--\n{text}\n-->",
        "CDATA around it": f"//<![CDATA[\n{text}\n//]]>",
        "CDATA in comments": f"/*<![CDATA[*/{text}/*]]>*/",
        "trailing commas": text.replace('"\n}', '",\n}').replace('"\n }', '",\n }'),
        "two documents in one block": f'{{"@type": "WebSite"}}\n{text}',
        "a semicolon behind it": f"{text};",
        "quotation marks not escaped": text.replace(
            '"headline"', '"description": "The "worst" storm",\n "headline"'
        ),
        "entities for quotation marks": text.replace('"', "&quot;"),
        "cut off in the middle": text[: text.index('"publisher"')],
    }
    for name, block in blocks.items():
        held_out = name in {"CDATA in comments", "a semicolon behind it"}
        page = document(truth, opengraph(truth) + scripts(block))
        yield Page(f"broken JSON-LD: {name}", page, truth, held_out)
    head = (
        opengraph(truth)
        + scripts("{{ template.error }}")
        + metas(
            {
                "article:published_time": truth.published or "",
                "article:modified_time": truth.updated or "",
                "author": "Cy Mott",
            }
        )
    )
    yield Page("JSON-LD without JSON", document(truth, head), truth)


def _meta_only() -> Iterable[Page]:
    truth = Truth(updated="2024-03-04T12:00:00+00:00")

    def page(
        name: str, pairs: dict[str, str | list[str]], truth: Truth = truth, **how: Any
    ) -> Page:
        held_out = how.pop("held_out", False)
        extra = how.pop("extra", "")
        head = metas({"og:title": truth.title, "og:site_name": truth.source, **pairs}) + extra
        return Page(name, document(truth, head, **how), truth, held_out)

    published, updated = truth.published or "", truth.updated or ""
    yield page(
        "parsely",
        {
            "parsely-title": truth.title,
            "parsely-pub-date": published,
            "parsely-author": "Ann Roe",
            "article:modified_time": updated,
        },
    )
    yield page(
        "sailthru",
        {
            "sailthru.title": truth.title,
            "sailthru.date": "Mon, 04 Mar 2024 08:00:00 +0000",
            "sailthru.author": "Ann Roe",
            "last-modified": "Mon, 04 Mar 2024 12:00:00 GMT",
        },
    )
    yield page(
        "cxense",
        {
            "cXenseParse:recs:publishtime": "2024-03-04T08:00:00.000Z",
            "cXenseParse:author": "Ann Roe",
            "article:modified_time": "2024-03-04T12:00:00.000+0000",
        },
    )
    science = Truth(
        title="Currents shift under the strait",
        authors=("Xia You", "Mara Lenhard"),
        published="2024-03-04",
        source="Tidal Science",
        host="www.tidalscience.example",
    )
    yield page(
        "citation tags, last name first",
        {
            "citation_title": science.title,
            "citation_author": ["You, Xia", "Lenhard, Mara"],
            "citation_publication_date": "2024/03/04",
            "citation_journal_title": "Tidal Science",
        },
        science,
    )
    alone = replace(science, authors=("Xia You",))
    yield page(
        "dublin core, one author",
        {
            "dc.creator": "You, Xia",
            "dc.date": "2024-03-04",
            "dc.language": "En",
            "dc.publisher": "Tidal Science",
        },
        alone,
        held_out=True,
    )
    yield page(
        "epoch milliseconds",
        {
            "article:published_time": "1709539200000",
            "author": "Ann Roe",
            "article:modified_time": "1709553600000",
        },
    )
    yield page(
        "a written date in a meta tag",
        {
            "date": "March 4, 2024 8:00 a.m. GMT",
            "byl": "By Ann Roe",
            "lastmod": "March 4, 2024 12:00 p.m. GMT",
        },
        held_out=True,
    )
    naive = replace(truth, published="2024-03-04T08:00:00", updated="2024-03-04T12:00:00")
    yield page(
        "a space between day and time",
        {"pubdate": "2024-03-04 08:00:00", "lastmod": "2024-03-04 12:00:00", "author": "Ann Roe"},
        naive,
    )
    first = replace(truth, published="2023-08-30T05:00:00+00:00", updated=None)
    moment = "<time itemprop='datePublished' datetime='2023-08-30T06:00:00+0100'>30 Aug</time>"
    yield page(
        "the address was used before",
        {"DCSext.articleFirstPublished": "2019-02-05T10:00:00Z", "author": "Ann Roe"},
        first,
        top=moment,
    )
    day = replace(truth, updated=None)
    refined = scripts(article(day, datePublished="2024-03-04"))
    yield page(
        "a day in JSON-LD, the time in a meta tag",
        {"article:published_time": published},
        day,
        extra=refined,
    )
    timeless = replace(truth, updated=None)
    side = "<aside><time datetime='2020-01-01T00:00:00Z'>related</time></aside>"
    shown = (
        side
        + "<time datetime='2024-03-04T08:00:00Z'>4 March</time><p class='byline'>By Ann Roe</p>"
    )
    yield page("only visible elements", {}, timeless, top=shown)
    yield page(
        "itemprop metas",
        {},
        extra=metas(
            {"datePublished": published, "dateModified": updated, "author": "Ann Roe"},
            attribute="itemprop",
        ),
    )
    none = replace(truth, authors=(), published=None, updated=None)
    yield page("nothing stated", {}, none)
    handle: dict[str, str | list[str]] = {
        "twitter:site": "@harbour",
        "author": "@annroe",
        "article:author": "https://f.example/a",
        "article:published_time": published,
    }
    yield page("handles and addresses only", handle, replace(none, published=published))
    facebook: dict[str, str | list[str]] = {
        "article:author": "https://social.example/annroe",
        "article:published_time": published,
        "article:modified_time": updated,
    }
    linked = "<a rel='author' href='/staff/ann'>Ann Roe</a>"
    yield page("author link", facebook, top=linked, held_out=True)


def _microdata() -> Iterable[Page]:
    truth = Truth(updated="2024-03-04T12:00:00+00:00", source="Tarn Courier", host="tarn.example")
    marked = (
        "<div itemscope itemtype='https://schema.org/NewsArticle'>"
        f"<h1 itemprop='headline'>{truth.title}</h1>"
        "<span itemprop='author' itemscope itemtype='https://schema.org/Person'>By"
        " <span itemprop='name'>Ann Roe</span></span>"
        f"<time itemprop='datePublished' datetime='{truth.published}'>4 March</time>"
        f"<time itemprop='dateModified' datetime='{truth.updated}'>later</time></div>"
    )
    comment = "<div class='comments'><span itemprop='author'>Troll</span></div>"
    head = metas({"og:site_name": "Tarn Courier"})
    yield Page("microdata", document(truth, head, top=marked, h1="", end=comment), truth)
    content = marked.replace("<time", "<meta").replace("</time>", "").replace("datetime", "content")
    yield Page("microdata in meta tags", document(truth, head, top=content, h1=""), truth)
    drupal = Truth(
        title="Council votes for a new school",
        authors=("Lena Oster",),
        published="2024-03-04T08:00:00+02:00",
        source="City of Quorl Review",
        host="quorl-review.example",
    )
    submitted = (
        "<div class='submitted'><span property='dc:date dc:created'"
        " content='2024-03-04T08:00:00+02:00'></span></div>"
    )
    node = metas(
        {
            "dcterms.title": drupal.title,
            "dcterms.creator": "Lena Oster",
            "dcterms.date": "2024-03-04T08:00+02:00",
            "dcterms.publisher": drupal.source,
        }
    )
    yield Page("Drupal with dcterms", document(drupal, node, top=submitted), drupal)


def _sites() -> Iterable[Page]:
    """Sites whose templates state different names of the publisher."""
    agency = Truth(
        published="2024-03-04T13:00:00+00:00",
        updated="2024-03-04T15:00:00+00:00",
        source="AQ News",
        host="aqnews.example",
    )
    hub = article(agency, publisher={"@type": "NewsMediaOrganization", "name": "Associated Quill"})
    head = metas({"og:title": agency.title, "og:site_name": "AQ News"})
    yield Page("agency: article", document(agency, head + scripts(hub)), agency)
    reverse = article(agency, publisher={"@type": "Organization", "name": "AQ News"})
    head = metas({"og:title": agency.title, "og:site_name": "Associated Quill"})
    yield Page("agency: hub", document(agency, head + scripts(reverse)), agency, held_out=True)
    mirror = Truth(source="The Mirrorer", host="www.mirrorer.co.example", updated=None)
    for name, site, publisher, held_out in (
        ("tabloid: article", "The Mirrorer", "Daily Mirrorer", False),
        ("tabloid: live", "Daily Mirrorer", "The Mirrorer", False),
    ):
        head = metas({"og:title": mirror.title, "og:site_name": site})
        node = article(mirror, publisher={"@type": "Organization", "name": publisher})
        yield Page(name, document(mirror, head + scripts(node)), mirror, held_out)
    euro = Truth(source="Euronova", host="www.euronova.example")
    for name, site in (("broadcaster: domain", "Euronova.com"), ("broadcaster: name", "Euronova")):
        head = metas({"og:title": euro.title, "og:site_name": site})
        yield Page(name, document(euro, head + scripts(article(euro, publisher=None))), euro)
    slogan = Truth(source="7News", host="www.7news.example", title="Council votes for a school")
    head = metas(
        {
            "og:title": slogan.title,
            "twitter:site": "@7news",
            "og:site_name": "Breaking World and Coast News Headlines - 7News",
        }
    )
    yield Page(
        "slogan as the site's name",
        document(slogan, head + scripts(article(slogan, publisher=None))),
        slogan,
    )
    run = Truth(source="Financial Pilot", host="financialpilot.example")
    head = metas({"og:title": run.title, "og:site_name": "financialpilot"})
    yield Page("a slug beside the name", document(run, head + scripts(article(run))), run)
    glossy = Truth(authors=("Ann Roe",), source="Wave Magazine", host="www.wavemag.example")
    node = article(
        glossy,
        author=[{"@type": "Person", "name": "Ann Roe", "sameAs": "/contributor"}],
        publisher={
            "@type": "Organization",
            "name": "Wave Magazine",
            "parentOrganization": {"name": "Isle Nast"},
        },
        copyrightHolder={"name": "Isle Nast"},
    )
    yield Page("glossy magazine", document(glossy, opengraph(glossy) + scripts(node)), glossy)
    arc = Truth(
        published="2024-03-04T08:00:00.123000+00:00".replace(".123000", ""),
        updated="2024-03-04T09:01:02+00:00",
        source="Capital Post",
        host="www.capitalpost.example",
        authors=("Ann Roe", "Bo Vane", "Cy Mott"),
    )
    node = article(
        arc,
        datePublished="2024-03-04T08:00:00.123Z",
        dateModified="2024-03-04T09:01:02.9Z",
        author={"@type": "Person", "name": "Ann Roe; Bo Vane; Cy Mott"},
        isAccessibleForFree=False,
    )
    fusion = "<script>window.Fusion={};Fusion.globalContent={'a':1};</script>"
    yield Page("Arc", document(arc, opengraph(arc) + scripts(node) + fusion), arc, held_out=True)
    react = Truth(
        published="2024-03-04T08:00:00+00:00", source="Next Herald", host="nextherald.example"
    )
    data = scripts({"props": {"pageProps": {"date": "2001-01-01"}}}, kind="application/json")
    head = opengraph(react) + metas({"article:published_time": "2024-03-04T08:00:00.000Z"})
    by = "<div data-testid='byline-name'>Ann Roe</div>"
    yield Page("Next.js", document(react, head, top=by, end=data), react)
    wire = Truth(
        authors=("Ann Roe", "Bo Vane"),
        published="2024-03-04T08:00:00+00:00",
        source="Wire",
        updated="2024-03-04T08:30:00+00:00",
        host="www.wire.example",
    )
    head = opengraph(wire) + metas(
        {
            "article:author": "Ann Roe,Bo Vane",
            "article:published_time": "2024-03-04T08:00:00Z",
            "article:modified_time": "2024-03-04T08:30:00Z",
        }
    )
    yield Page("wire: names joined by commas", document(wire, head), wire, held_out=True)
    old = Truth(
        authors=("Ann Roe",),
        published="2009-06-01",
        source="Lund Isle Times",
        title="Lighthouse to be automated",
        host="lundisletimes.example",
    )
    body = "<p class='author'>by Ann Roe</p><p class='date'>1 June 2009</p>"
    head = metas({"date": "1 June 2009", "title": "Lighthouse to be automated - Lund Isle Times"})
    yield Page(
        "an old page with a title tag",
        document(old, head, top=body, tag="Lund Isle Times - Lighthouse to be automated"),
        old,
    )


def _languages() -> Iterable[Page]:
    french = Truth(
        title="Les ferrys à l’arrêt : la tempête traverse le détroit",
        authors=("Anne Roué", "Béa Vain"),
        published="2024-03-04T08:00:00+01:00",
        source="Le Courrier du Port",
        language="fr",
        host="www.courrierduport.example",
    )
    node = article(french, author="Par Anne Roué et Béa Vain", inLanguage="fr-FR")
    yield Page("French", document(french, opengraph(french) + scripts(node), lang="fr-FR"), french)
    spanish = Truth(
        title="Los ferris paran por la tormenta",
        authors=("Ana Ríos", "Beto Vañó"),
        published="2024-03-04T08:00:00-06:00",
        updated="2024-03-04T08:05:00-06:00",
        source="El Faro del Puerto",
        language="es",
        host="elfarodelpuerto.example",
    )
    node = article(spanish, author="Ana Ríos y Beto Vañó", inLanguage=None)
    yield Page(
        "Spanish", document(spanish, opengraph(spanish) + scripts(node), lang="es-MX"), spanish
    )
    arabic = Truth(
        title="توقف العبارات بسبب العاصفة",
        authors=("سلمى الراوي",),
        published="2024-03-04T08:00:00+03:00",
        source="جريدة الميناء",
        language="ar",
        host="almina.example",
    )
    head = opengraph(arabic) + scripts(
        article(arabic, inLanguage={"@type": "Language", "name": "Arabic"})
    )
    yield Page("Arabic", document(arabic, head, lang=""), arabic)
    hebrew = replace(
        arabic,
        title="המעבורות הושבתו בשל הסערה",
        authors=("דנה כהן", "יואב לוי"),
        source="קול הנמל",
        language="he",
        host="kolhanamal.example",
    )
    script = scripts(article(hebrew, author="דנה כהן, יואב לוי"))
    yield Page(
        "Hebrew", document(hebrew, opengraph(hebrew) + script, lang="he-IL"), hebrew, held_out=True
    )
    russian = Truth(
        title="Паромы остановлены из-за шторма",
        authors=("Анна Рощина", "Борис Ванин"),
        published="2024-03-04T08:00:00+03:00",
        source="Портовая газета",
        language="ru",
        host="portgazeta.example",
    )
    script = scripts(
        article(
            russian, author="Анна Рощина и Борис Ванин", datePublished="2024-03-04T08:00:00+0300"
        )
    )
    yield Page("Russian", document(russian, opengraph(russian) + script), russian)
    chinese = Truth(
        title="暴风雨横扫海峡渡轮全部停航",
        authors=("李明", "王芳"),
        published="2024-03-04T08:00:00+08:00",
        source="海港日报",
        language="zh",
        host="haigang.example",
    )
    head = metas(
        {
            "og:title": chinese.title + "_海港日报",
            "author": "李明、王芳",
            "copyright": "海港日报网版权所有",
            "publishdate": "2024-03-04T08:00:00+08:00",
        }
    ) + scripts(article(chinese, author=None, datePublished=None))
    yield Page("Chinese", document(chinese, head, lang="zh-CN"), chinese)
    hindi = Truth(
        title="तूफ़ान के कारण सभी नौकाएँ रद्द",
        authors=("अनीता राव",),
        published="2024-03-04T08:00:00+05:30",
        updated="2024-03-04T20:00:00+05:30",
        source="बंदरगाह समाचार",
        language="hi",
        host="bandargah.example",
    )
    script = scripts(article(hindi, inLanguage="hi"))
    yield Page("Hindi", document(hindi, opengraph(hindi) + script, lang=""), hindi, held_out=True)
    german = Truth(
        title="Sturm legt Fähren lahm",
        authors=("Änne von Rohde",),
        published="2024-03-04T08:00:00+01:00",
        source="DER KANAL",
        language="de",
        host="www.kanal.example",
    )
    node = article(
        german,
        author="Von Änne von Rohde",
        inLanguage=None,
        headline=None,
        alternativeHeadline="Sturm",
    )
    yield Page(
        "German with a particle", document(german, opengraph(german) + scripts(node)), german
    )
    swahili = Truth(
        title="Vivuko vyasimama kwa dhoruba",
        authors=("Asha Rajabu",),
        published="2024-03-04T08:00:00+03:00",
        source="Mwananchi wa Bandari",
        language="sw",
        host="mwananchibandari.example",
    )
    head = opengraph(swahili, og_locale="sw_TZ") + scripts(article(swahili))
    yield Page("language only in og:locale", document(swahili, head, lang=""), swahili)


def _later() -> Iterable[Page]:
    """Shapes written after the code had been fitted to the others, all held out."""
    truth = Truth(
        authors=("Ann Roe", "Bo Vane"),
        published="2024-03-04T08:00:00+00:00",
        updated="2024-03-04T12:30:00+00:00",
        source="Strait Mail",
        host="www.straitmail.example",
    )
    plain = article(truth, author=None)

    def page(name: str, truth: Truth, head: str, **how: Any) -> Page:
        return Page(name, document(truth, head, **how), truth, held_out=True)

    contributors = (
        "<div class='ssrcss-1rv0moy-Contributor e8mq1e92'><span>By Ann Roe</span>"
        "<div>Strait Mail, Quorl</div></div>"
    )
    one = replace(truth, authors=("Ann Roe",))
    yield page(
        "contributor with desk and place",
        one,
        opengraph(one) + scripts(plain),
        top=contributors,
    )
    yield page(
        "by-line with a place",
        truth,
        opengraph(truth) + scripts(plain),
        top="<p class='byline'>By Ann Roe in Quorl and Bo Vane</p>",
    )
    employed = [
        {
            "@type": "Person",
            "name": name,
            "jobTitle": "Reporter",
            "worksFor": {"@type": "Organization", "name": "Strait Mail"},
            "image": {"@type": "ImageObject", "author": {"name": "Cy Mott"}},
        }
        for name in truth.authors
    ]
    yield page(
        "authors with employers",
        truth,
        opengraph(truth) + scripts(article(truth, author=employed)),
    )
    yield page(
        "publisher as a string",
        truth,
        metas({"og:title": truth.title}) + scripts(article(truth, publisher="Strait Mail")),
    )
    named = article(truth, headline=None, name=truth.title)
    yield page("name for headline", truth, scripts(named), h1="<h1>News</h1>")
    local = article(truth, datePublished="2024-03-04T03:00:00", dateModified="2024-03-04T07:30:00")
    zoned = metas(
        {
            "article:published_time": "2024-03-04T08:00:00Z",
            "article:modified_time": "2024-03-04T12:30:00Z",
        }
    )
    yield page("local time in JSON-LD, UTC in a meta tag", truth, zoned + scripts(local))
    written = article(
        truth,
        datePublished="Mon, 4 Mar 2024 08:00:00 +0000",
        dateModified="Mar 4, 2024 at 12:30 PM UTC",
    )
    yield page("written dates in JSON-LD", truth, opengraph(truth) + scripts(written))
    parsely = {
        "title": truth.title,
        "pub_date": "2024-03-04T08:00:00Z",
        "authors": list(truth.authors),
        "type": "post",
    }
    undated = replace(truth, updated=None)
    yield page(
        "parsely-page as JSON",
        undated,
        metas({"parsely-page": json.dumps(parsely), "og:site_name": "Strait Mail"}),
    )
    yield page(
        "author metas, one each",
        truth,
        metas({"author": list(truth.authors), "og:site_name": "Strait Mail"})
        + scripts(article(truth, author=None, publisher=None)),
    )
    yield page(
        "title joined without spaces",
        truth,
        metas({"og:title": f"{truth.title}|Strait Mail", "og:site_name": "Strait Mail"})
        + scripts(article(truth, headline=f"{truth.title}|Strait Mail")),
        h1=f"<h1>{truth.title}</h1>",
    )
    escaped = replace(truth, title="Ferries & buses stop")
    yield page(
        "title escaped twice",
        escaped,
        metas({"og:title": "Ferries &amp; buses stop", "og:site_name": "Strait Mail"})
        + scripts(article(escaped, headline="Ferries &amp;amp; buses stop")),
    )
    photo = article(
        truth,
        image={"@type": "ImageObject", "datePublished": "2018-01-01", "author": "Cy Mott"},
    )
    yield page("a photo with its own date", truth, opengraph(truth) + scripts(photo))
    site = {"@type": "WebSite", "name": "Strait Mail", "dateModified": "2026-01-01"}
    yield page("a web site with a date", truth, opengraph(truth) + scripts(site, article(truth)))
    anonymous = replace(truth, authors=())
    team = article(anonymous, author={"@type": "Organization", "name": "Strait Mail Newsroom"})
    yield page("a newsroom as the author", anonymous, opengraph(anonymous) + scripts(team))
    hyphen = replace(truth, title="Storm-hit ferries stop - and nobody knows for how long")
    yield page(
        "a dash in the headline",
        hyphen,
        metas({"og:title": f"{hyphen.title} - Strait Mail", "og:site_name": "Strait Mail"})
        + scripts(article(hyphen)),
    )
    comments = (
        "<section class='comments'><div class='comment-author'>By Troll One</div>"
        "<time datetime='2025-01-01T00:00:00Z'>x</time></section>"
    )
    yield page(
        "names and times only in comments",
        replace(anonymous, published=None, updated=None),
        metas({"og:title": truth.title, "og:site_name": "Strait Mail"}),
        end=comments,
    )
    german = Truth(
        title="Sturm legt Fähren lahm",
        authors=("Änne Rohde",),
        published="2024-03-04T08:00:00+01:00",
        source="Die Meerenge",
        language="de",
        host="meerenge.example",
    )
    yield page(
        "German by-line and written date",
        german,
        metas({"og:title": german.title, "og:site_name": "Die Meerenge"})
        + metas({"date": "2024-03-04T08:00:00+01:00"}),
        top="<span class='article__author'>Von Änne Rohde</span>",
        lang="de-DE",
    )
    portuguese = Truth(
        title="Balsas param por causa da tempestade",
        authors=("Ana Reis", "Beto Vale"),
        published="2024-03-04T08:00:00-03:00",
        updated="2024-03-04T09:00:00-03:00",
        source="Folha do Porto",
        language="pt",
        host="www1.folhadoporto.example",
    )
    joined = article(portuguese, author={"@type": "Person", "name": "Ana Reis e Beto Vale"})
    yield page("Portuguese", portuguese, opengraph(portuguese) + scripts(joined), lang="pt-BR")
    japanese = Truth(
        title="嵐でフェリー全便欠航",
        authors=("山田太郎", "佐藤花子"),
        published="2024-03-04T08:00:00+09:00",
        source="港新聞",
        language="ja",
        host="minato.example",
    )
    yield page(
        "Japanese",
        replace(japanese, language="ja"),
        metas({"og:title": f"{japanese.title}：港新聞", "og:site_name": "港新聞"})
        + scripts(article(japanese, author="山田太郎、佐藤花子")),
    )
    yield page(
        "upper-case language, section as a list",
        truth,
        opengraph(truth) + scripts(article(truth, articleSection=["News", "Sea"])),
        lang="EN-us",
    )


def pages() -> list[Page]:
    """Every page, in a fixed order; names are unique."""
    groups = (
        _wordpress(),
        _news_articles(),
        _live(),
        _broken(),
        _meta_only(),
        _microdata(),
        _sites(),
        _languages(),
        _later(),
    )
    return [page for group in groups for page in group]
