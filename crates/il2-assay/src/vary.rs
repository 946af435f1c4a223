//! The numbers that vary: their ranges, and the parameters that they set in each cell's network.

use il2::culture::Prepared;
use il2::culture::uncertainty::drawn;
use il2::parameter::within;
use il2::quantity::{Quantity, base_unit};
use il2_engine::network::{Network, ParameterId, ParameterValue};
use il2_engine::words::shown;
use il2_engine::{Dimension, Limits, math};
use il2_inference::posterior::{Scale, Unknown};
use il2_inference::statistics::central_interval;
use il2_study::StudyError;
use il2_study::chains::number_meant;
use il2_study::library::{Library, ModelEntry};
use il2_study::study::Study;
use il2_study::study::sensitivity::VariedPart;
use indexmap::IndexMap;

/// Number of draws from which the posterior spread of a number is computed.
const DRAWS: u64 = 200;
/// Fraction of the draws that is within the range along which elementary effects move.
const INSIDE: f64 = 0.95;

/// A cell on which the ligand is given.
#[derive(Clone, Debug)]
pub struct OnCell {
    /// Label of the cell.
    pub label: String,
    /// Model, ligand, cell and medium at the values of the study.
    pub prepared: Prepared,
}

/// A number that varies.
#[derive(Clone, Debug)]
pub struct Varied {
    /// Its name in the study.
    pub name: String,
    /// Dimension of the number.
    pub dimension: Dimension,
    /// Unit of the range in the study, and one such unit in base units.
    pub unit: (String, f64),
    /// Value in the study, in base units.
    pub value: f64,
    /// By cell: the parameter of the network that it sets, and the ratio of its value in the
    /// network to its value in the study.
    pub(crate) sets: Vec<Option<(ParameterId, f64)>>,
    range: Option<Range>,
}

/// A range of a number.
#[derive(Clone, Debug)]
struct Range {
    /// Scale and distribution of the values, centred on the middle of the range.
    unknown: Unknown,
    /// Ends between which the number varies evenly, from one spread below the centre to one above;
    /// if none, it varies normally.
    even: Option<[f64; 2]>,
}

impl Varied {
    /// The value (base units) at a position in the range from 0 to 1. With `evenly`, positions are
    /// evenly spaced even if values at the ends are improbable, as elementary effects require.
    pub(crate) fn at(&self, part: f64, evenly: bool) -> f64 {
        let Some(Range { unknown, even }) = &self.range else { return self.value };
        let tail = 0.5 - 0.5 * INSIDE;
        unknown.value(match (even.is_some(), evenly) {
            (true, _) => 2.0 * part - 1.0,
            (false, true) => (2.0 * part - 1.0) * math::normal_quantile(1.0 - tail),
            (false, false) => math::normal_quantile(part),
        })
    }

    /// The same for evenly spaced positions; the ends are exactly those in the study.
    pub(crate) fn between(&self, part: f64) -> f64 {
        match self.range.as_ref().and_then(|range| range.even) {
            Some([low, _]) if part == 0.0 => low,
            Some([_, high]) if part == 1.0 => high,
            _ => self.at(part, true),
        }
    }

    /// Position of a value (base units) in its range, from 0 to 1; a value outside is moved to the
    /// nearest end.
    pub(crate) fn part(&self, value: f64) -> f64 {
        let Some(Range { unknown, .. }) = &self.range else { return 0.5 };
        (0.5 + 0.5 * (unknown.scale.of(value) - unknown.centre) / unknown.spread).clamp(0.0, 1.0)
    }

    /// A value shifted by a step on the scale on which the number varies: its logarithm, or its
    /// log-odds.
    pub(crate) fn shifted(&self, value: f64, by: f64) -> f64 {
        let scale = self.range.as_ref().map_or(Scale::Logarithm, |range| range.unknown.scale);
        let name = self.name.clone();
        Unknown { name, centre: scale.of(value), spread: 1.0, scale }.value(by)
    }

    /// Whether the number varies according to its posterior.
    pub(crate) fn of_posterior(&self) -> bool {
        self.range.as_ref().is_some_and(|range| range.even.is_none())
    }

    /// Ends of the range (base units); for a posterior, those of its central 95 %.
    pub fn ends(&self) -> [f64; 2] {
        [0.0, 1.0].map(|part| self.at(part, true))
    }
}

/// All numbers that an assay varies. With `local`, the assay needs no ranges, and varies all
/// numbers if it names none.
pub(crate) fn all(
    study: &Study,
    at: &str,
    entry: &ModelEntry,
    cells: &[OnCell],
    parts: &IndexMap<String, VariedPart>,
    local: bool,
) -> Result<Vec<Varied>, StudyError> {
    let at = format!("{at}.parameters");
    let networks: Vec<Network> = cells.iter().map(|cell| as_set(cell, &[])).collect();
    let names: Vec<String> = match parts.is_empty() {
        false => parts.keys().cloned().collect(),
        true if local => every(cells, &networks),
        true => {
            let message = "is empty; add a number and its range, for example k_internalise = \
                           [\"0.05 /min\", \"0.2 /min\"]";
            return Err(StudyError::at(at, message));
        }
    };
    let mut draws: Option<Vec<Vec<Vec<f64>>>> = None;
    let mut varied: Vec<Varied> = vec![];
    for name in &names {
        let at = format!("{at}.{name}");
        let mut number = found(&at, name, cells, &networks)?;
        match parts.get(name) {
            Some(VariedPart::Ends(ends)) if !local => {
                let texts = [&ends[0].0, &ends[1].0];
                let limits = limits(&number, &networks);
                number.range = Some(between(&at, &number, limits, texts)?);
                number.unit = unit(&at, texts[0])?;
            }
            Some(VariedPart::Word(word)) if word != "posterior" => {
                let known = ["posterior"].into_iter();
                return Err(il2_study::values::unknown(&at, "range", word, known, "ranges"));
            }
            Some(VariedPart::Word(_)) if !local => {
                if draws.is_none() {
                    draws = Some(posterior_draws(study, &at, entry, cells)?);
                }
                let draws = draws.as_ref().expect("just drawn");
                number.range = Some(as_drawn(&at, &number, limits(&number, &networks), draws)?);
            }
            _ => {}
        }
        varied.push(number);
    }
    each_reads(&at, cells, &varied)?;
    Ok(varied)
}

/// The network of a cell with the numbers that the study sets; those in `also` are no longer derived.
fn as_set(cell: &OnCell, also: &[ParameterId]) -> Network {
    let (model, values) = cell.prepared.network().expect("checked in the plan");
    let mut network = model.network.clone();
    for (i, parameter) in network.parameters.iter_mut().enumerate() {
        if cell.prepared.parameters[i].overridden || also.contains(&ParameterId(i)) {
            parameter.value = ParameterValue::Given(values[i]);
        }
    }
    network
}

/// Every number that could vary; numbers of cells have names that distinguish the cells.
fn every(cells: &[OnCell], networks: &[Network]) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for (cell, network) in cells.iter().zip(networks) {
        let read = network.read();
        let values = cell.prepared.network().expect("checked in the plan").1;
        for (i, parameter) in network.parameters.iter().enumerate() {
            let fixed = matches!(parameter.limits, Limits::Constant | Limits::Follows);
            let derived = matches!(parameter.value, ParameterValue::Derived(_));
            if fixed || derived || !read[i] || values[i] <= 0.0 {
                continue;
            }
            let chain = parameter.name.strip_suffix("_number");
            let name = match chain.filter(|_| cell.prepared.setup.cell.is_some()) {
                Some(chain) => format!("{}.receptors.{chain}", cell.label),
                None => parameter.name.clone(),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The parameters that a name denotes.
fn found(
    at: &str,
    name: &str,
    cells: &[OnCell],
    networks: &[Network],
) -> Result<Varied, StudyError> {
    let mut sets: Vec<Option<ParameterId>> = vec![];
    for (cell, network) in cells.iter().zip(networks) {
        let named = in_network(name, cell);
        sets.push(named.iter().find_map(|name| network.parameter_named(name)));
    }
    let Some(first) = sets.iter().position(Option::is_some) else {
        wild_type(at, name, cells)?;
        let known = || networks.iter().flat_map(|n| n.parameters.iter().map(|p| p.name.as_str()));
        let chains = every(cells, networks);
        let all = known().chain(chains.iter().map(String::as_str));
        let hint = match number_meant(name, all) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "`il2 check --full` lists all numbers".to_string(),
        };
        let message = format!("the model has no parameter \"{}\"; {hint}", shown(name));
        return Err(StudyError::at(at, message));
    };
    let value = |cell: usize, id: ParameterId| {
        cells[cell].prepared.network().expect("checked in the plan").1[id.0]
    };
    let id = sets[first].expect("found there");
    let parameter = &networks[first].parameters[id.0];
    if matches!(parameter.limits, Limits::Constant | Limits::Follows) {
        let why = within(parameter.limits, f64::NAN, name).expect_err("no value is allowed");
        return Err(StudyError::at(at, why.0));
    }
    let own = value(first, id);
    let ratio = |(cell, id): (usize, &Option<ParameterId>)| {
        id.map(|id| (id, if own == 0.0 { 1.0 } else { value(cell, id) / own }))
    };
    Ok(Varied {
        name: name.to_string(),
        dimension: parameter.dimension,
        unit: (base_unit(parameter.dimension), 1.0),
        value: own,
        sets: sets.iter().enumerate().map(ratio).collect(),
        range: None,
    })
}

/// Refuses the affinities of a wild-type fusion with the reason that models give if a study sets
/// them.
fn wild_type(at: &str, name: &str, cells: &[OnCell]) -> Result<(), StudyError> {
    let Some((label, number)) = name.split_once('.') else { return Ok(()) };
    let ligands = cells.iter().flat_map(|cell| &cell.prepared.setup.ligands);
    for ligand in ligands.flat_map(|l| std::iter::once(l).chain(&l.parts)) {
        let own = ligand.label.rsplit('.').next() == Some(label);
        let wild_type = ligand.parent.as_ref().is_some_and(|parent| parent.parent.is_none());
        if own && wild_type && number.starts_with("fusion_affinity.") {
            let message = format!(
                "{label} is the wild-type fusion, which always represents the native molecule in this \
                 model, so its fusion_affinity cannot vary; start from a mutein, for example from = \
                 \"v91k-c-fc\", or use model polyvalent"
            );
            return Err(StudyError::at(at, message));
        }
    }
    Ok(())
}

/// Names of a number in the network of a cell: its own name or, for `CELL.receptors.CHAIN`, the
/// count of that chain or of the pair that it represents. A number of an arm is named after the
/// arm, irrespective of the molecule to which it belongs.
fn in_network(name: &str, on: &OnCell) -> Vec<String> {
    let chain = name.strip_prefix(&on.label).and_then(|rest| rest.strip_prefix(".receptors."));
    if let Some(chain) = chain {
        return ["", "_gamma"].map(|pair| format!("{chain}{pair}_number")).to_vec();
    }
    let ligands = on.prepared.setup.ligands.iter().filter(|ligand| !ligand.parts.is_empty());
    let of_arms = ligands.map(|ligand| format!("{}.{name}", ligand.label));
    std::iter::once(name.to_string()).chain(of_arms).collect()
}

fn limits(number: &Varied, networks: &[Network]) -> Limits {
    let stands = number.sets.iter().zip(networks);
    let mut stands = stands.filter_map(|(set, n)| set.map(|(id, _)| n.parameters[id.0].limits));
    stands.next().expect("it stands somewhere")
}

fn scale(limits: Limits) -> Scale {
    match limits {
        Limits::Fraction { .. } => Scale::LogOdds,
        _ => Scale::Logarithm,
    }
}

fn unit(at: &str, text: &str) -> Result<(String, f64), StudyError> {
    let (unit, one) = Quantity::unit_of(text).map_err(|e| StudyError::at(at, e.0))?;
    Ok((unit.to_string(), one))
}

/// A range between two ends.
fn between(
    at: &str,
    number: &Varied,
    limits: Limits,
    texts: [&String; 2],
) -> Result<Range, StudyError> {
    // At the limit of allowed values, a logarithm or log-odds would be infinite.
    let open = match limits {
        Limits::Fraction { .. } => Limits::Fraction { zero: false, one: false },
        _ => Limits::Positive,
    };
    let mut ends = [0.0; 2];
    for (i, text) in texts.iter().enumerate() {
        let at = format!("{at}[{i}]");
        let value = Quantity::parse_as(text, number.dimension);
        ends[i] = value.map_err(|e| StudyError::at(&at, e.0))?;
        within(open, ends[i], text).map_err(|e| StudyError::at(&at, e.0))?;
    }
    if ends[1] <= ends[0] {
        let [low, high] = texts.map(|text| shown(text));
        let message = format!(
            "\"{low}\" to \"{high}\" is not a range; give the lower end first and then a higher \
             value"
        );
        return Err(StudyError::at(at, message));
    }
    let (scale, written) = (scale(limits), ends);
    let [low, high] = ends.map(|end| scale.of(end));
    let (centre, spread) = (0.5 * (low + high), 0.5 * (high - low));
    let unknown = Unknown { name: number.name.clone(), centre, spread, scale };
    Ok(Range { unknown, even: Some(written) })
}

/// Values of every parameter of every cell, `[cell][draw][parameter]`, in draws of the posterior.
fn posterior_draws(
    study: &Study,
    at: &str,
    entry: &ModelEntry,
    cells: &[OnCell],
) -> Result<Vec<Vec<Vec<f64>>>, StudyError> {
    let Some(name) = &entry.posterior else {
        let model = &entry.model.name;
        let message =
            format!("no posterior is known for model {model}; give a range, or use gamma-chain");
        return Err(StudyError::model(at, message));
    };
    let posterior = &Library::builtin().posteriors[name];
    let places: Vec<u64> = (1..=DRAWS).collect();
    let of = |cell: &OnCell| {
        study.threads.map(&places, |index| {
            let setup = drawn(&cell.prepared.setup, posterior, study.seed, *index);
            let model = setup.network().expect("a draw changes numbers, not what goes together");
            let given = setup.overrides(&model).expect("they were checked");
            model.network.parameter_values(&given)
        })
    };
    Ok(cells.iter().map(of).collect())
}

/// A range as wide as the draws of a number, centred on its value in the study, which is their median.
fn as_drawn(
    at: &str,
    number: &Varied,
    limits: Limits,
    draws: &[Vec<Vec<f64>>],
) -> Result<Range, StudyError> {
    let stands = number.sets.iter().position(Option::is_some).expect("it stands somewhere");
    let id = number.sets[stands].expect("it stands there").0;
    let scale = scale(limits);
    let drawn = draws[stands].iter().map(|values| scale.of(values[id.0])).collect();
    let (low, high) = central_interval(drawn, 0.6827);
    let spread = 0.5 * (high - low);
    if !(spread > 1e-9 && spread.is_finite()) {
        let message = "has neither a posterior in this model nor a published spread; give a range, \
                       for example from half to twice the value";
        return Err(StudyError::at(at, message));
    }
    let centre = scale.of(number.value);
    let unknown = Unknown { name: number.name.clone(), centre, spread, scale };
    Ok(Range { unknown, even: None })
}

/// Refuses two names for the same number, and a number that is no longer used once others are set.
fn each_reads(at: &str, cells: &[OnCell], varied: &[Varied]) -> Result<(), StudyError> {
    for (c, cell) in cells.iter().enumerate() {
        let mut seen: Vec<ParameterId> = vec![];
        for number in varied {
            let Some((id, _)) = number.sets[c] else { continue };
            if seen.contains(&id) {
                let message = "stands for the same number as another name; remove one of the two \
                               names";
                return Err(StudyError::at(format!("{at}.{}", number.name), message));
            }
            seen.push(id);
        }
        let read = as_set(cell, &seen).read();
        let idle = |number: &&Varied| number.sets[c].is_some_and(|(id, _)| !read[id.0]);
        if let Some(number) = varied.iter().find(idle) {
            let message = "has no effect here, because the numbers derived from it are themselves \
                           set or varied; remove it, or remove those numbers";
            return Err(StudyError::at(format!("{at}.{}", number.name), message));
        }
    }
    Ok(())
}
