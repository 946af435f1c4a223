//! Records of an event table, as NONMEM's PREDPP reads them (NONMEM Users Guide, Part VI).

/// One line of an event table, in base units.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When (min), as the table counts it; may fall back only where a reset begins anew.
    pub time: f64,
    /// What it is.
    pub kind: Kind,
    /// Amount given (pmol, pg or IU, as the model counts).
    pub amount: f64,
    /// Compartment that it goes to, from 0.
    pub compartment: usize,
    /// How fast.
    pub rate: Rate,
    /// Whether doses went on long before.
    pub steady: Steady,
    /// Time between doses (min); 0 where there is one.
    pub interval: f64,
    /// Doses after the first.
    pub additional: u32,
    /// What the compartment does to the dose.
    pub delivery: Delivery,
}

/// What a record is (EVID).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 0: the state is looked at.
    Observation,
    /// 1: a dose.
    Dose,
    /// 2: something else, mostly a covariate that changes.
    Other,
    /// 3: everything starts anew, and what was still to come is called off.
    Reset,
    /// 4: a reset, then a dose.
    ResetAndDose,
}

/// How fast a dose goes in (RATE).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// 0: at once.
    AtOnce,
    /// Above 0: at this rate (amount/min). Bioavailability scales the duration.
    Given(f64),
    /// -1: at the rate of the compartment. Bioavailability scales the duration.
    Modelled,
    /// -2: over the duration of the compartment. Bioavailability scales the rate.
    ModelledDuration,
}

/// Whether the dose is one of many before it (SS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steady {
    /// 0: it is not.
    No,
    /// 1: the state becomes that of doses since ever; whatever was there or was to come is gone.
    Replaces,
    /// 2: the state of doses since ever is added to what is there.
    Adds,
}

/// What a compartment does to a dose (ALAG, F, D, R).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delivery {
    /// Delay (min).
    pub lag: f64,
    /// Part that arrives.
    pub bioavailability: f64,
    /// Duration of doses whose duration is modelled (min); NaN where none is given.
    pub duration: f64,
    /// Rate of doses whose rate is modelled (amount/min); NaN where none is given.
    pub rate: f64,
}

impl Default for Delivery {
    fn default() -> Self {
        Self { lag: 0.0, bioavailability: 1.0, duration: f64::NAN, rate: f64::NAN }
    }
}

/// More infusions than this at once are a slip of the pen.
const MOST_OVERLAPPING: f64 = 10_000.0;

impl Record {
    /// A look at the state.
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

    /// A dose at once.
    pub fn dose(time: f64, compartment: usize, amount: f64) -> Self {
        Self { kind: Kind::Dose, amount, compartment, ..Self::observation(time) }
    }

    /// How long it flows in (min), bioavailability reckoned in; none where it is there at once.
    pub fn duration(&self) -> Option<f64> {
        let arrives = self.delivery.bioavailability * self.amount;
        match self.rate {
            Rate::AtOnce => None,
            Rate::Given(rate) => Some(arrives / rate),
            Rate::Modelled => Some(arrives / self.delivery.rate),
            // Over no time at all: at once.
            Rate::ModelledDuration => Some(self.delivery.duration).filter(|d| *d > 0.0),
        }
    }

    /// Whether something is given.
    pub fn gives(&self) -> bool {
        matches!(self.kind, Kind::Dose | Kind::ResetAndDose)
    }

    /// Whether the state starts anew.
    pub fn resets(&self) -> bool {
        matches!(self.kind, Kind::Reset | Kind::ResetAndDose)
            || (self.gives() && self.steady == Steady::Replaces)
    }

    /// What is wrong with the record by itself: the column (ALAG and F without the number of the
    /// compartment) and a sentence with the remedy, whose subject is what stands there.
    pub fn problem(&self) -> Option<(&'static str, String)> {
        let d = &self.delivery;
        if !(self.time.is_finite()) {
            return Some(("TIME", "is no time; write a number".into()));
        }
        if !self.gives() {
            let given = [
                ("AMT", self.amount != 0.0),
                ("ADDL", self.additional > 0),
                ("SS", self.steady != Steady::No),
                ("RATE", self.rate != Rate::AtOnce),
            ];
            // II is allowed to stand there and means nothing.
            return given.into_iter().find(|(_, given)| *given).map(|(column, _)| {
                (
                    column,
                    "stands in a row that gives nothing (EVID 0, 2 or 3); write 0, or EVID 1"
                        .into(),
                )
            });
        }
        let constant = self.is_constant();
        let finite = |v: f64| v.is_finite() && v >= 0.0;
        if !finite(self.amount) {
            return Some(("AMT", "is no amount; write a number, zero or more".into()));
        }
        if self.amount == 0.0 && !constant {
            let message = "is 0 in a dose row; write the amount, or EVID 2 if nothing is given \
                           (a constant infusion to steady state has AMT 0, SS 1 and RATE above 0)";
            return Some(("AMT", message.into()));
        }
        if !finite(self.interval) {
            return Some(("II", "is no interval; write a number, zero or more".into()));
        }
        if constant && (self.interval > 0.0 || self.additional > 0) {
            let message = "is above 0 in a constant infusion (AMT 0, SS 1): it has no doses to repeat; write 0";
            return Some((if self.interval > 0.0 { "II" } else { "ADDL" }, message.into()));
        }
        if self.additional > 0 && self.interval == 0.0 {
            return Some((
                "II",
                "is 0 though ADDL asks for more doses; write the time between doses".into(),
            ));
        }
        if self.steady != Steady::No && self.interval == 0.0 && !constant {
            return Some((
                "II",
                "is 0 though SS asks for a steady state; write the time between doses".into(),
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
                    "is -1, and the compartment has no rate above 0; give it one (R and its number)"
                }
                _ => "is no rate; write a number above 0, 0 for at once, -1 or -2",
            };
            return Some(("RATE", message.into()));
        }
        if constant && self.rate == Rate::ModelledDuration {
            let message = "is -2 where AMT is 0: a constant infusion has no duration; write its rate, \
                           or -1 for that of the compartment";
            return Some(("RATE", message.into()));
        }
        if !finite(d.lag) {
            return Some(("ALAG", "is no delay; write a number, zero or more".into()));
        }
        if !finite(d.bioavailability) {
            return Some(("F", "is no part; write a number, zero or more".into()));
        }
        if !finite(self.duration().unwrap_or(0.0)) && self.rate != Rate::ModelledDuration {
            let message = "is so small that the dose would flow for ever; write a larger rate";
            return Some(("RATE", message.into()));
        }
        // A delay longer than the interval lets infusions wait for each other, too.
        let overlapping = (self.duration().unwrap_or(0.0) + d.lag) / self.interval;
        if self.steady != Steady::No && !constant && overlapping > MOST_OVERLAPPING {
            let message = "is so short that more than 10000 infusions would flow at once; write a longer \
                           one, or a constant infusion (AMT 0, SS 1)";
            return Some(("II", message.into()));
        }
        if self.rate == Rate::ModelledDuration && !finite(d.duration) {
            let message =
                "is -2, and the compartment has no duration; give it one (D and its number)";
            return Some(("RATE", message.into()));
        }
        None
    }

    /// Whether this is a constant infusion to steady state, switched off right after the record.
    pub fn is_constant(&self) -> bool {
        self.gives() && self.amount == 0.0 && self.steady != Steady::No && self.rate != Rate::AtOnce
    }
}
