"""Money as integers: ISO 4217 currencies, exact minor units and micros."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

_CODES: Final = {
    2: (
        "XXX AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
        "BZD CAD CDF CHE CHF CHW "
        "CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
        "HKD HNL HRK HTG HUF IDR "
        "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR "
        "MVR MWK MXN MXV MYR MZN "
        "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE "
        "SLL SOS SRD SSP STN SVC "
        "SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWL"
    ),
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""ISO 4217 codes by the decimal places of their minor unit. Ours and not a library's, whose update would
multiply the sums that stand in rows; a test holds them to the published list."""
_LATER: Final = {"XAD": 2, "XCG": 2, "ZWG": 2}
"""Codes ISO added since rows are stored: they stand behind all others."""

_PLACES: Final = [
    *((code, places) for places, codes in _CODES.items() for code in codes.split()),
    *_LATER.items(),
]

CURRENCIES: Final = ("", *(code for code, _ in _PLACES))
"""ISO 4217 code by index; 0 = no money. Append only: rows store the index."""

UNKNOWN_CURRENCY: Final = CURRENCIES.index("XXX")
"""ISO's own code for "no currency": money of which the producer did not say the currency."""

EXPONENTS: Final = (0, *(places for _, places in _PLACES))
"""Decimal places of the minor unit, by the same index."""

INDEX: Final = {code: index for index, code in enumerate(CURRENCIES) if code}
LARGEST: Final = 10**12
"""Minor units, or micros, of one event or one price: what is beyond is refused. One false amount must neither
drown all others nor take sums near the end of 64 bits."""
MOST_SUM: Final = 2**62
"""Where sums of amounts stop, so that none ever leaves 64 bits: some million of the largest amounts."""


_NOISE: Final = Decimal("1e-4")
"""Of a minor unit: what binary floats leave behind the last place, as in 129.99000000000001."""


class MoneyError(ValueError):
    """An amount or currency that cannot be booked."""


def currency_index(code: str | None) -> int:
    """Index of an ISO 4217 code; None = UNKNOWN. Raises MoneyError."""
    if code is None:
        return UNKNOWN_CURRENCY
    index = INDEX.get(code.upper())
    if index is None:
        raise MoneyError(f"currency {code[:8]!r} is not in ISO 4217")
    return index


def scaled(amount: float, places: int) -> int:
    """`amount` * 10**places as an integer, of the decimal number that was written (its shortest form), ties
    to even.

    0.1 + 0.2 errors of binary floats never reach a sum: only a value next to a tie takes the slow exact way.
    Raises MoneyError.
    """
    product = amount * 10.0**places
    nearest = round(product) if abs(product) < 1e9 else None
    if nearest is not None and abs(abs(product - nearest) - 0.5) > 1e-4:
        return nearest
    return bookable(int(Decimal(repr(amount)).scaleb(places).to_integral_value(ROUND_HALF_EVEN)))


def bookable(amount: int) -> int:
    """`amount` itself where one event or price may have it. Raises MoneyError."""
    if abs(amount) > LARGEST:
        raise MoneyError(f"amount is out of range: at most {LARGEST:,} of the currency's smallest unit")
    return amount


def sum_of(one: int, other: int) -> int:
    """Two sums together, within MOST_SUM."""
    return min(max(one + other, -MOST_SUM), MOST_SUM)


def minor(amount: float, currency: int) -> int:
    """An amount of major units in minor units of CURRENCIES[currency]. Raises MoneyError."""
    return scaled(amount, EXPONENTS[currency])


def exact_minor(amount: float, currency: int) -> int:
    """An amount that has no more decimal places than its currency, in minor units: of any other a rounded
    price would be another than the shop asks. Raises MoneyError."""
    booked, places = minor(amount, currency), EXPONENTS[currency]
    if abs(Decimal(repr(amount)).scaleb(places) - booked) > _NOISE:
        code = CURRENCIES[currency]
        raise MoneyError(f"is {amount:.12g}, and {code} has {places} decimal places")
    return booked


def price_offer_of(price: int | None, sale: int | None, currency: int) -> tuple[int | None, int | None]:
    """(price, sale price) in minor units that an ad may show, from what a feed says; None = not to be shown.

    Money without a currency, free things and a sale dearer than the price are mistakes of a feed more often
    than offers, and which half is wrong cannot be known. A sale at the price is no sale.
    """
    if currency in (0, UNKNOWN_CURRENCY):
        return None, None
    price = price if price is not None and price > 0 else None
    sale = sale if sale is not None and sale > 0 else None
    if price is not None and sale is not None and sale >= price:
        return (price, None) if sale == price else (None, None)
    return price, sale


def impression_micros(cpm: float) -> int:
    """Cost of one impression in millionths of a major unit: a price per thousand has one thousandth of it.
    Raises MoneyError."""
    return scaled(cpm, 3)


def micros_to_minor(micros: int, currency: int) -> int:
    """Sum of micros in minor units, ties to even."""
    return int(Decimal(micros).scaleb(EXPONENTS[currency] - 6).to_integral_value(ROUND_HALF_EVEN))
