//! Time zones.

use super::calendar::{DAY, date, day, nth_weekday};

/// A time zone: by how much its clocks are ahead, and when they are put forward in summer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Zone {
    minutes: i64,
    summer: Summer,
}

/// When clocks are an hour ahead of themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Summer {
    Never,
    /// From the second Sunday in March to the first in November, at two o'clock.
    America,
    /// From the last Sunday in March to the last in October, at one o'clock UTC.
    Europe,
    /// From the first Sunday in October to the first in April, at two o'clock of winter.
    Australia,
    /// From the last Sunday in September to the first in April, at two o'clock of winter.
    NewZealand,
}

/// The zone of a name.
pub(super) fn find(name: &str) -> Option<Zone> {
    let (minutes, summer, _) = ZONES
        .iter()
        .find(|(_, _, names)| names.split_ascii_whitespace().any(|it| it == name))?;
    Some(Zone {
        minutes: *minutes,
        summer: *summer,
    })
}

/// By how many seconds a zone's clocks are ahead of UTC at a moment.
pub(super) fn offset(zone: &Zone, utc: i64) -> i64 {
    let winter = zone.minutes * 60;
    let (year, _, _) = date((utc + winter).div_euclid(DAY));
    let sunday = |month: i64, nth: i64| day(year, month, nth_weekday(year, month, 1, nth)) * DAY;
    let at_two = 2 * 3600 - winter;
    let is_summer = match zone.summer {
        Summer::Never => false,
        Summer::America => (sunday(3, 2) + at_two..sunday(11, 1) + at_two - 3600).contains(&utc),
        Summer::Europe => (sunday(3, 0) + 3600..sunday(10, 0) + 3600).contains(&utc),
        Summer::Australia => !(sunday(4, 1) + at_two..sunday(10, 1) + at_two).contains(&utc),
        Summer::NewZealand => !(sunday(4, 1) + at_two..sunday(9, 0) + at_two).contains(&utc),
    };
    winter + if is_summer { 3600 } else { 0 }
}

/// The moment at which a zone's clocks show a time, the first of two; none, if they never do.
pub(super) fn to_utc(zone: &Zone, wall: i64) -> Option<i64> {
    let winter = zone.minutes * 60;
    let offsets = [winter + 3600, winter];
    let found = offsets
        .into_iter()
        .find(|it| offset(zone, wall - it) == *it);
    found.map(|it| wall - it)
}

/// Minutes ahead of UTC in winter, the summer, and the names. Those whose clocks change by other
/// rules than these are taken to stay as they are in January.
const ZONES: &[(i64, Summer, &str)] = &[
    (-720, Summer::Never, "Etc/GMT+12"),
    (
        -660,
        Summer::Never,
        "Etc/GMT+11 Pacific/Midway Pacific/Niue Pacific/Pago_Pago Pacific/Samoa US/Samoa",
    ),
    (
        -600,
        Summer::America,
        "America/Adak America/Atka US/Aleutian",
    ),
    (
        -600,
        Summer::Never,
        "Etc/GMT+10 HST Pacific/Honolulu Pacific/Johnston Pacific/Rarotonga Pacific/Tahiti US/Hawaii",
    ),
    (-570, Summer::Never, "Pacific/Marquesas"),
    (
        -540,
        Summer::America,
        "America/Anchorage America/Juneau America/Metlakatla America/Nome America/Sitka \
         America/Yakutat US/Alaska",
    ),
    (-540, Summer::Never, "Etc/GMT+9 Pacific/Gambier"),
    (
        -480,
        Summer::America,
        "America/Ensenada America/Los_Angeles America/Santa_Isabel America/Tijuana America/Vancouver \
         Canada/Pacific Mexico/BajaNorte PST8PDT US/Pacific",
    ),
    (-480, Summer::Never, "Etc/GMT+8 Pacific/Pitcairn"),
    (
        -420,
        Summer::America,
        "America/Boise America/Cambridge_Bay America/Ciudad_Juarez America/Denver America/Edmonton \
         America/Inuvik America/Shiprock America/Yellowknife Canada/Mountain MST7MDT Navajo \
         US/Mountain",
    ),
    (
        -420,
        Summer::Never,
        "America/Creston America/Dawson America/Dawson_Creek America/Fort_Nelson America/Hermosillo \
         America/Mazatlan America/Phoenix America/Whitehorse Canada/Yukon Etc/GMT+7 MST \
         Mexico/BajaSur US/Arizona",
    ),
    (
        -360,
        Summer::America,
        "America/Chicago America/Indiana/Knox America/Indiana/Tell_City America/Knox_IN \
         America/Matamoros America/Menominee America/North_Dakota/Beulah America/North_Dakota/Center \
         America/North_Dakota/New_Salem America/Ojinaga America/Rainy_River America/Rankin_Inlet \
         America/Resolute America/Winnipeg CST6CDT Canada/Central US/Central US/Indiana-Starke",
    ),
    (
        -360,
        Summer::Never,
        "America/Bahia_Banderas America/Belize America/Chihuahua America/Costa_Rica \
         America/El_Salvador America/Guatemala America/Managua America/Merida America/Mexico_City \
         America/Monterrey America/Regina America/Swift_Current America/Tegucigalpa \
         Canada/Saskatchewan Etc/GMT+6 Mexico/General Pacific/Galapagos",
    ),
    (
        -300,
        Summer::America,
        "America/Detroit America/Fort_Wayne America/Grand_Turk America/Havana \
         America/Indiana/Indianapolis America/Indiana/Marengo America/Indiana/Petersburg \
         America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac America/Indianapolis \
         America/Iqaluit America/Kentucky/Louisville America/Kentucky/Monticello America/Louisville \
         America/Montreal America/Nassau America/New_York America/Nipigon America/Pangnirtung \
         America/Port-au-Prince America/Thunder_Bay America/Toronto Canada/Eastern Cuba EST5EDT \
         US/East-Indiana US/Eastern US/Michigan",
    ),
    (
        -300,
        Summer::Never,
        "America/Atikokan America/Bogota America/Cancun America/Cayman America/Coral_Harbour \
         America/Eirunepe America/Guayaquil America/Jamaica America/Lima America/Panama \
         America/Porto_Acre America/Rio_Branco Brazil/Acre Chile/EasterIsland EST Etc/GMT+5 Jamaica \
         Pacific/Easter",
    ),
    (
        -240,
        Summer::America,
        "America/Glace_Bay America/Goose_Bay America/Halifax America/Moncton America/Thule \
         Atlantic/Bermuda Canada/Atlantic",
    ),
    (
        -240,
        Summer::Never,
        "America/Anguilla America/Antigua America/Aruba America/Barbados America/Blanc-Sablon \
         America/Boa_Vista America/Campo_Grande America/Caracas America/Cuiaba America/Curacao \
         America/Dominica America/Grenada America/Guadeloupe America/Guyana America/Kralendijk \
         America/La_Paz America/Lower_Princes America/Manaus America/Marigot America/Martinique \
         America/Montserrat America/Port_of_Spain America/Porto_Velho America/Puerto_Rico \
         America/Santo_Domingo America/St_Barthelemy America/St_Kitts America/St_Lucia \
         America/St_Thomas America/St_Vincent America/Tortola America/Virgin Brazil/West Etc/GMT+4",
    ),
    (
        -210,
        Summer::America,
        "America/St_Johns Canada/Newfoundland",
    ),
    (-180, Summer::America, "America/Miquelon"),
    (
        -180,
        Summer::Never,
        "America/Araguaina America/Argentina/Buenos_Aires America/Argentina/Catamarca \
         America/Argentina/ComodRivadavia America/Argentina/Cordoba America/Argentina/Jujuy \
         America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos \
         America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis \
         America/Argentina/Tucuman America/Argentina/Ushuaia America/Asuncion America/Bahia \
         America/Belem America/Buenos_Aires America/Catamarca America/Cayenne America/Cordoba \
         America/Coyhaique America/Fortaleza America/Jujuy America/Maceio America/Mendoza \
         America/Montevideo America/Paramaribo America/Punta_Arenas America/Recife America/Rosario \
         America/Santarem America/Santiago America/Sao_Paulo Antarctica/Palmer Antarctica/Rothera \
         Atlantic/Stanley Brazil/East Chile/Continental Etc/GMT+3",
    ),
    (
        -120,
        Summer::Europe,
        "America/Godthab America/Nuuk America/Scoresbysund",
    ),
    (
        -120,
        Summer::Never,
        "America/Noronha Atlantic/South_Georgia Brazil/DeNoronha Etc/GMT+2",
    ),
    (-60, Summer::Europe, "Atlantic/Azores"),
    (-60, Summer::Never, "Atlantic/Cape_Verde Etc/GMT+1"),
    (
        0,
        Summer::Europe,
        "Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira Eire Europe/Belfast \
         Europe/Dublin Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/Lisbon Europe/London \
         GB GB-Eire Portugal WET",
    ),
    (
        0,
        Summer::Never,
        "Africa/Abidjan Africa/Accra Africa/Bamako Africa/Banjul Africa/Bissau Africa/Conakry \
         Africa/Dakar Africa/Freetown Africa/Lome Africa/Monrovia Africa/Nouakchott \
         Africa/Ouagadougou Africa/Sao_Tome Africa/Timbuktu America/Danmarkshavn Antarctica/Troll \
         Atlantic/Reykjavik Atlantic/St_Helena Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich \
         Etc/UCT Etc/UTC Etc/Universal Etc/Zulu GMT GMT+0 GMT-0 GMT0 Greenwich Iceland UCT UTC \
         Universal Zulu",
    ),
    (
        60,
        Summer::Europe,
        "Africa/Ceuta Arctic/Longyearbyen Atlantic/Jan_Mayen CET Europe/Amsterdam Europe/Andorra \
         Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest \
         Europe/Busingen Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg \
         Europe/Madrid Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris Europe/Podgorica \
         Europe/Prague Europe/Rome Europe/San_Marino Europe/Sarajevo Europe/Skopje Europe/Stockholm \
         Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw Europe/Zagreb \
         Europe/Zurich MET Poland",
    ),
    (
        60,
        Summer::Never,
        "Africa/Algiers Africa/Bangui Africa/Brazzaville Africa/Casablanca Africa/Douala \
         Africa/El_Aaiun Africa/Kinshasa Africa/Lagos Africa/Libreville Africa/Luanda Africa/Malabo \
         Africa/Ndjamena Africa/Niamey Africa/Porto-Novo Africa/Tunis Etc/GMT-1",
    ),
    (
        120,
        Summer::Europe,
        "Asia/Famagusta Asia/Nicosia EET Europe/Athens Europe/Bucharest Europe/Chisinau \
         Europe/Helsinki Europe/Kiev Europe/Kyiv Europe/Mariehamn Europe/Nicosia Europe/Riga \
         Europe/Sofia Europe/Tallinn Europe/Tiraspol Europe/Uzhgorod Europe/Vilnius Europe/Zaporozhye",
    ),
    (
        120,
        Summer::Never,
        "Africa/Blantyre Africa/Bujumbura Africa/Cairo Africa/Gaborone Africa/Harare \
         Africa/Johannesburg Africa/Juba Africa/Khartoum Africa/Kigali Africa/Lubumbashi \
         Africa/Lusaka Africa/Maputo Africa/Maseru Africa/Mbabane Africa/Tripoli Africa/Windhoek \
         Asia/Beirut Asia/Gaza Asia/Hebron Asia/Jerusalem Asia/Tel_Aviv Egypt Etc/GMT-2 \
         Europe/Kaliningrad Israel Libya",
    ),
    (
        180,
        Summer::Never,
        "Africa/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti \
         Africa/Kampala Africa/Mogadishu Africa/Nairobi Antarctica/Syowa Asia/Aden Asia/Amman \
         Asia/Baghdad Asia/Bahrain Asia/Damascus Asia/Istanbul Asia/Kuwait Asia/Qatar Asia/Riyadh \
         Etc/GMT-3 Europe/Istanbul Europe/Kirov Europe/Minsk Europe/Moscow Europe/Simferopol \
         Europe/Volgograd Indian/Antananarivo Indian/Comoro Indian/Mayotte Turkey W-SU",
    ),
    (210, Summer::Never, "Asia/Tehran Iran"),
    (
        240,
        Summer::Never,
        "Asia/Baku Asia/Dubai Asia/Muscat Asia/Tbilisi Asia/Yerevan Etc/GMT-4 Europe/Astrakhan \
         Europe/Samara Europe/Saratov Europe/Ulyanovsk Indian/Mahe Indian/Mauritius Indian/Reunion",
    ),
    (270, Summer::Never, "Asia/Kabul"),
    (
        300,
        Summer::Never,
        "Antarctica/Mawson Antarctica/Vostok Asia/Almaty Asia/Aqtau Asia/Aqtobe Asia/Ashgabat \
         Asia/Ashkhabad Asia/Atyrau Asia/Dushanbe Asia/Karachi Asia/Oral Asia/Qostanay Asia/Qyzylorda \
         Asia/Samarkand Asia/Tashkent Asia/Yekaterinburg Etc/GMT-5 Indian/Kerguelen Indian/Maldives",
    ),
    (
        330,
        Summer::Never,
        "Asia/Calcutta Asia/Colombo Asia/Kolkata",
    ),
    (345, Summer::Never, "Asia/Kathmandu Asia/Katmandu"),
    (
        360,
        Summer::Never,
        "Asia/Bishkek Asia/Dacca Asia/Dhaka Asia/Kashgar Asia/Omsk Asia/Thimbu Asia/Thimphu \
         Asia/Urumqi Etc/GMT-6 Indian/Chagos",
    ),
    (390, Summer::Never, "Asia/Rangoon Asia/Yangon Indian/Cocos"),
    (
        420,
        Summer::Never,
        "Antarctica/Davis Asia/Bangkok Asia/Barnaul Asia/Ho_Chi_Minh Asia/Hovd Asia/Jakarta \
         Asia/Krasnoyarsk Asia/Novokuznetsk Asia/Novosibirsk Asia/Phnom_Penh Asia/Pontianak \
         Asia/Saigon Asia/Tomsk Asia/Vientiane Etc/GMT-7 Indian/Christmas",
    ),
    (
        480,
        Summer::Never,
        "Antarctica/Casey Asia/Brunei Asia/Choibalsan Asia/Chongqing Asia/Chungking Asia/Harbin \
         Asia/Hong_Kong Asia/Irkutsk Asia/Kuala_Lumpur Asia/Kuching Asia/Macao Asia/Macau \
         Asia/Makassar Asia/Manila Asia/Shanghai Asia/Singapore Asia/Taipei Asia/Ujung_Pandang \
         Asia/Ulaanbaatar Asia/Ulan_Bator Australia/Perth Australia/West Etc/GMT-8 Hongkong PRC ROC \
         Singapore",
    ),
    (525, Summer::Never, "Australia/Eucla"),
    (
        540,
        Summer::Never,
        "Asia/Chita Asia/Dili Asia/Jayapura Asia/Khandyga Asia/Pyongyang Asia/Seoul Asia/Tokyo \
         Asia/Yakutsk Etc/GMT-9 Japan Pacific/Palau ROK",
    ),
    (
        570,
        Summer::Australia,
        "Australia/Adelaide Australia/Broken_Hill Australia/South Australia/Yancowinna",
    ),
    (570, Summer::Never, "Australia/Darwin Australia/North"),
    (
        600,
        Summer::Australia,
        "Antarctica/Macquarie Australia/ACT Australia/Canberra Australia/Currie Australia/Hobart \
         Australia/Melbourne Australia/NSW Australia/Sydney Australia/Tasmania Australia/Victoria",
    ),
    (
        600,
        Summer::Never,
        "Antarctica/DumontDUrville Asia/Ust-Nera Asia/Vladivostok Australia/Brisbane \
         Australia/Lindeman Australia/Queensland Etc/GMT-10 Pacific/Chuuk Pacific/Guam \
         Pacific/Port_Moresby Pacific/Saipan Pacific/Truk Pacific/Yap",
    ),
    (660, Summer::Australia, "Pacific/Norfolk"),
    (
        660,
        Summer::Never,
        "Asia/Magadan Asia/Sakhalin Asia/Srednekolymsk Australia/LHI Australia/Lord_Howe Etc/GMT-11 \
         Pacific/Bougainville Pacific/Efate Pacific/Guadalcanal Pacific/Kosrae Pacific/Noumea \
         Pacific/Pohnpei Pacific/Ponape",
    ),
    (
        720,
        Summer::Never,
        "Asia/Anadyr Asia/Kamchatka Etc/GMT-12 Kwajalein Pacific/Fiji Pacific/Funafuti \
         Pacific/Kwajalein Pacific/Majuro Pacific/Nauru Pacific/Tarawa Pacific/Wake Pacific/Wallis",
    ),
    (
        720,
        Summer::NewZealand,
        "Antarctica/McMurdo Antarctica/South_Pole NZ Pacific/Auckland",
    ),
    (765, Summer::NewZealand, "NZ-CHAT Pacific/Chatham"),
    (
        780,
        Summer::Never,
        "Etc/GMT-13 Pacific/Apia Pacific/Enderbury Pacific/Fakaofo Pacific/Kanton Pacific/Tongatapu",
    ),
    (840, Summer::Never, "Etc/GMT-14 Pacific/Kiritimati"),
];
