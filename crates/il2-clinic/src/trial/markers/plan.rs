//! The markers of a study.

use il2::tumour::host::{Feature, Host, Variability};
use il2::tumour::marker::Marker;
use il2_study::study::trial::{MarkerPart, ReplicationPart, TrialPart};
use il2_study::values::unknown;
use il2_study::{StudyError, choose, whole};

/// More markers than any trial lists one by one; further ones without a link are a number.
const MOST_MARKERS: usize = 50;

/// The markers of a trial, and what they decide.
#[derive(Clone, Debug, Default)]
pub struct Markers {
    /// Markers in the order of the study.
    pub all: Vec<Marker>,
    /// Indices of the markers that must be positive for a patient to enter.
    pub eligible: Vec<usize>,
    /// Indices of the markers whose combinations are strata.
    pub strata: Vec<usize>,
    /// Samples in which markers are tried and tested again, if any.
    pub replication: Option<Replication>,
}

/// A retrospective and a prospective sample.
#[derive(Clone, Debug)]
pub struct Replication {
    /// Patients of the retrospective sample.
    pub retrospective: usize,
    /// Responders among them; none for a random sample.
    pub responders: Option<usize>,
    /// Patients of the prospective sample.
    pub prospective: usize,
    /// Markers without a link that are tried in addition.
    pub unrelated: usize,
    /// Cut-offs at which each marker is tried.
    pub cut_offs: usize,
    /// Two-sided p value of a finding.
    pub alpha: f64,
    /// Index of the arm from which patients are drawn.
    pub arm: usize,
    /// Number of pairs of samples.
    pub resamples: u64,
}

/// The markers of a study; `sizes` are the numbers of patients of each arm of one trial.
pub fn markers(
    at: &str,
    part: &TrialPart,
    sizes: &[usize],
    of: &Variability,
) -> Result<Markers, StudyError> {
    choose::at_most(&format!("{at}.markers"), "markers", part.markers.len(), MOST_MARKERS)?;
    let read = |(name, own): (&String, &MarkerPart)| {
        marker(&format!("{at}.markers.{name}"), name, own, of)
    };
    let all: Vec<Marker> = part.markers.iter().map(read).collect::<Result<_, _>>()?;
    let place = format!("{at}.markers");
    let chosen = |key: &str, names: &[String]| {
        let at = format!("{at}.{key}");
        if names.is_empty() {
            return Ok(vec![]);
        }
        choose::each_once(&at, names)?;
        let index = |(i, name): (usize, &String)| {
            let known = all.iter().map(|marker| marker.name.as_str());
            let missing = || unknown(&format!("{at}[{i}]"), "marker", name, known, &place);
            all.iter().position(|marker| marker.name == *name).ok_or_else(missing)
        };
        names.iter().enumerate().map(index).collect::<Result<Vec<usize>, _>>()
    };
    let (eligible, strata) = (chosen("eligible", &part.eligible)?, chosen("strata", &part.strata)?);
    let part_eligible: f64 = eligible.iter().map(|k| all[*k].positive).product();
    if part_eligible < LEAST_ELIGIBLE {
        let message = format!(
            "leaves one candidate in {:.0} if markers are independent; name fewer markers, or raise \
             their `positive` (at least one candidate in {:.0})",
            1.0 / part_eligible,
            1.0 / LEAST_ELIGIBLE
        );
        return Err(StudyError::at(format!("{at}.eligible"), message));
    }
    if let Some(both) = strata.iter().find(|k| eligible.contains(k)) {
        let message = format!(
            "contains {}, which is positive in every patient of the trial because it is in \
             `eligible`; leave it out of one of the two",
            all[*both].name
        );
        return Err(StudyError::at(format!("{at}.strata"), message));
    }
    let replication = part.replication.as_ref();
    let replication =
        replication.map(|own| read_replication(&format!("{at}.replication"), own, part, sizes));
    Ok(Markers { all, eligible, strata, replication: replication.transpose()? })
}

/// The stratum of a patient: a binary digit for each of the markers that divide patients.
pub fn stratum(strata: &[usize], host: &Host) -> usize {
    strata.iter().fold(0, |stratum, k| 2 * stratum + usize::from(host.markers[*k].positive))
}

/// The stratum of each patient; none if patients are not divided into strata.
pub fn strata_of<'a>(strata: &[usize], all: impl Iterator<Item = &'a Host>) -> Option<Vec<usize>> {
    (!strata.is_empty()).then(|| all.map(|host| stratum(strata, host)).collect())
}

/// A marker.
fn marker(at: &str, name: &str, part: &MarkerPart, of: &Variability) -> Result<Marker, StudyError> {
    let positive = part.positive.0;
    if !(positive > 0.0 && positive < 1.0) {
        let message = format!(
            "is {positive}; a marker that all or no patients have distinguishes nobody; give a \
             fraction between 0 and 1, for example 0.3 or \"30 %\""
        );
        return Err(StudyError::at(format!("{at}.positive"), message));
    }
    let feature = |at: &str, name: &str, allowed: &[Feature]| {
        let known = allowed.iter().map(|feature| feature.name());
        let missing = || unknown(at, "number", name, known, "a marker");
        allowed.iter().copied().find(|feature| feature.name() == name).ok_or_else(missing)
    };
    let mut factors = vec![];
    for (key, factor) in &part.factors {
        let at = format!("{at}.factors.{key}");
        let feature = feature(&at, key, &Feature::ALL)?;
        if !(LEAST_FACTOR..=1.0 / LEAST_FACTOR).contains(factor) {
            let message = format!(
                "is {factor}; give the ratio of positive to negative patients, from {LEAST_FACTOR} \
                 to {}",
                1.0 / LEAST_FACTOR
            );
            return Err(StudyError::at(at, message));
        }
        factors.push((feature, *factor));
    }
    let follows = match (&part.follows, part.correlation) {
        (None, None) => None,
        (Some(_), None) => {
            let message = "is needed with `follows`; give a number from -1 to 1, for example 0.5";
            return Err(StudyError::at(format!("{at}.correlation"), message));
        }
        (None, Some(_)) => {
            let message = "needs `follows`, the number with which the marker is correlated, for \
                           example follows = \"volume\"";
            return Err(StudyError::at(format!("{at}.correlation"), message));
        }
        (Some(name), Some(correlation)) => {
            let at_name = format!("{at}.follows");
            let measurable = [Feature::Volume, Feature::Growth, Feature::Effectors];
            let feature = feature(&at_name, name, &measurable)?;
            if !of.varies(feature) {
                let message = format!(
                    "is {name}, which is the same in all patients of this disease; set its spread \
                     above zero, or follow another number"
                );
                return Err(StudyError::at(at_name, message));
            }
            if !(-1.0..=1.0).contains(&correlation) {
                let message = format!("is {correlation}; give a number from -1 to 1");
                return Err(StudyError::at(format!("{at}.correlation"), message));
            }
            Some((feature, correlation))
        }
    };
    Ok(Marker { name: name.into(), positive, factors, follows })
}

/// With fewer eligible candidates, finding them would take longer than the trial.
const LEAST_ELIGIBLE: f64 = 1e-3;

/// A larger ratio is almost certainly a wrong unit.
const LEAST_FACTOR: f64 = 0.001;

/// Simulated patients for each patient of the larger sample.
const PATIENTS_PER_SAMPLE: usize = 5;

/// The samples of a replication.
fn read_replication(
    at: &str,
    part: &ReplicationPart,
    trial: &TrialPart,
    sizes: &[usize],
) -> Result<Replication, StudyError> {
    let whole = |key: &str, number: u32| whole::checked(&format!("{at}.{key}"), number);
    let retrospective = whole("retrospective", part.retrospective)?;
    let responders = part.responders.map(|n| whole("responders", n)).transpose()?;
    if let Some(n) = responders.filter(|n| n + 2 > retrospective) {
        let message = format!(
            "is {n} of {retrospective} patients; at least two patients of the sample must not \
             respond, or nothing can be compared"
        );
        return Err(StudyError::at(format!("{at}.responders"), message));
    }
    let prospective = whole("prospective", part.prospective)?;
    let unrelated = whole("unrelated", part.unrelated)?;
    let cut_offs = whole("cut_offs", part.cut_offs.unwrap_or(1))?;
    if trial.markers.is_empty() && unrelated == 0 {
        let message = "has no marker to try; add a table of [assay.NAME.markers], or give the number \
                       of `unrelated` markers";
        return Err(StudyError::at(at, message));
    }
    let alpha = part.alpha.map_or(0.05, |alpha| alpha.0);
    if !(0.0001..=0.2).contains(&alpha) {
        let message = format!("is {alpha}; give a p value from 0.0001 to 0.2");
        return Err(StudyError::at(format!("{at}.alpha"), message));
    }
    let arm = match &part.arm {
        None => trial.arms.len() - 1,
        Some(name) => {
            let names = trial.arms.keys().map(String::as_str);
            let missing = || unknown(&format!("{at}.arm"), "arm", name, names, "this trial");
            trial.arms.get_index_of(name).ok_or_else(missing)?
        }
    };
    // Chance associations of the simulated patients would otherwise be found in both samples.
    let least = PATIENTS_PER_SAMPLE * retrospective.max(prospective);
    let of_arm = sizes[arm] * trial.replicates.unwrap_or(1) as usize;
    if of_arm < least {
        let message = format!(
            "needs at least {least} simulated patients in the arm, {PATIENTS_PER_SAMPLE} times the larger \
             sample, but the study simulates {of_arm}; use more `replicates` or `patients`"
        );
        return Err(StudyError::at(at, message));
    }
    let resamples = whole("resamples", part.resamples.unwrap_or(1000))? as u64;
    Ok(Replication {
        retrospective,
        responders,
        prospective,
        unrelated,
        cut_offs,
        alpha,
        arm,
        resamples,
    })
}
