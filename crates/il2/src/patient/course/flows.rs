//! The flows between the compartments of a model, and their rates.

use super::number::{NoCourse, Number};
use super::step::{MOST, Matrix, Rates};
use crate::patient::compartments::Structure;

/// Flow out of a compartment, whose rate constant is one number of the model, or the ratio of two.
struct Flow {
    from: usize,
    /// The compartment into which it flows; none if the drug is eliminated.
    to: Option<usize>,
    of: usize,
    over: Option<usize>,
}

/// All flows of a model.
pub struct Flows {
    all: Vec<Flow>,
    /// Index of the central volume among the numbers.
    pub volume: usize,
    compartments: usize,
    numbers: usize,
}

impl Flows {
    pub fn of(structure: Structure) -> Self {
        let place = |name: &str| structure.parameters().iter().position(|p| p.name == name);
        let needed = |name: &str| place(name).expect("a number of every model");
        let central = structure.central();
        let volume = needed("volume");
        let mut all =
            vec![Flow { from: central, to: None, of: needed("clearance"), over: Some(volume) }];
        if let Some(of) = place("absorption_rate") {
            all.push(Flow { from: 0, to: Some(central), of, over: None });
        }
        let mut peripheral = central;
        for (flow, own) in [
            ("intercompartmental_clearance", "peripheral_volume"),
            ("second_intercompartmental_clearance", "second_peripheral_volume"),
        ] {
            let Some((of, own)) = place(flow).zip(place(own)) else { continue };
            peripheral += 1;
            all.push(Flow { from: central, to: Some(peripheral), of, over: Some(volume) });
            all.push(Flow { from: peripheral, to: Some(central), of, over: Some(own) });
        }
        let compartments = structure.compartments().len();
        Self { all, volume, compartments, numbers: structure.parameters().len() }
    }

    /// The rate matrix, and its derivative with respect to each number.
    pub fn rates(&self, numbers: &[Number]) -> Result<Rates, NoCourse> {
        if numbers.iter().any(|n| !n.value.is_finite() || n.value < 0.0)
            || self.all.iter().filter_map(|f| f.over).any(|v| numbers[v].value == 0.0)
        {
            return Err(NoCourse::NoNumber);
        }
        let mut matrix: Matrix = [[0.0; MOST]; MOST];
        let mut by = vec![[[0.0; MOST]; MOST]; self.numbers];
        for Flow { from, to, of, over } in &self.all {
            let divisor = over.map_or(1.0, |v| numbers[v].value);
            let rate = numbers[*of].value / divisor;
            let add = |into: &mut Matrix, rate: f64| {
                into[*from][*from] -= rate;
                if let Some(to) = to {
                    into[*to][*from] += rate;
                }
            };
            add(&mut matrix, rate);
            add(&mut by[*of], 1.0 / divisor);
            if let Some(over) = over {
                add(&mut by[*over], -rate / divisor);
            }
        }
        Ok(Rates { matrix, by, size: self.compartments })
    }
}
