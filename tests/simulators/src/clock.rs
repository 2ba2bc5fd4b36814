//! Times as the vendors print them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// `yyyy-MM-dd HH:mm:ss` in China's time zone.
pub(crate) fn format(ms: i64) -> String {
    let seconds = ms.div_euclid(1000) + 8 * 3600;
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days to a date by 400-year eras that begin on 1 March.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3600, of_day % 3600 / 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Whether a text has the form `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn is_formatted(text: &str) -> bool {
    let pattern = b"0000-00-00 00:00:00";
    text.len() == pattern.len()
        && text.bytes().zip(pattern).all(|(byte, &like)| {
            if like == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == like
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_dates() {
        assert_eq!(format(0), "1970-01-01 08:00:00");
        assert_eq!(format(1_582_934_400_000), "2020-02-29 08:00:00");
        assert_eq!(format(1_609_430_399_000), "2020-12-31 23:59:59");
        assert!(is_formatted("2020-04-16 23:50:40"));
        assert!(!is_formatted("2020-04-16T23:50:40"));
        assert!(!is_formatted("2020-04-16"));
    }
}
