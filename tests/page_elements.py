"""HTML pages as a browser would see them."""

import html.parser


class Elements(html.parser.HTMLParser):
    """What a browser would see: elements with attributes, and text."""

    def __init__(self, page):
        super().__init__()
        self.found, self.words, self.open = [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.open = tag

    def handle_endtag(self, tag):
        self.open = None

    def handle_data(self, data):
        if self.open not in ("script", "style"):
            self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())
