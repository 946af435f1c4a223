//! Records of an event table, as NONMEM's PREDPP reads them (NONMEM Users Guide, Part VI).

/// One line of an event table, in base units.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// TIME of the table (min); may decrease only at a reset.
    pub time: f64,
    /// Kind of the record.
    pub kind: Kind,
    /// Amount given (pmol, pg or IU, in the unit of the model).
    pub amount: f64,
    /// Index of the compartment, from 0.
    pub compartment: usize,
    /// Rate of the dose.
    pub rate: Rate,
    /// Steady state.
    pub steady: Steady,
    /// Time between doses (min); 0 if there is only one dose.
    pub interval: f64,
    /// Number of doses after the first.
    pub additional: u32,
    /// How the compartment modifies the dose.
    pub delivery: Delivery,
}

/// Kind of a record (EVID).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 0: an observation.
    Observation,
    /// 1: a dose.
    Dose,
    /// 2: other, usually a change of a covariate.
    Other,
    /// 3: a reset, which cancels pending doses.
    Reset,
    /// 4: a reset, then a dose.
    ResetAndDose,
}

/// Rate of a dose (RATE).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// 0: a bolus.
    AtOnce,
    /// Above 0: infusion at this rate (amount/min). Bioavailability scales the duration.
    Given(f64),
    /// -1: infusion at the rate of the compartment. Bioavailability scales the duration.
    Modelled,
    /// -2: infusion over the duration of the compartment. Bioavailability scales the rate.
    ModelledDuration,
}

/// Whether a dose is at steady state (SS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steady {
    /// 0: the dose is not at steady state.
    No,
    /// 1: the state becomes the steady state; earlier amounts and pending doses are removed.
    Replaces,
    /// 2: the steady state is added to the present state.
    Adds,
}

/// How a compartment modifies a dose (ALAG, F, D, R).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delivery {
    /// Delay (min).
    pub lag: f64,
    /// Bioavailability.
    pub bioavailability: f64,
    /// Duration of doses whose duration is modelled (min); NaN if none is given.
    pub duration: f64,
    /// Rate of doses whose rate is modelled (amount/min); NaN if none is given.
    pub rate: f64,
}

impl Default for Delivery {
    fn default() -> Self {
        Self { lag: 0.0, bioavailability: 1.0, duration: f64::NAN, rate: f64::NAN }
    }
}

/// Largest number of simultaneous infusions; a larger number indicates a mistake.
const MOST_OVERLAPPING: f64 = 10_000.0;

impl Record {
    /// An observation.
    pub fn observation(time: f64) -> Self {
        Self {
            time,
            kind: Kind::Observation,
            amount: 0.0,
            compartment: 0,
            rate: Rate::AtOnce,
            steady: Steady::No,
            interval: 0.0,
            additional: 0,
            delivery: Delivery::default(),
        }
    }

    /// A bolus.
    pub fn dose(time: f64, compartment: usize, amount: f64) -> Self {
        Self { kind: Kind::Dose, amount, compartment, ..Self::observation(time) }
    }

    /// Duration of the infusion (min), including the effect of bioavailability; none for a bolus.
    pub fn duration(&self) -> Option<f64> {
        let arrives = self.delivery.bioavailability * self.amount;
        match self.rate {
            Rate::AtOnce => None,
            Rate::Given(rate) => Some(arrives / rate),
            Rate::Modelled => Some(arrives / self.delivery.rate),
            // A duration of zero is a bolus.
            Rate::ModelledDuration => Some(self.delivery.duration).filter(|d| *d > 0.0),
        }
    }

    /// Whether the record gives a dose.
    pub fn gives(&self) -> bool {
        matches!(self.kind, Kind::Dose | Kind::ResetAndDose)
    }

    /// Whether the record resets the state.
    pub fn resets(&self) -> bool {
        matches!(self.kind, Kind::Reset | Kind::ResetAndDose)
            || (self.gives() && self.steady == Steady::Replaces)
    }

    /// What is wrong with the record on its own: the column (ALAG and F without the number of the
    /// compartment), and a sentence with advice whose subject is the value.
    pub fn problem(&self) -> Option<(&'static str, String)> {
        let d = &self.delivery;
        if !(self.time.is_finite()) {
            return Some(("TIME", "is not a time; use a number".into()));
        }
        if !self.gives() {
            let given = [
                ("AMT", self.amount != 0.0),
                ("ADDL", self.additional > 0),
                ("SS", self.steady != Steady::No),
                ("RATE", self.rate != Rate::AtOnce),
            ];
            // II is allowed here but has no meaning.
            return given.into_iter().find(|(_, given)| *given).map(|(column, _)| {
                (
                    column,
                    "is in a row without a dose (EVID 0, 2 or 3); set it to 0, or set EVID to 1"
                        .into(),
                )
            });
        }
        let constant = self.is_constant();
        let finite = |v: f64| v.is_finite() && v >= 0.0;
        if !finite(self.amount) {
            return Some(("AMT", "is not an amount; use zero or a number above zero".into()));
        }
        if self.amount == 0.0 && !constant {
            let message = "is 0 in a dose row; give the amount, or set EVID to 2 if nothing is \
                           given (a constant infusion to steady state has AMT 0, SS 1 and RATE \
                           above 0)";
            return Some(("AMT", message.into()));
        }
        if !finite(self.interval) {
            return Some(("II", "is not an interval; use zero or a number above zero".into()));
        }
        if constant && (self.interval > 0.0 || self.additional > 0) {
            let message = "is above 0 in a constant infusion (AMT 0, SS 1), which has no doses to \
                           repeat; set it to 0";
            return Some((if self.interval > 0.0 { "II" } else { "ADDL" }, message.into()));
        }
        if self.additional > 0 && self.interval == 0.0 {
            return Some((
                "II",
                "is 0, but ADDL requests more doses; give the time between doses".into(),
            ));
        }
        if self.steady != Steady::No && self.interval == 0.0 && !constant {
            return Some((
                "II",
                "is 0, but SS requests a steady state; give the time between doses".into(),
            ));
        }
        let rate = match self.rate {
            Rate::Given(rate) => Some(rate),
            Rate::Modelled => Some(d.rate),
            Rate::AtOnce | Rate::ModelledDuration => None,
        };
        if rate.is_some_and(|rate| !(rate > 0.0 && rate.is_finite())) {
            let message = match self.rate {
                Rate::Modelled => {
                    "is -1, but the compartment has no rate above 0; give a rate for it (R and the \
                     number of the compartment)"
                }
                _ => "is not a rate; use a number above 0, 0 for a bolus, -1 or -2",
            };
            return Some(("RATE", message.into()));
        }
        if constant && self.rate == Rate::ModelledDuration {
            let message = "is -2, but AMT is 0: a constant infusion has no duration; give its \
                           rate, or -1 for the rate of the compartment";
            return Some(("RATE", message.into()));
        }
        if !finite(d.lag) {
            return Some(("ALAG", "is not a delay; use zero or a number above zero".into()));
        }
        if !finite(d.bioavailability) {
            return Some(("F", "is not a fraction; use zero or a number above zero".into()));
        }
        if !finite(self.duration().unwrap_or(0.0)) && self.rate != Rate::ModelledDuration {
            let message = "is so small that the infusion would never end; use a larger rate";
            return Some(("RATE", message.into()));
        }
        // If the delay is longer than the interval, several infusions are also pending at the same
        // time.
        let overlapping = (self.duration().unwrap_or(0.0) + d.lag) / self.interval;
        if self.steady != Steady::No && !constant && overlapping > MOST_OVERLAPPING {
            let message = "is so short that more than 10000 infusions would run at the same time; \
                           use a longer interval, or a constant infusion (AMT 0, SS 1)";
            return Some(("II", message.into()));
        }
        if self.rate == Rate::ModelledDuration && !finite(d.duration) {
            let message = "is -2, but the compartment has no duration; give a duration for it (D \
                           and the number of the compartment)";
            return Some(("RATE", message.into()));
        }
        None
    }

    /// Whether this is a constant infusion to steady state, stopped at the record.
    pub fn is_constant(&self) -> bool {
        self.gives() && self.amount == 0.0 && self.steady != Steady::No && self.rate != Rate::AtOnce
    }
}
