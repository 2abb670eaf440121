//! The calendars that come with the program: which days are public holidays, by law, in any year.
//!
//! Article 2(1) of Regulation (EEC, Euratom) No 1182/71 leaves public holidays to each member state and institution. The
//! tables hold what applies in the whole of a country from 2000 on; [`CalendarCode::left_out`] says what they leave out.

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A calendar that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CalendarCode {
    /// The institutions of the European Union.
    Eu,
    /// Belgium.
    Be,
    /// Germany.
    De,
    /// France.
    Fr,
    /// The Netherlands.
    Nl,
    /// Portugal.
    Pt,
    /// Slovenia.
    Si,
}

impl CalendarCode {
    /// Every calendar.
    pub const ALL: [Self; 7] = [Self::Eu, Self::Be, Self::De, Self::Fr, Self::Nl, Self::Pt, Self::Si];

    /// The code: that of the country (ISO 3166-1 alpha-2), or `EU`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eu => "EU",
            Self::Be => "BE",
            Self::De => "DE",
            Self::Fr => "FR",
            Self::Nl => "NL",
            Self::Pt => "PT",
            Self::Si => "SI",
        }
    }

    /// The calendar with this code, in capitals.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|calendar| calendar.as_str() == code)
    }

    /// The calendar of agencies in a country: its own, or that of the European Union where none is shipped.
    pub fn of_country(country: &str) -> Self {
        Self::parse(country).unwrap_or(Self::Eu)
    }

    /// Whose calendar it is.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eu => "Institutions of the European Union",
            Self::Be => "Belgium",
            Self::De => "Germany",
            Self::Fr => "France",
            Self::Nl => "Netherlands",
            Self::Pt => "Portugal",
            Self::Si => "Slovenia",
        }
    }

    /// The zone in which its days begin and end. France and Portugal: that of the capital.
    pub fn zone(self) -> Tz {
        match self {
            Self::Eu | Self::Be => Tz::Europe__Brussels,
            Self::De => Tz::Europe__Berlin,
            Self::Fr => Tz::Europe__Paris,
            Self::Nl => Tz::Europe__Amsterdam,
            Self::Pt => Tz::Europe__Lisbon,
            Self::Si => Tz::Europe__Ljubljana,
        }
    }

    /// Where its holidays come from.
    pub fn source(self) -> &'static str {
        match self {
            Self::Eu => {
                "The yearly decision of the Commission on the public holidays of the institutions, published in the \
                 Official Journal; here the pattern that those decisions follow"
            }
            Self::Be => "Royal Decree of 18 April 1974, article 1",
            Self::De => "The holiday laws of the sixteen federal states, where all of them agree",
            Self::Fr => "Code du travail, article L3133-1",
            Self::Nl => "Algemene termijnenwet, article 3",
            Self::Pt => "Código do Trabalho, article 234, with Laws 23/2012 and 8/2016",
            Self::Si => "Public Holidays and Non-working Days Act (ZPDPD)",
        }
    }

    /// What somebody might expect in it, and why it is not there.
    pub fn left_out(self) -> &'static str {
        match self {
            Self::Eu => {
                "Days on which single institutions or places of work close besides; an administrator enters what the \
                 decision for a year changes"
            }
            Self::Be => "Days of the communities and regions: 8 May, 11 July, 27 September, 15 November",
            Self::De => {
                "Holidays of single federal states: 6 January, 8 March, Corpus Christi, 15 August, 20 September, \
                 31 October, 1 November, Day of Repentance and Prayer"
            }
            Self::Fr => "Alsace-Moselle (Good Friday, 26 December) and the overseas departments",
            Self::Nl => "Days that the government puts on a level with holidays for a single year",
            Self::Pt => "Carnival Tuesday, which is optional; holidays of municipalities and of the Azores and Madeira",
            Self::Si => "Public holidays on which people work, such as 23 December",
        }
    }

    /// The name of the public holiday on this day, if it is one.
    pub fn holiday(self, day: NaiveDate) -> Option<&'static str> {
        let easter = easter(day.year());
        self.feasts().iter().find(|feast| feast.is_on(day, easter)).map(|feast| feast.name)
    }

    fn feasts(self) -> &'static [Feast] {
        match self {
            Self::Eu => EU,
            Self::Be => BE,
            Self::De => DE,
            Self::Fr => FR,
            Self::Nl => NL,
            Self::Pt => PT,
            Self::Si => SI,
        }
    }
}

/// Easter Sunday of a year, in the Gregorian calendar; none before 1583 and after 9999.
pub fn easter(year: i32) -> Option<NaiveDate> {
    let computus::Date { year, month, day } = computus::gregorian(year).ok()?;
    NaiveDate::from_ymd_opt(year, month, day)
}

struct Feast {
    name: &'static str,
    when: When,
    /// The first year of the holiday, and its last.
    years: (i32, i32),
}

enum When {
    /// Month and day.
    On(u32, u32),
    /// Month and day, or the Saturday before if that is a Sunday.
    NeverOnSunday(u32, u32),
    /// So many days after Easter Sunday.
    Easter(i64),
}

impl Feast {
    fn is_on(&self, day: NaiveDate, easter: Option<NaiveDate>) -> bool {
        let date = |month, date| NaiveDate::from_ymd_opt(day.year(), month, date);
        let (first, last) = self.years;
        let falls_on = match self.when {
            When::On(month, of_month) => date(month, of_month),
            When::NeverOnSunday(month, of_month) => date(month, of_month).and_then(|day| match day.weekday() {
                Weekday::Sun => day.checked_sub_days(Days::new(1)),
                _ => Some(day),
            }),
            When::Easter(offset) => easter.and_then(|easter| easter.checked_add_signed(TimeDelta::days(offset))),
        };
        (first..=last).contains(&day.year()) && falls_on == Some(day)
    }

    const fn since(self, year: i32) -> Self {
        Self { years: (year, self.years.1), ..self }
    }

    const fn until(self, year: i32) -> Self {
        Self { years: (self.years.0, year), ..self }
    }
}

const fn on(month: u32, day: u32, name: &'static str) -> Feast {
    Feast { name, when: When::On(month, day), years: (i32::MIN, i32::MAX) }
}

const fn never_on_sunday(month: u32, day: u32, name: &'static str) -> Feast {
    Feast { name, when: When::NeverOnSunday(month, day), years: (i32::MIN, i32::MAX) }
}

const fn movable(after_easter: i64, name: &'static str) -> Feast {
    Feast { name, when: When::Easter(after_easter), years: (i32::MIN, i32::MAX) }
}

const NEW_YEAR: Feast = on(1, 1, "New Year's Day");
const GOOD_FRIDAY: Feast = movable(-2, "Good Friday");
const EASTER_SUNDAY: Feast = movable(0, "Easter Sunday");
const EASTER_MONDAY: Feast = movable(1, "Easter Monday");
const LABOUR_DAY: Feast = on(5, 1, "Labour Day");
const ASCENSION: Feast = movable(39, "Ascension Day");
const WHIT_SUNDAY: Feast = movable(49, "Whit Sunday");
const WHIT_MONDAY: Feast = movable(50, "Whit Monday");
const ASSUMPTION: Feast = on(8, 15, "Assumption Day");
const ALL_SAINTS: Feast = on(11, 1, "All Saints' Day");
const CHRISTMAS: Feast = on(12, 25, "Christmas Day");
const SECOND_CHRISTMAS_DAY: Feast = on(12, 26, "Second Day of Christmas");

const EU: &[Feast] = &[
    NEW_YEAR,
    on(1, 2, "Day after New Year's Day"),
    movable(-3, "Maundy Thursday"),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    on(5, 9, "Anniversary of the Schuman Declaration"),
    ASCENSION,
    movable(40, "Day after Ascension Day"),
    WHIT_MONDAY,
    on(7, 21, "Belgian National Day"),
    ASSUMPTION,
    ALL_SAINTS,
    on(11, 2, "All Souls' Day"),
    on(12, 24, "Christmas Eve"),
    CHRISTMAS,
    on(12, 26, "End of the year"),
    on(12, 27, "End of the year"),
    on(12, 28, "End of the year"),
    on(12, 29, "End of the year"),
    on(12, 30, "End of the year"),
    on(12, 31, "New Year's Eve"),
];

const BE: &[Feast] = &[
    NEW_YEAR,
    EASTER_MONDAY,
    LABOUR_DAY,
    ASCENSION,
    WHIT_MONDAY,
    on(7, 21, "National Day"),
    ASSUMPTION,
    ALL_SAINTS,
    on(11, 11, "Armistice Day"),
    CHRISTMAS,
];

const DE: &[Feast] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    LABOUR_DAY,
    ASCENSION,
    WHIT_MONDAY,
    on(10, 3, "German Unity Day"),
    // The 500th anniversary, a holiday everywhere for once.
    on(10, 31, "Reformation Day").since(2017).until(2017),
    CHRISTMAS,
    SECOND_CHRISTMAS_DAY,
];

const FR: &[Feast] = &[
    NEW_YEAR,
    EASTER_MONDAY,
    LABOUR_DAY,
    on(5, 8, "Victory Day"),
    ASCENSION,
    WHIT_MONDAY,
    on(7, 14, "National Day"),
    ASSUMPTION,
    ALL_SAINTS,
    on(11, 11, "Armistice Day"),
    CHRISTMAS,
];

const NL: &[Feast] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    never_on_sunday(4, 30, "Queen's Day").until(2013),
    never_on_sunday(4, 27, "King's Day").since(2014),
    on(5, 5, "Liberation Day"),
    ASCENSION,
    WHIT_MONDAY,
    CHRISTMAS,
    SECOND_CHRISTMAS_DAY,
];

const PT: &[Feast] = &[
    NEW_YEAR,
    GOOD_FRIDAY,
    EASTER_SUNDAY,
    on(4, 25, "Freedom Day"),
    LABOUR_DAY,
    // Law 23/2012 suspended four holidays from 2013 on; Law 8/2016 restored them.
    movable(60, "Corpus Christi").until(2012),
    movable(60, "Corpus Christi").since(2016),
    on(6, 10, "Portugal Day"),
    ASSUMPTION,
    on(10, 5, "Republic Day").until(2012),
    on(10, 5, "Republic Day").since(2016),
    ALL_SAINTS.until(2012),
    ALL_SAINTS.since(2016),
    on(12, 1, "Restoration of Independence").until(2012),
    on(12, 1, "Restoration of Independence").since(2016),
    on(12, 8, "Immaculate Conception"),
    CHRISTMAS,
];

const SI: &[Feast] = &[
    NEW_YEAR,
    // Struck out by the austerity act of 2012, back since 2017.
    on(1, 2, "New Year").until(2012),
    on(1, 2, "New Year").since(2017),
    on(2, 8, "Prešeren Day"),
    EASTER_SUNDAY,
    EASTER_MONDAY,
    on(4, 27, "Day of Uprising Against Occupation"),
    LABOUR_DAY,
    on(5, 2, "Labour Day"),
    WHIT_SUNDAY,
    on(6, 25, "Statehood Day"),
    // After the floods of August 2023, for once.
    on(8, 14, "Solidarity Day").since(2023).until(2023),
    ASSUMPTION,
    on(10, 31, "Reformation Day"),
    on(11, 1, "Remembrance Day"),
    CHRISTMAS,
    on(12, 26, "Independence and Unity Day"),
];
