"""Countries as OpenRTB names them (ISO 3166-1 alpha-3), as rule packs and spelling name them (alpha-2)."""

from __future__ import annotations

from typing import Final

_PAIRS: Final = (
    "AUT AT BEL BE BGR BG HRV HR CYP CY CZE CZ DNK DK EST EE FIN FI FRA FR DEU DE GRC GR HUN HU IRL IE ITA "
    "IT LVA LV LTU LT LUX LU MLT MT "
    "NLD NL POL PL PRT PT ROU RO SVK SK SVN SI ESP ES SWE SE NOR NO ISL IS LIE LI GBR GB CHE CH USA US CAN "
    "CA MEX MX BRA BR ARG AR CHL CL "
    "COL CO PER PE CHN CN HKG HK TWN TW JPN JP KOR KR IND IN IDN ID MYS MY PHL PH SGP SG THA TH VNM VN AUS "
    "AU NZL NZ ZAF ZA NGA NG KEN KE "
    "EGY EG MAR MA TUR TR ISR IL SAU SA ARE AE UKR UA SRB RS"
)
ALPHA_2: Final = dict(zip(_PAIRS.split()[::2], _PAIRS.split()[1::2], strict=True))


def alpha_2(country: str | None) -> str:
    """The two-letter code of a country; two-letter codes stay, an unknown one is ''."""
    code = (country or "").upper()
    return code if len(code) == 2 else ALPHA_2.get(code, "")
