//! When scans are made.

use il2::quantity::DAY;
use il2_study::StudyError;
use il2_study::choose::{self, at_most};
use il2_study::study::text::QuantityText;
use il2_study::study::trial::ScansPart;

/// Times of scans if the study gives none (min): every 8 weeks for two years, then every 12, up to
/// a week early or late.
const SCANS: [f64; 4] = [56.0 * DAY, 730.0 * DAY, 84.0 * DAY, 7.0 * DAY];
/// More scans are almost certainly a wrong unit.
const MOST_SCANS: usize = 2_000;

/// Times of scans, and the largest shift of a patient's scans (min).
pub(super) fn scan_times(
    at: &str,
    part: Option<&ScansPart>,
    end: f64,
) -> Result<(Vec<f64>, f64), StudyError> {
    let [mut every, mut until, mut then, mut window] = SCANS;
    if let Some(part) = part {
        let time = |key: &str, text: &QuantityText| {
            let at = format!("{at}.scans.{key}");
            let value = choose::time(&at, text)?;
            match value > 0.0 || key == "window" {
                true => Ok(value),
                false => Err(StudyError::at(at, "is zero; give a time, for example \"8 weeks\"")),
            }
        };
        every = time("every", &part.every)?;
        until = part.until.as_ref().map_or(Ok(end), |text| time("until", text))?;
        then = part.then.as_ref().map_or(Ok(every), |text| time("then", text))?;
        window = part.window.as_ref().map_or(Ok(0.0), |text| time("window", text))?;
        if window >= every {
            let message = "is not shorter than the time between scans; use a shorter window";
            return Err(StudyError::at(format!("{at}.scans.window"), message));
        }
    }
    let mut planned = vec![];
    let mut next = every;
    while next < end {
        planned.push(next);
        next += if next < until { every } else { then };
        at_most(&format!("{at}.scans"), "scans of a patient", planned.len(), MOST_SCANS)?;
    }
    Ok((planned, window))
}
