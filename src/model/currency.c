/* currency.c: the English names of currencies, ISO 4217 list one, in the plural (as in the Unicode CLDR). Codes of
 * funds and accounting units have none. Must not know amounts: money.c has the decimals. */
#include "model/currency.h"

#include <stdlib.h>
#include <string.h>

struct currency { const char *code, *name; };

/* Sorted by code. */
static const struct currency currencies[] = {
	{ "AED", "United Arab Emirates dirhams" }, { "AFN", "Afghan afghanis" },
	{ "ALL", "Albanian lekë" }, { "AMD", "Armenian drams" }, { "AOA", "Angolan kwanzas" },
	{ "ARS", "Argentine pesos" }, { "AUD", "Australian dollars" }, { "AWG", "Aruban florins" },
	{ "AZN", "Azerbaijani manats" }, { "BAM", "Bosnian convertible marks" },
	{ "BBD", "Barbadian dollars" }, { "BDT", "Bangladeshi takas" }, { "BGN", "Bulgarian leva" },
	{ "BHD", "Bahraini dinars" }, { "BIF", "Burundian francs" }, { "BMD", "Bermudan dollars" },
	{ "BND", "Brunei dollars" }, { "BOB", "Bolivian bolivianos" }, { "BRL", "Brazilian reals" },
	{ "BSD", "Bahamian dollars" }, { "BTN", "Bhutanese ngultrums" }, { "BWP", "Botswanan pulas" },
	{ "BYN", "Belarusian rubles" }, { "BZD", "Belize dollars" }, { "CAD", "Canadian dollars" },
	{ "CDF", "Congolese francs" }, { "CHF", "Swiss francs" }, { "CLP", "Chilean pesos" },
	{ "CNY", "Chinese yuan" }, { "COP", "Colombian pesos" }, { "CRC", "Costa Rican colóns" },
	{ "CUP", "Cuban pesos" }, { "CVE", "Cape Verdean escudos" }, { "CZK", "Czech korunas" },
	{ "DJF", "Djiboutian francs" }, { "DKK", "Danish kroner" }, { "DOP", "Dominican pesos" },
	{ "DZD", "Algerian dinars" }, { "EGP", "Egyptian pounds" }, { "ERN", "Eritrean nakfas" },
	{ "ETB", "Ethiopian birrs" }, { "EUR", "euros" }, { "FJD", "Fijian dollars" },
	{ "FKP", "Falkland Islands pounds" }, { "GBP", "British pounds" }, { "GEL", "Georgian laris" },
	{ "GHS", "Ghanaian cedis" }, { "GIP", "Gibraltar pounds" }, { "GMD", "Gambian dalasis" },
	{ "GNF", "Guinean francs" }, { "GTQ", "Guatemalan quetzals" }, { "GYD", "Guyanaese dollars" },
	{ "HKD", "Hong Kong dollars" }, { "HNL", "Honduran lempiras" }, { "HTG", "Haitian gourdes" },
	{ "HUF", "Hungarian forints" }, { "IDR", "Indonesian rupiahs" },
	{ "ILS", "Israeli new shekels" }, { "INR", "Indian rupees" }, { "IQD", "Iraqi dinars" },
	{ "IRR", "Iranian rials" }, { "ISK", "Icelandic krónur" }, { "JMD", "Jamaican dollars" },
	{ "JOD", "Jordanian dinars" }, { "JPY", "Japanese yen" }, { "KES", "Kenyan shillings" },
	{ "KGS", "Kyrgystani soms" }, { "KHR", "Cambodian riels" }, { "KMF", "Comorian francs" },
	{ "KPW", "North Korean won" }, { "KRW", "South Korean won" }, { "KWD", "Kuwaiti dinars" },
	{ "KYD", "Cayman Islands dollars" }, { "KZT", "Kazakhstani tenges" }, { "LAK", "Laotian kips" },
	{ "LBP", "Lebanese pounds" }, { "LKR", "Sri Lankan rupees" }, { "LRD", "Liberian dollars" },
	{ "LSL", "Lesotho lotis" }, { "LYD", "Libyan dinars" }, { "MAD", "Moroccan dirhams" },
	{ "MDL", "Moldovan lei" }, { "MGA", "Malagasy ariaries" }, { "MKD", "Macedonian denari" },
	{ "MMK", "Myanmar kyats" }, { "MNT", "Mongolian tugriks" }, { "MOP", "Macanese patacas" },
	{ "MRU", "Mauritanian ouguiyas" }, { "MUR", "Mauritian rupees" },
	{ "MVR", "Maldivian rufiyaas" }, { "MWK", "Malawian kwachas" }, { "MXN", "Mexican pesos" },
	{ "MYR", "Malaysian ringgits" }, { "MZN", "Mozambican meticals" },
	{ "NAD", "Namibian dollars" }, { "NGN", "Nigerian nairas" }, { "NIO", "Nicaraguan córdobas" },
	{ "NOK", "Norwegian kroner" }, { "NPR", "Nepalese rupees" }, { "NZD", "New Zealand dollars" },
	{ "OMR", "Omani rials" }, { "PAB", "Panamanian balboas" }, { "PEN", "Peruvian soles" },
	{ "PGK", "Papua New Guinean kina" }, { "PHP", "Philippine pesos" },
	{ "PKR", "Pakistani rupees" }, { "PLN", "Polish zlotys" }, { "PYG", "Paraguayan guaranis" },
	{ "QAR", "Qatari riyals" }, { "RON", "Romanian lei" }, { "RSD", "Serbian dinars" },
	{ "RUB", "Russian rubles" }, { "RWF", "Rwandan francs" }, { "SAR", "Saudi riyals" },
	{ "SBD", "Solomon Islands dollars" }, { "SCR", "Seychellois rupees" },
	{ "SDG", "Sudanese pounds" }, { "SEK", "Swedish kronor" }, { "SGD", "Singapore dollars" },
	{ "SHP", "St. Helena pounds" }, { "SLE", "Sierra Leonean leones" },
	{ "SOS", "Somali shillings" }, { "SRD", "Surinamese dollars" },
	{ "SSP", "South Sudanese pounds" }, { "STN", "São Tomé and Príncipe dobras" },
	{ "SVC", "Salvadoran colones" }, { "SYP", "Syrian pounds" }, { "SZL", "Swazi emalangeni" },
	{ "THB", "Thai baht" }, { "TJS", "Tajikistani somonis" }, { "TMT", "Turkmenistani manats" },
	{ "TND", "Tunisian dinars" }, { "TOP", "Tongan paʻanga" }, { "TRY", "Turkish lira" },
	{ "TTD", "Trinidad and Tobago dollars" }, { "TWD", "New Taiwan dollars" },
	{ "TZS", "Tanzanian shillings" }, { "UAH", "Ukrainian hryvnias" },
	{ "UGX", "Ugandan shillings" }, { "USD", "US dollars" }, { "UYU", "Uruguayan pesos" },
	{ "UZS", "Uzbekistani soms" }, { "VED", "Venezuelan digital bolívars" },
	{ "VES", "Venezuelan bolívars" }, { "VND", "Vietnamese dong" }, { "VUV", "Vanuatu vatus" },
	{ "WST", "Samoan tala" }, { "XAF", "Central African CFA francs" },
	{ "XCD", "East Caribbean dollars" }, { "XCG", "Caribbean guilders" },
	{ "XOF", "West African CFA francs" }, { "XPF", "CFP francs" }, { "YER", "Yemeni rials" },
	{ "ZAR", "South African rand" }, { "ZMW", "Zambian kwachas" }, { "ZWG", "Zimbabwean gold" },
};

static int by_code(const void *a, const void *b)
{
	return strcmp(((const struct currency *)a)->code, ((const struct currency *)b)->code);
}

const char *currency_name(const char *code)
{
	const struct currency wanted = { code, NULL };
	const struct currency *found = bsearch(&wanted, currencies, COUNT_OF(currencies), sizeof wanted, by_code);

	return found ? found->name : code;
}
