"""The words that announce a personal value, in the languages of users: telephone, identity number, password, name."""

from __future__ import annotations

import re


def any_of(phrases: str) -> str:
    r"""Give the regular expression of any of the phrases, which are one a line or parted by `|`; longest first.

    >>> any_of("call | call me")
    '(?:call\\ me|call)'
    """
    parts = {part.strip() for line in phrases.splitlines() for part in line.split("|")} - {""}
    return f"(?:{'|'.join(re.escape(part) for part in sorted(parts, key=lambda part: (-len(part), part)))})"


TELEPHONE = """
phone | telephone | call | calling | tel | mobile | mob | cell | whatsapp | viber | telegram | text | sms | ring
dial | fax | reach me | contact | contact no | number is | handy | ruf | rufe | rufen | anrufen | telefon
telefonisch | telefonnummer | handynummer | nummer ist | appelez | appeler | appelle | téléphone | portable
numéro | tél | teléfono | móvil | celular | llama | llame | llámame | llámenme | cellulare | telefono | chiama
chiamami | chiamatemi | telefone | telemóvel | celular é | bel | telefoonnummer | zadzwoń | telefonu | komórka
komórkę | ring mig | mobilnummer | puhelin | puhelinnumero | telefonum | телефон | телефона | телефону | номер
номеру | номера | звоните | позвоните | звонить | тел | τηλέφωνο | 電話 | 電話番号 | 電話番号は | 携帯
携帯番号 | 电话 | 电话是 | 電話是 | 手机 | 手机号 | 手机号是 | 전화 | 전화번호 | 휴대폰 | هاتف | هاتفي | טלפון
फ़ोन | फोन | โทร
"""
OTHER_NUMBER = """
order | invoice | ticket | case | ref | reference | tracking | parcel | isbn | issn | ean | upc | sku | serial
part | model | item | id | doi | usps | ups | fedex | dhl | rechnung | bestellung | auftrag | bestellnummer
rechnungsnummer | sendungsnummer | facture | commande | pedido | factura | ordine | fattura | bestelling
zamówienie | zamówienia | заказ | заказа | 注文番号 | 订单号
"""
IDENTITY = """
ssn | itin | social security | social security number | social security no | tax id | taxpayer id | ni | nino
nhs | national insurance | national insurance number | nhs number | national id | identity card
identity number | passport | passport number | passport no | driver's license | drivers license
driver's licence | driving licence | driving license | medicare | sin | tfn | tax file number | aadhaar | aadhar
pan | pan card | dni | nie | nif | cpf | rg | curp | rfc | rut | cédula | pasaporte | codice fiscale
passaporto | pesel | dowód | nip | bsn | burgerservicenummer | numéro de sécurité sociale | sécu | nir
passeport | steuer-id | steueridentifikationsnummer | steuerliche identifikationsnummer
sozialversicherungsnummer | personalausweis | personalausweisnummer | reisepass | reisepassnummer | ahv
personnummer | fødselsnummer | cpr | henkilötunnus | hetu | rodné číslo | cnp | egn | егн | tc kimlik
tc kimlik no | kimlik | kimlik no | инн | снилс | паспорт | 身份证 | 身份证号 | 身份证号码 | 护照 | マイナンバー
주민등록번호
"""
PASSWORD = """
password | passwords | passwd | passwort | passphrase | passcode | kennwort | mot de passe | mdp | contraseña
clave | senha | parola d'ordine | parola | wachtwoord | hasło | lösenord | adgangskode | salasana | heslo
şifre | şifrem | mật khẩu | kata sandi | пароль | parolă | κωδικός | 密码 | 密碼 | パスワード | 비밀번호
كلمة السر | كلمة المرور | סיסמה | पासवर्ड | รหัสผ่าน
"""
IS = """
is | was | ist | lautet | est | es | era | è | é | jest | är | er | on | je | là | adalah | είναι | है | คือ
هي | 은 | 는 | は | 是 | 为 | 為 | : | ： | =
"""
SECRET = """
api key | key | token | secret | credential | pat | bearer | schlüssel | clé | jeton | clave | chiave | chave
ключ | токен
"""
LATIN_INTRODUCTION = """
my name is | mein name ist | ich heiße | je m'appelle | mon nom est | me llamo | mi nombre es | mi chiamo
il mio nome è | meu nome é | me chamo | mijn naam is | ik heet | nazywam się | mam na imię | jag heter
mitt namn är | jeg hedder | jeg heter | navnet mitt er | mit navn er | nimeni on | minun nimeni on | jmenuji se
volám sa | a nevem | mă numesc | numele meu este | zovem se | ime mi je | adım | ismim | benim adım | tôi là
tên tôi là | nama saya | ang pangalan ko ay | jina langu ni
"""
CYRILLIC_OR_GREEK_INTRODUCTION = """
меня зовут | моё имя | мое имя | мене звати | моє ім'я | казвам се | името ми е | зовем се | это | господин
госпожа | с уважением | з повагою | με λένε | ονομάζομαι | λέγομαι | το όνομά μου είναι | κύριος | κυρία
ο κύριος | η κυρία
"""
