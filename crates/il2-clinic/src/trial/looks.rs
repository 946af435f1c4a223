//! When a trial is analysed: at a number of events, and at interim looks that may stop it earlier.

use crate::trial::markers::plan::strata_of;
use crate::trial::subject::Subject;
use il2::quantity::DAY;
use il2_inference::survival::follow_up::FollowUp;
use il2_inference::survival::group_sequential::conditional_power;
use il2_inference::survival::log_rank::{Weight, log_rank};
use il2_study::StudyError;
use il2_study::values::unknown;

/// The kind of event that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Deaths.
    Survival,
    /// Progressions and deaths.
    ProgressionFree,
}

impl Endpoint {
    /// A subject's time to this event.
    pub fn of(self, subject: &Subject) -> FollowUp {
        match self {
            Endpoint::Survival => subject.survival(),
            Endpoint::ProgressionFree => subject.progression_free(),
        }
    }

    /// The name of the time to this event.
    pub fn name(self) -> &'static str {
        match self {
            Endpoint::Survival => "survival",
            Endpoint::ProgressionFree => "progression-free survival",
        }
    }

    /// The plural of the event, for a sentence.
    pub fn events(self) -> &'static str {
        match self {
            Endpoint::Survival => "deaths",
            Endpoint::ProgressionFree => "progressions or deaths",
        }
    }
}

/// The kind of event that a study names at `at`; deaths if it names none.
pub fn endpoint(at: &str, asked: Option<&str>) -> Result<Endpoint, StudyError> {
    let all = [Endpoint::Survival, Endpoint::ProgressionFree];
    let Some(asked) = asked else { return Ok(all[0]) };
    let known = all.map(Endpoint::name).into_iter();
    let missing = || unknown(at, "event", asked, known, "a trial");
    all.into_iter().find(|of| of.name() == asked).ok_or_else(missing)
}

/// A trial that ends with an event.
#[derive(Clone, Debug)]
pub struct CutOff {
    /// Number of events in all arms.
    pub events: usize,
    /// The kind of event that is counted.
    pub of: Endpoint,
}

/// Interim looks that compare the second arm with the first.
#[derive(Clone, Debug)]
pub struct Looks {
    /// Fractions of the events at the cut-off; the last is 1.
    pub parts: Vec<f64>,
    /// Limits of |z|.
    pub limits: Vec<f64>,
    /// Conditional power below which a trial stops for futility, if ever.
    pub futility: Option<f64>,
}

/// A look at a trial.
#[derive(Clone, Debug)]
pub struct Look {
    /// Number of events up to the look.
    pub events: usize,
    /// Time of the look (months after the first entry).
    pub month: f64,
    /// Patients who had entered.
    pub entered: usize,
    /// Standard deviations by which the second arm has fewer events than expected.
    pub z: f64,
    /// Limit of |z| beyond which there is a difference.
    pub limit: f64,
    /// Probability of ending above the last limit under the current trend; none at the last look.
    pub conditional_power: Option<f64>,
    /// The decision at this look.
    pub decision: Decision,
}

/// The decision at a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Neither limit was passed.
    GoesOn,
    /// The second arm is better.
    Better,
    /// The second arm is worse.
    Worse,
    /// The second arm is too unlikely to prove better.
    Futile,
    /// The last look found nothing.
    NoDifference,
}

impl Decision {
    /// The decision as tables write it.
    pub fn name(self) -> &'static str {
        match self {
            Decision::GoesOn => "goes on",
            Decision::Better => "better",
            Decision::Worse => "worse",
            Decision::Futile => "futile",
            Decision::NoDifference => "no difference",
        }
    }
}

/// Trial time (min) at which the event with this number happens; none if there are fewer events.
pub fn when(arms: &[&[Subject]], of: Endpoint, number: usize) -> Option<f64> {
    let all = arms.iter().copied().flatten().filter(|s| s.failure.is_none());
    let event = |s: &Subject| {
        let time = of.of(s);
        time.event.then_some(s.entry + time.time)
    };
    let mut times: Vec<f64> = all.filter_map(event).collect();
    times.sort_by(f64::total_cmp);
    // Slightly later, so that the event itself is included despite rounding.
    times.get(number.checked_sub(1)?).map(|time| time * (1.0 + 1e-12))
}

/// The looks at a trial until one stops it; `strata` are the markers that divide patients. A look whose number of events is never reached does not
/// take place; the last look is then at the end of the trial.
pub fn looks(
    strata: &[usize],
    arms: [&[Subject]; 2],
    of: &CutOff,
    looks: &Looks,
    end: f64,
) -> Vec<Look> {
    let mut all = vec![];
    let last_limit = looks.limits.last().copied().unwrap_or(f64::NAN);
    for (k, (part, limit)) in looks.parts.iter().zip(&looks.limits).enumerate() {
        let last = k + 1 == looks.parts.len();
        // 55 % of 100 events are 55, although the product is a little more.
        let wanted = (part * of.events as f64 - 1e-9).ceil() as usize;
        let at = match (when(&arms, of.of, wanted), last) {
            (Some(at), _) => at,
            (None, true) => end,
            (None, false) => continue,
        };
        let Some(mut look) = look(strata, arms, of.of, at, *limit) else { continue };
        let power = conditional_power(look.z, *part, last_limit);
        look.conditional_power = (!last).then_some(power);
        look.decision = match looks.futility {
            _ if look.z >= *limit => Decision::Better,
            _ if look.z <= -limit => Decision::Worse,
            _ if last => Decision::NoDifference,
            Some(least) if power < least => Decision::Futile,
            _ => Decision::GoesOn,
        };
        let stops = look.decision != Decision::GoesOn;
        all.push(look);
        if stops {
            break;
        }
    }
    all
}

/// The look at both arms at a time of the trial; none if an arm has no patients or no event has
/// happened.
fn look(
    strata: &[usize],
    arms: [&[Subject]; 2],
    of: Endpoint,
    at: f64,
    limit: f64,
) -> Option<Look> {
    let mut records = vec![];
    let (mut groups, mut hosts) = (vec![], vec![]);
    for (group, arm) in arms.iter().enumerate() {
        for s in arm.iter().filter(|s| s.failure.is_none() && s.entry < at) {
            let (whole, until) = (of.of(s), at - s.entry);
            records.push(FollowUp {
                time: whole.time.min(until),
                event: whole.event && whole.time <= until,
            });
            groups.push(group);
            hosts.push(&s.host);
        }
    }
    let strata = strata_of(strata, hosts.into_iter());
    let test = log_rank(&records, &groups, strata.as_deref(), Weight::default()).ok()?;
    Some(Look {
        events: records.iter().filter(|r| r.event).count(),
        month: at / DAY / super::hazards::MONTH,
        entered: records.len(),
        z: test.z(0),
        limit,
        conditional_power: None,
        decision: Decision::GoesOn,
    })
}
