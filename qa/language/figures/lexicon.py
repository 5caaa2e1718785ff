"""The words of figures: number words, scales, currencies, bounds and units."""

from qa.types import Bound

UNITS = {
    word: value
    for value, word in enumerate((
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ))
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
SCALES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "lakh": 10**5, "lakhs": 10**5, "crore": 10**7, "crores": 10**7, "dozen": 12,
    "k": 10**3, "m": 10**6, "mn": 10**6, "mln": 10**6, "bn": 10**9, "tn": 10**12, "trn": 10**12,
}  # fmt: skip
# ISO 4217; None for a bare "$", which may be any dollar.
SYMBOLS = {
    "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD",
    "S$": "SGD",
    "R$": "BRL", "$": None, "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₴": "UAH",
    "₩": "KRW",
    "₺": "TRY", "₪": "ILS", "₦": "NGN", "Rs.": "INR", "Rs": "INR",
}  # fmt: skip
CODES = (
    "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "CNY", "INR", "RUB", "UAH",
    "PLN", "SEK", "NOK", "DKK", "CZK", "HUF", "TRY", "BRL", "MXN", "ZAR", "KRW", "SGD",
    "HKD", "ILS", "NGN",
)  # fmt: skip
DOLLARS = frozenset({"USD", "AUD", "CAD", "NZD", "HKD", "SGD"})
NAMES = {
    "us dollar": "USD", "u.s. dollar": "USD", "american dollar": "USD", "australian dollar": "AUD",
    "canadian dollar": "CAD", "hong kong dollar": "HKD", "new zealand dollar": "NZD",
    "singapore dollar": "SGD",
    "dollar": None, "euro": "EUR", "pound sterling": "GBP", "pounds sterling": "GBP",
    "sterling": "GBP", "pound": "GBP", "japanese yen": "JPY", "yen": "JPY", "swiss franc": "CHF",
    "franc": "CHF",
    "yuan": "CNY", "renminbi": "CNY", "indian rupee": "INR", "rupee": "INR",
    "russian rouble": "RUB",
    "rouble": "RUB", "ruble": "RUB", "hryvnia": "UAH", "zloty": "PLN", "zlotys": "PLN",
    "krona": "SEK",
    "kronor": "SEK", "lira": "TRY", "rand": "ZAR", "won": "KRW", "shekel": "ILS", "naira": "NGN",
    "peso": "MXN",
}  # fmt: skip

BOUNDS: dict[str, Bound] = {
    "about": "about", "around": "about", "roughly": "about", "approximately": "about",
    "approx.": "about",
    "some": "about", "nearly": "about", "almost": "about", "close to": "about",
    "an estimated": "about",
    "estimated": "about", "circa": "about", "just over": "at_least", "just under": "at_most",
    "more than": "at_least", "over": "at_least", "at least": "at_least", "upwards of": "at_least",
    "no fewer than": "at_least", "no less than": "at_least", "not less than": "at_least",
    "exceeding": "at_least",
    "less than": "at_most", "fewer than": "at_most", "under": "at_most", "up to": "at_most",
    "at most": "at_most",
    "no more than": "at_most", "not more than": "at_most", "as many as": "at_most",
    "as much as": "at_most",
    "below": "at_most",
}  # fmt: skip

DURATION_UNITS = {
    "second": ("T", "S", 1), "minute": ("T", "M", 1), "hour": ("T", "H", 1), "day": ("", "D", 1),
    "week": ("", "W", 1),
    "month": ("", "M", 1), "year": ("", "Y", 1), "decade": ("", "Y", 10), "century": ("", "Y", 100),
    "centuries": ("", "Y", 100), "fortnight": ("", "W", 2),
}  # fmt: skip
