//! When patients enter a trial: at a constant rate, or at rates that differ between periods, such
//! as while the sites open one after another.

use il2::quantity::{DAY, three_digits};
use il2_engine::Dimension;
use il2_study::StudyError;
use il2_study::choose::{self, at_most};
use il2_study::study::trial::{AccrualPeriodPart, TrialPart};
use il2_study::values::quantity;

/// Days of a month.
const MONTH: f64 = 365.25 / 12.0;
/// Longest time until all patients have entered (min); a longer one is a wrong unit.
const LONGEST: f64 = 100.0 * 12.0 * MONTH * DAY;
/// More periods are almost certainly a mistake.
const MOST_PERIODS: usize = 100;

/// Times of entry.
#[derive(Clone, Debug)]
pub struct Accrual {
    /// Time over which patients enter (min).
    pub duration: f64,
    periods: Vec<Period>,
}

/// A period in which patients enter at a constant rate.
#[derive(Clone, Copy, Debug)]
struct Period {
    /// First and last time (min).
    from: f64,
    to: f64,
    /// Fraction of all patients who have entered before, and who enter in this period.
    before: f64,
    part: f64,
    /// Patients who enter per month.
    per_month: f64,
}

impl Accrual {
    /// Time of entry (min) of the patient at this fraction of all, in the order of entry.
    pub fn entry(&self, fraction: f64) -> f64 {
        let after = self.periods.partition_point(|period| period.before <= fraction);
        let Period { from, to, before, part, .. } = self.periods[after.max(1) - 1];
        from + (fraction - before) / part * (to - from)
    }

    /// What `il2 check` prints.
    pub fn said(&self) -> String {
        let days = |minutes: f64| format!("{} d", three_digits(minutes / DAY));
        if self.duration == 0.0 {
            return "all patients enter at the start".into();
        }
        let over = format!("patients enter over {}", days(self.duration));
        let [first, .., last] = &self.periods[..] else { return over };
        let until =
            |p: &Period| format!("{} a month until {}", three_digits(p.per_month), days(p.to));
        let mut all = vec![until(first)];
        all.extend(self.periods[1..self.periods.len() - 1].iter().map(until));
        format!("{over}: {}, then {}", all.join(", "), three_digits(last.per_month))
    }
}

/// Times of entry of a trial with this number of patients.
pub fn accrual(at: &str, part: &TrialPart, patients: usize) -> Result<Accrual, StudyError> {
    let constant = |to: f64| Period {
        from: 0.0,
        to,
        before: 0.0,
        part: 1.0,
        per_month: patients as f64 * MONTH * DAY / to,
    };
    match (&part.accrual, &part.accrual_periods) {
        (Some(_), Some(_)) => {
            let message = "and `accrual` both say when patients enter; keep one of the two";
            Err(StudyError::at(format!("{at}.accrual_periods"), message))
        }
        (None, Some(asked)) => periods(&format!("{at}.accrual_periods"), asked, patients),
        (text, None) => {
            let at = format!("{at}.accrual");
            let duration = text.as_ref().map_or(Ok(0.0), |text| choose::time(&at, text))?;
            Ok(Accrual { duration, periods: vec![constant(duration)] })
        }
    }
}

fn periods(at: &str, asked: &[AccrualPeriodPart], patients: usize) -> Result<Accrual, StudyError> {
    let all = patients as f64;
    let Some(last) = asked.len().checked_sub(1) else {
        let message = "is empty; give one or more periods, for example [{ rate = \"2 /month\", \
                       until = \"6 months\" }, { rate = \"8 /month\" }]";
        return Err(StudyError::at(at, message));
    };
    at_most(at, "periods", asked.len(), MOST_PERIODS)?;
    let (mut from, mut entered) = (0.0, 0.0);
    let mut periods = vec![];
    for (i, period) in asked.iter().enumerate() {
        let here = format!("{at}[{i}]");
        let rate = quantity(&format!("{here}.rate"), &period.rate, Dimension::RATE)?;
        if entered >= all {
            let message = format!(
                "begins when all {patients} patients have entered; leave this period out, shorten \
                 an earlier one, or use more patients"
            );
            return Err(StudyError::at(here, message));
        }
        let until = format!("{here}.until");
        let to = match &period.until {
            Some(_) if i == last => {
                let message = "has no meaning in the last period, which lasts until all patients \
                               have entered; leave it out, or add a period after it";
                return Err(StudyError::at(until, message));
            }
            None if i < last => {
                let message = "is missing, and only the last period may leave it out; add the time \
                               after the first entry at which this period ends, for example until \
                               = \"6 months\"";
                return Err(StudyError::at(until, message));
            }
            None if rate == 0.0 => {
                let message = format!(
                    "is zero in the last period, so that {} of {patients} patients would never \
                     enter; give the rate at which they enter, for example \"8 /month\"",
                    three_digits(all - entered)
                );
                return Err(StudyError::at(format!("{here}.rate"), message));
            }
            None => {
                let to = from + (all - entered) / rate;
                if to > LONGEST {
                    let message = format!(
                        "is so slow that the last of {patients} patients enters {} y after the \
                         first, and at most {} y are allowed; use a higher rate or fewer patients",
                        three_digits(to / (12.0 * MONTH * DAY)),
                        LONGEST / (12.0 * MONTH * DAY)
                    );
                    return Err(StudyError::at(format!("{here}.rate"), message));
                }
                to
            }
            Some(text) => choose::time(&until, text)?,
        };
        if to <= from && i < last {
            let message = format!(
                "is {} d after the first entry, not later than the end of the period before ({} \
                 d); give times that increase",
                three_digits(to / DAY),
                three_digits(from / DAY)
            );
            return Err(StudyError::at(until, message));
        }
        let full = if rate > 0.0 { from + (all - entered) / rate } else { f64::INFINITY };
        // A period without patients is a gap between its neighbours.
        if rate > 0.0 {
            let (before, per_month) = (entered / all, rate * MONTH * DAY);
            // The rest enters in the period that is long enough, at however high a rate.
            let part = if to < full { rate * (to - from) / all } else { 1.0 - before };
            periods.push(Period { from, to: to.min(full), before, part, per_month });
        }
        entered += rate * (to.min(full) - from);
        from = to;
        if full <= to {
            entered = all;
        }
    }
    let duration = periods.last().map_or(0.0, |period| period.to);
    Ok(Accrual { duration, periods })
}

#[cfg(test)]
mod tests {
    use super::*;
    use il2_study::study::text::QuantityText;

    /// Rates per month, each with the month of its end.
    fn of(patients: usize, all: &[(f64, Option<f64>)]) -> Result<Accrual, StudyError> {
        let part = |(rate, until): &(f64, Option<f64>)| AccrualPeriodPart {
            rate: QuantityText(format!("{rate} /month")),
            until: until.map(|until| QuantityText(format!("{until} months"))),
        };
        let asked: Vec<AccrualPeriodPart> = all.iter().map(part).collect();
        periods("assay.a.accrual_periods", &asked, patients)
    }

    fn months(minutes: f64) -> f64 {
        minutes / DAY / MONTH
    }

    #[test]
    fn entries_have_the_mean_and_the_counts_of_the_closed_form() {
        // 2 a month for 6 months, nobody for 2, 5 a month for 4, then 8: 12, 0, 20 and 88 of 120.
        let all = [(2.0, Some(6.0)), (0.0, Some(8.0)), (5.0, Some(12.0)), (8.0, None)];
        let accrual = of(120, &all).unwrap();
        assert!((months(accrual.duration) - 23.0).abs() < 1e-9);
        const N: usize = 120_000;
        let entries: Vec<f64> =
            (0..N).map(|i| months(accrual.entry((i as f64 + 0.5) / N as f64))).collect();
        let mean = entries.iter().sum::<f64>() / N as f64;
        // Each period has its middle as the mean.
        let closed = (12.0 * 3.0 + 20.0 * 10.0 + 88.0 * 17.5) / 120.0;
        assert!((mean - closed).abs() < 1e-6, "{mean} {closed}");
        for (month, patients) in [
            (3.0, 6.0),
            (6.0, 12.0),
            (7.0, 12.0),
            (8.0, 12.0),
            (10.0, 22.0),
            (12.0, 32.0),
            (18.0, 80.0),
        ] {
            let entered = entries.iter().filter(|entry| **entry <= month).count();
            let found = entered as f64 * 120.0 / N as f64;
            assert!((found - patients).abs() < 0.01, "{month}: {found}");
        }
        assert!(entries.windows(2).all(|pair| pair[0] <= pair[1]));
        // The first and the last patient.
        assert_eq!(accrual.entry(0.0), 0.0);
        assert!((months(accrual.entry(1.0)) - 23.0).abs() < 1e-9);
        assert_eq!(
            accrual.said(),
            "patients enter over 700 d: 2.00 a month until 183 d, 5.00 a month until 365 d, then 8.00"
        );
    }

    #[test]
    fn one_period_is_a_constant_rate() {
        let accrual = of(60, &[(5.0, None)]).unwrap();
        for fraction in [0.0, 0.25, 0.5, 1.0] {
            let entry = months(accrual.entry(fraction));
            assert!((entry - 12.0 * fraction).abs() < 1e-9, "{fraction}: {entry}");
        }
        assert_eq!(accrual.said(), "patients enter over 365 d");
    }

    #[test]
    fn periods_that_cannot_be_are_refused_with_what_to_write() {
        for (all, place, words) in [
            (&[][..], "", "is empty"),
            (&[(2.0, None), (8.0, None)], "[0].until", "only the last period"),
            (&[(2.0, Some(6.0))], "[0].until", "no meaning in the last period"),
            (&[(2.0, Some(6.0)), (0.0, None)], "[1].rate", "so that 88.0 of 100 patients"),
            (&[(2.0, Some(6.0)), (4.0, Some(6.0)), (8.0, None)], "[1].until", "increase"),
            (&[(2.0, Some(0.0)), (8.0, None)], "[0].until", "increase"),
            (&[(20.0, Some(6.0)), (8.0, None)], "[1]", "all 100 patients have entered"),
            (&[(-2.0, None)], "[0].rate", "-2"),
            (&[(2.0, Some(6.0)), (0.01, None)], "[1].rate", "enters 734 y after the first"),
        ] {
            let refused = of(100, all).unwrap_err();
            assert_eq!(refused.path, format!("assay.a.accrual_periods{place}"));
            assert!(refused.message.contains(words), "{words}: {}", refused.message);
        }
    }
}
